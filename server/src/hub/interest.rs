//! Who is to be told what: a pure index of sockets, people and rooms on screen.
//!
//! A message goes to every socket of every member; presence goes to the sockets that have a room of
//! the person's on screen, and to their contacts' wherever they are; typing to those that have the
//! room on screen. The cost of one change grows with those who are interested, never with all.

mod audience;

pub(super) use audience::Audience;

use super::{
    circle::Circle, listening::Listening, members::Members, profile::Profile, queue::Queue,
    roster::Roster,
};
use protocol::{ConnectionId, Mode, Room, SessionId, UserId};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};
use store::OwnStatus;
use tokio::time::Instant;

/// Rooms without a watcher whose members are remembered; past it all of these are forgotten.
const MAX_IDLE_ROOMS: usize = if cfg!(test) { 2 } else { 4_096 };

/// One live socket.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Whose.
    pub user: UserId,
    /// Under which sign-in.
    pub session: SessionId,
    /// Where its frames wait.
    pub queue: Arc<Queue>,
    /// Whether `hello` was accepted: nothing is sent before.
    is_welcome: bool,
    /// Whether its closing handshake has begun.
    pub(super) is_closing: bool,
    /// When it answered a ping last.
    pub(super) answered: Option<Instant>,
    watching: Vec<Room>,
}

/// The index.
#[derive(Debug, Default)]
pub(super) struct Interest {
    connections: HashMap<ConnectionId, Registered>,
    by_user: HashMap<UserId, Vec<ConnectionId>>,
    rooms: HashMap<Room, RoomState>,
    /// The rooms with watchers that a person is a member of.
    watched_by_member: HashMap<UserId, HashSet<Room>>,
    /// What is known of those who have sockets, with the load that it came from.
    circles: HashMap<UserId, (u64, Arc<Circle>)>,
    /// Those with sockets whose contact a person is.
    contact_of: HashMap<UserId, HashSet<UserId>>,
    /// What people are called and show, as far as any room or circle has told.
    profiles: HashMap<UserId, Profile>,
    /// How often that has changed.
    profiles_version: u64,
    /// What is to be heard from other servers.
    pub(super) listening: Listening,
    /// Loads that have begun.
    loads: u64,
    /// The newest load that had begun when rooms were last forgotten.
    forgotten: u64,
}

/// What became of a wish to have a room on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// It is on screen, from now on or already.
    Watching,
    /// This person does not belong to the room, or the socket is gone.
    Refused,
    /// Too many rooms are on this socket's screen.
    TooMany,
}

/// Whose turn it is to show a room to all who ask, and from when on.
pub(super) type Showing = tokio::sync::Mutex<Option<Instant>>;

#[derive(Debug)]
struct RoomState {
    watchers: HashSet<ConnectionId>,
    /// Those of them that are to be shown who is here.
    asking: HashSet<ConnectionId>,
    showing: Arc<Showing>,
    /// What was sent of it last, for as long as anybody has it on screen.
    roster: Option<Roster>,
    members: Option<Arc<Members>>,
    /// The load that `members` came from, or may have come from before they were forgotten; an
    /// older one never replaces it.
    loaded: u64,
}

impl RoomState {
    /// Nothing is known but what may have been forgotten.
    fn new(forgotten: u64) -> Self {
        Self {
            watchers: HashSet::new(),
            asking: HashSet::new(),
            showing: Arc::default(),
            roster: None,
            members: None,
            loaded: forgotten,
        }
    }
}

impl Interest {
    /// Adds a socket.
    pub(super) fn register(
        &mut self,
        id: ConnectionId,
        user: UserId,
        session: SessionId,
        queue: Arc<Queue>,
    ) {
        let registered = Registered {
            user,
            session,
            queue,
            is_welcome: false,
            is_closing: false,
            answered: None,
            watching: Vec::new(),
        };
        self.connections.insert(id, registered);
        self.by_user.entry(user).or_default().push(id);
    }

