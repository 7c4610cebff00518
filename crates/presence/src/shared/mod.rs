//! The directory of many nodes: engines that share the states of users in a store.
//!
//! Each node decides about users with the same [`User`](crate::engine::User) as a single node does,
//! on a state that it has read, and writes the outcome over that very state. So there is one place
//! where anything is decided, and two nodes never decide the same thing twice.
//!
//! A node watches its own sockets: their pongs never leave it. What it shares is a lease for each, which
//! it renews in batches; when those run out the node is lost, and whoever sees it first removes the
//! connections. With each renewal the node compares what stands in the store with the sockets that
//! it has, and mends the difference: a store that has lost everything knows all again within one
//! renewal, and a removal that could not be told is told then.
//!
//! While the store is away nobody is taken offline. What a node knew then of those who are connected
//! elsewhere is shown as of that time; of those who are connected here it knows the truth.

mod currency;
mod decide;
mod directory;
mod local;
mod run;
mod store;
mod turns;
mod view;

use crate::{Announcements, Settings, engine::Rules, tally::Tally};
use currency::Currency;
use local::Local;
use protocol::{ConnectionId, Epoch, NodeId, Timestamp, UserId};
use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};
use turns::Turns;
use view::View;

pub use store::{
    Answer, Foreign, Heard, Kept, News, Revision, SharedStore, Stored, Times, Unreachable, Write,
    Written,
};

/// One node's part in a directory of many nodes.
pub struct SharedDirectory<S> {
    store: S,
    node: NodeId,
    started: Timestamp,
    epoch: Epoch,
    settings: Settings,
    rules: Rules,
    /// A random part of a time: what many nodes do at once is spread by it.
    spread: Box<dyn Fn(Duration) -> Duration + Send + Sync>,
    /// Who is told of ghosts.
    ghost: Box<dyn Fn(Duration) + Send + Sync>,
    state: Mutex<State>,
    changed: Notify,
    sockets_to_close: Notify,
    earlier_end: Notify,
    meet_now: Notify,
    beat_now: Notify,
    compare_now: Notify,
    mend_now: Notify,
    currency_changed: Notify,
    tally: Tally,
    turns: Turns,
}

/// Never locked across an await.
struct State {
    clock: Option<StoreClock>,
    /// When that clock was last found to have been set forward.
    clock_set_at: Option<Instant>,
    /// When all of the store was asked first, by its time: from then on it remembers.
    met: Option<Duration>,
    currency: Currency,
    /// Until then nobody is removed for another node's silence: it may be as late as we are.
    patience: Instant,
    local: Local,
    view: View,
    announcements: Announcements,
    /// Those of whom the store is to be told: it knows less than was told here, or has forgotten a
    /// connection that is here.
    outdated: BTreeSet<UserId>,
    /// Connections that were removed and whose sockets have not ended yet.
    reaped: BTreeSet<ConnectionId>,
}

/// The store's clock may run so much faster than ours between two answers.
const DRIFT: Duration = Duration::from_millis(250);

/// What time it is in the store: what it said last, and what has passed since.
#[derive(Clone, Copy)]
struct StoreClock {
    said: Times,
    asked: Instant,
    at: Instant,
}

impl StoreClock {
    /// Late by what the answer took to arrive, never early: nothing runs out before its time.
    fn now(self) -> Duration {
        self.said.now + self.at.elapsed()
    }

    /// Whether more has passed by the store's clock since an answer before than by ours, however long
    /// the two were on their way: it was set forward.
    fn was_set_since(self, before: Self) -> bool {
        let passed = self.at.saturating_duration_since(before.asked);
        self.said.now > before.said.now + passed + DRIFT
    }

    /// When this time of the store is.
    fn when(self, time: Duration) -> Instant {
        Instant::now() + time.saturating_sub(self.now())
    }
}

impl State {
    /// What time it is in the store, as far as it has said.
    fn time(&self) -> Duration {
        self.clock.map_or(Duration::ZERO, StoreClock::now)
    }

    /// Those of whom the store is to be asked, each once: nobody here is shown them yet, or what is known of
    /// them may be old.
    fn unknown(&self, users: &[UserId]) -> Vec<UserId> {
        let is_current = !self.currency.is_doubtful();
        let is_known = |user: &UserId| is_current && self.view.watched(*user).is_some();
        let unknown: BTreeSet<_> = users.iter().copied().filter(|it| !is_known(it)).collect();
        unknown.into_iter().collect()
    }

