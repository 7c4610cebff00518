use crate::{
    flow::{changing, memo},
    state::{DotShape, Presence, Tab},
};
use leptos::prelude::*;
use protocol::UserId;

/// A dot whose shape and colour tell somebody's presence as it was last heard; `is_stale` when it is
/// only the last that is known.
pub fn presence_dot(shape: DotShape, is_stale: bool) -> AnyView {
    let class = format!("presence-dot {}", shape.class());
    view! {
        <span class=class class:doubtful=is_stale role="img" aria-label=shape.words(is_stale)></span>
    }
    .into_any()
}

/// The presence of a person wherever they are shown; nothing where presence is switched off.
pub fn person_dot(tab: Tab, user_id: UserId) -> AnyView {
    if !tab.features.read_untracked().presence {
        return ().into_any();
    }
    let dot = memo(move || {
        let people = tab.people.read();
        let presence = people.presence(user_id);
        let is_stale = people.is_stale() || presence.is_some_and(|it| it.as_of.is_some());
        (Presence::shape(presence), is_stale)
    });
    changing(move || {
        let (shape, is_stale) = dot.get();
        presence_dot(shape, is_stale)
    })
}
