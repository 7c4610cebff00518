use super::{Dialog, Field, Submission};
use crate::{api, state::Tab};
use leptos::prelude::*;
use protocol::{
    ServerFrame,
    limits::{MAX_NAME_CHARS, MAX_TOPIC_CHARS},
};

/// Renames the chat on screen and changes its topic.
#[component]
pub fn EditChatDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog is_open title="Name and topic">
            <EditChatForm is_open />
        </Dialog>
    }
    .into_any()
}

#[component]
fn EditChatForm(is_open: RwSignal<bool>) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    let chat = tab.chat.get_untracked();
    let name = RwSignal::new(
        chat.as_ref()
            .map(|chat| chat.name.clone())
            .unwrap_or_default(),
    );
    let topic = RwSignal::new(
        chat.as_ref()
            .map(|chat| chat.topic.clone())
            .unwrap_or_default(),
    );
    let submit = move |event| {
        let Some(chat) = &chat else { return };
        let request = api::update_chat(chat.chat_id, name.get_untracked(), topic.get_untracked());
        submission.submit(&event, request, move |chat| {
            tab.apply(ServerFrame::ChatUpdated { chat });
            is_open.set(false);
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <Field label="Name" name="name" value=name max_chars=MAX_NAME_CHARS is_required=true is_first=true />
            <Field label="Topic" name="topic" value=topic max_chars=MAX_TOPIC_CHARS />
            {submission.alert()}
            <button type="submit" class="button primary" disabled=move || submission.is_pending()>
                "Save"
            </button>
        </form>
    }
    .into_any()
}
