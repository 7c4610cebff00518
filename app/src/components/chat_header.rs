use super::{ChatMark, ChatMenu, Icon, MEMBERS_ID, OnlineCount};
use crate::{
    flow::{memo, shown_when, text},
    state::{Presence, Tab},
};
use leptos::prelude::*;
use protocol::{Chat, ChatKind, UserId};

/// The chat's name, topic and number online; of a direct chat whom it is with, and how they are.
#[component]
pub fn ChatHeader() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let chat = memo(move || tab.chat.get());
    let name = memo(move || chat.read().as_ref().map(|chat| chat.name.clone()));
    let other = memo(move || chat.read().as_ref().and_then(only_other));
    let topic = memo(move || match other.get() {
        Some(other) => about(tab, other),
        None => {
            let chat = chat.read();
            chat.as_ref()
                .map(|chat| chat.topic.clone())
                .unwrap_or_default()
        }
    });
    view! {
        <header class="chat-header">
            <h1>
                <ChatMark chat />
                <bdi>{text(move || name.get().unwrap_or_default())}</bdi>
            </h1>
            <p class="topic">
                <bdi>{text(move || topic.get())}</bdi>
            </p>
            {shown_when(move || other.read().is_none(), || view! { <OnlineCount /> }.into_any())}
            <button
                type="button"
                class="icon-button drawer-button"
                popovertarget=MEMBERS_ID
                aria-label="Members"
            >
                {Icon::PEOPLE}
            </button>
            <ChatMenu />
        </header>
    }
    .into_any()
}

/// Whom a direct chat of two is with.
fn only_other(chat: &Chat) -> Option<UserId> {
    match (chat.kind, chat.people.as_slice()) {
        (ChatKind::Direct, [other]) => Some(other.user_id),
        _ => None,
    }
}

/// How somebody is, and what they say of themselves.
fn about(tab: Tab, user_id: UserId) -> String {
    if !tab.features.read().presence {
        return String::new();
    }
    let people = tab.people.read();
    let presence = people.presence(user_id);
    let is_stale = people.is_stale() || presence.is_some_and(|it| it.as_of.is_some());
    let known = Presence::shape(presence).words(is_stale);
    match presence.map(|presence| presence.status_text.as_str()) {
        None | Some("") => known,
        Some(text) => format!("{known} · {text}"),
    }
}
