//! What one connection sees of its room, and whether that is the truth.

use crate::script::{Follower, Script, Told};
use loadtest::Latencies;
use protocol::{PresenceChange, PresenceEntry, ServerFrame, UserId};
use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::Arc,
    time::Duration,
};

/// Faults that are kept of one connection, for each member of its room; more are counted only.
const KEPT: usize = 4;

/// Something that is not as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Who of the room it is about; nobody when it is about all.
    pub(crate) seat: Option<usize>,
    /// What.
    pub(crate) kind: FaultKind,
    /// When it was seen.
    pub(crate) at: Duration,
}

/// What may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FaultKind {
    /// The same change was told twice.
    Doubled,
    /// An older change was told after a newer one.
    Backwards,
    /// A change was told before its time.
    TooEarly,
    /// A change was told that nobody made.
    Unexpected,
    /// A change was neither told nor superseded.
    Lost,
    /// Somebody is shown as they are not, at the end.
    Wrong,
    /// A snapshot showed somebody as they were not.
    Untrue,
    /// A snapshot does not list just the members, each once.
    Incomplete,
    /// A snapshot came that nobody asked for.
    Unasked,
    /// A snapshot that was asked for did not come.
    Unanswered,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doubled => "told twice",
            Self::Backwards => "told after a newer one",
            Self::TooEarly => "told before its time",
            Self::Unexpected => "told though nobody did it",
            Self::Lost => "neither told nor superseded",
            Self::Wrong => "shown as it is not",
            Self::Untrue => "shown in a snapshot as it was not",
            Self::Incomplete => "snapshot of others than the members",
            Self::Unasked => "snapshot that nobody asked for",
            Self::Unanswered => "snapshot that did not come",
        })
    }
}

/// What is known of one member.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// The version of what is shown.
    version: u64,
    /// The largest version that a change had, on this socket.
    told: u64,
    is_online: bool,
    /// The last snapshot that listed them.
    listed: usize,
}

/// The members of a room, by their ids.
pub(crate) type Seats = HashMap<UserId, usize>;

/// What one connection sees.
#[derive(Debug)]
pub(crate) struct Observer {
    seats: Arc<Seats>,
    /// Where its own person sits.
    own: usize,
    known: Vec<Known>,
    presence: (Arc<Script>, Follower),
    typing: (Arc<Script>, Follower),
    /// Members who are not shown as they are to be at the end.
    wrong: usize,
    /// When the snapshots were meant to be asked for that have not come.
    asked: VecDeque<Duration>,
    /// Whether snapshots come only when asked for.
    is_asking: bool,
    /// Snapshots that have come.
    snapshots: usize,
    seen: Seen,
}

/// What was seen since the script began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// From when each change was meant until it was told: typing, somebody who comes, or goes (past the
    /// grace).
    pub(crate) changes: Latencies,
    /// From when each snapshot was meant to be asked for until it came.
    pub(crate) snapshots: Latencies,
    /// Changes that were told.
    pub(crate) events: u64,
    /// Changes that were not told, since a newer one was.
    pub(crate) superseded: u64,
    /// When the server first said welcome.
    pub(crate) first_welcome: Option<Duration>,
    /// When the server last said welcome.
    pub(crate) welcome: Option<Duration>,
    /// When the roster became what it is to be at the end; nothing while it is not.
    pub(crate) right: Option<Duration>,
    /// What is wrong, the first of it.
    pub(crate) faults: Vec<Fault>,
    /// What is wrong, all of it.
    pub(crate) fault_count: usize,
}

impl Observer {
    /// A connection that knows nothing yet, of the person at a seat.
    pub(crate) fn new(seats: Arc<Seats>, own: usize) -> Self {
        let members = seats.len();
        let nothing = || (Arc::default(), Follower::new(members));
        Self {
            own,
            known: vec![Known::default(); members],
            presence: nothing(),
            typing: nothing(),
            wrong: 0,
            asked: VecDeque::new(),
            is_asking: false,
            snapshots: 0,
            seen: Seen::default(),
            seats,
        }
    }

    /// From now on this is what is to be seen.
    pub(crate) fn begin(&mut self, presence: Arc<Script>, typing: Arc<Script>, now: Duration) {
        let courses = presence.0.iter().zip(&self.known);
        self.wrong = courses
            .filter(|(course, known)| course.last() != known.is_online)
            .count();
        let members = self.known.len();
        self.presence = (presence, Follower::new(members));
        self.typing = (typing, Follower::new(members));
        self.is_asking = false;
        self.seen = Seen {
            right: (self.wrong == 0).then_some(now),
            ..Seen::default()
        };
    }

    /// A snapshot was meant to be asked for at some time.
    pub(crate) fn asks(&mut self, at: Duration) {
        self.asked.push_back(at);
    }

    /// From now on no snapshot may come that was not asked for.
    pub(crate) fn only_asks(&mut self) {
        self.is_asking = true;
    }

    /// Takes what has arrived.
    pub(crate) fn take(&mut self, frame: &ServerFrame, now: Duration) {
        match frame {
            // Follows each welcome.
            ServerFrame::FriendsSnapshot(_) => self.welcome(now),
            ServerFrame::ConnectedUsers { users, .. } => self.snapshot(users, now),
            ServerFrame::PresenceChanged(change) => self.change(change, now),
            ServerFrame::PresenceBatch { changes } => {
                for change in changes {
                    self.change(change, now);
                }
            }
            ServerFrame::Typing {
                user_id, is_typing, ..
            } => self.sign(*user_id, *is_typing, now),
            _ => {}
        }
    }

    /// What was seen until now; the latencies are taken away.
    pub(crate) fn seen(&mut self) -> Seen {
        let seen = self.seen.clone();
        self.seen.changes = Latencies::default();
        self.seen.snapshots = Latencies::default();
        seen
    }