    /// When the store lost what it had been told, by its time; never, as far as is known here. What was not
    /// met yet may have lost everything just before.
    fn lost_at(&self) -> Option<Duration> {
        let born = self.clock?.said.born;
        self.met.is_none_or(|met| born > met).then_some(born)
    }
}

impl<S: SharedStore> SharedDirectory<S> {
    /// A node that holds no sockets yet.
    ///
    /// `settings` have passed [`Settings::validate`]. `node` is new with each process, which began at
    /// `started`: nothing is known of anybody until the store answers. `spread` gives a random part of
    /// a time. Nothing is renewed and nothing runs out unless
    /// [`SharedDirectory::run`] runs.
    #[must_use]
    pub fn new(
        store: S,
        node: NodeId,
        settings: Settings,
        started: Timestamp,
        spread: impl Fn(Duration) -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self {
            store,
            node,
            started,
            // Versions grow with the store's time, also when it has lost everything: one history.
            epoch: Epoch::from_uuid(uuid::Uuid::nil()),
            rules: Rules::of_many_nodes(&settings),
            spread: Box::new(spread),
            ghost: Box::new(|_| ()),
            state: Mutex::new(State {
                clock: None,
                clock_set_at: None,
                met: None,
                currency: Currency::default(),
                patience: Instant::now(),
                local: Local::default(),
                view: View::default(),
                announcements: Announcements::default(),
                outdated: BTreeSet::new(),
                reaped: BTreeSet::new(),
            }),
            settings,
            changed: Notify::new(),
            sockets_to_close: Notify::new(),
            earlier_end: Notify::new(),
            meet_now: Notify::new(),
            beat_now: Notify::new(),
            compare_now: Notify::new(),
            mend_now: Notify::new(),
            currency_changed: Notify::new(),
            tally: Tally::default(),
            turns: Turns::default(),
        }
    }

    /// Tells `ghost` of each connection that is removed here because its node was lost: for how long
    /// nobody had renewed its lease, in which it may have counted in vain.
    #[must_use]
    pub fn measured(mut self, ghost: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.ghost = Box::new(ghost);
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("nothing that runs under this lock panics")
    }

    /// Asks the store, and notes whether and when it answered.
    async fn ask<T>(
        &self,
        answer: impl Future<Output = Result<Answer<T>, Unreachable>> + Send,
    ) -> Result<Answer<T>, Unreachable> {
        let asked = Instant::now();
        let answer = answer.await;
        let mut state = self.state();
        match &answer {
            Ok(answer) => {
                let born = state.clock.map(|clock| clock.said.born);
                if born.is_some_and(|born| answer.times.born > born) {
                    // It has lost everything: it is told again before the next renewal.
                    self.beat_now.notify_one();
                }
                // Parts of it may remember from different moments: those that remember longer than
                // others have lost nothing since.
                let now = answer.times.now;
                let born = answer.times.born.max(born.unwrap_or_default());
                let said = Times {
                    now,
                    born: born.min(now),
                };
                if state.met.is_some_and(|met| met > now) {
                    // Its clock was set back: whatever it lost, it may have lost since.
                    state.met = Some(Duration::ZERO);
                }
                let at = Instant::now();
                let clock = StoreClock { said, asked, at };
                if state.clock.is_some_and(|it| clock.was_set_since(it)) {
                    // By it every lease may have run out: all are renewed before anybody is removed.
                    tracing::warn!("clock_of_the_store_set_forward");
                    state.clock_set_at = Some(at);
                    self.be_patient(&mut state);
                    self.beat_now.notify_one();
                }
                state.clock = Some(clock);
                state.currency.answered();
            }
            Err(_) => self.lose_touch(&mut state),
        }
        answer
    }

    fn lose_touch(&self, state: &mut State) {
        self.be_patient(state);
        let last = state.clock.map(|clock| timestamp(clock.said.now));
        state.currency.missed(last.unwrap_or(self.started));
    }

    /// Others may have lost touch as well: they get the time to say who is with them.
    fn be_patient(&self, state: &mut State) {
        // Who has never been in touch has lost nothing.
        if state.clock.is_some() {
            state.patience = Instant::now() + self.settings.lease_renewal;
        }
    }
}

/// The store's time, for people to read.
fn timestamp(time: Duration) -> Timestamp {
    Timestamp::from_unix_millis(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}
