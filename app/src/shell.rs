//! The document around the app, which only the server writes.

use crate::{App, components::theme_in, connection::early};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{HashedStylesheet, MetaTags};

/// The whole document. The reader's theme comes from their cookie, so that it is right from the
/// first pixel and without script.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let request = use_context::<http::request::Parts>();
    let theme = request
        .as_ref()
        .and_then(|request| request.headers.get(http::header::COOKIE)?.to_str().ok())
        .and_then(theme_in);
    let is_alive = request.is_some_and(|request| request.uri.path().starts_with("/w/"));
    // Before anything else is fetched: whoever refreshes the page is back at once.
    let early_socket =
        is_alive.then(|| view! { <script nonce=use_nonce()>{early::SCRIPT}</script> });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                {early_socket}
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
                <meta name="color-scheme" content="light dark" />
                <HashedStylesheet options=options.clone() />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <AutoReload options=options.clone() />
                {is_alive.then(|| view! { <HydrationScripts options /> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
