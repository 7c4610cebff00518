use super::{Dialog, Submission};
use crate::{api, flow::effect, state::Tab};
use leptos::prelude::*;
use protocol::{ChatId, MessageId, ServerFrame};

/// One's own message that the person is asked about before it is deleted. A context of the chat.
#[derive(Clone, Copy)]
pub struct Deleting(pub RwSignal<Option<MessageId>>);

impl Deleting {
    /// Whether the person is being asked. Once they are not, no message is to be deleted.
    #[must_use]
    pub fn is_open(self) -> RwSignal<bool> {
        let Self(deleting) = self;
        let is_open = RwSignal::new(false);
        effect(move || is_open.set(deleting.read().is_some()));
        effect(move || {
            // Only on a change: the effect above answers each one.
            if !is_open.get() && deleting.with_untracked(Option::is_some) {
                deleting.set(None);
            }
        });
        is_open
    }
}

/// Asks before a message is deleted.
#[component]
pub fn DeleteDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
    /// Which chat.
    chat_id: ChatId,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let Deleting(deleting) = expect_context();
    let submission = Submission::new();
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
