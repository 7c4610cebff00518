use super::Icon;
use leptos::prelude::*;

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
