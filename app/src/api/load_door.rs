use crate::{codec::Json, error::AppError, page::DoorPage};
use leptos::prelude::*;

/// What the sign-in and sign-up pages need. The invitation is the token in the address.
#[server(prefix = "/fn", endpoint = "load_door", protocol = Json)]
pub async fn load_door(invitation: Option<String>) -> Result<DoorPage, AppError> {
    crate::service::service()?.door_page(invitation).await
}
