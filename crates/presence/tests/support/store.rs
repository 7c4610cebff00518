//! A store that nodes share, in memory: it keeps what real ones promise, and fails when told to.
#![allow(dead_code, reason = "each test program uses a part of it")]

use async_trait::async_trait;
use presence::shared::{
    Answer, Foreign, Heard, Kept, News, Revision, SharedStore, Stored, Times, Unreachable, Write,
    Written,
};
use protocol::{ConnectionId, UserId};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout_at},
};

/// When the store's clock starts, since 1970.
pub(crate) const BEGINNING: Duration = Duration::from_secs(1_800_000_000);

/// Parts that may lose what they know by themselves, as Redis's machines may.
pub(crate) const PARTS: usize = 2;

/// The store itself; clones are the same.
#[derive(Clone)]
pub(crate) struct Store(Arc<Mutex<Inner>>);

struct Inner {
    started: Instant,
    /// By how much its clock was set, which counts on from where it stood.
    set: TimeShift,
    born: [Duration; PARTS],
    /// It writes over whatever stands there, which no store may do.
    is_blind: bool,
    /// What has run out is gone once it is read, which no store may do either.
    is_worn_by_reading: bool,
    states: BTreeMap<UserId, Stored>,
    saved: BTreeMap<UserId, Stored>,
    links: Vec<Arc<Link>>,
}

/// Forward by one, back by the other.
#[derive(Clone, Copy, Default)]
struct TimeShift {
    forward: Duration,
    back: Duration,
}

/// A node's link to the store.
pub(crate) struct Link {
    state: Mutex<LinkState>,
    news: Notify,
}

#[derive(Default)]
struct LinkState {
    is_cut: bool,
    /// What is written next is written, and its answer never arrives.
    loses_answers: bool,
    /// What is announced does not arrive, and nobody is told so.
    loses_news: bool,
    /// That was so when something was announced.
    has_lost_news: bool,
    /// Each request takes so long to arrive, and so does its answer.
    delay: Duration,
    /// News take up to so long, each for itself: they overtake each other.
    news_delay: Duration,
    told: u64,
    reads: usize,
    /// Of these users another version writes what this node does not understand.
    foreign: HashSet<UserId>,
    watched: HashSet<UserId>,
    /// By when they arrive.
    heard: BTreeMap<(Instant, u64), Heard>,
}

/// A node's way to the store.
pub(crate) struct Node {
    store: Store,
    link: Arc<Link>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Inner {
            started: Instant::now(),
            set: TimeShift::default(),
            born: [BEGINNING; PARTS],
            is_blind: false,
            is_worn_by_reading: false,
            states: BTreeMap::new(),
            saved: BTreeMap::new(),
            links: Vec::new(),
        })))
    }

    /// A way to it for one more node.
    pub(crate) fn node(&self) -> Node {
        let link = Arc::new(Link {
            state: Mutex::default(),
            news: Notify::new(),
        });
        self.inner().links.push(Arc::clone(&link));
        Node {
            store: self.clone(),
            link,
        }
    }

    /// Loses everything.
    pub(crate) fn flush(&self) {
        let mut inner = self.inner();
        inner.born = [inner.now(); PARTS];
        inner.states.clear();
    }

    /// One part of it loses everything.
    pub(crate) fn flush_part(&self, part: usize) {
        let mut inner = self.inner();
        inner.born[part] = inner.now();
        inner.states.retain(|user, _| part_of(*user) != part);
    }

    /// Its clock is set.
    pub(crate) fn set_forward(&self, by: Duration) {
        self.inner().set.forward += by;
    }

    pub(crate) fn set_back(&self, by: Duration) {
        let mut inner = self.inner();
        inner.set.back += by;
        let now = inner.now();
        for born in &mut inner.born {
            *born = now.min(*born);
        }
    }

    /// From now on it writes over whatever stands there.
    pub(crate) fn go_blind(&self) {
        self.inner().is_blind = true;
    }

    /// From now on it loses whoever is read and has run out.
    pub(crate) fn wear_by_reading(&self) {
        self.inner().is_worn_by_reading = true;
    }

    /// Everything that it knows.
    pub(crate) fn states(&self) -> BTreeMap<UserId, Stored> {
        self.inner().states.clone()
    }

    /// Keeps what it knows, for [`Self::restore`].
    pub(crate) fn save(&self) {
        let mut inner = self.inner();
        inner.saved = inner.states.clone();
    }

    /// Is started again with what was kept, as all links find out.
    pub(crate) fn restore(&self) {
        let mut inner = self.inner();
        inner.born = [inner.now(); PARTS];
        inner.states = inner.saved.clone();
        for link in &inner.links {
            link.miss();
        }
    }

    /// How many connections of somebody it knows.
    pub(crate) fn connections(&self, user: UserId) -> usize {
        let inner = self.inner();
        let state = inner.states.get(&user);
        state.map_or(0, |it| it.user.registrations().count())
    }

    /// Whether it knows this one of somebody.
    pub(crate) fn knows(&self, user: UserId, connection: ConnectionId) -> bool {
        let inner = self.inner();
        let state = inner.states.get(&user).into_iter();
        let mut known = state.flat_map(|it| it.user.registrations());
        known.any(|it| it.connection == connection)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }
}

