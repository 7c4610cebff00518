use super::{Ago, Dialog, Submission, avatar, presence_dot, sidebar::enter_chat};
use crate::{
    api,
    flow::{changing, effect, memo, optional},
    state::{Deed, Place, Presence, Tab, Tie},
};
use leptos::{prelude::*, task::spawn_local};
use protocol::{UserId, WorkspaceId};

/// Somebody on the page of people.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Someone {
    /// Who.
    pub user_id: UserId,
    /// The name that others see.
    pub display_name: String,
    /// The name used to sign in; none is known of people outside the workspace.
    pub username: Option<String>,
}

/// What is done about somebody once the person has said yes.
pub type Question = Option<(Deed, Someone)>;

/// The page of people, for what is on it.
#[derive(Clone, Copy)]
pub struct PeopleScene {
    /// The tab.
    pub tab: Tab,
    /// The workspace on screen.
    pub workspace_id: WorkspaceId,
    /// Its part of the address.
    pub slug: StoredValue<String>,
    /// What the person is asked about.
    pub question: RwSignal<Question>,
}

impl PeopleScene {
    fn tie(self, user_id: UserId) -> Tie {
        let tab = self.tab;
        Tie::of(
            user_id,
            tab.my_id(),
            &tab.friends.read(),
            &tab.relations.read(),
        )
    }

    /// Does what the person has chosen.
    fn act(self, deed: Deed, person: &Someone, submission: Submission) {
        let Self {
            tab,
            workspace_id,
            slug,
            ..
        } = self;
        let user_id = person.user_id;
        let done = move |()| {
            self.question.set(None);
            self.refresh();
        };
        match deed {
            Deed::Message => {
                submission.send(api::open_direct(workspace_id, vec![user_id]), move |chat| {
                    enter_chat(tab, slug, chat);
                });
            }
            Deed::Ask => {
                if let Some(username) = person.username.clone() {
                    submission.send(api::ask_friend(username), done);
                }
            }
            Deed::Accept => submission.send(api::answer_friend(user_id, true), done),
            Deed::Decline => submission.send(api::answer_friend(user_id, false), done),
            Deed::TakeBack | Deed::Remove => {
                submission.send(api::end_friendship(user_id), done);
            }
            Deed::Block => submission.send(api::block_user(user_id), done),
            Deed::Unblock => submission.send(api::unblock_user(user_id), done),
        }
    }

    /// Fetches what the connection would tell, if there is none to tell it.
    pub fn refresh(self) {
        if untrack(|| self.tab.is_connected()) {
            return;
        }
        let Self { tab, slug, .. } = self;
        spawn_local(async move {
            match api::load_people(slug.get_value()).await {
                Ok(page) => tab.open_people(&page),
                Err(error) => tab.refused(&error),
            }
        });
    }
}

/// Somebody with their presence, and what can be done about them.
pub fn person_row(scene: PeopleScene, place: Place, is_member: bool, person: Someone) -> AnyView {
    let tab = scene.tab;
    let user_id = person.user_id;
    let submission = Submission::new();
    let tie = memo(move || scene.tie(user_id));
    let has_presence =
        matches!(place, Place::Friends | Place::Everyone) && tab.features.read_untracked().presence;
    let presence = memo(move || tab.people.read().presence(user_id).cloned());
    let is_absent =
        move || has_presence && !presence.read().as_ref().is_some_and(|it| it.is_online);
    let is_doubtful = move || {
        presence
            .read()
            .as_ref()
            .is_some_and(|it| it.as_of.is_some())
    };
    let dot = move || presence_dot(Presence::shape(presence.read().as_ref()), is_doubtful());
    let note = move || match (place, tie.get()) {
        (Place::Requests, Tie::Asking) => Some("Asks to be friends"),
        (Place::Requests, Tie::Asked) => Some("Has not answered yet"),
        (Place::Everyone, Tie::Asked) => Some("Asked"),
        (Place::Everyone, Tie::Friend) => Some("Friend"),
        _ => None,
    };
    let username = person
        .username
        .as_ref()
        .map(|username| format!("@{username}"));
    let (name, shown) = (person.display_name.clone(), person.display_name.clone());
    let buttons = move || {
        let person = &person;
        Deed::offered(place, tie.get(), is_member)
            .iter()
            .map(|deed| deed_button(scene, *deed, person.clone(), submission))
            .collect::<Vec<_>>()
            .into_any()
    };
    view! {
        <li class="person" class:absent=is_absent data-user-id=user_id.to_string()>
            <span class="member-avatar">
                {avatar(user_id, &name)} {has_presence.then(|| changing(dot))}
            </span>
            <span class="member-text">
                <span class="member-name">
                    <bdi>{shown}</bdi>
                    {move || {
                        (tie.get() == Tie::Me)
                            .then(|| view! { <span class="secondary">" (you)"</span> }.into_any())
                    }}
                </span>
                <span class="secondary">
                    {username}
                    {move || {
                        let presence = presence.get().filter(|_| has_presence)?;
                        Some(presence_words(presence))
                    }}
                </span>
                {submission.alert()}
            </span>
            <span class="person-note secondary">
                {optional(move || note().map(|note| note.to_owned().into_any()))}
            </span>
            <span class="person-deeds needs-script">{move || buttons()}</span>
        </li>
    }
    .into_any()
}