    /// Whether all are shown as they are to be at the end, and nothing is outstanding.
    pub(crate) fn is_done(&self) -> bool {
        self.wrong == 0
            && self.asked.is_empty()
            && self.presence.1.lost(&self.presence.0).next().is_none()
            && self.lost_signs().next().is_none()
    }

    /// When the server first said welcome, since the script began.
    pub(crate) const fn first_welcome(&self) -> Option<Duration> {
        self.seen.first_welcome
    }

    /// Judges what is missing or wrong at the end. Versions need not be the same for all: changes that
    /// cancel each other out are told to nobody, and only a snapshot has their version.
    pub(crate) fn end(&mut self, now: Duration) {
        let lost_turns = self.presence.1.lost(&self.presence.0).map(|(seat, _)| seat);
        let lost: Vec<_> = lost_turns.chain(self.lost_signs()).collect();
        let courses = self.presence.0.0.iter().zip(&self.known).enumerate();
        let wrong: Vec<_> = courses
            .filter(|(_, (course, known))| course.last() != known.is_online)
            .map(|(seat, _)| seat)
            .collect();
        for seat in lost {
            self.fault(Some(seat), FaultKind::Lost, now);
        }
        for seat in wrong {
            self.fault(Some(seat), FaultKind::Wrong, now);
        }
        for _ in 0..self.asked.len() {
            self.fault(None, FaultKind::Unanswered, now);
        }
    }

    /// Nobody is told of their own typing.
    fn lost_signs(&self) -> impl Iterator<Item = usize> + '_ {
        let lost = self.typing.1.lost(&self.typing.0).map(|(seat, _)| seat);
        lost.filter(|seat| *seat != self.own)
    }

    /// A new socket: what it is told may have been told on the one before.
    fn welcome(&mut self, now: Duration) {
        self.seen.first_welcome.get_or_insert(now);
        self.seen.welcome = Some(now);
        for known in &mut self.known {
            known.told = 0;
        }
    }

    fn snapshot(&mut self, users: &[PresenceEntry], now: Duration) {
        match self.asked.pop_front() {
            Some(at) => self.seen.snapshots.add(now.saturating_sub(at)),
            None if self.is_asking => self.fault(None, FaultKind::Unasked, now),
            None => {}
        }
        self.snapshots += 1;
        let mut listed = 0;
        for entry in users {
            let Some(&seat) = self.seats.get(&entry.user_id) else {
                continue;
            };
            let known = &mut self.known[seat];
            let is_first = std::mem::replace(&mut known.listed, self.snapshots) != self.snapshots;
            listed += usize::from(is_first);
            let is_news = entry.version >= known.version;
            let is_change = entry.is_online != known.is_online;
            let (script, follower) = &mut self.presence;
            if seat < script.0.len()
                && is_news
                && !follower.shown(script, seat, entry.is_online, now)
                && is_change
            {
                self.fault(Some(seat), FaultKind::Untrue, now);
            }
            self.learn(seat, entry.is_online, entry.version, now);
        }
        if listed != self.known.len() || users.len() != listed {
            self.fault(None, FaultKind::Incomplete, now);
        }
    }

    fn change(&mut self, change: &PresenceChange, now: Duration) {
        let Some(&seat) = self.seats.get(&change.user_id) else {
            // Somebody from elsewhere is no business of this room's.
            return self.fault(None, FaultKind::Unexpected, now);
        };
        self.seen.events += 1;
        let Known { version, told, .. } = self.known[seat];
        if change.version <= told {
            let kind = match change.version == told {
                true => FaultKind::Doubled,
                false => FaultKind::Backwards,
            };
            return self.fault(Some(seat), kind, now);
        }
        self.known[seat].told = change.version;
        if change.version <= version {
            // The snapshot had it already.
            return;
        }
        let (script, follower) = &mut self.presence;
        if seat < script.0.len() {
            let told = follower.told(script, seat, change.is_online, now);
            self.judge(seat, told, now);
        }
        self.learn(seat, change.is_online, change.version, now);
    }

    fn sign(&mut self, user_id: UserId, is_typing: bool, now: Duration) {
        self.seen.events += 1;
        let (script, follower) = &mut self.typing;
        match self.seats.get(&user_id) {
            Some(&seat) if seat < script.0.len() => {
                let told = follower.told(script, seat, is_typing, now);
                self.judge(seat, told, now);
            }
            _ => self.fault(None, FaultKind::Unexpected, now),
        }
    }

    fn judge(&mut self, seat: usize, told: Told, now: Duration) {
        match told {
            Told::Turn { after, superseded } => {
                self.seen.changes.add(after);
                self.seen.superseded += u64::from(superseded);
            }
            Told::TooEarly => self.fault(Some(seat), FaultKind::TooEarly, now),
            Told::Unexpected => self.fault(Some(seat), FaultKind::Unexpected, now),
        }
    }

    fn learn(&mut self, seat: usize, is_online: bool, version: u64, now: Duration) {
        let known = &mut self.known[seat];
        if version < known.version {
            return;
        }
        known.version = version;
        if known.is_online == is_online {
            return;
        }
        known.is_online = is_online;
        let Some(course) = self.presence.0.0.get(seat) else {
            return;
        };
        if course.last() == is_online {
            self.wrong -= 1;
        } else {
            self.wrong += 1;
        }
        self.seen.right = (self.wrong == 0).then_some(now);
    }

    fn fault(&mut self, seat: Option<usize>, kind: FaultKind, at: Duration) {
        self.seen.fault_count += 1;
        if self.seen.faults.len() < KEPT * self.known.len() {
            self.seen.faults.push(Fault { seat, kind, at });
        }
    }
}

#[cfg(test)]
mod tests;
