use super::ErrorPage;
use crate::error::AppError;
use leptos::prelude::*;
use protocol::ErrorCode;

/// Stands where the server leads on to a person's chats, for when it cannot find them.
#[component]
pub fn Home() -> impl IntoView {
    let error = AppError::new(
        ErrorCode::Unavailable,
        "Your chats cannot be found at the moment.",
    );
    view! { <ErrorPage error /> }
}