/// What somebody says of themselves, or when they were last here.
fn presence_words(presence: Presence) -> AnyView {
    let last_seen = presence.last_seen.filter(|_| !presence.is_online);
    let as_of = presence.as_of;
    let text = Some(presence.status_text).filter(|text| !text.is_empty());
    view! {
        {text.map(|text| view! { " · " <bdi class="status-text">{text}</bdi> }.into_any())}
        {last_seen
            .map(|at| {
                view! { <span class="last-seen">" · last seen " <Ago at /></span> }.into_any()
            })}
        {as_of
            .map(|at| {
                view! { <span class="as-of">" · last known " <Ago at /></span> }.into_any()
            })}
    }
    .into_any()
}

fn deed_button(scene: PeopleScene, deed: Deed, person: Someone, submission: Submission) -> AnyView {
    let class = match deed {
        Deed::Accept => "button small primary",
        Deed::Remove | Deed::Block => "link-button quiet",
        _ => "button small",
    };
    let label = format!("{}: {}", deed.label(), person.display_name);
    let click = move |_| {
        if deed.question().is_some() {
            scene.question.set(Some((deed, person.clone())));
        } else {
            scene.act(deed, &person, submission);
        }
    };
    view! {
        <button
            type="button"
            class=class
            aria-label=label
            disabled=move || submission.is_pending()
            on:click=click
        >
            {deed.label()}
        </button>
    }
    .into_any()
}

/// Asks before something is done that ends something.
pub fn question_dialog(scene: PeopleScene, deed: Deed) -> AnyView {
    let question = scene.question;
    let is_open = RwSignal::new(false);
    let submission = Submission::new();
    let is_this = move |question: &Question| matches!(question, Some((it, _)) if *it == deed);
    effect(move || is_open.set(is_this(&question.read())));
    effect(move || {
        // Only on a change: the effect above answers each one.
        if !is_open.get() && question.with_untracked(is_this) {
            question.set(None);
        }
    });
    let (title, text) = deed.question().unwrap_or_default();
    let yes = move |_| {
        if let Some((_, person)) = question.get_untracked() {
            scene.act(deed, &person, submission);
        }
    };
    view! {
        <Dialog is_open title>
            <p>
                <strong>
                    <bdi>
                        {move || {
                            question.read().as_ref().map(|(_, person)| person.display_name.clone())
                        }}
                    </bdi>
                </strong>
            </p>
            <p>{text}</p>
            {submission.alert()}
            <div class="dialog-buttons">
                <button type="button" class="button" on:click=move |_| is_open.set(false)>
                    "Cancel"
                </button>
                <button
                    type="button"
                    class="button danger"
                    disabled=move || submission.is_pending()
                    on:click=yes
                >
                    {deed.label()}
                </button>
            </div>
        </Dialog>
    }
    .into_any()
}
