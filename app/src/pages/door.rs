//! What the sign-in and sign-up pages share.

use crate::components::Logo;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The frame of a page before signing in.
#[component]
pub fn Door(
    /// What the page is for.
    heading: &'static str,
    /// What is on its card.
    children: Children,
) -> impl IntoView {
    view! {
        <main class="door" id="main">
            <div class="door-card">
                <Logo />
                <h1>{heading}</h1>
                {children()}
            </div>
        </main>
    }
    .into_any()
}

/// What the server refused, from the address.
#[component]
pub fn DoorAlert() -> impl IntoView {
    let query = use_query_map();
    move || {
        let code = query.read().get("error")?;
        Some(view! { <p class="alert" role="alert">{sentence(&code)}</p> })
    }
}

/// A field of the address, empty when it is not there.
#[must_use]
pub fn query(name: &str) -> String {
    use_query_map()
        .read_untracked()
        .get(name)
        .unwrap_or_default()
}

fn sentence(code: &str) -> &'static str {
    match code {
        "credentials" => "Username or password is wrong.",
        "throttled" => "Too many attempts. Wait a few minutes, then try again.",
        "expired" => "You were signed out. Sign in again to go on.",
        "unavailable" => "Rollcall cannot do this at the moment. Try again soon.",
        "invitation" => "This invitation is not valid any more. Ask for a new one.",
        "closed" => "New accounts need an invitation here. Ask somebody who has an account.",
        "username_taken" => "This username is taken. Choose another.",
        "username" => "A username has 1 to 32 letters a-z, digits, dots, hyphens or underscores.",
        "display_name" => "A name has 1 to 80 characters.",
        "password_short" => "A password has at least 8 characters.",
        "password_long" => "This password is too long.",
        "workspace" => "A workspace's name has 1 to 80 characters.",
        _ => "This could not be done. Look through the fields and try again.",
    }
}