    /// From now on the socket is sent what concerns it.
    pub(super) fn welcome(&mut self, id: ConnectionId) {
        if let Some(registered) = self.connections.get_mut(&id) {
            registered.is_welcome = true;
        }
    }

    /// It has answered a ping.
    pub(super) fn answered(&mut self, id: ConnectionId) {
        if let Some(registered) = self.connections.get_mut(&id) {
            registered.answered = Some(Instant::now());
        }
    }

    /// Its closing handshake has begun.
    pub(super) fn closing(&mut self, id: ConnectionId) {
        if let Some(registered) = self.connections.get_mut(&id) {
            registered.is_closing = true;
        }
    }

    /// Removes exactly this socket, and gives whose it was if that was their last.
    pub(super) fn unregister(&mut self, id: ConnectionId) -> Option<UserId> {
        let registered = self.connections.remove(&id)?;
        for room in &registered.watching {
            self.drop_watcher(*room, id);
        }
        let user = registered.user;
        let Entry::Occupied(mut sockets) = self.by_user.entry(user) else {
            return None;
        };
        sockets.get_mut().retain(|other| *other != id);
        if !sockets.get().is_empty() {
            return None;
        }
        sockets.remove();
        self.forget_circle(user);
        Some(user)
    }

    /// How many sockets a person has here.
    #[must_use]
    pub(super) fn count_of(&self, user: UserId) -> usize {
        self.by_user.get(&user).map_or(0, Vec::len)
    }

