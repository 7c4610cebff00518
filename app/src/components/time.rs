use crate::{flow::text, state::Clock};
use leptos::prelude::*;
use protocol::Timestamp;

/// A clock time; its full date on hovering.
#[component]
pub fn ClockTime(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    view! {
        <time datetime=at.to_string() title=move || clock.full(at)>
            {text(move || clock.clock(at))}
        </time>
    }
    .into_any()
}

/// How long ago something was; the date without script.
#[component]
pub fn Ago(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    view! {
        <time datetime=at.to_string() title=move || clock.full(at)>
            {text(move || clock.ago(at))}
        </time>
    }
    .into_any()
}
