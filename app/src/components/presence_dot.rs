use crate::{
    flow::memo,
    state::{DotShape, Presence, Tab},
};
use leptos::prelude::*;
use protocol::UserId;

/// A dot whose shape and colour tell somebody's presence as it was last heard.
pub fn presence_dot(shape: DotShape) -> AnyView {
    labelled_dot(shape, shape.word().to_owned())
}

/// The presence of a person wherever they are shown; nothing where presence is switched off.
pub fn person_dot(tab: Tab, user_id: UserId) -> AnyView {
    if !tab.features.read_untracked().presence {
        return ().into_any();
    }
    let shape = memo(move || Presence::shape(tab.people.read().presence(user_id)));
    let is_stale = memo(move || tab.people.read().is_stale());
    (move || {
        let shape = shape.get();
        labelled_dot(shape, shape.words(is_stale.get()))
    })
    .into_any()
}

fn labelled_dot(shape: DotShape, label: String) -> AnyView {
    let class = format!("presence-dot {}", shape.class());
    view! { <span class=class role="img" aria-label=label></span> }.into_any()
}
