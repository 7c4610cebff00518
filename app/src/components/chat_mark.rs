use super::{Icon, person_dot};
use crate::{
    flow::{changing, memo},
    state::Tab,
};
use leptos::prelude::*;
use protocol::{Chat, ChatKind, UserId};

/// What sort of mark it is.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Public,
    Private,
    Person(UserId),
    Group(usize),
}

/// What stands before a chat's name: a hash, or a padlock when it is private; in a direct chat the
/// other's presence, or how many others there are.
#[component]
pub fn ChatMark(
    /// Which chat.
    chat: Memo<Option<Chat>>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let mark = memo(move || chat.read().as_ref().map_or(Mark::Public, Mark::of));
    view! {
        <span class="chat-mark">
            {changing(move || match mark.get() {
                Mark::Public => view! { <span aria-hidden="true">"#"</span> }.into_any(),
                Mark::Private => {
                    view! {
                        {Icon::LOCK}
                        <span class="visually-hidden">"private "</span>
                    }
                        .into_any()
                }
                Mark::Person(user_id) => person_dot(tab, user_id),
                Mark::Group(others) => {
                    view! {
                        <span class="group-size" aria-hidden="true">
                            {others.to_string()}
                        </span>
                    }
                        .into_any()
                }
            })}
        </span>
    }
    .into_any()
}

/// What a chat is called within a text: with the mark of public ones, which is part of the name.
#[must_use]
pub fn chat_label(chat: &Chat) -> String {
    if chat.is_private {
        chat.name.clone()
    } else {
        format!("#{}", chat.name)
    }
}

impl Mark {
    fn of(chat: &Chat) -> Self {
        match (chat.kind, chat.people.as_slice()) {
            (ChatKind::Direct, [other]) => Self::Person(other.user_id),
            (ChatKind::Direct, others) => Self::Group(others.len()),
            (ChatKind::Channel, _) if chat.is_private => Self::Private,
            (ChatKind::Channel, _) => Self::Public,
        }
    }
}
