//! The index against a model that keeps no index.

use super::*;
use proptest::{collection::vec, prelude::*, sample::subsequence};
use protocol::{LastSeenAudience, Status};
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
    /// Reads whom a person knows from the store as it is now.
    BeginCircle {
        user: u128,
        friends: Vec<u128>,
        blocked: Vec<u128>,
    },
    /// As [`Step::FinishLoad`].
    FinishCircle {
        which: prop::sample::Index,
    },
}

/// Sockets and members, and everything else found by looking at all of them.
#[derive(Debug, Default)]
struct Model {
    sockets: BTreeMap<ConnectionId, Socket>,
    /// The newest load of each chat that has ended.
    newest: BTreeMap<Room, (u64, Arc<Members>)>,
    /// The newest circle of each person with sockets.
    circles: BTreeMap<UserId, (u64, Circle)>,
}

/// What is being loaded.
#[derive(Debug, Default)]
struct Loads {
    members: Vec<(u64, Room, Arc<Members>)>,
    circles: Vec<(u64, UserId, Circle)>,
}

#[derive(Debug)]
struct Socket {
    user: UserId,
    is_welcome: bool,
    watching: BTreeSet<Room>,
}

impl Model {
    fn watchers(&self, chat: Room) -> BTreeSet<ConnectionId> {
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

    fn is_watched(&self, chat: Room) -> bool {
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
        3 => (0..PEOPLE, few(), few()).prop_map(|(user, friends, blocked)| Step::BeginCircle {
            user,
            friends,
            blocked,
        }),
        3 => any::<prop::sample::Index>().prop_map(|which| Step::FinishCircle { which }),
    ]
}

fn few() -> impl Strategy<Value = Vec<u128>> {
    subsequence((0..PEOPLE).collect::<Vec<_>>(), 0..=2)
}

fn connection(n: u128) -> ConnectionId {
    ConnectionId::from_uuid(Uuid::from_u128(n))
}

fn user(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn chat(n: u128) -> Room {
    Room::Chat(protocol::ChatId::from_uuid(Uuid::from_u128(n)))
}

/// Everybody has two sign-ins.
fn session(socket: u128, user: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(user * 2 + socket % 2))
}

fn members(people: &[u128]) -> Arc<Members> {
    Arc::new(people.iter().map(|n| user(*n)).collect())
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
fn take(interest: &mut Interest, model: &mut Model, loads: &mut Loads, step: Step) {
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
            let gone = interest.unregister(connection(socket));
            let socket = model.sockets.remove(&connection(socket));
            let is_last = |it: &Socket| model.sockets.values().all(|other| other.user != it.user);
            let expected = socket.filter(is_last).map(|it| it.user);
            if let Some(user) = expected {
                model.circles.remove(&user);
            }
            assert_eq!(gone, expected);
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
            let load = (interest.begin_load(), chat(n), members(&people));
            loads.members.push(load);
        }
        Step::FinishLoad { which } => {
            if loads.members.is_empty() {
                return;
            }
            let which = which.index(loads.members.len());
            let (load, chat, members) = loads.members.swap_remove(which);
            interest.finish_load(load, chat, &members);
            let newest = model
                .newest
                .entry(chat)
                .or_insert((load, Arc::clone(&members)));
            if newest.0 < load {
                *newest = (load, members);
            }
        }
        Step::BeginCircle {
            user: n,
            friends,
            blocked,
        } => {
            let people = |list: &[u128]| list.iter().map(|n| user(*n)).collect();
            let circle = Circle {
                friends: people(&friends),
                blocked: people(&blocked),
                ..Circle::default()
            };
            loads.circles.push((interest.begin_load(), user(n), circle));
        }
        Step::FinishCircle { which } => {
            if loads.circles.is_empty() {
                return;
            }
            let which = which.index(loads.circles.len());
            let (load, user, circle) = loads.circles.swap_remove(which);
            let has_sockets = model.sockets.values().any(|it| it.user == user);
            let newest = model.circles.get(&user).map_or(0, |(load, _)| *load);
            let is_taken = has_sockets && load > newest;
            assert_eq!(interest.finish_circle(load, user, circle.clone()), is_taken);
            if is_taken {
                model.circles.insert(user, (load, circle));
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
        let watched: BTreeSet<_> = interest.watched_rooms_of_member(user).collect();
        let is_known_member = |chat: &Room| {
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
            let people: BTreeSet<_> = audience.about.keys().map(|n| everybody[*n]).collect();
            if people.is_empty() {
                continue;
            }
            let before = told.insert(id, people);
            assert_eq!(before, None, "a socket is told twice");
        }
    }
    let nobody = (0, Circle::default());
    let of_interest = |socket: &Socket| -> BTreeSet<UserId> {
        let chats = socket.watching.iter();
        let known = chats.filter_map(|chat| interest.members(*chat));
        let (_, circle) = model.circles.get(&socket.user).unwrap_or(&nobody);
        known
            .flat_map(|it| it.ids().collect::<Vec<_>>())
            .chain(circle.friends.iter().copied())
            .filter(|user| !circle.blocked.contains(user))
            .collect()
    };
    let expected: BTreeMap<_, _> = model
        .sockets
        .iter()
        .filter(|(_, socket)| socket.is_welcome)
        .map(|(id, socket)| (*id, of_interest(socket)))
        .filter(|(_, people)| !people.is_empty())
        .collect();
    assert_eq!(told, expected);
    // Nothing is kept for people who are gone.
    assert!(
        interest
            .circles
            .keys()
            .all(|user| interest.count_of(*user) > 0)
    );
    assert!(interest.contact_of.values().all(|users| !users.is_empty()));
    assert!(interest.by_user.values().all(|sockets| !sockets.is_empty()));
    assert!(
        interest
            .watched_by_member
            .values()
            .all(|chats| !chats.is_empty())
    );
    let idle = interest
        .rooms
        .values()
        .filter(|state| state.watchers.is_empty())
        .count();
    assert!(idle <= CHATS as usize);
}

proptest! {
    #[test]
    fn the_index_answers_as_if_everything_had_been_looked_through(steps in vec(step(), 1..80)) {
        let (mut interest, mut model) = (Interest::default(), Model::default());
        let mut loads = Loads::default();
        for step in steps {
            take(&mut interest, &mut model, &mut loads, step);
        }
    }

    #[test]
    fn what_is_loaded_last_is_known_whatever_came_before(steps in vec(step(), 0..40), n in 0..CHATS) {
        let (mut interest, mut model) = (Interest::default(), Model::default());
        let mut loads = Loads::default();
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

/// Whoever was removed was told of the next message as well, when the members could not be read again
/// before it came.
#[test]
fn who_is_expelled_is_no_member_before_anything_is_read_again() {
    let mut interest = Interest::default();
    let load = interest.begin_load();
    interest.finish_load(load, chat(1), &members(&[1, 2]));
    let stale = [interest.begin_load(), interest.begin_load()];
    for room in [chat(1), chat(2)] {
        interest.expel(room, user(2));
    }
    for (load, room) in stale.into_iter().zip([chat(1), chat(2)]) {
        interest.finish_load(load, room, &members(&[1, 2]));
    }
    let left: Vec<_> = interest.members(chat(1)).unwrap().ids().collect();
    assert_eq!(left, [user(1)]);
    assert!(interest.members(chat(2)).is_none());
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

#[test]
fn only_who_has_a_room_on_screen_is_shown_it_and_each_who_asks_once() {
    let mut interest = Interest::default();
    for socket in 1..=3 {
        let queue = Arc::new(Queue::new(1));
        interest.register(connection(socket), user(1), session(1, 1), queue);
    }
    assert!(interest.ask(chat(1), connection(1)).is_none());
    for socket in 1..=2 {
        let watch = interest.watch(connection(socket), chat(1), LIMIT);
        assert_eq!(watch, Watch::Watching);
    }
    assert!(interest.ask(chat(1), connection(3)).is_none());
    assert!(!interest.is_asked_for(chat(1)));
    for _ in 0..2 {
        assert!(interest.ask(chat(1), connection(1)).is_some());
    }
    assert!(interest.is_asked_for(chat(1)));
    assert_eq!(interest.take_asking(chat(1)), [connection(1)].into());
    assert!(!interest.is_asked_for(chat(1)));

    assert!(interest.ask_for_all(chat(1)).is_some());
    interest.unwatch(connection(1), chat(1));
    assert_eq!(interest.take_asking(chat(1)), [connection(2)].into());
}

/// Somebody who blocked another and chose a status at the same moment was shown the other for good: the
/// choice was taken for a newer circle, of which nobody told.
#[test]
fn what_is_chosen_meanwhile_is_no_other_load() {
    let mut interest = Interest::default();
    let queue = Arc::new(Queue::new(1));
    interest.register(connection(1), user(1), session(1, 1), queue);
    let load = interest.begin_load();
    assert!(interest.finish_circle(load, user(1), Circle::default()));
    let known = interest.circle(user(1)).unwrap();
    let chosen = OwnStatus {
        status: Status::default(),
        audience: LastSeenAudience::Nobody,
        version: 1,
    };
    interest.choose(user(1), &chosen);
    assert!(!interest.is_circle(user(1), &known));
    assert!(interest.is_loaded_by(load, user(1)));
    let next = interest.begin_load();
    assert!(interest.finish_circle(next, user(1), Circle::default()));
    assert!(!interest.is_loaded_by(load, user(1)));
}