impl Inner {
    fn now(&self) -> Duration {
        BEGINNING + self.started.elapsed() + self.set.forward - self.set.back
    }

    /// Those of whom something has run out.
    fn due(&self) -> Vec<UserId> {
        let now = self.now();
        let is_due = |stored: &Stored| stored.user.deadline().is_some_and(|due| due <= now);
        let due = self.states.iter().filter(|(_, stored)| is_due(stored));
        due.map(|(user, _)| *user).collect()
    }

    /// What these parts say.
    fn answer<T>(&self, parts: impl IntoIterator<Item = usize>, value: T) -> Answer<T> {
        let born = parts.into_iter().map(|part| self.born[part]);
        let times = Times {
            now: self.now(),
            born: born.max().unwrap_or_default(),
        };
        Answer { times, value }
    }

    fn write(&mut self, write: &Write) -> Written {
        let stands = self.states.get(&write.id);
        let revision = stands.map(|stored| stored.revision);
        if revision != write.over && !self.is_blind {
            return Written::Conflict(Box::new(Ok(stands.cloned())));
        }
        let now = u64::try_from(self.now().as_micros()).unwrap();
        let next = Revision(revision.map_or(0, |it| it.0 + 1).max(now));
        let stored = Stored {
            revision: next,
            user: write.user.clone(),
        };
        self.states.insert(write.id, stored);
        for link in &self.links {
            for news in &write.news {
                link.tell(write.id, *news);
            }
        }
        Written::Done(next)
    }
}

impl Link {
    /// While it is cut nothing passes; what is announced meanwhile is lost. Mending it is heard of.
    pub(crate) fn cut(&self) {
        self.state.lock().unwrap().is_cut = true;
    }

    pub(crate) fn mend(&self) {
        let was_cut = std::mem::take(&mut self.state.lock().unwrap().is_cut);
        if was_cut {
            self.miss();
        }
    }

    pub(crate) fn lose_news(&self, loses: bool) {
        self.state.lock().unwrap().loses_news = loses;
    }

    /// Whether something that was announced has not arrived, and nobody was told so.
    pub(crate) fn was_deaf(&self) -> bool {
        self.state.lock().unwrap().has_lost_news
    }

    pub(crate) fn delay(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }

    pub(crate) fn delay_news(&self, delay: Duration) {
        self.state.lock().unwrap().news_delay = delay;
    }

    /// From now on another version writes what this node does not understand of somebody.
    pub(crate) fn misunderstand(&self, user: UserId) {
        self.state.lock().unwrap().foreign.insert(user);
    }

    /// Whether each request takes a while.
    pub(crate) fn is_slow(&self) -> bool {
        !self.state.lock().unwrap().delay.is_zero()
    }

    /// Nothing is slow or lost any more.
    pub(crate) fn recover(&self) {
        let mut state = self.state.lock().unwrap();
        (state.loses_answers, state.loses_news) = (false, false);
        (state.delay, state.news_delay) = (Duration::ZERO, Duration::ZERO);
    }

    fn miss(&self) {
        let mut state = self.state.lock().unwrap();
        if !state.is_cut {
            state.hear(Heard::Gap, Duration::ZERO);
            self.news.notify_one();
        }
    }

    /// What is written next is written, and its answer, and what is announced with it, does not arrive.
    pub(crate) fn lose_an_answer(&self) {
        self.state.lock().unwrap().loses_answers = true;
    }

    /// How often states were read.
    pub(crate) fn reads(&self) -> usize {
        self.state.lock().unwrap().reads
    }

