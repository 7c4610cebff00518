use super::Submission;
use crate::{api, state::Tab};
use leptos::prelude::*;
use protocol::{ChatId, ServerFrame};

/// Where the composer would be, for a person who has not joined.
#[component]
pub fn JoinPanel(
    /// Which chat.
    chat_id: ChatId,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    let is_private = Memo::new(move |_| tab.chat.read().as_ref().is_some_and(|it| it.is_private));
    let join = move |event| {
        submission.submit(&event, api::join_chat(chat_id), move |chat| {
            tab.apply(ServerFrame::ChatUpdated { chat });
        });
    };
    view! {
        <section class="join-panel" aria-label="Membership">
            {move || {
                if is_private.get() {
                    view! {
                        <p>"You are not a member of this private chat. A member can add you."</p>
                    }
                        .into_any()
                } else {
                    view! {
                        <p>"You are reading along. Join to write, and to see who is here."</p>
                        {submission.alert()}
                        <form method="post" action="/fn/join_chat" on:submit=join>
                            <input type="hidden" name="chat_id" value=chat_id.to_string() />
                            <button
                                type="submit"
                                class="button primary"
                                disabled=move || submission.is_pending()
                            >
                                "Join the chat"
                            </button>
                        </form>
                    }
                        .into_any()
                }
            }}
        </section>
    }
    .into_any()
}
