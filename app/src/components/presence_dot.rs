use crate::state::Presence;
use leptos::prelude::*;

/// A dot whose shape and colour tell a person's presence as it was last heard.
#[component]
pub fn PresenceDot(
    /// What was last heard.
    presence: Option<Presence>,
) -> impl IntoView {
    let (class, label) = match presence {
        Some(Presence {
            is_online: true, ..
        }) => ("presence-dot online", "online"),
        Some(Presence {
            is_online: false, ..
        }) => ("presence-dot offline", "offline"),
        None => ("presence-dot unknown", "presence unknown"),
    };
    view! { <span class=class role="img" aria-label=label></span> }
}
