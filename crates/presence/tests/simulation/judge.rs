//! What is true, and whether what is told agrees with it.

use crate::{store::BEGINNING, world::SETTINGS};
use presence::{Transition, UserPresence};
use protocol::{ConnectionId, SessionId, Timestamp, UserId};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    time::Duration,
};
use tokio::time::Instant;

/// What requests and wake-ups may take.
pub(crate) const SLACK: Duration = Duration::from_millis(1_500);

/// A node knows the store's time so late, and so when somebody went.
const LATE: Duration = Duration::from_millis(500);

/// After so long every node knows of who has come: news take up to three seconds, and what is lost of them is
/// found by comparing.
const HEARD_OF: Duration = Duration::from_secs(6);

/// From when until when somebody had a tab that lived.
struct Visit {
    came: Instant,
    went: Option<Instant>,
}

/// From when until when a node was out of touch with the store.
struct Outage {
    node: usize,
    from: Instant,
    to: Option<Instant>,
}

/// What is true.
pub(crate) struct Judge {
    started: Instant,
    tabs: BTreeMap<ConnectionId, Tab>,
    /// When somebody came and went who had a tab that lived.
    visits: BTreeMap<UserId, Vec<Visit>>,
    ended: BTreeSet<SessionId>,
    /// When sessions of whom ended.
    signed_out: BTreeMap<UserId, Vec<Instant>>,
    /// When nodes were out of touch with the store.
    outages: Vec<Outage>,
    /// When a node that took another's place met the store.
    met: BTreeMap<usize, Instant>,
    /// When the store lost something.
    store_lost: Vec<Instant>,
    /// From when on the store's clock was ahead and behind by how much.
    clocks: Vec<(Instant, Duration, Duration)>,
    /// The newest version told, by node and user.
    versions: BTreeMap<(usize, UserId), u64>,
    /// The newest version that a list showed, likewise.
    listed: BTreeMap<(usize, UserId), u64>,
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

impl Outage {
    fn covers(&self, at: Instant) -> bool {
        self.from <= at && self.to.is_none_or(|to| at < to)
    }
}

impl Judge {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            tabs: BTreeMap::new(),
            visits: BTreeMap::new(),
            ended: BTreeSet::new(),
            signed_out: BTreeMap::new(),
            outages: Vec::new(),
            met: BTreeMap::new(),
            store_lost: Vec::new(),
            clocks: vec![(Instant::now(), Duration::ZERO, Duration::ZERO)],
            versions: BTreeMap::new(),
            listed: BTreeMap::new(),
            told: Vec::new(),
            violation: None,
        }
    }

    pub(crate) fn opened(&mut self, id: ConnectionId, tab: Tab) {
        if !self.is_online(tab.user) {
            let visit = Visit {
                came: Instant::now(),
                went: None,
            };
            self.visits.entry(tab.user).or_default().push(visit);
        }
        self.tabs.insert(id, tab);
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
        let ended = self.signed_out.entry(user).or_default();
        ended.push(Instant::now());
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
        if self.open_outage(node).is_none() {
            let from = Instant::now();
            let to = None;
            self.outages.push(Outage { node, from, to });
        }
    }

    pub(crate) fn back(&mut self, node: usize) {
        let Some(outage) = self.open_outage(node) else {
            return;
        };
        let (from, now) = (outage.from, Instant::now());
        outage.to = Some(now);
        if let Some(met) = self.met.get_mut(&node)
            && from <= *met + SLACK
        {
            *met = now;
        }
    }

    fn open_outage(&mut self, node: usize) -> Option<&mut Outage> {
        let mut open = self.outages.iter_mut().filter(|it| it.to.is_none());
        open.find(|it| it.node == node)
    }

    /// Another node takes the place of one, which has told nobody anything.
    pub(crate) fn replaced(&mut self, node: usize) {
        self.versions.retain(|(of, _), _| *of != node);
        self.listed.retain(|(of, _), _| *of != node);
        self.away(node);
        self.back(node);
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
        if !change.is_online() {
            self.shown_offline(node, user, change.at, change);
        }
    }

    /// A node has shown somebody to whoever looked.
    pub(crate) fn listed(&mut self, node: usize, shown: &UserPresence) {
        let (user, version) = (shown.user, shown.version);
        let newest = self.listed.entry((node, user)).or_default();
        let went_back = version < *newest;
        *newest = version.max(*newest);
        if went_back {
            // Every client goes on to show what is newer.
            self.violate(format!("a list went back at node {node}: {shown:?}"));
        }
        if shown.is_online() || shown.as_of.is_some() {
            return;
        }
        // Versions are the store's time, unless that went back.
        let announced = self.versions.get(&(node, user));
        if announced.is_none_or(|it| *it < version) && version > 0 && !self.was_clock_set_back() {
            let at = Timestamp::from_unix_millis(i64::try_from(version).unwrap());
            self.shown_offline(node, user, at, shown);
        }
        let now = Instant::now();
        let living = self.living();
        let mut long_there = living
            .iter()
            .filter(|(_, tab)| tab.user == user && tab.opened + HEARD_OF <= now);
        let is_in_touch = self
            .outages_of(node)
            .all(|it| it.to.is_some_and(|to| to + HEARD_OF <= now));
        if is_in_touch && long_there.any(|(_, tab)| self.is_known(tab, now)) {
            self.violate(format!("listed at node {node} while connected: {shown:?}"));
        }
    }

    /// A node shows somebody offline, as was decided at this time of the store.
    fn shown_offline(&mut self, node: usize, user: UserId, at: Timestamp, shown: &dyn Debug) {
        // It may be heard of late, when somebody is back already.
        let moments = self.moments(at);
        let living: Vec<_> = self
            .living()
            .into_iter()
            .filter(|(_, tab)| tab.user == user)
            .filter(|(_, tab)| moments.iter().all(|decided| tab.opened < *decided))
            .collect();
        let is_known = |tab: &Tab| moments.iter().all(|at| self.is_known(tab, *at));
        if living.iter().any(|(_, tab)| is_known(tab)) {
            self.violate(format!("offline at node {node} while connected: {shown:?}"));
        }
        // Only then it is at once; whoever comes back has a grace again.
        let ended = self.signed_out.get(&user);
        let is_signed_out = |at: &Instant| {
            let mut ended = ended.into_iter().flatten();
            ended.any(|ended| *ended <= *at + LATE && *at <= *ended + SLACK)
        };
        let gone_for = |decided: &Instant| {
            let visits = self.visits.get(&user).into_iter().flatten();
            let mut before = visits.filter(|visit| visit.came <= *decided);
            let went = before.next_back()?.went?;
            Some(decided.saturating_duration_since(went))
        };
        let gone_for = moments.iter().filter_map(gone_for).max();
        if let Some(gone_for) = gone_for
            && gone_for + LATE < SETTINGS.offline_grace
            && !moments
                .iter()
                .any(|at| is_signed_out(at) || self.any_unheard(*at) || self.is_told_again(*at))
        {
            self.violate(format!(
                "offline at node {node} after {gone_for:?}: {shown:?}"
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

    /// Every node can know of a tab.
    fn is_known(&self, tab: &Tab, at: Instant) -> bool {
        !self.is_unheard_of(tab, at) && !self.is_anybody_new_to_a_loss(at)
    }

    /// Nobody can know of a tab that was opened at a node which was out of touch, nor of any there if
    /// the store was to be told of them again.
    fn is_unheard_of(&self, tab: &Tab, at: Instant) -> bool {
        let told_within = SETTINGS.lease_renewal + SLACK;
        let is_too_late = |outage: &Outage| {
            let mut lost = self.store_lost.iter();
            outage.from <= tab.opened || lost.any(|at| outage.from <= *at + told_within)
        };
        let mut outages = self.outages_of(tab.node);
        self.is_unheard(tab.node, at) || outages.any(|it| it.covers(at) && is_too_late(it))
    }

    fn outages_of(&self, node: usize) -> impl Iterator<Item = &Outage> {
        self.outages.iter().filter(move |it| it.node == node)
    }

    /// Nobody can know that a node lives which has long been out of touch.
    fn is_unheard(&self, node: usize, at: Instant) -> bool {
        let heard_within = SETTINGS.lease_ttl - SETTINGS.lease_renewal - SLACK;
        let catching_up = SETTINGS.lease_renewal + SETTINGS.offline_grace + SLACK;
        self.outages_of(node).any(|outage| match outage.to {
            _ if outage.covers(at) => at - outage.from >= heard_within,
            Some(to) => to <= at && at - to <= catching_up,
            None => false,
        })
    }

    /// The store was being told again what it has lost when a node died: it is not known to have been there.
    fn is_told_again(&self, at: Instant) -> bool {
        let told_within = SETTINGS.lease_renewal + SETTINGS.offline_grace + SLACK;
        self.store_lost.iter().any(|lost| {
            let died = self.met.values().any(|met| met >= lost);
            died && *lost <= at + LATE && at.saturating_duration_since(*lost) <= told_within
        })
    }

    /// A node that came after the store had lost something takes it for new, as if it were the first.
    fn is_anybody_new_to_a_loss(&self, at: Instant) -> bool {
        let remembered = SETTINGS.lease_ttl + SETTINGS.offline_grace + SLACK;
        let is_new = |lost: &Instant| {
            let mut met = self.met.values();
            at.saturating_duration_since(*lost) <= remembered
                && met.any(|met| *met + SLACK >= *lost)
        };
        self.store_lost.iter().any(is_new)
    }

    pub(crate) fn store_lost(&mut self) {
        self.store_lost.push(Instant::now());
    }

    /// The store's clock is set.
    pub(crate) fn clock_set(&mut self, forward: Duration, back: Duration) {
        let (_, ahead, behind) = *self.clocks.last().unwrap();
        self.clocks
            .push((Instant::now(), ahead + forward, behind + back));
    }

    /// Some were told versions of a time that is still to come.
    pub(crate) fn was_clock_set_back(&self) -> bool {
        self.clocks.iter().any(|(.., behind)| !behind.is_zero())
    }

    /// When it was this time by the store's clock, as a node may have known it: twice, if it was set back.
    fn moments(&self, at: Timestamp) -> Vec<Instant> {
        let at = Duration::from_millis(u64::try_from(at.unix_millis()).unwrap());
        let now = Instant::now();
        let ends = self.clocks.iter().skip(1).map(|(from, ..)| *from + SLACK);
        let moments = self.clocks.iter().zip(ends.chain([now]));
        let moments = moments.filter_map(|((from, ahead, behind), end)| {
            let since = (at + *behind).checked_sub(BEGINNING + *ahead)?;
            let moment = self.started + since;
            (moment + SLACK >= *from && moment <= end).then_some(moment)
        });
        let moments: Vec<_> = moments.collect();
        if moments.is_empty() {
            vec![now]
        } else {
            moments
        }
    }

    fn any_unheard(&self, at: Instant) -> bool {
        let mut nodes = 0..crate::schedule::NODES;
        self.outages.iter().any(|it| it.covers(at)) || nodes.any(|node| self.is_unheard(node, at))
    }

    fn look_for_life(&mut self, user: UserId) {
        if !self.is_online(user)
            && let Some(visit) = self.visits.get_mut(&user).and_then(|it| it.last_mut())
        {
            visit.went.get_or_insert_with(Instant::now);
        }
    }
}
