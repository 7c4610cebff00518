use crate::{
    flow::{memo, optional},
    state::Tab,
};
use leptos::prelude::*;
use protocol::ChatId;

/// Who is typing here, in a row that is there also when nobody is.
#[component]
pub fn TypingIndicator(
    /// Which chat.
    chat_id: ChatId,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let label = memo(move || tab.typing.with(|typing| typing.label(chat_id)));
    view! {
        <p class="typing-indicator" class:active=move || label.read().is_some() role="status">
            <span class="typing-dots" aria-hidden="true"></span>
            <bdi>{optional(move || label.get().map(IntoAny::into_any))}</bdi>
        </p>
    }
    .into_any()
}
