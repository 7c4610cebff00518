//! What happens by itself: sockets that fall silent, leases that are renewed, users whose time has run
//! out, news from other nodes, and the comparison with the store.

use super::{Heard, News, SharedDirectory, SharedStore, State};
use crate::{Event, engine::TOLERATED_LATENESS};
use std::{convert::Infallible, mem, sync::Arc, time::Duration};
use tokio::{
    join,
    time::{Instant, sleep, sleep_until, timeout, timeout_at},
};

/// So many users travel in one request.
const AT_ONCE: usize = 100;
/// So many are renewed by one request: a store that takes half a second to answer is told of twenty
/// thousand within a lease.
const RENEWED_AT_ONCE: usize = 1_000;
/// How often some of what is shown is compared with the store.
const COMPARE_EVERY: Duration = Duration::from_secs(1);

impl<S: SharedStore> SharedDirectory<S> {
    /// Lets time pass, until the future is dropped.
    pub async fn run(self: Arc<Self>) -> Infallible {
        // After a stop of this process it is found out first that there was one.
        let (never, ..) = join!(
            biased;
            self.watch_sockets(),
            self.renew(),
            self.end_graces(),
            self.reap(),
            self.listen(),
            self.mend_outdated(),
            self.compare(),
        );
        never
    }

    /// Gives up sockets from which nothing came for too long. After a stop of this process what has
    /// arrived meanwhile is read first.
    async fn watch_sockets(&self) -> Infallible {
        let longest = self.settings.reaper_interval;
        loop {
            let planned = {
                let state = self.state();
                let soonest = Instant::now() + longest;
                state
                    .local
                    .next_silence()
                    .map_or(soonest, |at| at.min(soonest))
            };
            sleep_until(planned).await;
            let now = Instant::now();
            if now > planned + TOLERATED_LATENESS {
                let mut state = self.state();
                state.local.excuse(now + longest);
                state.patience = state.patience.max(now + self.settings.offline_grace);
                continue;
            }
            let silent = || {
                let mut state = self.state();
                let (key, reason) = state.local.silent(now)?;
                state.local.remove(key);
                state.reaped.insert(key.connection);
                self.tally.removed(reason);
                self.sockets_to_close.notify_one();
                Some((key, reason))
            };
            while let Some((key, reason)) = silent() {
                self.tell(key.user, Event::Closed(key, reason)).await;
            }
        }
    }

    /// Renews the leases of all connections here, and mends what the store does not know.
    async fn renew(&self) -> Infallible {
        // Nodes that started together do not renew together.
        sleep((self.spread)(self.settings.lease_renewal)).await;
        loop {
            let next = Instant::now() + self.settings.lease_renewal;
            let ids = self.state().local.ids();
            for ids in ids.chunks(RENEWED_AT_ONCE) {
                if self.mend_all(ids).await.is_err() {
                    // Perhaps only an answer was lost.
                    self.beat_now.notify_one();
                    break;
                }
            }
            if timeout_at(next, self.beat_now.notified()).await.is_ok() {
                // Likewise those that have found the store again.
                sleep((self.spread)(self.settings.lease_renewal / 2)).await;
            }
        }
    }

    /// Ends the graces that began here as soon as they are over.
    async fn end_graces(&self) -> Infallible {
        loop {
            let due = {
                let state = self.state();
                let end = state.local.next_end();
                end.zip(state.clock).map(|((end, id), clock)| {
                    // A store that has lost everything is told again within a renewal.
                    let told = state.lost_at().map(|at| at + self.settings.lease_renewal);
                    let at = end.max(told.unwrap_or_default());
                    (id, clock.when(at).max(state.patience))
                })
            };
            let soonest = Instant::now() + self.settings.reaper_interval;
            let Some((id, at)) = due.filter(|(_, at)| *at <= soonest) else {
                drop(timeout_at(soonest, self.earlier_end.notified()).await);
                continue;
            };
            if timeout_at(at, self.earlier_end.notified()).await.is_err()
                && self.decide(id, |user| self.sweep(id, user)).await.is_err()
            {
                sleep(self.settings.reaper_interval).await;
            }
        }
    }

