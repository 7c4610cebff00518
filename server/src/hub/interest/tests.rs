//! The index against a model that keeps no index.

use super::{super::members::Member, *};
use proptest::{collection::vec, prelude::*, sample::subsequence};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const PEOPLE: u128 = 4;
const CHATS: u128 = 5;
const SOCKETS: u128 = 8;
/// Chats on one socket's screen.
const LIMIT: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Register {
        socket: u128,
        user: u128,
    },
    Welcome {
        socket: u128,
    },
    Unregister {
        socket: u128,
    },
    Watch {
        socket: u128,
        chat: u128,
    },
    Unwatch {
        socket: u128,
        chat: u128,
    },
    /// Reads the members from the store as they are now.
    BeginLoad {
        chat: u128,
        members: Vec<u128>,
    },
    /// Any of the loads under way ends, in whatever order.
    FinishLoad {
        which: prop::sample::Index,
    },
}

/// Sockets and members, and everything else found by looking at all of them.
#[derive(Debug, Default)]
struct Model {
    sockets: BTreeMap<ConnectionId, Socket>,
    /// The newest load of each chat that has ended.
    newest: BTreeMap<ChatId, (u64, Arc<ChatMembers>)>,
}

#[derive(Debug)]
struct Socket {
    user: UserId,
    is_welcome: bool,
    watching: BTreeSet<ChatId>,
}

impl Model {
    fn watchers(&self, chat: ChatId) -> BTreeSet<ConnectionId> {
        let watching = |socket: &&Socket| socket.is_welcome && socket.watching.contains(&chat);
        self.sockets
            .iter()
            .filter(|(_, s)| watching(s))
            .map(|(id, _)| *id)
            .collect()
    }

    fn sockets_of(&self, user: UserId) -> BTreeSet<ConnectionId> {
        let is_theirs = |socket: &&Socket| socket.is_welcome && socket.user == user;
        self.sockets
            .iter()
            .filter(|(_, s)| is_theirs(s))
            .map(|(id, _)| *id)
            .collect()
    }

    fn is_watched(&self, chat: ChatId) -> bool {
        self.sockets
            .values()
            .any(|socket| socket.watching.contains(&chat))
    }
}

fn step() -> impl Strategy<Value = Step> {
    let people: Vec<u128> = (0..PEOPLE).collect();
    prop_oneof![
        2 => (0..SOCKETS, 0..PEOPLE).prop_map(|(socket, user)| Step::Register { socket, user }),
        2 => (0..SOCKETS).prop_map(|socket| Step::Welcome { socket }),
        1 => (0..SOCKETS).prop_map(|socket| Step::Unregister { socket }),
        4 => (0..SOCKETS, 0..CHATS).prop_map(|(socket, chat)| Step::Watch { socket, chat }),
        2 => (0..SOCKETS, 0..CHATS).prop_map(|(socket, chat)| Step::Unwatch { socket, chat }),
        4 => (0..CHATS, subsequence(people, 0..=PEOPLE as usize))
            .prop_map(|(chat, members)| Step::BeginLoad { chat, members }),
        4 => any::<prop::sample::Index>().prop_map(|which| Step::FinishLoad { which }),
    ]
}

fn connection(n: u128) -> ConnectionId {
    ConnectionId::from_uuid(Uuid::from_u128(n))
}

fn user(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn chat(n: u128) -> ChatId {
    ChatId::from_uuid(Uuid::from_u128(n))
}

/// Everybody has two sign-ins.
fn session(socket: u128, user: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(user * 2 + socket % 2))
}

fn members(people: &[u128]) -> Arc<ChatMembers> {
    let member = |n: &u128| {
        (
            user(*n),
            Member {
                display_name: n.to_string(),
                last_seen: None,
            },
        )
    };
    Arc::new(people.iter().map(member).collect())
}

fn ids<'a>(
    sockets: impl Iterator<Item = (ConnectionId, &'a Registered)>,
) -> BTreeSet<ConnectionId> {
    let listed: Vec<_> = sockets.map(|(id, _)| id).collect();
    let distinct: BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(listed.len(), distinct.len(), "a socket is told twice");
    distinct
}

