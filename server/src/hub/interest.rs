//! Who is to be told what: a pure index of sockets, people and chats on screen.
//!
//! A message goes to every socket of every member; presence and typing go to the sockets that have
//! the chat on screen. The cost of one change grows with those who are interested, never with all.

use super::{members::ChatMembers, queue::Queue};
use protocol::{ChatId, ConnectionId, SessionId, UserId};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

/// Chats without a watcher whose members are remembered; past it all of these are forgotten.
const MAX_IDLE_CHATS: usize = if cfg!(test) { 2 } else { 4_096 };

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
    watching: Vec<ChatId>,
}

/// The index.
#[derive(Debug, Default)]
pub(super) struct Interest {
    connections: HashMap<ConnectionId, Registered>,
    by_user: HashMap<UserId, Vec<ConnectionId>>,
    chats: HashMap<ChatId, ChatState>,
    /// The chats with watchers that a person is a member of.
    watched_by_member: HashMap<UserId, HashSet<ChatId>>,
    /// Loads that have begun.
    loads: u64,
    /// The newest load that had begun when chats were last forgotten.
    forgotten: u64,
}

/// What became of a wish to have a chat on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// It is on screen, from now on or already.
    Watching,
    /// This person does not belong to the chat, or the socket is gone.
    Refused,
    /// Too many chats are on this socket's screen.
    TooMany,
}

/// Sockets that are to be told the same.
#[derive(Debug)]
pub(super) struct Audience<'a> {
    pub(super) about: BTreeSet<usize>,
    pub(super) sockets: Vec<(ConnectionId, &'a Registered)>,
}

#[derive(Debug)]
struct ChatState {
    watchers: HashSet<ConnectionId>,
    members: Option<Arc<ChatMembers>>,
    /// The load that `members` came from, or may have come from before they were forgotten; an
    /// older one never replaces it.
    loaded: u64,
}

