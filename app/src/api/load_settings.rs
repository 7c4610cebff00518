use crate::{codec::Json, error::AppError, page::SettingsPage};
use leptos::prelude::*;

/// What a person can choose.
#[server(prefix = "/fn", endpoint = "load_settings", protocol = Json)]
pub async fn load_settings() -> Result<SettingsPage, AppError> {
    crate::service::service()?.settings_page().await
}