/// Takes a step in both, and compares what the index answers.
fn take(
    interest: &mut Interest,
    model: &mut Model,
    loads: &mut Vec<(u64, ChatId, Arc<ChatMembers>)>,
    step: Step,
) {
    match step {
        Step::Register {
            socket,
            user: whose,
        } => {
            let id = connection(socket);
            if model.sockets.contains_key(&id) {
                return;
            }
            interest.register(
                id,
                user(whose),
                session(socket, whose),
                Arc::new(Queue::new(1)),
            );
            let socket = Socket {
                user: user(whose),
                is_welcome: false,
                watching: BTreeSet::new(),
            };
            model.sockets.insert(id, socket);
        }
        Step::Welcome { socket } => {
            interest.welcome(connection(socket));
            if let Some(socket) = model.sockets.get_mut(&connection(socket)) {
                socket.is_welcome = true;
            }
        }
        Step::Unregister { socket } => {
            let gone = interest
                .unregister(connection(socket))
                .into_iter()
                .collect();
            let socket = model.sockets.remove(&connection(socket));
            assert_eq!(socket.map(|s| s.watching).unwrap_or_default(), gone);
        }
        Step::Watch { socket, chat: n } => {
            let known = interest.members(chat(n));
            let answer = interest.watch(connection(socket), chat(n), LIMIT);
            let expected = match model.sockets.get_mut(&connection(socket)) {
                None => Watch::Refused,
                Some(socket) if socket.watching.contains(&chat(n)) => Watch::Watching,
                Some(socket) if socket.watching.len() >= LIMIT => Watch::TooMany,
                Some(socket) if known.is_some_and(|known| !known.contains(socket.user)) => {
                    Watch::Refused
                }
                Some(socket) => {
                    socket.watching.insert(chat(n));
                    Watch::Watching
                }
            };
            assert_eq!(answer, expected);
        }
        Step::Unwatch { socket, chat: n } => {
            let was_watching = model
                .sockets
                .get_mut(&connection(socket))
                .is_some_and(|socket| socket.watching.remove(&chat(n)));
            assert_eq!(interest.unwatch(connection(socket), chat(n)), was_watching);
        }
        Step::BeginLoad {
            chat: n,
            members: people,
        } => {
            loads.push((interest.begin_load(), chat(n), members(&people)));
        }
        Step::FinishLoad { which } => {
            if loads.is_empty() {
                return;
            }
            let (load, chat, members) = loads.swap_remove(which.index(loads.len()));
            interest.finish_load(load, chat, &members);
            let newest = model
                .newest
                .entry(chat)
                .or_insert((load, Arc::clone(&members)));
            if newest.0 < load {
                *newest = (load, members);
            }
        }
    }
    // Whoever is known not to belong to a chat loses it from the screen.
    for socket in model.sockets.values_mut() {
        socket.watching.retain(|chat| {
            interest
                .members(*chat)
                .is_none_or(|members| members.contains(socket.user))
        });
    }
    compare(interest, model);
}

