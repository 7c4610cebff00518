use super::avatar;
use crate::{
    api, browser,
    flow::{changing, effect, memo, shown_when},
    page::Member,
    state::{
        Tab,
        mention::{Candidates, MenuAct, byte_place, utf16_place},
    },
};
use leptos::{ev::KeyboardEvent, html, prelude::*, task::spawn_local};
use protocol::ChatId;

/// The list of people that one may mean.
pub const MENTION_MENU_ID: &str = "mention-menu";

/// The members of the chat on screen with their usernames, by which they are mentioned. A context of
/// the chat.
#[derive(Clone, Copy)]
pub struct ChatMembers(pub RwSignal<Vec<Member>>);

impl ChatMembers {
    /// Fetches the members again whenever the roster has others.
    pub fn follow(self, tab: Tab, chat_id: ChatId) {
        let Self(members) = self;
        // The same people in whatever order have the same sum.
        let present = memo(move || {
            let roster = tab.roster.read();
            sum(roster
                .people()
                .iter()
                .map(|person| person.user_id.as_uuid().as_u128()))
        });
        effect(move || {
            let known = members.with_untracked(|members| {
                sum(members
                    .iter()
                    .map(|member| member.user_id.as_uuid().as_u128()))
            });
            if present.get() == known || !tab.is_member() {
                return;
            }
            spawn_local(async move {
                // After a failure newcomers cannot be chosen, but still be mentioned.
                if let Ok(fresh) = api::load_chat_members(chat_id).await {
                    members.try_set(fresh);
                }
            });
        });
    }
}

fn sum(ids: impl Iterator<Item = u128>) -> u128 {
    ids.fold(0, u128::wrapping_add)
}

/// Who is offered while a mention is being written.
#[derive(Clone, Copy)]
pub struct Mentioning {
    tab: Tab,
    members: ChatMembers,
    area: NodeRef<html::Textarea>,
    offered: RwSignal<Option<Candidates>>,
    chosen: RwSignal<usize>,
    /// Where the mention stands for which the person wants nobody offered.
    closed_at: StoredValue<Option<usize>>,
}

impl Mentioning {
    /// Nobody is offered yet.
    #[must_use]
    pub fn new(tab: Tab, members: ChatMembers, area: NodeRef<html::Textarea>) -> Self {
        let mentioning = Self {
            tab,
            members,
            area,
            offered: RwSignal::new(None),
            chosen: RwSignal::new(0),
            closed_at: StoredValue::new(None),
        };
        // Who joins while a mention is being written is offered as well.
        effect(move || {
            members.0.track();
            if area
                .get_untracked()
                .is_some_and(|area| browser::is_focused(&area))
            {
                mentioning.look();
            }
        });
        mentioning
    }

    /// Whether anybody is offered.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.offered.read().is_some()
    }

    /// The element of the person that is chosen, for `aria-activedescendant`.
    #[must_use]
    pub fn active(self) -> Option<String> {
        self.is_open().then(|| option_id(self.chosen.get()))
    }

    /// The text or the caret has changed.
    pub fn look(self) {
        let found = self.area.get_untracked().and_then(|area| {
            let text = area.value();
            let caret = area.selection_end().ok().flatten()?;
            let caret = byte_place(&text, usize::try_from(caret).unwrap_or(usize::MAX));
            let me = self.tab.my_id();
            let others = self.members.0.get_untracked().into_iter();
            let others: Vec<_> = others.filter(|member| Some(member.user_id) != me).collect();
            Candidates::find(&text, caret, &others)
        });
        let start = found.as_ref().map(|found| found.place.start);
        if start != self.closed_at.get_value() {
            self.closed_at.set_value(None);
        }
        let found = found.filter(|_| self.closed_at.get_value().is_none());
        if self.offered.with_untracked(|offered| *offered != found) {
            self.chosen.set(0);
            self.offered.set(found);
        }
    }

    /// Offers nobody any more. Also called when the composer has gone, which takes the focus from it.
    pub fn close(self) {
        if self.offered.try_with_untracked(Option::is_some) == Some(true) {
            self.offered.set(None);
        }
    }

    /// Takes a key of the text's while people are offered; tells whether it was for them.
    pub fn key(self, event: &KeyboardEvent) -> bool {
        let chosen = self.chosen.get_untracked();
        let Some((start, count)) = self.offered.with_untracked(|offered| {
            let offered = offered.as_ref()?;
            Some((offered.place.start, offered.members.len()))
        }) else {
            return false;
        };
        let Some(act) = MenuAct::of(&event.key(), event.shift_key(), chosen, count) else {
            return false;
        };
        event.prevent_default();
        match act {
            MenuAct::Move(to) => self.chosen.set(to),
            MenuAct::Choose => self.choose(chosen),
            MenuAct::Close => {
                self.closed_at.set_value(Some(start));
                self.close();
            }
        }
        true
    }

    /// Finishes the mention with one of those offered.
    fn choose(self, index: usize) {
        let (Some(area), Some(offered)) = (self.area.get_untracked(), self.offered.get_untracked())
        else {
            return;
        };
        let Some(member) = offered.members.get(index) else {
            return;
        };
        let text = area.value();
        let (text, caret) = offered.apply(&text, member);
        area.set_value(&text);
        let caret = u32::try_from(utf16_place(&text, caret)).unwrap_or(u32::MAX);
        // Fails only on elements without a text.
        let _ = area.set_selection_range(caret, caret);
        let _ = area.focus();
        self.close();
        // What follows the text follows this change too: the draft, and that one is typing.
        if let Ok(event) = web_sys::Event::new("input") {
            let _ = area.dispatch_event(&event);
        }
    }
}

/// The people offered, over the composer. The focus stays in the text, which names the one that is
/// chosen (WAI-ARIA Authoring Practices, listbox autocomplete).
#[component]
pub fn MentionMenu(
    /// Who is offered.
    mentioning: Mentioning,
) -> impl IntoView {
    shown_when(
        move || mentioning.is_open(),
        move || {
            let options = move || {
                let members = mentioning
                    .offered
                    .with(|offered| offered.as_ref().map(|offered| offered.members.clone()));
                (0..)
                    .zip(members.unwrap_or_default())
                    .map(|(index, member)| mention_option(mentioning, index, member))
                    .collect::<Vec<_>>()
                    .into_any()
            };
            view! {
                <ul
                    id=MENTION_MENU_ID
                    class="mention-menu"
                    role="listbox"
                    aria-label="People to mention"
                >
                    {changing(options)}
                </ul>
            }
            .into_any()
        },
    )
}

fn mention_option(mentioning: Mentioning, index: usize, member: Member) -> AnyView {
    let is_chosen = memo(move || mentioning.chosen.get() == index);
    view! {
        <li
            id=option_id(index)
            role="option"
            aria-selected=move || is_chosen.get().to_string()
            // The text keeps the focus.
            on:pointerdown=|event| event.prevent_default()
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| mentioning.choose(index)
        >
            {avatar(member.user_id, &member.display_name)}
            <bdi>{member.display_name}</bdi>
            <span class="secondary">{format!("@{}", member.username)}</span>
        </li>
    }
    .into_any()
}

fn option_id(index: usize) -> String {
    format!("{MENTION_MENU_ID}-{index}")
}
