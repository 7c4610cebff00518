use super::{Ago, Icon, OnlineCount, Part, avatar, presence_dot};
use crate::{
    flow::{ListItem, changing, keyed_list, memo, text},
    state::{DotShape, Person, Presence, Roster, Tab},
};
use leptos::prelude::*;
use protocol::Mode;

/// The element that becomes a drawer on narrow screens.
pub const MEMBERS_ID: &str = "members";

/// Who is in the chat, who of them is online, and when the others were last seen.
///
/// While the pointer is over it nobody changes places. While not connected it stays as it was,
/// marked as the last that is known.
#[component]
pub fn MemberList() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let part = Part::first();
    view! {
        <aside
            class="members"
            class:stale=move || tab.is_stale()
            id=MEMBERS_ID
            popover="auto"
            aria-label="Members"
        >
            <div class="members-head">
                <h2>"Members"</h2>
                <OnlineCount />
                <button
                    type="button"
                    class="icon-button drawer-button"
                    popovertarget=MEMBERS_ID
                    popovertargetaction="hide"
                    aria-label="Close the list of members"
                    autofocus
                >
                    {Icon::CLOSE}
                </button>
            </div>
            <ul
                class="member-list"
                on:pointerenter=move |_| tab.roster.update(Roster::hold)
                on:pointerleave=move |_| tab.roster.update(Roster::release)
            >
                {keyed_list(move || {
                    let item = |person: &Person| {
                        let person = person.clone();
                        ListItem::new(&person.clone(), || view! { <MemberItem person /> }.into_any())
                    };
                    tab.roster.read().people().iter().take(part.limit()).map(item).collect()
                })}
            </ul>
            {part.foot(move || tab.roster.read().people().len())}
        </aside>
    }
    .into_any()
}

/// A member as they are: one of whom something changes is drawn anew.
#[component]
fn MemberItem(person: Person) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let user_id = person.user_id;
    let presence = person.presence.clone();
    let display_name = &person.display_name;
    let is_me = tab.my_id() == Some(user_id);
    let has_dot = tab.features.read_untracked().presence;
    let last_seen = person.last_seen().filter(|_| has_dot);
    let as_of = person.as_of().filter(|_| has_dot);
    let status_text = presence
        .as_ref()
        .map(|presence| presence.status_text.clone())
        .filter(|text| has_dot && !text.is_empty());
    // To themself an invisible person is shown as others see them.
    let is_invisible = memo(move || is_me && tab.my_status.read().mode == Mode::Invisible);
    let dot = move || {
        let shape = if is_invisible.get() {
            DotShape::Offline
        } else {
            Presence::shape(presence.as_ref())
        };
        presence_dot(shape, as_of.is_some())
    };
    let you = move || {
        if is_invisible.get() {
            " (you, invisible)"
        } else {
            " (you)"
        }
        .to_owned()
    };
    view! {
        <li
            class="member-item"
            class:absent=has_dot && !person.is_online()
            class:doubtful=as_of.is_some()
            data-user-id=user_id.to_string()
        >
            <span class="member-avatar">
                {avatar(user_id, display_name)}
                {has_dot.then(|| changing(dot))}
            </span>
            <span class="member-text">
                <span class="member-name">
                    <bdi>{display_name.clone()}</bdi>
                    {is_me.then(|| view! { <span class="secondary">{text(you)}</span> }.into_any())}
                </span>
                {status_text
                    .map(|text| {
                        view! {
                            <bdi class="secondary status-text" title=text.clone()>
                                {text.clone()}
                            </bdi>
                        }
                            .into_any()
                    })}
                {last_seen
                    .map(|at| {
                        view! { <span class="secondary last-seen">"Last seen " <Ago at /></span> }
                            .into_any()
                    })}
                {as_of
                    .map(|at| {
                        view! { <span class="secondary as-of">"Last known " <Ago at /></span> }
                            .into_any()
                    })}
            </span>
        </li>
    }
    .into_any()
}
