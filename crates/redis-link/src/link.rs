//! The link itself.

use crate::{
    connect::{self, PATIENCE, Server},
    wishes::Wishes,
};
use redis::{
    Client, ErrorKind, Pipeline, PushInfo, PushKind, RedisError, Script, ServerErrorKind, Value,
    aio::MultiplexedConnection, from_redis_value,
};
use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};
use tokio::{
    select,
    sync::Notify,
    time::{Instant, sleep, timeout},
};

/// How often a silent server is asked whether it is there.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The first wait before a connection is tried again; it doubles up to the last.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LAST_WAIT: Duration = Duration::from_secs(2);
/// Channels in one request.
const CHANNELS_AT_ONCE: usize = 1_000;
/// Messages that may wait to be taken; past it all of them are given up, which is a gap.
const WAITING: usize = 65_536;

/// A link to one Redis, or to what stands for one.
pub struct Link {
    client: Client,
    scripts: Vec<Script>,
    /// A random part of a time: what many do at once is spread by it.
    spread: Box<dyn Fn(Duration) -> Duration + Send + Sync>,
    /// Who is told how long each answer took.
    measured: OnceLock<Box<dyn Fn(Duration) + Send + Sync>>,
    state: Mutex<State>,
    arrived: Notify,
    wished: Notify,
    /// Subscriptions are made, or the link has come to stand, or is lost.
    changed: Notify,
}

/// Never locked across an await.
#[derive(Default)]
struct State {
    connection: Option<Connection>,
    wishes: Wishes,
    waiting: VecDeque<Heard>,
    server: Option<(Server, Duration)>,
    health: Health,
}

#[derive(Clone)]
struct Connection {
    requests: MultiplexedConnection,
    lost: Arc<Notify>,
}

/// What is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something was published in a channel that is subscribed to.
    Message {
        /// Where.
        channel: String,
        /// What.
        payload: Vec<u8>,
    },
    /// Messages may have passed unheard: the link was lost and stands again, with all its
    /// subscriptions, or more came than could be taken.
    Gap,
}

/// How the link is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether it stands.
    pub is_up: bool,
    /// How often it came to stand.
    pub connected: u64,
    /// Requests without an answer.
    pub failed: u64,
    /// How often messages may have passed unheard.
    pub gaps: u64,
}

/// There was no answer, or none in time; whether what was asked for was done is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(pub String);

/// The server is there and wants none of it: a wrong address, name or password. Waiting will not
/// help.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RefusedError(String);

