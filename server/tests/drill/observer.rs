//! Writes down everything that one server tells.

use crate::{numbers::LATE, people::Person};
use futures::{SinkExt as _, StreamExt as _};
use http::Request;
use protocol::{
    ChatId, ClientFrame, ClientMessageId, PROTOCOL_VERSION, PresenceChange, Resume, ServerFrame,
    Timestamp, UserId, Welcome,
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message},
};

/// A Redis that is away for less than this makes nothing old in anybody's eyes.
const DOUBTED_AFTER: Duration = Duration::from_secs(2);

/// A lost socket is followed by another one after so long.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Somebody who looks at a chat all the time, at one server.
///
/// There is nothing between their socket and what is written down: a client passes over what it has been
/// told before, and so would hide that it was told twice. Each socket goes on where the last one ended, so
/// that nothing is to be told twice.
pub(crate) struct Observer {
    log: Arc<Mutex<Log>>,
    reading: JoinHandle<()>,
}

#[derive(Default)]
pub(crate) struct Log {
    /// What is shown of whom.
    shown: HashMap<UserId, Shown>,
    /// What was last told of whom as being so now.
    claimed: HashMap<UserId, bool>,
    /// Changes, as they were told, also by a list that shows somebody otherwise than before.
    pub(crate) changes: Vec<(Instant, UserId, bool)>,
    /// Messages and who wrote them, in the order told.
    messages: Vec<(UserId, ClientMessageId)>,
    /// The version of the change of whom that was told last.
    told: HashMap<UserId, u64>,
    /// After one change of somebody another was told that is not newer.
    went_back: Vec<(UserId, u64, u64)>,
    /// Where the next socket goes on.
    resume: Option<Resume>,
}

#[derive(Clone, Copy)]
struct Shown {
    is_online: bool,
    version: u64,
    /// Only last known, and when it was.
    as_of: Option<Timestamp>,
}

