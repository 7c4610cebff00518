use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::LastSeenAudience;

/// Chooses who may know when one was last here.
#[server(prefix = "/fn", endpoint = "set_last_seen_audience", protocol = Json)]
pub async fn set_last_seen_audience(audience: LastSeenAudience) -> Result<(), AppError> {
    crate::service::service()?
        .set_last_seen_audience(audience)
        .await
}
