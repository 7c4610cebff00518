use super::{
    loaded::{load, when_loaded},
    workspace::{Workspace, load_when_connected},
};
use crate::{
    api, browser,
    components::{
        Field, PageTitle, Part, PeopleScene, Someone, Submission, person_row, question_dialog,
        title_with_unread,
    },
    flow::{ListItem, effect, keyed_list, memo, shown_when},
    page::{Member, PeoplePage, WorkspacePage},
    state::{
        Deed, Place, Tab,
        search::{fold, rank},
    },
};
use connection::Event;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use protocol::{Author, Room, limits::MAX_USERNAME_CHARS};

/// Friends, requests, and everybody in the workspace on screen.
pub fn people_page() -> AnyView {
    let tab = expect_context::<Tab>();
    let workspace = expect_context::<Workspace>();
    let params = use_params_map();
    let slug = memo(move || params.read().get("workspace").unwrap_or_default());
    let page = load(
        move || slug.get(),
        move |slug| async move {
            let workspace = workspace.await?;
            let people = api::load_people(slug).await?;
            Ok((workspace, people))
        },
    );
    load_when_connected(tab, workspace, page);
    when_loaded(
        page,
        || {
            view! { <main class="people-page loading" id="main" aria-busy="true"></main> }
                .into_any()
        },
        move |(workspace, people)| people_screen(tab, workspace, people),
    )
}

/// The page of people, whose presence is told while it is on screen.
fn people_screen(tab: Tab, page: WorkspacePage, people: PeoplePage) -> AnyView {
    tab.open_workspace(&page);
    let workspace = page.workspace;
    tab.chat.set(None);
    tab.open_people(&people);
    let workspace_id = workspace.workspace_id;
    let room = Room::Workspace(workspace_id);
    effect(move || tab.dispatch(Event::Subscribe(room)));
    on_cleanup(move || tab.dispatch(Event::Unsubscribe(room)));

    let scene = PeopleScene {
        tab,
        workspace_id,
        slug: StoredValue::new(workspace.slug),
        question: RwSignal::new(None),
    };
    let written = RwSignal::new(String::new());
    let lists = Lists {
        tab,
        members: StoredValue::new(people.members),
        written: memo(move || fold(&written.read())),
    };
    let is_searching = move || !lists.written.read().is_empty();
    let is_stale = memo(move || tab.features.read().presence && tab.people.read().is_stale());
    let requests = memo(move || lists.requests());
    let friends = memo(move || lists.friends());
    let everyone = memo(move || lists.everyone());
    let blocked = memo(move || lists.blocked());
    // Whoever moves takes the button with them that was pressed: one goes on from the page.
    Effect::new(move |was: Option<()>| {
        requests.track();
        friends.track();
        blocked.track();
        if was.is_some() {
            request_animation_frame(|| {
                if !browser::has_focus() {
                    browser::focus("main");
                }
            });
        }
    });
    let list = move |place, people| people_list(scene, place, people);
    let friends_advice = move || match (friends.read().is_empty(), is_searching()) {
        (false, _) => None,
        (true, true) => Some("No friend has a name like that."),
        (true, false) => Some("You have no friends here yet. Ask somebody below, or by username."),
    };
    let everyone_advice = move || match (everyone.read().len(), is_searching()) {
        (0, true) => Some("Nobody here has a name like that."),
        (0 | 1, false) => Some("You are alone here. Invite others from the menu of a chat."),
        _ => None,
    };
    let everyone_title = format!("Everyone in {}", workspace.name);
    let title = move || title_with_unread(tab, "People");
    view! {
        <PageTitle text=Signal::derive(title) />
        <main
            class="people-page"
            class:stale=move || is_stale.get()
            id="main"
            tabindex="-1"
        >
            <header class="people-head">
                <h1>"People"</h1>
                {shown_when(
                    move || is_stale.get(),
                    || view! { <span class="secondary">"last known"</span> }.into_any(),
                )}
                <input
                    type="search"
                    class="people-search needs-script"
                    aria-label="Search people"
                    placeholder="Search by name"
                    autocomplete="off"
                    prop:value=move || written.get()
                    on:input=move |event| written.set(event_target_value(&event))
                />
            </header>
            {ask_form(scene)}
            {shown_when(
                move || !requests.read().is_empty(),
                move || section("requests", "Requests".into(), list(Place::Requests, requests)),
            )}
            {section(
                "friends",
                "Friends".into(),
                view! { {advice(friends_advice)} {list(Place::Friends, friends)} }.into_any(),
            )}
            {section(
                "everyone",
                everyone_title,
                view! { {list(Place::Everyone, everyone)} {advice(everyone_advice)} }.into_any(),
            )}
            {shown_when(
                move || !blocked.read().is_empty(),
                move || section("blocked", "Blocked".into(), list(Place::Blocked, blocked)),
            )}
            {question_dialog(scene, Deed::Remove)}
            {question_dialog(scene, Deed::Block)}
        </main>
    }
    .into_any()
}

