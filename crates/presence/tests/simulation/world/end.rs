//! How a course ends: everything heals, and then what is promised holds.

use super::{SETTINGS, World, user};
use crate::{
    fault::Fault,
    judge::SLACK,
    schedule::{NODES, SESSIONS, Step, USERS},
};
use presence::Directory as _;
use std::time::Duration;

/// What an announcement takes, at most.
const TOLD: Duration = Duration::from_millis(500);
/// What is not heard is found within this by comparing, and mended.
const COMPARED: Duration = Duration::from_secs(3);
/// Who has closed the last tab is offline within this, who fell silent within that, and who was at a
/// node that is lost: what is promised, when nothing else fails.
const CLOSED: Duration = SETTINGS.offline_grace.saturating_add(TOLD);
const SILENT: Duration = SETTINGS.pong_timeout.saturating_add(CLOSED);
const KILLED: Duration = SETTINGS
    .lease_ttl
    .saturating_add(SETTINGS.reaper_interval)
    .saturating_add(CLOSED);
/// After everything has healed, all views are right within this: a store may have lost everything, and
/// its clock may have been set.
const HEALED: Duration = KILLED
    .saturating_add(SETTINGS.lease_ttl)
    .saturating_add(SETTINGS.lease_renewal);

/// Before that, what lives is known everywhere within this.
const TOLD_AGAIN: Duration = SETTINGS.lease_renewal.saturating_add(SLACK);

impl World {
    /// Everything heals, and every view must be right.
    pub(super) async fn settle(&mut self) {
        for node in 0..NODES {
            self.nodes[node].link.recover();
            if self.fault != Fault::LateMend {
                self.take(Step::Mend { node }).await;
            }
            self.take(Step::Continue { node }).await;
        }
        self.wait(TOLD_AGAIN).await;
        self.look_at_the_living("a beat after everything healed")
            .await;
        self.wait(HEALED - TOLD_AGAIN).await;
        for n in 0..USERS {
            self.look_at(n, "in the end").await;
            let user = user(n);
            let living = self.judge().living();
            let truth = living.iter().filter(|(_, tab)| tab.user == user).count();
            let known = self.store.connections(user);
            if known != truth {
                let told = format!("in the end {known} connections of {user} count, truly {truth}");
                self.judge().violate(told);
            }
        }
    }

    /// With nothing else failing, whoever goes is offline at all nodes within what is promised.
    pub(super) async fn keep_the_bounds(&mut self) {
        let living = self.judge().living();
        for (id, tab) in living {
            self.close(id, tab).await;
        }
        self.wait_until_told(CLOSED).await;
        for n in 0..USERS {
            self.look_at(n, "after the last tab was closed").await;
            // Of a sign-in that nobody else has, and that cannot have ended.
            self.open(n % NODES, n, (USERS - n) * SESSIONS + n).await;
        }
        self.wait_until_told(TOLD).await;
        for n in 0..USERS {
            self.look_at(n, "after a tab was opened").await;
        }
        let tabs = self.judge().living();
        let of = |n| tabs.iter().find(|(_, tab)| tab.user == user(n)).copied();
        let (Some((closed, tab)), Some((silent, _))) = (of(0), of(1)) else {
            self.judge()
                .violate("a tab that was opened is gone".to_owned());
            return;
        };
        self.close(closed, tab).await;
        self.judge().lost(silent);
        self.take(Step::Kill { node: 2 }).await;
        self.wait(CLOSED).await;
        self.look_at(0, "after the last tab was closed").await;
        self.wait(SILENT - CLOSED).await;
        self.look_at(1, "after the last tab fell silent").await;
        self.wait(KILLED - SILENT).await;
        self.look_at(2, "after the node was killed").await;
        self.look_at(3, "while the tab was open").await;
        let Some((_, tab)) = of(3) else {
            return;
        };
        self.sign_out((tab.node + 1) % NODES, tab.user, tab.session)
            .await;
        self.wait(TOLD).await;
        self.look_at(3, "after signing out").await;
    }

    /// The store must know of all tabs that live, and all nodes must show so.
    async fn look_at_the_living(&self, when: &str) {
        let living = self.judge().living();
        for (id, tab) in living {
            if !self.store.knows(tab.user, id) {
                let told = format!("{when} the store does not know {id} of {}", tab.user);
                self.judge().violate(told);
            }
            for (node, member) in self.nodes.iter().enumerate() {
                let shown = member.directory.snapshot(&[tab.user]).await.unwrap()[0];
                if !shown.is_online() {
                    let told = format!("{when} node {node} shows {shown:?}");
                    self.judge().violate(told);
                }
            }
        }
    }

    /// Waits until something was told, and, where a clock that was set back made some deaf to it, found.
    async fn wait_until_told(&self, within: Duration) {
        self.wait(within).await;
        if self.judge().was_clock_set_back() {
            self.wait(COMPARED).await;
        }
    }

    /// All nodes must show what is true of somebody.
    async fn look_at(&self, n: usize, when: &str) {
        let mut others = None;
        for (node, member) in self.nodes.iter().enumerate() {
            for shown in member.directory.snapshot(&[user(n)]).await.unwrap() {
                if *others.get_or_insert(shown.shown) != shown.shown {
                    let told = format!("{when} node {node} shows {shown:?}, another {others:?}");
                    self.judge().violate(told);
                }
                let is_online = self.judge().is_online(shown.user);
                if shown.is_online() != is_online || shown.as_of.is_some() {
                    let told = format!("{when} node {node} shows {shown:?}, truly {is_online}");
                    self.judge().violate(told);
                }
            }
        }
    }
}