impl Observer {
    pub(crate) fn start(person: &Person, address: SocketAddr, chat: ChatId) -> Self {
        let log = Arc::new(Mutex::new(Log::default()));
        let reading = tokio::spawn(observe(person.upgrade(address), chat, Arc::clone(&log)));
        Self { log, reading }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    /// Waits until these are shown so, and are known to be, as is promised; a busy machine is waited for.
    pub(crate) async fn until_shown(&self, people: &[UserId], is_online: bool, promised: Duration) {
        let strange = || {
            let log = self.log();
            let is_strange = |user: &&UserId| {
                let shown = log.shown.get(user);
                shown.is_none_or(|it| it.is_online != is_online || it.as_of.is_some())
            };
            people.iter().filter(is_strange).count()
        };
        let within = until(promised + LATE, || strange() == 0).await;
        let (strange, all) = (strange(), people.len());
        assert!(within, "{strange} of {all} are not {is_online}");
    }

    /// Waits until these are shown as they last were known, and gives when that was.
    pub(crate) async fn until_doubtful(&self, people: &[UserId]) -> Vec<Timestamp> {
        let as_of = || -> Option<Vec<_>> {
            let log = self.log();
            let as_of = people.iter().map(|it| log.shown.get(it)?.as_of);
            as_of.collect()
        };
        let within = until(DOUBTED_AFTER + LATE, || as_of().is_some()).await;
        assert!(within, "not all are shown as last known");
        as_of().unwrap()
    }

    /// None of these is shown as last known.
    pub(crate) fn assert_certain(&self, people: &[UserId]) {
        let log = self.log();
        let is_doubtful = |user: &&UserId| log.shown[user].as_of.is_some();
        let doubtful: Vec<_> = people.iter().filter(is_doubtful).collect();
        assert!(doubtful.is_empty(), "shown as last known: {doubtful:?}");
    }

    /// Waits until a message is told.
    pub(crate) async fn until_told(&self, message: ClientMessageId, limit: Duration) -> bool {
        until(limit, || self.is_told(message)).await
    }

    pub(crate) fn is_told(&self, message: ClientMessageId) -> bool {
        let log = self.log();
        log.messages.iter().any(|(_, told)| *told == message)
    }

    /// What somebody wrote, as often as it was told.
    pub(crate) fn messages_of(&self, author: UserId) -> Vec<ClientMessageId> {
        let log = self.log();
        let of_them = log.messages.iter().filter(|(by, _)| *by == author);
        of_them.map(|(_, message)| *message).collect()
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

/// Whether something came to be so in time.
async fn until(limit: Duration, is_so: impl Fn() -> bool) -> bool {
    let comes = async {
        while !is_so() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(limit, comes).await.is_ok()
}

/// One socket after the other.
async fn observe(upgrade: Request<()>, chat: ChatId, log: Arc<Mutex<Log>>) {
    loop {
        if let Ok((socket, _)) = connect_async(upgrade.clone()).await {
            // However it ends, the next one follows.
            let _ = follow(socket, chat, &log).await;
        }
        sleep(AGAIN_AFTER).await;
    }
}

async fn follow(
    mut socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    chat_id: ChatId,
    log: &Mutex<Log>,
) -> Result<(), tungstenite::Error> {
    let hello = ClientFrame::Hello {
        resume: log.lock().unwrap().resume,
        protocol: PROTOCOL_VERSION,
        idle_ms: None,
    };
    for frame in [hello, ClientFrame::Subscribe { chat_id }] {
        let text = serde_json::to_string(&frame).unwrap();
        socket.send(Message::text(text)).await?;
    }
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            log.lock().unwrap().note(text.parse().unwrap());
        }
    }
    Ok(())
}

impl Log {
    fn note(&mut self, frame: ServerFrame) {
        match frame {
            ServerFrame::Welcome(welcome) => self.go_on(&welcome),
            ServerFrame::ConnectedUsers { users, .. } => {
                for entry in users {
                    self.show(
                        entry.user_id,
                        Shown {
                            is_online: entry.is_online,
                            version: entry.version,
                            as_of: entry.as_of,
                        },
                    );
                }
            }
            ServerFrame::PresenceChanged(change) => self.change(&change),
            ServerFrame::PresenceBatch { changes } => {
                changes.iter().for_each(|change| self.change(change));
            }
            ServerFrame::MessageCreated(message) => {
                let told = (message.author.user_id, message.client_id);
                self.messages.push(told);
                if let Some(resume) = &mut self.resume {
                    resume.offset = resume.offset.max(message.offset);
                }
            }
            _ => {}
        }
    }

    /// Where the server does. What it then does not tell is missing in the end.
    fn go_on(&mut self, welcome: &Welcome) {
        let before = self.resume.filter(|_| welcome.resumed);
        self.resume = Some(Resume {
            session: welcome.session,
            epoch: welcome.epoch,
            offset: before.map_or(welcome.offset, |before| before.offset),
        });
    }

    fn change(&mut self, change: &PresenceChange) {
        if let Some(before) = self.told.insert(change.user_id, change.version)
            && change.version <= before
        {
            self.went_back
                .push((change.user_id, before, change.version));
        }
        let shown = Shown {
            is_online: change.is_online,
            version: change.version,
            as_of: None,
        };
        self.show(change.user_id, shown);
    }

    /// As every client: of a list and a change that were under way together the newer counts.
    fn show(&mut self, user: UserId, shown: Shown) {
        let known = self.shown.get(&user);
        if known.is_some_and(|known| shown.version < known.version) {
            return;
        }
        self.shown.insert(user, shown);
        // What was so at a time that is named is no claim about now.
        if shown.as_of.is_none()
            && self.claimed.insert(user, shown.is_online) != Some(shown.is_online)
        {
            self.changes.push((Instant::now(), user, shown.is_online));
        }
    }
}
