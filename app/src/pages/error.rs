use super::{NotFound, status::set_status};
use crate::{
    browser,
    components::{Logo, PageTitle},
    error::AppError,
};
use leptos::prelude::*;
use protocol::ErrorCode;

/// The page for what could not be shown: it says why and what to do.
#[component]
pub fn ErrorPage(
    /// Why.
    error: AppError,
) -> impl IntoView {
    if error.code == ErrorCode::NotFound {
        return view! { <NotFound /> }.into_any();
    }
    set_status(error.code.status());
    let (heading, advice) = words(error.code);
    let way_out = if error.code == ErrorCode::Unauthorized {
        view! {
            <a
                class="button primary"
                href="/sign-in"
                rel="external"
                on:click=|event| {
                    event.prevent_default();
                    browser::sign_in();
                }
            >
                "Sign in"
            </a>
        }
        .into_any()
    } else {
        view! {
            // This very page, which works without script.
            <a class="button primary" href="" rel="external">
                "Try again"
            </a>
            <a class="button" href="/" rel="external">
                "Go to your chats"
            </a>
        }
        .into_any()
    };
    view! {
        <PageTitle text=format!("{heading} · Rollcall") />
        <main class="notice" id="main">
            <a class="brand" href="/" rel="external">
                <Logo />
            </a>
            <h1>{heading}</h1>
            <p>{error.message}</p>
            <p>{advice}</p>
            <p class="notice-ways">{way_out}</p>
        </main>
    }
    .into_any()
}

/// What happened, and what to do.
const fn words(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::Unauthorized => ("You are signed out", "Sign in again to go on."),
        ErrorCode::Forbidden | ErrorCode::Disabled => (
            "This is not open to you",
            "Ask an administrator of the workspace.",
        ),
        ErrorCode::RateLimited => ("That was too fast", "Wait a moment, then try again."),
        ErrorCode::Unavailable => (
            "Rollcall cannot do this at the moment",
            "It usually takes a moment: try again soon.",
        ),
        _ => (
            "Something went wrong",
            "Try again. If it stays so, tell whoever runs this server.",
        ),
    }
}