impl Link {
    /// A link that stands nowhere yet: [`Link::run`] makes it. `scripts` are what requests may name by
    /// their digest. `spread` gives a random part of a time.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(
        address: &str,
        scripts: Vec<Script>,
        spread: impl Fn(Duration) -> Duration + Send + Sync + 'static,
    ) -> Result<Self, RefusedError> {
        Ok(Self {
            client: connect::client(address).map_err(|error| RefusedError(error.to_string()))?,
            scripts,
            spread: Box::new(spread),
            measured: OnceLock::new(),
            state: Mutex::default(),
            arrived: Notify::new(),
            wished: Notify::new(),
            changed: Notify::new(),
        })
    }

    /// From now on this is told how long each answer took. For one who measures: others are told nothing.
    pub fn measure(&self, took: impl Fn(Duration) + Send + Sync + 'static) {
        let _ = self.measured.set(Box::new(took));
    }

    /// Whether the server lets us in; one that does not answer may later.
    ///
    /// # Errors
    /// When it is there and refuses.
    pub async fn check(&self) -> Result<(), RefusedError> {
        match self.try_out().await {
            Err(error) if is_refusal(&error) => Err(RefusedError(error.to_string())),
            _ => Ok(()),
        }
    }

    /// Whether the server lets us in now, also while the link waits before it tries again.
    pub async fn is_reachable(&self) -> bool {
        self.try_out().await.is_ok()
    }

    /// Makes a connection that is used for nothing.
    async fn try_out(&self) -> Result<(), RedisError> {
        let ignored = |_: PushInfo| Ok::<_, Infallible>(());
        connect::connect(&self.client, ignored).await.map(drop)
    }

    /// Keeps the link, until the future is dropped.
    pub async fn run(self: Arc<Self>) -> Infallible {
        let mut wait = FIRST_WAIT;
        loop {
            let lost = Arc::new(Notify::new());
            let listener = Self::listener(Arc::downgrade(&self), Arc::clone(&lost));
            match connect::connect(&self.client, listener).await {
                Ok((requests, server)) => {
                    wait = FIRST_WAIT;
                    let connection = Connection { requests, lost };
                    let error = self.keep(connection, server).await;
                    self.state().lose();
                    self.changed.notify_waiters();
                    tracing::warn!(%error, "redis_lost");
                }
                Err(error) => tracing::warn!(%error, "redis_not_reached"),
            }
            sleep(wait / 2 + (self.spread)(wait / 2)).await;
            wait = (wait * 2).min(LAST_WAIT);
        }
    }

    /// Asks for several things at once.
    ///
    /// # Errors
    /// When there is no connection, or no answer in time.
    pub async fn ask(&self, questions: &Pipeline) -> Result<Vec<Value>, Unreachable> {
        let Some(mut connection) = self.state().connection.clone() else {
            self.state().health.failed += 1;
            return Err(Unreachable("there is no connection to Redis".into()));
        };
        let asked = Instant::now();
        let mut answer = questions.query_async(&mut connection.requests).await;
        if is_server_error(&answer, ServerErrorKind::NoScript) {
            // Somebody has made it forget them.
            answer = match self.load(&mut connection.requests).await {
                Ok(()) => questions.query_async(&mut connection.requests).await,
                Err(error) => Err(error),
            };
        }
        if answer.is_ok()
            && let Some(took) = self.measured.get()
        {
            took(asked.elapsed());
        }
        answer.map_err(|error| {
            self.state().health.failed += 1;
            if is_elsewhere(&error) {
                connection.lost.notify_one();
            }
            Unreachable(error.to_string())
        })
    }

    /// Whether the server answers now.
    pub async fn answers(&self) -> bool {
        self.ask(redis::pipe().cmd("PING")).await.is_ok()
    }

    /// What is published in these channels is wanted from now on, also after the link was lost. Does
    /// not wait for anything.
    pub fn subscribe(&self, channels: &[String]) {
        self.state().wishes.want(channels);
        self.wished.notify_one();
    }

    /// These channels are wanted no more.
    pub fn unsubscribe(&self, channels: &[String]) {
        self.state().wishes.want_no_more(channels);
        self.wished.notify_one();
    }

    /// Waits until every subscription that was wanted by now is made, unless it is wanted no more.
    ///
    /// # Errors
    /// When there is no connection. The wishes are kept, and fulfilled with the next one.
    pub async fn subscribed(&self) -> Result<(), Unreachable> {
        let wish = self.state().wishes.last();
        let settled = async {
            loop {
                let changed = self.changed.notified();
                {
                    let state = self.state();
                    if state.connection.is_none() {
                        return Err(Unreachable("there is no connection to Redis".into()));
                    }
                    if state.wishes.is_fulfilled(wish) {
                        return Ok(());
                    }
                }
                changed.await;
            }
        };
        let late = |_| Unreachable("Redis did not answer in time".into());
        timeout(2 * PATIENCE, settled).await.map_err(late)?
    }

    /// Waits for what is heard next. For one consumer. Nothing is lost when the future is dropped.
    pub async fn heard(&self) -> Heard {
        loop {
            if let Some(heard) = self.state().waiting.pop_front() {
                return heard;
            }
            self.arrived.notified().await;
        }
    }

    /// How the link is.
    #[must_use]
    pub fn health(&self) -> Health {
        self.state().health
    }

    /// Waits until the link stands, or until it does not.
    pub async fn until_up(&self, is_up: bool) {
        loop {
            let changed = self.changed.notified();
            if self.health().is_up == is_up {
                return;
            }
            changed.await;
        }
    }

    /// Since when the server surely remembers what it was told, by its own time, by which it is `now`;
    /// not known before the first connection. It can lose everything by a command all the same.
    #[must_use]
    pub fn remembers_since(&self, now: Duration) -> Option<Duration> {
        let mut state = self.state();
        let (_, since) = state.server.as_mut()?;
        // Its clock may have been set back.
        *since = now.min(*since);
        Some(*since)
    }

    /// Serves a new connection until it is lost, and says why.
    async fn keep(&self, mut connection: Connection, server: Server) -> RedisError {
        if let Err(error) = self.load(&mut connection.requests).await {
            return error;
        }
        {
            let mut state = self.state();
            let before = state
                .server
                .as_ref()
                .map(|(server, since)| (server, *since));
            let since = server.remembers_since(before);
            state.server = Some((server, since));
            state.wishes.start_over();
            state.connection = Some(connection.clone());
        }
        if let Err(error) = self.fulfil(&mut connection.requests).await {
            return error;
        }
        {
            let mut state = self.state();
            state.health.is_up = true;
            state.health.connected += 1;
            state.miss();
        }
        self.arrived.notify_one();
        self.changed.notify_waiters();
        tracing::info!("redis_reached");
        loop {
            let went_well = select! {
                () = connection.lost.notified() => Err(lost()),
                () = self.wished.notified() => self.fulfil(&mut connection.requests).await,
                () = sleep(ASK_EVERY) => ping(&mut connection.requests).await,
            };
            if let Err(error) = went_well {
                return error;
            }
        }
    }

    async fn load(&self, requests: &mut MultiplexedConnection) -> Result<(), RedisError> {
        for script in &self.scripts {
            script.load_async(requests).await?;
        }
        Ok(())
    }

    async fn fulfil(&self, requests: &mut MultiplexedConnection) -> Result<(), RedisError> {
        loop {
            let changes = self.state().wishes.take_changes(CHANNELS_AT_ONCE);
            if !changes.subscribe.is_empty() {
                requests.subscribe(changes.subscribe).await?;
            }
            if !changes.unsubscribe.is_empty() {
                requests.unsubscribe(changes.unsubscribe).await?;
            }
            let is_done = {
                let mut state = self.state();
                state.wishes.confirm();
                state.wishes.is_fulfilled(state.wishes.last())
            };
            self.changed.notify_waiters();
            if is_done {
                return Ok(());
            }
        }
    }

    /// What takes in what the server says by itself. It must not keep the link alive.
    fn listener(
        link: Weak<Self>,
        lost: Arc<Notify>,
    ) -> impl Fn(PushInfo) -> Result<(), Infallible> {
        move |push| {
            match push.kind {
                PushKind::Disconnection => lost.notify_one(),
                PushKind::Message => {
                    if let (Some(link), Some(message)) = (link.upgrade(), message(push.data)) {
                        link.state().hear(message);
                        link.arrived.notify_one();
                    }
                }
                _ => {}
            }
            Ok(())
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Link {
    /// Never the address: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("health", &self.health())
            .finish_non_exhaustive()
    }
}

impl State {
    fn hear(&mut self, heard: Heard) {
        if self.waiting.len() >= WAITING {
            self.miss();
        }
        self.waiting.push_back(heard);
    }

    /// What waits is part of what a look at the whole will show.
    fn miss(&mut self) {
        self.waiting.clear();
        self.waiting.push_back(Heard::Gap);
        self.health.gaps += 1;
    }

    fn lose(&mut self) {
        self.connection = None;
        self.wishes.lose();
        self.health.is_up = false;
    }
}

async fn ping(requests: &mut MultiplexedConnection) -> Result<(), RedisError> {
    redis::cmd("PING").exec_async(requests).await
}

fn message(data: Vec<Value>) -> Option<Heard> {
    let [channel, payload] = <[Value; 2]>::try_from(data).ok()?;
    Some(Heard::Message {
        channel: from_redis_value(channel).ok()?,
        payload: from_redis_value(payload).ok()?,
    })
}

fn lost() -> RedisError {
    (ErrorKind::Io, "the connection was closed").into()
}

/// What the server says of a wrong name, password or command.
fn is_refusal(error: &RedisError) -> bool {
    let is_ours = matches!(
        error.kind(),
        ErrorKind::AuthenticationFailed | ErrorKind::InvalidClientConfig
    );
    is_ours
        || matches!(
            error.code(),
            Some("WRONGPASS" | "NOAUTH" | "NOPERM" | "ERR")
        )
}

fn is_server_error<T>(answer: &Result<T, RedisError>, kind: ServerErrorKind) -> bool {
    let Err(error) = answer else { return false };
    error.kind() == ErrorKind::Server(kind)
}

/// This server no longer is the one that takes writes; a new connection may find it.
fn is_elsewhere(error: &RedisError) -> bool {
    use ServerErrorKind::{ClusterDown, MasterDown, Moved, ReadOnly};
    let ErrorKind::Server(kind) = error.kind() else {
        return false;
    };
    matches!(kind, ReadOnly | MasterDown | ClusterDown | Moved)
}
