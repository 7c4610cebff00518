use super::status::set_status;
use crate::components::{Logo, PageTitle};
use leptos::prelude::*;

/// The page for an address that leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    set_status(404);
    view! {
        <PageTitle text="Not found · Rollcall" />
        <main class="notice" id="main">
            <a class="brand" href="/" rel="external">
                <Logo />
            </a>
            <h1>"There is no such page"</h1>
            <p>
                "The address may be mistyped, or it leads to something that is gone or not yours to see."
            </p>
            <a class="button primary" href="/" rel="external">
                "Go to your chats"
            </a>
        </main>
    }
    .into_any()
}