    fn tell(&self, user: UserId, news: News) {
        let mut state = self.state.lock().unwrap();
        let is_lost = state.loses_answers || state.loses_news;
        state.has_lost_news |= is_lost;
        if !is_lost && !state.is_cut && state.watched.contains(&user) {
            // Anything but even, and the same in each course.
            let part = f64::from(u32::try_from(state.told * 7 % 13).unwrap()) / 13.0;
            let delay = state.news_delay.mul_f64(part);
            state.hear(Heard::News(user, news), delay);
            self.news.notify_one();
        }
    }
}

impl LinkState {
    fn hear(&mut self, heard: Heard, delay: Duration) {
        self.told += 1;
        self.heard
            .insert((Instant::now() + delay, self.told), heard);
    }
}

fn part_of(user: UserId) -> usize {
    let [.., last] = user.as_uuid().into_bytes();
    usize::from(last) % PARTS
}

impl Node {
    pub(crate) fn link(&self) -> Arc<Link> {
        Arc::clone(&self.link)
    }

    /// One way.
    async fn pass(&self) -> Result<(), Unreachable> {
        let delay = self.link.state.lock().unwrap().delay;
        if delay.is_zero() {
            tokio::task::yield_now().await;
        } else {
            sleep(delay).await;
        }
        if self.link.state.lock().unwrap().is_cut {
            return Err(Unreachable("the link is cut".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl SharedStore for Node {
    async fn read(&self, users: &[UserId]) -> Result<Answer<Vec<Kept>>, Unreachable> {
        self.pass().await?;
        let answer = {
            let mut inner = self.store.inner();
            let mut link = self.link.state.lock().unwrap();
            link.reads += 1;
            let kept = users.iter().map(|user| match inner.states.get(user) {
                Some(_) if link.foreign.contains(user) => Err(Foreign),
                stored => Ok(stored.cloned()),
            });
            let answer = inner.answer(users.iter().copied().map(part_of), kept.collect());
            if inner.is_worn_by_reading {
                let due = inner.due();
                inner
                    .states
                    .retain(|id, _| !(users.contains(id) && due.contains(id)));
            }
            answer
        };
        self.pass().await?;
        Ok(answer)
    }

    async fn write(&self, writes: &[Write]) -> Result<Answer<Vec<Written>>, Unreachable> {
        self.pass().await?;
        let answer = {
            let mut inner = self.store.inner();
            let written = writes.iter().map(|write| inner.write(write)).collect();
            if std::mem::take(&mut self.link.state.lock().unwrap().loses_answers) {
                return Err(Unreachable("the answer was lost".into()));
            }
            inner.answer(writes.iter().map(|write| part_of(write.id)), written)
        };
        self.pass().await?;
        Ok(answer)
    }

    async fn due(&self, at_most: usize) -> Result<Answer<Vec<UserId>>, Unreachable> {
        self.pass().await?;
        let answer = {
            let inner = self.store.inner();
            let mut due = inner.due();
            due.truncate(at_most);
            inner.answer(0..PARTS, due)
        };
        self.pass().await?;
        Ok(answer)
    }

    async fn discard(&self, user: UserId, overdue: Duration) -> Result<bool, Unreachable> {
        self.pass().await?;
        let mut inner = self.store.inner();
        let deadline = inner.states.get(&user).and_then(|it| it.user.deadline());
        let is_left = deadline.is_none_or(|due| due + overdue <= inner.now());
        if is_left {
            inner.states.remove(&user);
        }
        Ok(is_left)
    }

    fn want(&self, users: &[UserId]) {
        self.link.state.lock().unwrap().watched.extend(users);
    }

    fn want_no_more(&self, users: &[UserId]) {
        let mut state = self.link.state.lock().unwrap();
        state.watched.retain(|user| !users.contains(user));
    }

    async fn all_ears(&self) -> Result<(), Unreachable> {
        self.pass().await
    }

    async fn heard(&self) -> Heard {
        loop {
            let next = {
                let mut state = self.link.state.lock().unwrap();
                match state.heard.first_entry() {
                    Some(first) if first.key().0 <= Instant::now() => return first.remove(),
                    first => first.map(|it| it.key().0),
                }
            };
            let more = self.link.news.notified();
            match next {
                Some(at) => drop(timeout_at(at, more).await),
                None => more.await,
            }
        }
    }
}
