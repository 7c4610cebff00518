//! Writes down everything that one server tells.

use crate::{numbers::Numbers, people::Person};
use connection::{Effect, Event};
use loadtest::Client;
use protocol::{ChatId, ClientMessageId, PresenceChange, Room, ServerFrame, UserId};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

/// Somebody who looks at a chat all the time, at one server.
pub(crate) struct Observer {
    _client: Arc<Client>,
    log: Arc<Mutex<Log>>,
    reading: JoinHandle<()>,
}

#[derive(Default)]
pub(crate) struct Log {
    /// What is shown of whom, and by which version.
    shown: HashMap<UserId, (bool, u64)>,
    /// Marked as only last known.
    doubtful: HashMap<UserId, bool>,
    /// Changes, as they were told, also by a list that shows somebody otherwise than before.
    pub(crate) changes: Vec<(Instant, UserId, bool)>,
    /// Messages, in the order told.
    pub(crate) messages: Vec<ClientMessageId>,
    /// Somebody was shown a smaller version than before.
    went_back: Vec<(UserId, u64, u64)>,
}

impl Observer {
    pub(crate) async fn start(
        person: &Person,
        address: SocketAddr,
        chat: ChatId,
        numbers: &Numbers,
    ) -> Self {
        let (client, updates) = Client::start(person.at(address, numbers));
        let client = Arc::new(client);
        let log = Arc::new(Mutex::new(Log::default()));
        client.dispatch(Event::Subscribe(Room::Chat(chat))).await;
        let reading = tokio::spawn(read(updates, Arc::clone(&log), Arc::clone(&client)));
        Self {
            _client: client,
            log,
            reading,
        }
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    /// Waits until these are shown so, and are known to be.
    pub(crate) async fn until_shown(&self, people: &[UserId], is_online: bool, limit: Duration) {
        let strange = || {
            let log = self.log();
            let is_strange = |user: &&UserId| {
                let shown = log.shown.get(user).map(|(is_online, _)| *is_online);
                let is_doubtful = log.doubtful.get(user).copied().unwrap_or_default();
                shown != Some(is_online) || is_doubtful
            };
            people.iter().filter(is_strange).count()
        };
        let is_so = async {
            while strange() > 0 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let within = timeout(limit, is_so).await;
        let (strange, all) = (strange(), people.len());
        assert!(within.is_ok(), "{strange} of {all} are not {is_online}");
    }

    /// Waits until any of these is shown as last known.
    pub(crate) async fn until_doubtful_any(&self, people: &[UserId], limit: Duration) {
        let is_any = || {
            let log = self.log();
            people.iter().any(|it| log.doubtful.get(it) == Some(&true))
        };
        let is_so = async {
            while !is_any() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let within = timeout(limit, is_so).await;
        assert!(within.is_ok(), "nobody is shown as last known");
    }

    /// When each of these was told to be offline, since a time.
    pub(crate) fn offline_since(&self, since: Instant, people: &[UserId]) -> Vec<Instant> {
        let log = self.log();
        let is_meant = |&&(at, user, is_online): &&(Instant, UserId, bool)| {
            at >= since && !is_online && people.contains(&user)
        };
        log.changes
            .iter()
            .filter(is_meant)
            .map(|(at, ..)| *at)
            .collect()
    }

    /// Nobody of these was told to come or go since.
    pub(crate) fn assert_quiet(&self, since: Instant, people: &[UserId]) {
        let log = self.log();
        let told: Vec<_> = log
            .changes
            .iter()
            .filter(|(at, user, _)| *at >= since && people.contains(user))
            .collect();
        assert!(
            told.is_empty(),
            "{} changes were told: {told:?}",
            told.len()
        );
    }

    pub(crate) fn assert_no_version_went_back(&self) {
        let log = self.log();
        assert!(log.went_back.is_empty(), "{:?}", log.went_back);
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

async fn read(mut updates: mpsc::Receiver<Effect>, log: Arc<Mutex<Log>>, client: Arc<Client>) {
    while let Some(effect) = updates.recv().await {
        match effect {
            Effect::Deliver(frame) => log.lock().unwrap().note(frame),
            // Nothing is fetched: whatever is missing will show.
            Effect::Resync => client.dispatch(Event::Resynced).await,
            _ => {}
        }
    }
}

impl Log {
    fn note(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::ConnectedUsers { users, .. } => {
                for entry in users {
                    let is_doubtful = entry.as_of.is_some();
                    self.show(entry.user_id, entry.is_online, entry.version, is_doubtful);
                }
            }
            ServerFrame::PresenceChanged(change) => self.change(&change),
            ServerFrame::PresenceBatch { changes } => {
                changes.iter().for_each(|change| self.change(change));
            }
            ServerFrame::MessageCreated(message) => self.messages.push(message.client_id),
            _ => {}
        }
    }

    fn change(&mut self, change: &PresenceChange) {
        let PresenceChange {
            user_id,
            is_online,
            version,
            ..
        } = *change;
        self.show(user_id, is_online, version, false);
    }

    fn show(&mut self, user: UserId, is_online: bool, version: u64, is_doubtful: bool) {
        self.doubtful.insert(user, is_doubtful);
        let before = self.shown.insert(user, (is_online, version));
        if let Some((_, newest)) = before
            && version < newest
        {
            self.went_back.push((user, newest, version));
        }
        let is_other = before.is_none_or(|(was_online, _)| was_online != is_online);
        // What was so at a time that is named is no claim about now.
        if is_other && !is_doubtful {
            self.changes.push((Instant::now(), user, is_online));
        }
    }
}
