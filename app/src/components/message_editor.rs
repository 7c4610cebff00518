use super::{COMPOSER_ID, Submission, alert, message_problem};
use crate::{
    api, browser,
    flow::{effect, optional},
    state::Tab,
};
use leptos::{ev::KeyboardEvent, html, prelude::*};
use protocol::{ChatId, MessageId, ServerFrame};

/// Changes the text of one's own message: Enter saves, Esc leaves it as it was.
#[component]
pub fn MessageEditor(
    /// Which chat.
    chat_id: ChatId,
    /// Which message.
    id: MessageId,
    /// What it says now.
    text: String,
    /// One's own message that is being edited.
    editing: RwSignal<Option<MessageId>>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let area = NodeRef::<html::Textarea>::new();
    let submission = Submission::new();
    let problem = RwSignal::new(None);
    let text = StoredValue::new(text);
    effect(move || {
        if let Some(area) = area.get() {
            // Fails on elements that cannot have the focus, which this one can.
            let _ = area.focus();
        }
    });
    // The editor takes the focus with it: one goes on with writing.
    let close = move || {
        editing.set(None);
        browser::focus(COMPOSER_ID);
    };
    let save = move || {
        let Some(area) = area.get_untracked() else {
            return;
        };
        let changed = area.value().trim().to_owned();
        if changed == *text.read_value() {
            close();
            return;
        }
        problem.set(message_problem(&changed));
        if problem.read_untracked().is_none() {
            submission.send(api::edit_message(chat_id, id, changed), move |message| {
                close();
                tab.apply(ServerFrame::MessageUpdated(message));
            });
        }
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if !event.shift_key() && !event.is_composing() => {
            event.prevent_default();
            save();
        }
        "Escape" if !event.is_composing() => close(),
        _ => {}
    };
    view! {
        <div class="message-editor">
            <textarea node_ref=area aria-label="Edit the message" rows="1" on:keydown=key>
                {text.get_value()}
            </textarea>
            {optional(move || problem.get().map(alert))}
            {submission.alert()}
            <div class="editor-buttons">
                <button type="button" class="button small" on:click=move |_| close()>
                    "Cancel"
                </button>
                <button
                    type="button"
                    class="button small primary"
                    disabled=move || submission.is_pending()
                    on:click=move |_| save()
                >
                    "Save"
                </button>
            </div>
        </div>
    }
    .into_any()
}