fn compare(interest: &Interest, model: &Model) {
    assert_eq!(interest.len(), model.sockets.len());
    for (id, socket) in &model.sockets {
        let watching: BTreeSet<_> = interest.watched(*id).into_iter().collect();
        assert_eq!(watching, socket.watching);
    }
    for chat in (0..CHATS).map(chat) {
        assert_eq!(ids(interest.watchers(chat)), model.watchers(chat));
        if let Some(known) = interest.members(chat) {
            let (_, newest) = &model.newest[&chat];
            assert!(
                Arc::ptr_eq(&known, newest),
                "an older load has replaced a newer one"
            );
            assert_eq!(
                ids(interest.sockets_of_members(&known)),
                known
                    .ids()
                    .flat_map(|user| model.sockets_of(user))
                    .collect(),
            );
        }
    }
    for n in 0..PEOPLE {
        let user = user(n);
        assert_eq!(ids(interest.sockets_of(user)), model.sockets_of(user));
        let sockets = model
            .sockets
            .values()
            .filter(|socket| socket.user == user)
            .count();
        assert_eq!(interest.count_of(user), sockets);
        let by_session: usize = (0..2)
            .map(|s| interest.sockets_of_session(user, session(s, n)).count())
            .sum();
        assert_eq!(by_session, sockets);
        let watched: BTreeSet<_> = interest.watched_chats_of_member(user).collect();
        let is_known_member = |chat: &ChatId| {
            interest
                .members(*chat)
                .is_some_and(|known| known.contains(user))
        };
        let expected: BTreeSet<_> = (0..CHATS)
            .map(chat)
            .filter(|chat| model.is_watched(*chat) && is_known_member(chat))
            .collect();
        assert_eq!(watched, expected);
    }
    let everybody: Vec<_> = (0..PEOPLE).map(user).collect();
    let mut told = BTreeMap::new();
    for audience in interest.audiences(&everybody) {
        for (id, _) in audience.sockets {
            let people: BTreeSet<_> = audience.about.iter().map(|n| everybody[*n]).collect();
            let before = told.insert(id, people);
            assert_eq!(before, None, "a socket is told twice");
        }
    }
    let on_screen = |socket: &Socket| -> BTreeSet<UserId> {
        let chats = socket.watching.iter();
        let known = chats.filter_map(|chat| interest.members(*chat));
        known.flat_map(|it| it.ids().collect::<Vec<_>>()).collect()
    };
    let expected: BTreeMap<_, _> = model
        .sockets
        .iter()
        .filter(|(_, socket)| socket.is_welcome)
        .map(|(id, socket)| (*id, on_screen(socket)))
        .filter(|(_, people)| !people.is_empty())
        .collect();
    assert_eq!(told, expected);
    // Nothing is kept for people who are gone.
    assert!(interest.by_user.values().all(|sockets| !sockets.is_empty()));
    assert!(
        interest
            .watched_by_member
            .values()
            .all(|chats| !chats.is_empty())
    );
    let idle = interest
        .chats
        .values()
        .filter(|state| state.watchers.is_empty())
        .count();
    assert!(idle <= CHATS as usize);
}

proptest! {
    #[test]
    fn the_index_answers_as_if_everything_had_been_looked_through(steps in vec(step(), 1..80)) {
        let (mut interest, mut model) = (Interest::default(), Model::default());
        let mut loads = Vec::new();
        for step in steps {
            take(&mut interest, &mut model, &mut loads, step);
        }
    }

    #[test]
    fn what_is_loaded_last_is_known_whatever_came_before(steps in vec(step(), 0..40), n in 0..CHATS) {
        let (mut interest, mut model) = (Interest::default(), Model::default());
        let mut loads = Vec::new();
        for step in steps {
            take(&mut interest, &mut model, &mut loads, step);
        }
        let (load, newest) = (interest.begin_load(), members(&[0]));
        interest.finish_load(load, chat(n), &newest);
        let known = interest.members(chat(n)).expect("it was loaded just now");
        assert!(Arc::ptr_eq(&known, &newest));
    }
}

#[test]
fn members_loaded_before_chats_were_forgotten_do_not_come_back_as_news() {
    let mut interest = Interest::default();
    let stale = interest.begin_load();
    for n in 0..CHATS {
        let load = interest.begin_load();
        interest.finish_load(load, chat(n), &members(&[1]));
    }
    assert!(interest.members(chat(0)).is_none(), "too many idle chats");
    interest.finish_load(stale, chat(0), &members(&[1, 2]));
    assert!(interest.members(chat(0)).is_none());
}

#[test]
fn a_person_removed_while_subscribing_does_not_get_the_chat_on_screen() {
    let mut interest = Interest::default();
    interest.register(
        connection(1),
        user(1),
        session(1, 1),
        Arc::new(Queue::new(1)),
    );
    let before = interest.begin_load();
    interest.finish_load(before, chat(1), &members(&[1, 2]));
    let removed = interest.begin_load();
    interest.finish_load(removed, chat(1), &members(&[2]));
    assert_eq!(
        interest.watch(connection(1), chat(1), LIMIT),
        Watch::Refused
    );
}
