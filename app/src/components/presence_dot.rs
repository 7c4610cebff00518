use crate::state::{DotShape, Presence};
use leptos::prelude::*;

/// A dot whose shape and colour tell a person's presence as it was last heard.
#[component]
pub fn PresenceDot(
    /// What was last heard.
    presence: Option<Presence>,
) -> impl IntoView {
    let (class, label) = match Presence::shape(presence.as_ref()) {
        DotShape::Online => ("presence-dot online", "online"),
        DotShape::Away => ("presence-dot away", "away"),
        DotShape::Dnd => ("presence-dot dnd", "do not disturb"),
        DotShape::Offline => ("presence-dot offline", "offline"),
        DotShape::Unknown => ("presence-dot unknown", "presence unknown"),
    };
    view! { <span class=class role="img" aria-label=label></span> }.into_any()
}