    /// How many sockets there are.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.connections.len()
    }

    /// Puts a room on a socket's screen, unless `limit` rooms are there already. Whoever is known not
    /// to belong to the room is refused; where the members are not known, they are checked as soon as
    /// they are.
    pub(super) fn watch(&mut self, id: ConnectionId, room: Room, limit: usize) -> Watch {
        let Some(registered) = self.connections.get_mut(&id) else {
            return Watch::Refused;
        };
        if registered.watching.contains(&room) {
            return Watch::Watching;
        }
        if registered.watching.len() >= limit {
            return Watch::TooMany;
        }
        let known = self
            .rooms
            .get(&room)
            .and_then(|state| state.members.as_ref());
        if known.is_some_and(|members| !members.contains(registered.user)) {
            return Watch::Refused;
        }
        registered.watching.push(room);
        let state = self
            .rooms
            .entry(room)
            .or_insert_with(|| RoomState::new(self.forgotten));
        let is_first = state.watchers.is_empty();
        state.watchers.insert(id);
        if is_first && let Some(members) = state.members.clone() {
            self.index_members(room, &members);
        }
        Watch::Watching
    }

    /// Takes a room off a socket's screen; false when it was not there.
    pub(super) fn unwatch(&mut self, id: ConnectionId, room: Room) -> bool {
        let Some(registered) = self.connections.get_mut(&id) else {
            return false;
        };
        let before = registered.watching.len();
        registered.watching.retain(|other| *other != room);
        if registered.watching.len() == before {
            return false;
        }
        self.drop_watcher(room, id);
        true
    }

    /// The rooms that a socket has on screen.
    #[must_use]
    pub(super) fn watched(&self, id: ConnectionId) -> Vec<Room> {
        self.connections
            .get(&id)
            .map(|r| r.watching.clone())
            .unwrap_or_default()
    }

    /// Notes that a watcher is to be shown who is in a room, and gives whose turn it is to do so; nothing
    /// when it does not have the room on screen.
    pub(super) fn ask(&mut self, room: Room, reader: ConnectionId) -> Option<Arc<Showing>> {
        let state = self.rooms.get_mut(&room)?;
        if !state.watchers.contains(&reader) {
            return None;
        }
        state.asking.insert(reader);
        Some(Arc::clone(&state.showing))
    }

    /// As [`Self::ask`], for all of a room's watchers.
    pub(super) fn ask_for_all(&mut self, room: Room) -> Option<Arc<Showing>> {
        let state = self.rooms.get_mut(&room)?;
        state.asking.clone_from(&state.watchers);
        Some(Arc::clone(&state.showing))
    }

    /// Whether anybody is to be shown a room.
    #[must_use]
    pub(super) fn is_asked_for(&self, room: Room) -> bool {
        let state = self.rooms.get(&room);
        state.is_some_and(|state| !state.asking.is_empty())
    }

    /// Takes those who are to be shown a room.
    pub(super) fn take_asking(&mut self, room: Room) -> HashSet<ConnectionId> {
        let state = self.rooms.get_mut(&room);
        state.map_or_else(HashSet::new, |state| std::mem::take(&mut state.asking))
    }

    /// Takes what was sent of a room last.
    pub(super) fn take_roster(&mut self, room: Room) -> Option<Roster> {
        self.rooms.get_mut(&room)?.roster.take()
    }

    /// Keeps what was sent of a room, for as long as anybody has it on screen.
    pub(super) fn keep_roster(&mut self, room: Room, roster: Roster) {
        if let Some(state) = self.rooms.get_mut(&room)
            && !state.watchers.is_empty()
        {
            state.roster = Some(roster);
        }
    }

    /// The members of a room, if they are known here.
    #[must_use]
    pub(super) fn members(&self, room: Room) -> Option<Arc<Members>> {
        self.rooms
            .get(&room)
            .and_then(|state| state.members.clone())
    }

    /// Numbers a load of members that is about to begin.
    pub(super) fn begin_load(&mut self) -> u64 {
        self.loads += 1;
        self.loads
    }

    /// Stores what a load brought, unless one that began later has already been stored.
    pub(super) fn finish_load(&mut self, load: u64, room: Room, members: &Arc<Members>) {
        if self
            .rooms
            .values()
            .filter(|state| state.watchers.is_empty())
            .count()
            > MAX_IDLE_ROOMS
        {
            self.rooms
                .retain(|other, state| *other == room || !state.watchers.is_empty());
            self.forgotten = self.loads;
        }
        let state = self
            .rooms
            .entry(room)
            .or_insert_with(|| RoomState::new(self.forgotten));
        if state.loaded > load {
            return;
        }
        state.loaded = load;
        let old = state.members.replace(Arc::clone(members));
        if state.watchers.is_empty() {
            return;
        }
        let strangers: Vec<_> = state
            .watchers
            .iter()
            .copied()
            .filter(|id| {
                self.connections
                    .get(id)
                    .is_none_or(|r| !members.contains(r.user))
            })
            .collect();
        if let Some(old) = old {
            self.unindex_members(room, &old);
        }
        self.index_members(room, members);
        for id in strangers {
            self.unwatch(id, room);
        }
    }

    /// Somebody belongs to a room no longer, whatever was or is being read of it: it goes off all their
    /// screens.
    pub(super) fn expel(&mut self, room: Room, user: UserId) {
        let sockets = self.by_user.get(&user).cloned().unwrap_or_default();
        for socket in sockets {
            self.unwatch(socket, room);
        }
        let load = self.begin_load();
        match self.members(room) {
            Some(members) => {
                let rest = members.ids().filter(|member| *member != user).collect();
                self.finish_load(load, room, &Arc::new(rest));
            }
            None => self.distrust(room),
        }
    }

    /// Forgets the members of rooms of which nothing is heard: they may change unheard.
    pub(super) fn forget_unheard(&mut self) {
        let listening = &self.listening;
        self.rooms
            .retain(|room, state| !state.watchers.is_empty() || listening.hears(*room));
        self.forgotten = self.loads;
    }

    /// What was or is being read of a room's members may have changed unheard.
    pub(super) fn distrust(&mut self, room: Room) {
        let next = self.loads + 1;
        let state = self
            .rooms
            .entry(room)
            .or_insert_with(|| RoomState::new(next));
        state.loaded = next;
        if state.watchers.is_empty() {
            state.members = None;
        }
    }

    /// As [`Self::distrust`], of all rooms.
    pub(super) fn distrust_all(&mut self) {
        let rooms: Vec<_> = self.rooms.keys().copied().collect();
        for room in rooms {
            self.distrust(room);
        }
    }

    /// Forgets whom nobody here is shown any more, and gives them.
    pub(super) fn hide_people(&mut self) -> Vec<UserId> {
        let mut listening = std::mem::take(&mut self.listening);
        let hidden = listening.hide(|user| self.is_shown(user));
        self.listening = listening;
        hidden
    }

    /// Everybody with sockets here.
    pub(super) fn everybody(&self) -> impl ExactSizeIterator<Item = UserId> + '_ {
        self.by_user.keys().copied()
    }

    /// The rooms that anybody has on screen.
    pub(super) fn rooms_on_screen(&self) -> Vec<Room> {
        let rooms = self.rooms.iter();
        let on_screen = rooms.filter(|(_, state)| !state.watchers.is_empty());
        on_screen.map(|(room, _)| *room).collect()
    }

    /// Whether anybody here is shown this person.
    #[must_use]
    pub(super) fn is_shown(&self, user: UserId) -> bool {
        self.watched_by_member.contains_key(&user) || self.contact_of.contains_key(&user)
    }

    /// The sockets that have a room on screen.
    pub(super) fn watchers(&self, room: Room) -> impl Iterator<Item = (ConnectionId, &Registered)> {
        self.rooms
            .get(&room)
            .into_iter()
            .flat_map(|state| &state.watchers)
            .filter_map(|id| self.welcomed(*id))
    }

    /// A socket, if it has a room on screen.
    pub(super) fn watcher(&self, room: Room, id: ConnectionId) -> Option<&Registered> {
        let (_, registered) = self.welcomed(id)?;
        registered.watching.contains(&room).then_some(registered)
    }

    /// The sockets of one person.
    pub(super) fn sockets_of(
        &self,
        user: UserId,
    ) -> impl Iterator<Item = (ConnectionId, &Registered)> {
        self.by_user
            .get(&user)
            .into_iter()
            .flatten()
            .filter_map(|id| self.welcomed(*id))
    }

    /// The sockets of all members of a room.
    pub(super) fn sockets_of_members(
        &self,
        members: &Members,
    ) -> impl Iterator<Item = (ConnectionId, &Registered)> {
        members.ids().flat_map(|user| self.sockets_of(user))
    }

    /// The sockets of one sign-in, welcomed or not.
    pub(super) fn sockets_of_session(
        &self,
        user: UserId,
        session: SessionId,
    ) -> impl Iterator<Item = (ConnectionId, &Registered)> {
        self.by_user
            .get(&user)
            .into_iter()
            .flatten()
            .filter_map(|id| self.connections.get(id).map(|registered| (*id, registered)))
            .filter(move |(_, registered)| registered.session == session)
    }

    /// One socket, welcomed or not.
    #[must_use]
    pub(super) fn socket(&self, id: ConnectionId) -> Option<&Registered> {
        self.connections.get(&id)
    }

    /// Every socket, welcomed or not.
    pub(super) fn all(&self) -> impl Iterator<Item = (ConnectionId, &Registered)> {
        self.connections
            .iter()
            .map(|(id, registered)| (*id, registered))
    }

    /// The rooms on somebody's screen that this person is a member of.
    pub(super) fn watched_rooms_of_member(&self, user: UserId) -> impl Iterator<Item = Room> + '_ {
        self.watched_by_member
            .get(&user)
            .into_iter()
            .flatten()
            .copied()
    }

    /// What is known of somebody who has sockets.
    #[must_use]
    pub(super) fn circle(&self, user: UserId) -> Option<Arc<Circle>> {
        let (_, circle) = self.circles.get(&user)?;
        Some(Arc::clone(circle))
    }

    /// Whether what is known of somebody who has sockets came from this load; what they have chosen since
    /// does not count.
    #[must_use]
    pub(super) fn is_loaded_by(&self, load: u64, user: UserId) -> bool {
        self.circles.get(&user).is_some_and(|(of, _)| *of == load)
    }

    /// Whether this is what is known of somebody who has sockets.
    #[must_use]
    pub(super) fn is_circle(&self, user: UserId, circle: &Arc<Circle>) -> bool {
        let known = self.circles.get(&user);
        known.is_some_and(|(_, known)| Arc::ptr_eq(known, circle))
    }

    /// How somebody who has sockets wants to be shown.
    #[must_use]
    pub(super) fn mode(&self, user: UserId) -> Mode {
        let known = self.circles.get(&user);
        known
            .map(|(_, circle)| circle.chosen.mode)
            .unwrap_or_default()
    }

    /// Stores what a load brought of somebody who has sockets, unless one that began later has already
    /// been stored; false then, and for who has none.
    pub(super) fn finish_circle(&mut self, load: u64, user: UserId, mut circle: Circle) -> bool {
        let known = self.circles.get(&user);
        let is_news = known.is_none_or(|(of, _)| *of < load);
        if !is_news || self.count_of(user) == 0 {
            return false;
        }
        // What was chosen while it was loaded is known already.
        let newest = known
            .map(|(_, known)| known.chosen)
            .filter(|chosen| chosen.version > circle.chosen.version);
        circle.chosen = newest.unwrap_or(circle.chosen);
        self.forget_circle(user);
        for contact in circle.contacts() {
            self.contact_of.entry(contact).or_default().insert(user);
        }
        self.circles.insert(user, (load, Arc::new(circle)));
        true
    }

    /// Somebody has chosen what to show; an older choice changes nothing.
    pub(super) fn choose(&mut self, user: UserId, own: &OwnStatus) {
        if let Some((_, circle)) = self.circles.get_mut(&user)
            && own.version > circle.chosen.version
        {
            Arc::make_mut(circle).chosen = own.into();
        }
    }

    /// What a person is called and shows, if it is known here.
    #[must_use]
    pub(super) fn profile(&self, user: UserId) -> Option<&Profile> {
        self.profiles.get(&user)
    }

    /// How often anything of [`Self::profile`] has changed.
    #[must_use]
    pub(super) fn profiles_version(&self) -> u64 {
        self.profiles_version
    }

    /// Remembers what people are called and show; what was chosen before never replaces what was
    /// chosen later.
    pub(super) fn learn(&mut self, people: impl IntoIterator<Item = (UserId, Profile)>) {
        for (user, profile) in people {
            let known = self.profiles.get(&user);
            if known.is_some_and(|known| known.version > profile.version || *known == profile) {
                continue;
            }
            self.profiles.insert(user, profile);
            self.profiles_version += 1;
        }
    }

    fn forget_circle(&mut self, user: UserId) {
        let Some((_, circle)) = self.circles.remove(&user) else {
            return;
        };
        for contact in circle.contacts() {
            remove_from(&mut self.contact_of, contact, &user);
        }
    }

    fn welcomed(&self, id: ConnectionId) -> Option<(ConnectionId, &Registered)> {
        self.connections
            .get(&id)
            .filter(|registered| registered.is_welcome)
            .map(|registered| (id, registered))
    }

    fn drop_watcher(&mut self, room: Room, id: ConnectionId) {
        let Some(state) = self.rooms.get_mut(&room) else {
            return;
        };
        state.watchers.remove(&id);
        state.asking.remove(&id);
        if !state.watchers.is_empty() {
            return;
        }
        state.roster = None;
        if let Some(members) = state.members.clone() {
            self.unindex_members(room, &members);
        }
    }

    fn index_members(&mut self, room: Room, members: &Members) {
        for user in members.ids() {
            self.watched_by_member.entry(user).or_default().insert(room);
        }
    }

    fn unindex_members(&mut self, room: Room, members: &Members) {
        for user in members.ids() {
            remove_from(&mut self.watched_by_member, user, &room);
        }
    }
}

/// Takes a value out of a person's set, which goes when it is empty.
fn remove_from<T: Eq + std::hash::Hash>(
    sets: &mut HashMap<UserId, HashSet<T>>,
    user: UserId,
    value: &T,
) {
    if let Entry::Occupied(mut set) = sets.entry(user) {
        set.get_mut().remove(value);
        if set.get().is_empty() {
            set.remove();
        }
    }
}

#[cfg(test)]
mod tests;
