use super::{ChatMembers, MENTION_MENU_ID, MentionMenu, Mentioning, SIDEBAR_ID, alert, chat_label};
use crate::{
    browser,
    flow::{effect, optional},
    state::{Tab, Timeline, TypingPace},
};
use connection::Event;
use leptos::{
    ev::{KeyboardEvent, SubmitEvent},
    html,
    prelude::*,
};
use leptos_router::hooks::use_query_map;
use protocol::{ChatId, ClientMessageId, MessageId, limits::MAX_MESSAGE_CHARS};
use uuid::Uuid;

/// The code of a key that belongs to the input method (UI Events §7.3.1); by it alone Safari tells
/// of the one that ends a composition.
const COMPOSING: u32 = 229;

/// The element that one writes in.
pub const COMPOSER_ID: &str = "composer";

/// A text that goes back to the composer: of a message that was refused. A context of the chat.
#[derive(Clone, Copy)]
pub struct Returned(pub RwSignal<Option<String>>);

/// Where messages are written. It works while offline: what is sent then waits for the connection.
/// Without script it is a plain form.
#[component]
pub fn Composer(
    /// Which chat.
    chat_id: ChatId,
    /// The page's address, which takes the form without script.
    action: String,
    /// One's own message that is being edited.
    editing: RwSignal<Option<MessageId>>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let area = NodeRef::<html::Textarea>::new();
    let problem = RwSignal::new(refused());
    let mentioning = Mentioning::new(tab, expect_context::<ChatMembers>(), area);
    let Returned(returned) = expect_context();
    let pace = StoredValue::new(TypingPace::default());
    // Of this person: another may sign in with the same browser.
    let me = tab.my_id().map(|me| me.to_string()).unwrap_or_default();
    let draft = StoredValue::new(format!("rollcall.draft.{me}.{chat_id}"));

    effect(move || {
        let Some(area) = area.get() else { return };
        // What was written before the page came to life is not replaced by the draft.
        if area.value().is_empty()
            && let Some(kept) = browser::load(&draft.read_value())
        {
            area.set_value(&kept);
        }
        // Who has just chosen this chat wants to write in it.
        if browser::has_focus_within(SIDEBAR_ID) {
            // Fails on elements that cannot have the focus, which this one can.
            let _ = area.focus();
        }
    });

    let tell_typing = move |is_typing: bool| {
        let now = browser::now().unix_millis();
        let is_due = pace
            .try_update_value(|pace| pace.is_due(is_typing, now))
            .unwrap_or(false);
        if is_due && tab.features.read_untracked().typing {
            tab.dispatch(Event::Typing { chat_id, is_typing });
        }
    };
    on_cleanup(move || {
        if pace.try_with_value(TypingPace::is_typing) == Some(true) {
            tab.dispatch(Event::Typing {
                chat_id,
                is_typing: false,
            });
        }
    });

    let write = move || {
        let Some(area) = area.get_untracked() else {
            return;
        };
        let text = area.value();
        browser::keep(&draft.read_value(), &text);
        tell_typing(!text.trim().is_empty());
        mentioning.look();
        if problem.read_untracked().is_some() {
            problem.set(message_problem(text.trim()));
        }
    };
    effect(move || {
        let (Some(text), Some(area)) = (returned.get(), area.get()) else {
            return;
        };
        returned.set(None);
        area.set_value(&before_draft(text, &area.value()));
        // Fails on elements that cannot have the focus, which this one can.
        let _ = area.focus();
        write();
    });
    let send = move || {
        let Some(area) = area.get_untracked() else {
            return;
        };
        let text = area.value().trim().to_owned();
        if text.is_empty() {
            return;
        }
        problem.set(message_problem(&text));
        if problem.read_untracked().is_some() {
            return;
        }
        let client_id = ClientMessageId::from_uuid(Uuid::new_v4());
        tab.timeline.update(Timeline::erase_line);
        tab.dispatch(Event::Send {
            chat_id,
            client_id,
            text,
        });
        tell_typing(false);
        mentioning.close();
        area.set_value("");
        browser::keep(&draft.read_value(), "");
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let edit_last = move || {
        let last = tab
            .timeline
            .with_untracked(|timeline| timeline.last_own().map(|last| last.id));
        editing.set(last);
    };
    let key = move |event: KeyboardEvent| {
        // Enter that ends a composition (of Japanese, say) belongs to the input method.
        if event.is_composing() || event.key_code() == COMPOSING || mentioning.key(&event) {
            return;
        }
        match event.key().as_str() {
            "Enter" if !event.shift_key() => {
                event.prevent_default();
                send();
            }
            "ArrowUp"
                if area
                    .get_untracked()
                    .is_some_and(|area| area.value().is_empty()) =>
            {
                event.prevent_default();
                edit_last();
            }
            _ => {}
        }
    };
    // The caret moves by these without a change of the text.
    let caret_moved = move |event: KeyboardEvent| {
        if matches!(
            event.key().as_str(),
            "ArrowLeft" | "ArrowRight" | "Home" | "End"
        ) {
            mentioning.look();
        }
    };
    let placeholder = move || {
        let label = tab.chat.read().as_ref().map(chat_label);
        format!("Write a message to {}", label.unwrap_or_default())
    };
    view! {
        <form class="composer" method="post" action=action on:submit=submit>
            {optional(move || problem.get().map(alert))}
            <div class="composer-box">
                <MentionMenu mentioning />
                <textarea
                    id=COMPOSER_ID
                    node_ref=area
                    name="text"
                    aria-label="Message"
                    placeholder=placeholder
                    rows="1"
                    required
                    autocomplete="off"
                    enterkeyhint="send"
                    aria-autocomplete="list"
                    aria-controls=move || mentioning.is_open().then_some(MENTION_MENU_ID)
                    aria-activedescendant=move || mentioning.active()
                    on:keydown=key
                    on:keyup=caret_moved
                    on:click=move |_| mentioning.look()
                    on:blur=move |_| mentioning.close()
                    on:input=move |_| write()
                ></textarea>
                <button type="submit" class="button primary">
                    "Send"
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// A returned text stands before what has been written meanwhile, of which nothing is lost.
fn before_draft(returned: String, draft: &str) -> String {
    if draft.trim().is_empty() {
        returned
    } else {
        format!("{returned}\n{draft}")
    }
}

/// Why the form was refused without script, from the address.
fn refused() -> Option<String> {
    let code = use_query_map().read_untracked().get("error")?;
    let sentence = match code.as_str() {
        "text_empty" => "A message needs some text.",
        "text_long" => "This message is too long. Send it in parts.",
        "mention" => {
            "It mentions somebody who is not in this chat. Add them first, or write their name \
             without the @."
        }
        "mentions" => "It mentions too many people.",
        "blocked" => "It cannot be delivered: one of you has blocked the other.",
        _ => "The message could not be sent at the moment. Try again.",
    };
    Some(sentence.to_owned())
}

/// Why a text cannot be a message, in a sentence; nothing when it can.
#[must_use]
pub fn message_problem(text: &str) -> Option<String> {
    let count = text.chars().count();
    if text.is_empty() {
        Some("A message needs some text.".to_owned())
    } else if count > MAX_MESSAGE_CHARS {
        Some(format!(
            "This message has {count} characters and {MAX_MESSAGE_CHARS} are allowed. \
             Shorten it, or send it in parts."
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_have_as_many_characters_as_the_limit_says_whatever_their_size() {
        assert_eq!(message_problem(&"😀".repeat(MAX_MESSAGE_CHARS)), None);
        let problem = message_problem(&"a".repeat(MAX_MESSAGE_CHARS + 1)).unwrap();
        assert!(
            problem.contains("8001 characters and 8000 are allowed"),
            "{problem}"
        );
    }

    #[test]
    fn a_text_that_comes_back_stands_before_what_was_written_meanwhile() {
        assert_eq!(before_draft("one".into(), " "), "one");
        assert_eq!(before_draft("one".into(), "two"), "one\ntwo");
    }

    #[test]
    fn a_message_without_text_is_told_to_have_some() {
        assert!(message_problem("").is_some());
    }
}
