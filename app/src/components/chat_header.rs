use super::{ChatMark, ChatMenu, Icon, MEMBERS_ID, OnlineCount};
use crate::{flow::memo, state::Tab};
use leptos::prelude::*;

/// The chat's name, topic and number online.
#[component]
pub fn ChatHeader() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let name = memo(move || tab.chat.read().as_ref().map(|chat| chat.name.clone()));
    let topic = memo(move || tab.chat.read().as_ref().map(|chat| chat.topic.clone()));
    let is_private = memo(move || tab.is_private());
    view! {
        <header class="chat-header">
            <h1>
                <ChatMark is_private />
                <bdi>{move || name.get()}</bdi>
            </h1>
            <p class="topic">
                <bdi>{move || topic.get()}</bdi>
            </p>
            <OnlineCount />
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
