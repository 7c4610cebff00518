//! What is true, and whether what is told agrees with it.

use crate::{store::BEGINNING, world::SETTINGS};
use presence::Transition;
use protocol::{ConnectionId, SessionId, UserId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::Instant;

/// What requests and wake-ups may take.
const SLACK: Duration = Duration::from_millis(1_500);

/// What is true.
pub(crate) struct Judge {
    started: Instant,
    tabs: BTreeMap<ConnectionId, Tab>,
    /// When somebody last had a tab that lived, if they have none now.
    gone: BTreeMap<UserId, Instant>,
    ended: BTreeSet<SessionId>,
    /// Those of whom a session has ended.
    signed_out: BTreeSet<UserId>,
    /// Since when which node is out of touch with the store, and when it last was.
    away: BTreeMap<usize, Instant>,
    back: BTreeMap<usize, Instant>,
    /// When a node that took another's place met the store.
    met: BTreeMap<usize, Instant>,
    /// When the store last lost something.
    store_lost: Option<Instant>,
    /// The newest version told, by node and user.
    versions: BTreeMap<(usize, UserId), u64>,
    /// Everything told, for comparing courses.
    pub(crate) told: Vec<String>,
    pub(crate) violation: Option<String>,
}

/// A tab as its owner sees it.
#[derive(Clone, Copy)]
pub(crate) struct Tab {
    pub(crate) node: usize,
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) opened: Instant,
    /// It fell silent.
    pub(crate) is_lost: bool,
}

