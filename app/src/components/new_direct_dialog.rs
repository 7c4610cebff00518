use super::{Dialog, Icon, Submission, avatar, sidebar::enter_chat};
use crate::{
    api,
    flow::{ListItem, effect, keyed_list, memo, shown_when},
    page::Member,
    state::{
        Tab,
        search::{fold, rank},
    },
};
use leptos::{ev::KeyboardEvent, prelude::*};
use protocol::{UserId, limits::MAX_DIRECT_PEOPLE};

/// Chooses people of the workspace and opens the direct chat with them.
#[component]
pub fn NewDirectDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
    /// The workspace's part of the address.
    slug: StoredValue<String>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    view! {
        <Dialog is_open title="New direct chat">
            {new_direct_form(tab, is_open, slug)}
        </Dialog>
    }
    .into_any()
}

/// Whom one may choose, and who is chosen.
#[derive(Clone, Copy)]
struct Choice {
    /// Everybody in the workspace but oneself and those whom one has blocked; none until they have
    /// been fetched.
    people: RwSignal<Option<Vec<Member>>>,
    chosen: RwSignal<Vec<UserId>>,
    written: RwSignal<String>,
}

impl Choice {
    fn is_full(self) -> bool {
        self.chosen.read().len() + 1 >= MAX_DIRECT_PEOPLE
    }

    fn toggle(self, user_id: UserId) {
        let is_full = untrack(|| self.is_full());
        self.chosen.update(|chosen| {
            if let Some(place) = chosen.iter().position(|it| *it == user_id) {
                chosen.remove(place);
            } else if !is_full {
                chosen.push(user_id);
            }
        });
    }

    /// Those who fit what is written, best first.
    fn found(self) -> Vec<Member> {
        let written = fold(&self.written.read());
        let people = self.people.read();
        let people = people.as_deref().unwrap_or_default();
        let mut found: Vec<_> = people
            .iter()
            .filter_map(|it| Some((rank(&written, &it.username, &it.display_name)?, it)))
            .collect();
        if !written.is_empty() {
            found.sort_by_key(|(rank, _)| *rank);
        }
        found.into_iter().map(|(_, it)| it.clone()).collect()
    }
}

fn new_direct_form(tab: Tab, is_open: RwSignal<bool>, slug: StoredValue<String>) -> AnyView {
    let (loading, opening) = (Submission::new(), Submission::new());
    let choice = Choice {
        people: RwSignal::new(None),
        chosen: RwSignal::new(Vec::new()),
        written: RwSignal::new(String::new()),
    };
    let workspace_id = tab
        .workspace
        .with_untracked(|it| it.as_ref().map(|it| it.workspace_id));
    let load = move || {
        let Some(workspace_id) = workspace_id else {
            return;
        };
        loading.send(
            api::load_workspace_members(workspace_id),
            move |everybody| {
                choice.people.try_set(Some(others(tab, everybody)));
            },
        );
    };
    effect(load);
    let submit = move |event| {
        let Some(workspace_id) = workspace_id else {
            return;
        };
        let request = api::open_direct(workspace_id, choice.chosen.get_untracked());
        opening.submit(&event, request, move |chat| {
            is_open.set(false);
            enter_chat(tab, slug, chat);
        });
    };
    // Enter takes the best of those found; with nothing written it opens the chat.
    let key = move |event: KeyboardEvent| {
        if event.key() != "Enter" || choice.written.read_untracked().trim().is_empty() {
            return;
        }
        event.prevent_default();
        let best = untrack(|| choice.found())
            .into_iter()
            .find(|it| !choice.chosen.read_untracked().contains(&it.user_id));
        if let Some(best) = best {
            choice.toggle(best.user_id);
            choice.written.set(String::new());
        }
    };
    let is_loaded = memo(move || choice.people.read().is_some());
    let found = memo(move || choice.found());
    let advice = move || match &*choice.people.read() {
        Some(people) if people.is_empty() => {
            Some("You are alone in this workspace. Invite somebody first.")
        }
        Some(_) if found.read().is_empty() => Some("Nobody here has a name like that."),
        _ => None,
    };
    let items = move || {
        let item = |member: Member| {
            let user_id = member.user_id;
            ListItem::new(&user_id, move || option(choice, member))
        };
        found.get().into_iter().map(item).collect()
    };
    view! {
        <form class="form new-direct" on:submit=submit>
            {chips(choice)}
            <label class="field">
                <span>"People"</span>
                <input
                    type="search"
                    placeholder="Name or username"
                    autocomplete="off"
                    autofocus=true
                    prop:value=move || choice.written.get()
                    on:input=move |event| choice.written.set(event_target_value(&event))
                    on:keydown=key
                />
            </label>
            {loading.alert()}
            {shown_when(
                move || !is_loaded.get() && !loading.is_pending(),
                move || {
                    view! {
                        <button type="button" class="button small" on:click=move |_| load()>
                            "Retry"
                        </button>
                    }
                        .into_any()
                },
            )}
            {move || advice().map(|advice| view! { <p class="secondary">{advice}</p> }.into_any())}
            <ul class="person-choices">{keyed_list(items)}</ul>
            {shown_when(
                move || choice.is_full(),
                || {
                    view! {
                        <p class="secondary" role="status">
                            {format!(
                                "A direct chat has at most {MAX_DIRECT_PEOPLE} people, you included.",
                            )}
                        </p>
                    }
                        .into_any()
                },
            )}
            {opening.alert()}
            <button
                type="submit"
                class="button primary"
                disabled=move || opening.is_pending() || choice.chosen.read().is_empty()
            >
                "Open chat"
            </button>
        </form>
    }
    .into_any()
}

fn others(tab: Tab, mut everybody: Vec<Member>) -> Vec<Member> {
    let me = tab.my_id();
    let relations = tab.relations.read_untracked();
    everybody.retain(|it| Some(it.user_id) != me && !relations.has_blocked(it.user_id));
    everybody
}

/// Those who are chosen; pressing one takes it back.
fn chips(choice: Choice) -> AnyView {
    let chosen = move || {
        let people = choice.people.read();
        let people = people.as_deref().unwrap_or_default();
        let chip = |user_id: &UserId| {
            let member = people.iter().find(|it| it.user_id == *user_id)?.clone();
            Some(ListItem::new(user_id, move || {
                let user_id = member.user_id;
                let label = format!("Remove {}", member.display_name);
                view! {
                    <li>
                        <button
                            type="button"
                            class="chip"
                            aria-label=label
                            on:click=move |_| choice.toggle(user_id)
                        >
                            <bdi>{member.display_name}</bdi>
                            {Icon::CLOSE}
                        </button>
                    </li>
                }
                .into_any()
            }))
        };
        choice.chosen.read().iter().filter_map(chip).collect()
    };
    view! {
        <ul class="chips" aria-label="Chosen">
            {keyed_list(chosen)}
        </ul>
    }
    .into_any()
}

fn option(choice: Choice, member: Member) -> AnyView {
    let user_id = member.user_id;
    let is_chosen = memo(move || choice.chosen.read().contains(&user_id));
    view! {
        <li>
            <label class="person-choice">
                <input
                    type="checkbox"
                    prop:checked=move || is_chosen.get()
                    disabled=move || !is_chosen.get() && choice.is_full()
                    on:change=move |_| choice.toggle(user_id)
                />
                {avatar(user_id, &member.display_name)}
                <span class="member-text">
                    <bdi>{member.display_name}</bdi>
                    <span class="secondary">{format!("@{}", member.username)}</span>
                </span>
            </label>
        </li>
    }
    .into_any()
}