impl ChatState {
    /// Nothing is known but what may have been forgotten.
    fn new(forgotten: u64) -> Self {
        Self {
            watchers: HashSet::new(),
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

    /// Removes exactly this socket and returns the chats that it had on screen.
    pub(super) fn unregister(&mut self, id: ConnectionId) -> Vec<ChatId> {
        let Some(registered) = self.connections.remove(&id) else {
            return Vec::new();
        };
        if let Entry::Occupied(mut sockets) = self.by_user.entry(registered.user) {
            sockets.get_mut().retain(|other| *other != id);
            if sockets.get().is_empty() {
                sockets.remove();
            }
        }
        for chat in &registered.watching {
            self.drop_watcher(*chat, id);
        }
        registered.watching
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

    /// Puts a chat on a socket's screen, unless `limit` chats are there already. Whoever is known not
    /// to belong to the chat is refused; where the members are not known, they are checked as soon as
    /// they are.
    pub(super) fn watch(&mut self, id: ConnectionId, chat: ChatId, limit: usize) -> Watch {
        let Some(registered) = self.connections.get_mut(&id) else {
            return Watch::Refused;
        };
        if registered.watching.contains(&chat) {
            return Watch::Watching;
        }
        if registered.watching.len() >= limit {
            return Watch::TooMany;
        }
        let known = self
            .chats
            .get(&chat)
            .and_then(|state| state.members.as_ref());
        if known.is_some_and(|members| !members.contains(registered.user)) {
            return Watch::Refused;
        }
        registered.watching.push(chat);
        let state = self
            .chats
            .entry(chat)
            .or_insert_with(|| ChatState::new(self.forgotten));
        let is_first = state.watchers.is_empty();
        state.watchers.insert(id);
        if is_first && let Some(members) = state.members.clone() {
            self.index_members(chat, &members);
        }
        Watch::Watching
    }

    /// Takes a chat off a socket's screen; false when it was not there.
    pub(super) fn unwatch(&mut self, id: ConnectionId, chat: ChatId) -> bool {
        let Some(registered) = self.connections.get_mut(&id) else {
            return false;
        };
        let before = registered.watching.len();
        registered.watching.retain(|other| *other != chat);
        if registered.watching.len() == before {
            return false;
        }
        self.drop_watcher(chat, id);
        true
    }

    /// The chats that a socket has on screen.
    #[must_use]
    pub(super) fn watched(&self, id: ConnectionId) -> Vec<ChatId> {
        self.connections
            .get(&id)
            .map(|r| r.watching.clone())
            .unwrap_or_default()
    }

    /// The members of a chat, if they are known here.
    #[must_use]
    pub(super) fn members(&self, chat: ChatId) -> Option<Arc<ChatMembers>> {
        self.chats
            .get(&chat)
            .and_then(|state| state.members.clone())
    }

    /// Numbers a load of members that is about to begin.
    pub(super) fn begin_load(&mut self) -> u64 {
        self.loads += 1;
        self.loads
    }

    /// Stores what a load brought, unless one that began later has already been stored.
    pub(super) fn finish_load(&mut self, load: u64, chat: ChatId, members: &Arc<ChatMembers>) {
        if self
            .chats
            .values()
            .filter(|state| state.watchers.is_empty())
            .count()
            > MAX_IDLE_CHATS
        {
            self.chats
                .retain(|other, state| *other == chat || !state.watchers.is_empty());
            self.forgotten = self.loads;
        }
        let state = self
            .chats
            .entry(chat)
            .or_insert_with(|| ChatState::new(self.forgotten));
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
            self.unindex_members(chat, &old);
        }
        self.index_members(chat, members);
        for id in strangers {
            self.unwatch(id, chat);
        }
    }

    /// The sockets that have a chat on screen.
    pub(super) fn watchers(
        &self,
        chat: ChatId,
    ) -> impl Iterator<Item = (ConnectionId, &Registered)> {
        self.chats
            .get(&chat)
            .into_iter()
            .flat_map(|state| &state.watchers)
            .filter_map(|id| self.welcomed(*id))
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

    /// The sockets of all members of a chat.
    pub(super) fn sockets_of_members(
        &self,
        members: &ChatMembers,
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

    /// The chats on somebody's screen that this person is a member of.
    pub(super) fn watched_chats_of_member(
        &self,
        user: UserId,
    ) -> impl Iterator<Item = ChatId> + '_ {
        self.watched_by_member
            .get(&user)
            .into_iter()
            .flatten()
            .copied()
    }

    /// Who is to be told of these people's changes: sockets with the same chats on screen together,
    /// and for them the places of those in `people` who are members of any of these chats. A socket
    /// is in one group only, and a person is in it once, however many chats they share.
    ///
    /// The cost grows with the interested sockets, not with all.
    pub(super) fn audiences(&self, people: &[UserId]) -> Vec<Audience<'_>> {
        let mut changes: BTreeMap<ChatId, Vec<usize>> = BTreeMap::new();
        for (place, user) in people.iter().enumerate() {
            for chat in self.watched_chats_of_member(*user) {
                changes.entry(chat).or_default().push(place);
            }
        }
        let mut chats_of: HashMap<ConnectionId, (&Registered, Vec<ChatId>)> = HashMap::new();
        for chat in changes.keys() {
            for (id, registered) in self.watchers(*chat) {
                let (_, chats) = chats_of.entry(id).or_insert((registered, Vec::new()));
                chats.push(*chat);
            }
        }
        let mut sockets_by_chats: HashMap<Vec<ChatId>, Vec<_>> = HashMap::new();
        for (id, (registered, chats)) in chats_of {
            let sockets = sockets_by_chats.entry(chats).or_default();
            sockets.push((id, registered));
        }
        let audience = |(chats, sockets): (Vec<ChatId>, _)| Audience {
            about: chats
                .iter()
                .flat_map(|chat| &changes[chat])
                .copied()
                .collect(),
            sockets,
        };
        sockets_by_chats.into_iter().map(audience).collect()
    }

    /// What a person is called, where one of their chats is on somebody's screen.
    pub(super) fn name_of(&self, user: UserId) -> Option<String> {
        self.watched_chats_of_member(user)
            .find_map(|chat| Some(self.members(chat)?.get(user)?.display_name.clone()))
    }

    fn welcomed(&self, id: ConnectionId) -> Option<(ConnectionId, &Registered)> {
        self.connections
            .get(&id)
            .filter(|registered| registered.is_welcome)
            .map(|registered| (id, registered))
    }

    fn drop_watcher(&mut self, chat: ChatId, id: ConnectionId) {
        let Some(state) = self.chats.get_mut(&chat) else {
            return;
        };
        state.watchers.remove(&id);
        if state.watchers.is_empty()
            && let Some(members) = state.members.clone()
        {
            self.unindex_members(chat, &members);
        }
    }

    fn index_members(&mut self, chat: ChatId, members: &ChatMembers) {
        for user in members.ids() {
            self.watched_by_member.entry(user).or_default().insert(chat);
        }
    }

    fn unindex_members(&mut self, chat: ChatId, members: &ChatMembers) {
        for user in members.ids() {
            if let Entry::Occupied(mut chats) = self.watched_by_member.entry(user) {
                chats.get_mut().remove(&chat);
                if chats.get().is_empty() {
                    chats.remove();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
