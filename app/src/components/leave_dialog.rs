use super::{Dialog, Submission};
use crate::{api, browser, flow::memo, state::Tab};
use leptos::prelude::*;
use protocol::ServerFrame;

/// Asks before the person leaves the chat on screen.
#[component]
pub fn LeaveDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    let is_private = memo(move || tab.is_private());
    let leave = move |_| {
        let Some(chat_id) = tab.chat.read_untracked().as_ref().map(|chat| chat.chat_id) else {
            return;
        };
        let home = tab
            .workspace
            .with_untracked(|it| it.as_ref().map(|it| format!("/w/{}", it.slug)));
        let is_gone = is_private.get_untracked();
        submission.send(api::leave_chat(chat_id), move |()| {
            is_open.set(false);
            tab.apply(ServerFrame::ChatRemoved { chat_id });
            if let Some(home) = home.filter(|_| is_gone) {
                browser::go(&home);
            }
        });
    };
    view! {
        <Dialog is_open title="Leave the chat?">
            <p>
                {move || {
                    if is_private.get() {
                        "It is private: you can come back only when a member adds you."
                    } else {
                        "You can join it again at any time."
                    }
                }}
            </p>
            {submission.alert()}
            <div class="dialog-buttons">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>
                    "Stay"
                </button>
                <button
                    type="button"
                    class="button danger"
                    disabled=move || submission.is_pending()
                    on:click=leave
                >
                    "Leave"
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}
