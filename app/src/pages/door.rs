//! What the sign-in and sign-up pages share.

use super::loaded::{load, when_loaded};
use crate::{
    api,
    components::{Logo, alert},
    page::DoorPage,
};
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

/// A page that is made of what the server says of its door, or of why it says nothing.
pub fn behind_door(
    invitation: impl Fn() -> Option<String> + Send + Sync + 'static,
    show: fn(DoorPage) -> AnyView,
) -> AnyView {
    let page = load(invitation, api::load_door);
    when_loaded(page, || ().into_any(), show)
}

/// The way back for somebody who is signed in.
#[component]
pub fn BackToChats() -> impl IntoView {
    view! {
        <p class="door-foot">
            <a href="/" rel="external">
                "Back to your chats"
            </a>
        </p>
    }
    .into_any()
}

/// What the server refused, from the address.
#[component]
pub fn DoorAlert() -> impl IntoView {
    let query = use_query_map();
    move || {
        let query = query.read();
        let code = query.get("error")?;
        let wait = query.get("wait").and_then(|seconds| seconds.parse().ok());
        let text = match (code.as_str(), wait) {
            ("throttled", Some(seconds)) => format!("Too many attempts. {}", in_a_while(seconds)),
            (code, _) => sentence(code).to_owned(),
        };
        Some(alert(text))
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

/// When to try again, in words.
fn in_a_while(seconds: u64) -> String {
    match seconds {
        0 | 1 => "Try again in a second.".to_owned(),
        2..=90 => format!("Try again in {seconds} seconds."),
        _ => format!("Try again in {} minutes.", seconds.div_ceil(60)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_the_unit_that_one_counts_in() {
        assert_eq!(in_a_while(0), "Try again in a second.");
        assert_eq!(in_a_while(12), "Try again in 12 seconds.");
        assert_eq!(in_a_while(91), "Try again in 2 minutes.");
        assert_eq!(in_a_while(300), "Try again in 5 minutes.");
    }
}
