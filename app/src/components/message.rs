use super::{ChatMembers, ClockTime, Deleting, Icon, MessageEditor, Returned, avatar};
use crate::{
    flow::{changing, memo, optional, shown_when, text},
    state::{
        Clock, Outgoing, OutgoingState, Row, Tab,
        mention::{Piece, pieces},
    },
};
use connection::Event;
use leptos::prelude::*;
use protocol::{Message, MessageId, Timestamp};
use std::time::Duration;

/// A message that takes longer to be stored says that it is still on its way.
const LATE: Duration = Duration::from_secs(2);

/// The line above the first message of a day.
#[component]
pub fn DayHeading(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    view! {
        <div class="separator">
            <time datetime=at.to_string()>{text(move || clock.day(at))}</time>
        </div>
    }
    .into_any()
}

/// A stored message, with the lines that stand above it.
#[component]
pub fn MessageRow(
    /// The message and how it stands.
    row: Row,
    /// One's own message that is being edited.
    editing: RwSignal<Option<MessageId>>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let Row {
        message,
        starts_day,
        starts_unread,
        is_continuation,
    } = row;
    let at = message.sent_at;
    let id = message.id;
    let author = message.author.clone();
    let is_own = tab.my_id() == Some(author.user_id);
    let members = expect_context::<ChatMembers>();
    let is_editing = memo(move || editing.get() == Some(id));
    let is_deleted = message.deleted_at.is_some();
    let name = author.display_name.clone();
    let head = (!is_continuation).then(|| {
        view! {
            {avatar(author.user_id, &author.display_name)}
            <p class="message-head">
                <bdi class="message-author">{author.display_name.clone()}</bdi>
                <ClockTime at />
            </p>
        }
        .into_any()
    });
    let gutter_time = is_continuation.then(|| view! { <ClockTime at /> }.into_any());
    view! {
        {starts_day.then(|| view! { <DayHeading at /> }.into_any())}
        {starts_unread.then(|| view! { <div class="separator unread-line"><span>"New"</span></div> }.into_any())}
        <article
            class="message"
            class:continued=is_continuation
            data-message-id=id.to_string()
            data-state="sent"
            aria-label=format!("Message of {name}")
            tabindex=is_own.then_some("-1")
        >
            {head}
            {gutter_time}
            {changing(move || {
                if is_editing.get() {
                    view! { <MessageEditor chat_id=message.chat_id id text=message.text.clone() editing /> }.into_any()
                } else {
                    message_text(&message, words(tab, members, &message.text))
                }
            })}
            {(is_own && !is_deleted).then(|| view! { <MessageTools id editing /> }.into_any())}
        </article>
    }
    .into_any()
}

/// A text with the members marked whom it names; all of it is text and nothing is markup.
fn words(tab: Tab, members: ChatMembers, text: &str) -> AnyView {
    if !text.contains('@') {
        return text.to_owned().into_any();
    }
    let view = |piece| match piece {
        Piece::Text(text) => text.into_any(),
        Piece::Mention { text, is_own } => {
            let class = if is_own { "mention own" } else { "mention" };
            view! { <span class=class>{text}</span> }.into_any()
        }
    };
    let pieces = members.0.with(|members| pieces(text, members, tab.my_id()));
    pieces.into_iter().map(view).collect::<Vec<_>>().into_any()
}

fn message_text(message: &Message, words: AnyView) -> AnyView {
    if message.deleted_at.is_some() {
        return view! { <p class="message-text tombstone">"This message was deleted."</p> }
            .into_any();
    }
    let edited = message.edited_at.map(|at| {
        let clock = expect_context::<Clock>();
        view! { <span class="edited" title=move || clock.full(at)>" (edited)"</span> }.into_any()
    });
    view! {
        <p class="message-text">
            <bdi>{words}</bdi>
            {edited}
        </p>
    }
    .into_any()
}

/// What one can do with one's own message.
#[component]
fn MessageTools(id: MessageId, editing: RwSignal<Option<MessageId>>) -> impl IntoView {
    let deleting = expect_context::<Deleting>();
    view! {
        <div class="message-tools needs-script">
            <button
                type="button"
                class="icon-button"
                aria-label="Edit the message"
                on:click=move |_| editing.set(Some(id))
            >
                {Icon::EDIT}
            </button>
            <button
                type="button"
                class="icon-button"
                aria-label="Delete the message"
                on:click=move |_| deleting.0.set(Some(id))
            >
                {Icon::DELETE}
            </button>
        </div>
    }
    .into_any()
}

/// One's own message on its way.
#[component]
pub fn OutgoingRow(
    /// What is on its way.
    message: Outgoing,
    /// It stands under the name of the message before it.
    is_continuation: bool,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let me = tab.me.get_untracked().filter(|_| !is_continuation);
    let members = expect_context::<ChatMembers>();
    let Returned(returned) = expect_context();
    let client_id = message.client_id;
    let text = message.text.clone();
    // Who is not a member any more has no composer to which it could go back.
    let take_back = move |_| {
        tab.dispatch(Event::Discard(client_id));
        returned.set(Some(text.clone()));
    };
    let (state, note) = match message.state {
        OutgoingState::Sent => ("sent", None),
        OutgoingState::Pending => {
            let is_late = RwSignal::new(false);
            Effect::new(move |_| {
                // It may be on its way no longer.
                let tell = move || {
                    is_late.try_set(true);
                };
                set_timeout(tell, LATE);
            });
            let waiting = move || {
                let note = match (tab.is_connected(), is_late.get()) {
                    (false, _) => "Waiting for the connection",
                    (true, true) => "Sending…",
                    (true, false) => return None,
                };
                Some(view! { <p class="message-note">{note}</p> }.into_any())
            };
            ("pending", Some(optional(waiting)))
        }
        OutgoingState::Failed(reason) => {
            let failed = view! {
                <p class="message-note alert" role="alert">
                    "Not sent. " {reason}
                    <span class="message-note-deeds">
                        <button
                            type="button"
                            class="link-button"
                            on:click=move |_| tab.dispatch(Event::Retry(client_id))
                        >
                            "Retry"
                        </button>
                        {shown_when(
                            move || tab.is_member(),
                            move || {
                                let take_back = take_back.clone();
                                view! {
                                    <button type="button" class="link-button" on:click=take_back>
                                        "Edit"
                                    </button>
                                }
                                    .into_any()
                            },
                        )}
                        <button
                            type="button"
                            class="link-button"
                            on:click=move |_| tab.dispatch(Event::Discard(client_id))
                        >
                            "Discard"
                        </button>
                    </span>
                </p>
            };
            ("failed", Some(failed.into_any()))
        }
    };
    view! {
        <article
            class="message"
            class:continued=is_continuation
            data-message-id=client_id.to_string()
            data-state=state
            aria-label="Your message"
        >
            {me
                .map(|me| {
                    view! {
                        {avatar(me.user_id, &me.display_name)}
                        <p class="message-head">
                            <bdi class="message-author">{me.display_name}</bdi>
                        </p>
                    }
                        .into_any()
                })}
            <p class="message-text">
                <bdi>{changing(move || words(tab, members, &message.text))}</bdi>
            </p>
            {note}
        </article>
    }
    .into_any()
}
