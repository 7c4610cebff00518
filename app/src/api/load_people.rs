use crate::{codec::Json, error::AppError, page::PeoplePage};
use leptos::prelude::*;

/// Friends, requests, and everybody in a workspace, by slug or id.
#[server(prefix = "/fn", endpoint = "load_people", protocol = Json)]
pub async fn load_people(workspace: String) -> Result<PeoplePage, AppError> {
    crate::service::service()?.people_page(workspace).await
}
