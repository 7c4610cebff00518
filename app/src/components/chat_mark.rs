use super::Icon;
use leptos::prelude::*;
use protocol::Chat;

/// What stands before a chat's name: a hash, or a padlock when it is private.
#[component]
pub fn ChatMark(
    /// Whether only members see the chat.
    is_private: Memo<bool>,
) -> impl IntoView {
    view! {
        <span class="chat-mark">
            {move || {
                if is_private.get() {
                    view! {
                        {Icon::LOCK}
                        <span class="visually-hidden">"private "</span>
                    }
                        .into_any()
                } else {
                    view! { <span aria-hidden="true">"#"</span> }.into_any()
                }
            }}
        </span>
    }
    .into_any()
}

/// What a chat is called within a text: with the mark of public ones, which is part of the name.
#[must_use]
pub fn chat_label(chat: &Chat) -> String {
    if chat.is_private {
        chat.name.clone()
    } else {
        format!("#{}", chat.name)
    }
}