    /// Looks for users whose time has run out without anybody looking: their node is lost.
    async fn reap(&self) -> Infallible {
        // A store that was never asked has not begun to remember yet.
        loop {
            if let Ok(answer) = self.ask(self.store.due(1)).await {
                self.state().met = Some(answer.times.now);
                break;
            }
            drop(timeout(self.settings.reaper_interval, self.meet_now.notified()).await);
        }
        // Just come: others may be about to say who is with them.
        sleep(self.settings.lease_ttl).await;
        loop {
            sleep(self.settings.reaper_interval).await;
            // Also while nobody may be removed: what is asked of no part of the store for a while seems to
            // be lost by it later than it was.
            while let Ok(answer) = self.ask(self.store.due(AT_ONCE)).await {
                // A store that was put back to what it knew before knows leases that ran out meanwhile.
                let is_early = {
                    let state = self.state();
                    self.is_forgetful(&state, answer.times) || Instant::now() < state.patience
                };
                if answer.value.is_empty() || is_early {
                    break;
                }
                let swept = self.decide_all(&answer.value, |id, user| self.sweep(id, user));
                // What is left would be found again at once.
                if swept.await != Ok(true) {
                    break;
                }
            }
        }
    }

    async fn listen(&self) -> Infallible {
        loop {
            match self.store.heard().await {
                Heard::News(_, News::Transition(transition)) => {
                    let mut state = self.state();
                    self.learn(&mut state, transition);
                }
                Heard::News(id, News::Removed(connection)) => {
                    let mut state = self.state();
                    if state.local.get(id).is_some_and(|it| it.has(connection)) {
                        // Its session has ended, or we were late and it counts again.
                        state.outdated.insert(id);
                        self.mend_now.notify_one();
                    }
                }
                Heard::Gap => {
                    self.be_patient(&mut self.state());
                    self.meet_now.notify_one();
                    self.beat_now.notify_one();
                    self.compare_now.notify_one();
                }
            }
        }
    }

    /// Tells the store what it has forgotten, also if nothing else is to be told.
    async fn mend_outdated(&self) -> Infallible {
        loop {
            self.mend_now.notified().await;
            let outdated: Vec<_> = mem::take(&mut self.state().outdated).into_iter().collect();
            for ids in outdated.chunks(RENEWED_AT_ONCE) {
                // What fails is found by the next renewal, or the next comparison.
                drop(self.mend_all(ids).await);
            }
        }
    }

    /// Compares what is shown here with the store, some at a time, round and round: a lost announcement
    /// is repaired. After a gap, and after the store was away, all of it at once.
    async fn compare(&self) -> Infallible {
        loop {
            let asked = timeout(COMPARE_EVERY, self.compare_now.notified()).await;
            let is_whole = asked.is_ok() || self.state().currency.is_doubtful();
            if is_whole {
                self.state().view.compare_from_the_start();
                while self.compare_some().await {}
            } else {
                self.compare_some().await;
            }
            let doubted = self.state().view.doubted();
            for ids in doubted.chunks(AT_ONCE) {
                if self.read(ids).await.is_err() {
                    break;
                }
            }
            // Now and then only: what cannot be mended at once is found outdated again.
            self.mend_now.notify_one();
            let mut state = self.state();
            let doubts = state.view.doubted_since();
            let is_everything_known = self.forgot_at(&state).is_none();
            let currency = &mut state.currency;
            if currency.judge(doubts, is_whole, is_everything_known) {
                self.currency_changed.notify_one();
            }
        }
    }

    /// Gives whether there may be more.
    async fn compare_some(&self) -> bool {
        let (wanted, unwanted) = {
            let mut state = self.state();
            let State { view, local, .. } = &mut *state;
            let (wanted, unwanted) = view.next_to_compare(AT_ONCE, |id| local.get(id).is_some());
            self.store.want_no_more(&unwanted);
            (wanted, unwanted)
        };
        if wanted.is_empty() {
            return !unwanted.is_empty();
        }
        self.read(&wanted).await.is_ok()
    }
}