impl Judge {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            tabs: BTreeMap::new(),
            gone: BTreeMap::new(),
            ended: BTreeSet::new(),
            signed_out: BTreeSet::new(),
            away: BTreeMap::new(),
            back: BTreeMap::new(),
            met: BTreeMap::new(),
            store_lost: None,
            versions: BTreeMap::new(),
            told: Vec::new(),
            violation: None,
        }
    }

    pub(crate) fn opened(&mut self, id: ConnectionId, tab: Tab) {
        self.tabs.insert(id, tab);
        self.gone.remove(&tab.user);
    }

    pub(crate) fn closed(&mut self, id: ConnectionId) {
        if let Some(tab) = self.tabs.remove(&id) {
            self.look_for_life(tab.user);
        }
    }

    pub(crate) fn lost(&mut self, id: ConnectionId) {
        if let Some(tab) = self.tabs.get_mut(&id) {
            tab.is_lost = true;
            let user = tab.user;
            self.look_for_life(user);
        }
    }

    pub(crate) fn signed_out(&mut self, user: UserId, session: SessionId) {
        self.ended.insert(session);
        self.signed_out.insert(user);
        let of_it: Vec<_> = self
            .tabs
            .iter()
            .filter(|(_, tab)| tab.session == session)
            .map(|(id, _)| *id)
            .collect();
        for id in of_it {
            self.closed(id);
        }
    }

    pub(crate) fn has_ended(&self, session: SessionId) -> bool {
        self.ended.contains(&session)
    }

    pub(crate) fn away(&mut self, node: usize) {
        self.away.entry(node).or_insert_with(Instant::now);
    }

    pub(crate) fn back(&mut self, node: usize) {
        if let Some(since) = self.away.remove(&node) {
            if let Some(met) = self.met.get_mut(&node)
                && since <= *met + SLACK
            {
                *met = Instant::now();
            }
            self.back.insert(node, Instant::now());
        }
    }

    /// Another node takes the place of one, which has told nobody anything.
    pub(crate) fn replaced(&mut self, node: usize) {
        self.versions.retain(|(of, _), _| *of != node);
        self.away.remove(&node);
        self.back.insert(node, Instant::now());
        self.met.insert(node, Instant::now());
    }

    /// Tabs in a fixed order, those that live.
    pub(crate) fn living(&self) -> Vec<(ConnectionId, Tab)> {
        let living = self.tabs.iter().filter(|(_, tab)| !tab.is_lost);
        living.map(|(id, tab)| (*id, *tab)).collect()
    }

    pub(crate) fn tabs_at(&self, node: usize) -> Vec<ConnectionId> {
        let there = self.tabs.iter().filter(|(_, tab)| tab.node == node);
        there.map(|(id, _)| *id).collect()
    }

    pub(crate) fn is_online(&self, user: UserId) -> bool {
        self.tabs
            .values()
            .any(|tab| tab.user == user && !tab.is_lost)
    }

    /// A node has announced something.
    pub(crate) fn announced(&mut self, node: usize, change: &Transition) {
        let now = Instant::now();
        let (user, is_online) = (change.user, change.is_online());
        let (version, reason) = (change.version, change.reason);
        self.told.push(format!(
            "node {node}: {user} is_online: {is_online} {version} {reason:?}"
        ));
        let newest = self.versions.entry((node, change.user)).or_default();
        let went_back = change.version <= *newest;
        *newest = change.version;
        if went_back {
            self.violate(format!("a version went back at node {node}: {change:?}"));
        }
        if change.is_online() {
            return;
        }
        // It may be heard of late, when somebody is back already.
        let since = Duration::from_millis(u64::try_from(change.at.unix_millis()).unwrap());
        let decided = self.started + since.saturating_sub(BEGINNING);
        let living: Vec<_> = self
            .living()
            .into_iter()
            .filter(|(_, tab)| tab.user == change.user && tab.opened <= decided)
            .collect();
        let is_known = |tab: &Tab| !self.is_unheard_of(tab) && !self.is_anybody_new_to_a_loss();
        if living.iter().any(|(_, tab)| is_known(tab)) {
            self.violate(format!(
                "offline at node {node} while connected: {change:?}"
            ));
        }
        let has_ended = self.signed_out.contains(&change.user);
        let gone_for = self.gone.get(&change.user).map(|since| now - *since);
        if let Some(gone_for) = gone_for
            && gone_for < SETTINGS.offline_grace
            && !has_ended
            && !self.any_unheard()
            && !self.is_told_again()
        {
            self.violate(format!(
                "offline at node {node} after {gone_for:?}: {change:?}"
            ));
        }
    }

    /// The server has closed a tab.
    pub(crate) fn reaped(&mut self, id: ConnectionId) {
        if let Some(tab) = self.tabs.get(&id)
            && !tab.is_lost
            && !self.ended.contains(&tab.session)
        {
            let node = tab.node;
            self.violate(format!("a living tab was closed at node {node}"));
        }
        self.closed(id);
    }

    pub(crate) fn violate(&mut self, violation: String) {
        self.violation.get_or_insert(violation);
    }

    /// Nobody can know of a tab that was opened at a node which was out of touch, nor of any there if
    /// the store was to be told of them again.
    fn is_unheard_of(&self, tab: &Tab) -> bool {
        let told_within = SETTINGS.lease_renewal + SLACK;
        let is_too_late = |since: &Instant| {
            let lost = self.store_lost;
            *since <= tab.opened || lost.is_some_and(|at| *since <= at + told_within)
        };
        let away = self.away.get(&tab.node);
        self.is_unheard(tab.node) || away.is_some_and(is_too_late)
    }

    /// Nobody can know that a node lives which has long been out of touch.
    fn is_unheard(&self, node: usize) -> bool {
        let now = Instant::now();
        let heard_within = SETTINGS.lease_ttl - SETTINGS.lease_renewal - SLACK;
        let is_long_away = self
            .away
            .get(&node)
            .is_some_and(|since| now - *since >= heard_within);
        let catching_up = SETTINGS.lease_renewal + SETTINGS.offline_grace + SLACK;
        let is_just_back = self
            .back
            .get(&node)
            .is_some_and(|since| now - *since <= catching_up);
        is_long_away || is_just_back
    }

    /// The store is being told again what it has lost: a node that dies before it has done so is not
    /// known to have been there.
    fn is_told_again(&self) -> bool {
        let told_within = SETTINGS.lease_renewal + SETTINGS.offline_grace + SLACK;
        let lost = self.store_lost;
        lost.is_some_and(|at| at.elapsed() <= told_within)
    }

    /// A node that came after the store had lost something takes it for new, as if it were the first.
    fn is_anybody_new_to_a_loss(&self) -> bool {
        let remembered = SETTINGS.lease_ttl + SETTINGS.offline_grace + SLACK;
        let is_new = |lost: Instant| {
            let mut met = self.met.values();
            lost.elapsed() <= remembered && met.any(|met| *met + SLACK >= lost)
        };
        self.store_lost.is_some_and(is_new)
    }

    pub(crate) fn store_lost(&mut self) {
        self.store_lost = Some(Instant::now());
    }

    fn any_unheard(&self) -> bool {
        let mut nodes = 0..crate::schedule::NODES;
        !self.away.is_empty() || nodes.any(|node| self.is_unheard(node))
    }

    fn look_for_life(&mut self, user: UserId) {
        if !self.is_online(user) {
            self.gone.entry(user).or_insert_with(Instant::now);
        }
    }
}
