use super::Submission;
use crate::{
    api,
    flow::{changing, memo},
    state::Tab,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use protocol::{ChatId, ServerFrame};

/// Where the composer would be, for a person who has not joined.
#[component]
pub fn JoinPanel(
    /// Which chat.
    chat_id: ChatId,
    /// Where a page without script posts the wish to join.
    action: String,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    if use_query_map().read_untracked().get("error").is_some() {
        submission.refuse("You could not join at the moment. Try again.");
    }
    let is_private = memo(move || tab.is_private());
    let join = move |event| {
        submission.submit(&event, api::join_chat(chat_id), move |chat| {
            tab.apply(ServerFrame::ChatUpdated { chat });
        });
    };
    view! {
        <section class="join-panel" aria-label="Membership">
            {changing(move || {
                if is_private.get() {
                    view! {
                        <p>"You are not a member of this private chat. A member can add you."</p>
                    }
                        .into_any()
                } else {
                    view! {
                        <p>"You are reading along. Join to write, to follow what is new, and to see who is here."</p>
                        {submission.alert()}
                        <form method="post" action=action.clone() on:submit=join>
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
            })}
        </section>
    }
    .into_any()
}
