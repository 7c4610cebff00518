use super::{Dialog, Field, Submission, sidebar::enter_chat};
use crate::{api, state::Tab};
use leptos::prelude::*;
use protocol::limits::{MAX_NAME_CHARS, MAX_TOPIC_CHARS};

/// Makes a chat and goes there.
#[component]
pub fn CreateChatDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
    /// The workspace's part of the address.
    slug: StoredValue<String>,
) -> impl IntoView {
    view! {
        <Dialog is_open title="Create a chat">
            <CreateChatForm is_open slug />
        </Dialog>
    }
    .into_any()
}

#[component]
fn CreateChatForm(is_open: RwSignal<bool>, slug: StoredValue<String>) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    let name = RwSignal::new(String::new());
    let topic = RwSignal::new(String::new());
    let is_private = RwSignal::new(false);
    let submit = move |event| {
        let Some(workspace) = tab.workspace.get_untracked() else {
            return;
        };
        let request = api::create_chat(
            workspace.workspace_id,
            name.get_untracked(),
            topic.get_untracked(),
            is_private.get_untracked(),
        );
        submission.submit(&event, request, move |chat| {
            is_open.set(false);
            enter_chat(tab, slug, chat);
        });
    };
    view! {
        <form class="form" on:submit=submit>
            <Field label="Name" name="name" value=name max_chars=MAX_NAME_CHARS is_required=true is_first=true />
            <Field label="Topic" name="topic" value=topic max_chars=MAX_TOPIC_CHARS />
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || is_private.get()
                    on:change=move |event| is_private.set(event_target_checked(&event))
                />
                "Private: only members see it, and only members add others"
            </label>
            {submission.alert()}
            <button type="submit" class="button primary" disabled=move || submission.is_pending()>
                "Create"
            </button>
        </form>
    }
    .into_any()
}
