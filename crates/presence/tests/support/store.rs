//! A store that nodes share, in memory: it keeps what real ones promise, and fails when told to.
#![allow(dead_code, reason = "each test program uses a part of it")]

use async_trait::async_trait;
use presence::shared::{
    Answer, Heard, News, Revision, SharedStore, Stored, Times, Unreachable, Write, Written,
};
use protocol::UserId;
use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

/// When the store's clock starts, since 1970.
pub(crate) const BEGINNING: Duration = Duration::from_secs(1_800_000_000);

/// The store itself; clones are the same.
#[derive(Clone)]
pub(crate) struct Store(Arc<Mutex<Inner>>);

struct Inner {
    started: Instant,
    born: Duration,
    states: BTreeMap<UserId, Stored>,
    saved: BTreeMap<UserId, Stored>,
    links: Vec<Arc<Link>>,
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
    /// Each request takes so long.
    delay: Duration,
    reads: usize,
    watched: HashSet<UserId>,
    heard: VecDeque<Heard>,
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
            born: BEGINNING,
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
        inner.born = inner.now();
        inner.states.clear();
    }

    /// Keeps what it knows, for [`Self::restore`].
    pub(crate) fn save(&self) {
        let mut inner = self.inner();
        inner.saved = inner.states.clone();
    }

    /// Is started again with what was kept, as all links find out.
    pub(crate) fn restore(&self) {
        let mut inner = self.inner();
        inner.born = inner.now();
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

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }
}

impl Inner {
    fn now(&self) -> Duration {
        BEGINNING + self.started.elapsed()
    }

    fn answer<T>(&self, value: T) -> Answer<T> {
        let times = Times {
            now: self.now(),
            born: self.born,
        };
        Answer { times, value }
    }

    fn write(&mut self, write: &Write) -> Written {
        let stands = self.states.get(&write.id);
        let revision = stands.map(|stored| stored.revision);
        if revision != write.over {
            return Written::Conflict(stands.cloned().map(Box::new));
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

    pub(crate) fn delay(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }

    fn miss(&self) {
        let mut state = self.state.lock().unwrap();
        if !state.is_cut {
            state.heard.push_back(Heard::Gap);
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
        let is_lost = state.is_cut || state.loses_answers || state.loses_news;
        if !is_lost && state.watched.contains(&user) {
            state.heard.push_back(Heard::News(user, news));
            self.news.notify_one();
        }
    }
}

impl Node {
    pub(crate) fn link(&self) -> Arc<Link> {
        Arc::clone(&self.link)
    }

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
    async fn read(&self, users: &[UserId]) -> Result<Answer<Vec<Option<Stored>>>, Unreachable> {
        self.pass().await?;
        self.link.state.lock().unwrap().reads += 1;
        let inner = self.store.inner();
        let states = users.iter().map(|user| inner.states.get(user).cloned());
        Ok(inner.answer(states.collect()))
    }

    async fn write(&self, writes: &[Write]) -> Result<Answer<Vec<Written>>, Unreachable> {
        self.pass().await?;
        let mut inner = self.store.inner();
        let written = writes.iter().map(|write| inner.write(write)).collect();
        if std::mem::take(&mut self.link.state.lock().unwrap().loses_answers) {
            return Err(Unreachable("the answer was lost".into()));
        }
        Ok(inner.answer(written))
    }

    async fn due(&self, at_most: usize) -> Result<Answer<Vec<UserId>>, Unreachable> {
        self.pass().await?;
        let inner = self.store.inner();
        let now = inner.now();
        let is_due = |stored: &Stored| stored.user.deadline().is_some_and(|due| due <= now);
        let due = inner.states.iter().filter(|(_, stored)| is_due(stored));
        Ok(inner.answer(due.map(|(user, _)| *user).take(at_most).collect()))
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
            if let Some(heard) = self.link.state.lock().unwrap().heard.pop_front() {
                return heard;
            }
            self.link.news.notified().await;
        }
    }
}