/// Who stands where.
#[derive(Clone, Copy)]
struct Lists {
    tab: Tab,
    members: StoredValue<Vec<Member>>,
    /// What is searched for, folded.
    written: Memo<String>,
}

impl Lists {
    fn requests(self) -> Vec<Someone> {
        let relations = self.tab.relations.read();
        let all = relations.incoming.iter().chain(&relations.outgoing);
        all.map(|it| self.someone(it)).collect()
    }

    fn friends(self) -> Vec<Someone> {
        let friends = self.tab.friends.read();
        let friends = friends.iter().map(|it| self.someone(it));
        friends.filter(|it| self.fits(it)).collect()
    }

    fn everyone(self) -> Vec<Someone> {
        let relations = self.tab.relations.read();
        self.members.with_value(|members| {
            members
                .iter()
                .filter(|member| !relations.has_blocked(member.user_id))
                .map(|member| Someone {
                    user_id: member.user_id,
                    display_name: member.display_name.clone(),
                    username: Some(member.username.clone()),
                })
                .filter(|it| self.fits(it))
                .collect()
        })
    }

    fn blocked(self) -> Vec<Someone> {
        let relations = self.tab.relations.read();
        relations
            .blocked
            .iter()
            .map(|it| self.someone(it))
            .collect()
    }

    fn someone(self, author: &Author) -> Someone {
        let username = self.members.with_value(|members| {
            let member = members.iter().find(|it| it.user_id == author.user_id);
            member.map(|it| it.username.clone())
        });
        Someone {
            user_id: author.user_id,
            display_name: author.display_name.clone(),
            username,
        }
    }

    fn fits(self, person: &Someone) -> bool {
        let username = person.username.as_deref().unwrap_or_default();
        rank(&self.written.read(), username, &person.display_name).is_some()
    }
}

fn section(id: &'static str, title: String, content: AnyView) -> AnyView {
    view! {
        <section class="people-section" aria-labelledby=id>
            <h2 id=id>
                <bdi>{title}</bdi>
            </h2>
            {content}
        </section>
    }
    .into_any()
}

fn people_list(scene: PeopleScene, place: Place, people: Memo<Vec<Someone>>) -> AnyView {
    let part = Part::first();
    let items = move || {
        let item = |person: Someone| {
            // Only of members of the workspace a username is known.
            let is_member = person.username.is_some();
            ListItem::new(&person.clone(), move || {
                person_row(scene, place, is_member, person)
            })
        };
        people
            .get()
            .into_iter()
            .take(part.limit())
            .map(item)
            .collect()
    };
    view! {
        <ul class="person-list">{keyed_list(items)}</ul>
        {part.foot(move || people.read().len())}
    }
    .into_any()
}

fn advice(text: impl Fn() -> Option<&'static str> + Send + Sync + 'static) -> AnyView {
    let text = memo(text);
    view! {
        {move || text.get().map(|text| view! { <p class="secondary">{text}</p> }.into_any())}
    }
    .into_any()
}

/// Asks somebody to be friends who may be in no workspace of the reader's.
fn ask_form(scene: PeopleScene) -> AnyView {
    let submission = Submission::new();
    let username = RwSignal::new(String::new());
    let asked = RwSignal::new(None::<String>);
    let submit = move |event| {
        let name = username.get_untracked();
        let name = name.trim().trim_start_matches('@').to_owned();
        asked.set(None);
        submission.submit(&event, api::ask_friend(name.clone()), move |()| {
            asked.set(Some(name));
            username.set(String::new());
            scene.refresh();
        });
    };
    view! {
        <form class="form ask-friend needs-script" on:submit=submit>
            <Field
                label="Add a friend by username"
                name="username"
                value=username
                max_chars={MAX_USERNAME_CHARS + 1}
                is_required=true
            />
            <button type="submit" class="button" disabled=move || submission.is_pending()>
                "Ask"
            </button>
        </form>
        {submission.alert()}
        <p class="ask-result secondary" role="status">
            {move || {
                asked
                    .get()
                    .map(|name| {
                        view! { "Your request to " <bdi>{format!("@{name}")}</bdi> " was sent." }
                            .into_any()
                    })
            }}
        </p>
    }
    .into_any()
}
