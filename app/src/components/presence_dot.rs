use crate::{
    flow::memo,
    state::{DotShape, Presence, Tab},
};
use leptos::prelude::*;
use protocol::UserId;

/// A dot whose shape and colour tell somebody's presence as it was last heard.
pub fn presence_dot(shape: DotShape) -> AnyView {
    let class = format!("presence-dot {}", shape.class());
    view! { <span class=class role="img" aria-label=shape.word()></span> }.into_any()
}

/// The presence of a person wherever they are shown; nothing where presence is switched off.
pub fn person_dot(tab: Tab, user_id: UserId) -> AnyView {
    if !tab.features.read_untracked().presence {
        return ().into_any();
    }
    let shape = memo(move || Presence::shape(tab.people.read().presence(user_id)));
    (move || presence_dot(shape.get())).into_any()
}
