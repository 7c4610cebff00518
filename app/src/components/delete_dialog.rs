use super::{Dialog, Submission};
use crate::{api, flow::effect, state::Tab};
use leptos::prelude::*;
use protocol::{ChatId, MessageId, ServerFrame};

/// One's own message that the person is asked about before it is deleted. A context of the chat.
#[derive(Clone, Copy)]
pub struct Deleting(pub RwSignal<Option<MessageId>>);

/// Asks before a message is deleted.
#[component]
pub fn DeleteDialog(
    /// Which chat.
    chat_id: ChatId,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let Deleting(deleting) = expect_context();
    let is_open = RwSignal::new(false);
    let submission = Submission::new();
    effect(move || is_open.set(deleting.read().is_some()));
    effect(move || {
        // Only on a change: the effect above answers each one.
        if !is_open.get() && deleting.with_untracked(Option::is_some) {
            deleting.set(None);
        }
    });
    let delete = move |_| {
        if let Some(id) = deleting.get_untracked() {
            submission.send(api::delete_message(chat_id, id), move |message| {
                tab.apply(ServerFrame::MessageDeleted(message));
                is_open.set(false);
            });
        }
    };
    view! {
        <Dialog is_open title="Delete the message?">
            <p>"It is deleted for everyone. A note stays where it was."</p>
            {submission.alert()}
            <div class="dialog-buttons">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>
                    "Keep it"
                </button>
                <button
                    type="button"
                    class="button danger"
                    disabled=move || submission.is_pending()
                    on:click=delete
                >
                    "Delete"
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}
