//! Reading never changes anything.

use super::{Member, World, user};
use crate::schedule::{NODES, USERS};
use presence::Directory as _;
use rand::RngExt as _;
use std::{future::poll_fn, pin::pin, task::Poll};

impl World {
    /// Asks a node why somebody is online. Nothing else runs meanwhile, and nothing may be otherwise then.
    pub(super) async fn read(&mut self) {
        let node = self.random.random_range(0..NODES);
        let user = user(self.random.random_range(0..USERS));
        let Member {
            directory,
            link,
            gate,
            ..
        } = &self.nodes[node];
        if gate.is_shut() || link.is_slow() {
            return;
        }
        let is = || {
            let told = self.judge().told.len();
            (self.store.states(), told, directory.counts())
        };
        let before = is();
        let mut reading = pin!(directory.diagnostics(user));
        // Whatever it waits for is there as soon as it is asked again.
        let read = poll_fn(|cx| {
            loop {
                if let Poll::Ready(read) = reading.as_mut().poll(cx) {
                    return Poll::Ready(read);
                }
            }
        });
        let counted = read.await.map(|it| it.active_connection_count);
        if is() != before {
            let told = format!("{user} was changed by reading at node {node}");
            self.judge().violate(told);
        }
        let known = self.store.connections(user);
        if counted.is_ok_and(|counted| counted != known) {
            let told = format!("{user} is read at node {node} otherwise than they are kept");
            self.judge().violate(told);
        }
    }
}
