//! The sections of the configuration, with the meaning and the default of each setting.
//!
//! `docs/configuration.md` repeats them for operators; a test holds the two together.

use super::Origin;
use crate::clock::millis;
use serde::{Deserialize, Serialize};
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// The longest duration that a setting can have: 100 years.
pub(crate) const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Where the server listens, keeps its data and finds what it serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// The folder for the database and the signing key; made on the first start.
    pub data: PathBuf,
    /// The folder with the built style sheet, script and WASM; without one, those that are part of the
    /// program, or `target/site`.
    pub site_root: Option<PathBuf>,
    /// The address that people type, when a proxy stands in front: `https://chat.example.org`.
    /// With `https`, cookies are `Secure` and carry the `__Host-` prefix.
    pub public_url: Option<Origin>,
    /// Further origins whose pages may send requests and open sockets.
    pub allowed_origins: Vec<Origin>,
    /// The addresses of the proxies in front; of them alone is `X-Forwarded-For` believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The largest request body, in bytes.
    pub max_body: usize,
    /// How long a new connection may take until the head of its first request has arrived.
    #[serde(with = "duration")]
    pub head_timeout: Duration,
    /// How long a connection may take until the head of a further request has arrived.
    #[serde(with = "duration")]
    pub keep_alive: Duration,
    /// How long the body of a request may take to arrive.
    #[serde(with = "duration")]
    pub body_timeout: Duration,
    /// Connections that one address may hold, and as many sockets; a network of IPv6 counts as one.
    pub connections_per_address: usize,
    /// How long a stopping server waits until its people have gone to others, if there are any.
    #[serde(with = "duration")]
    pub drain_timeout: Duration,
    /// How long a stopping server then waits for requests and sockets to end.
    #[serde(with = "duration")]
    pub shutdown_timeout: Duration,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            data: PathBuf::from("./data"),
            site_root: None,
            public_url: None,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            max_body: 128 * 1024,
            head_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(75),
            body_timeout: Duration::from_secs(30),
            connections_per_address: 2_000,
            drain_timeout: Duration::from_secs(20),
            shutdown_timeout: Duration::from_secs(5),
        }
    }
}

impl Server {
    /// Whether people come by TLS.
    #[must_use]
    pub fn is_behind_tls(&self) -> bool {
        self.public_url.as_ref().is_some_and(Origin::is_secure)
    }
}

/// Where users, chats and messages are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// The database's address; without one, `rollcall.db` in the data folder.
    pub url: Option<String>,
}

/// Where servers meet that share a database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// The address of a Redis 7 server; without one, this server is the only one.
    pub url: Option<String>,
    /// What the names of keys and channels begin with; tells installations apart that share a Redis.
    pub prefix: String,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            url: None,
            prefix: "rollcall".to_owned(),
        }
    }
}

/// What a chat shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// Whether people see who is online.
    pub presence_enabled: bool,
    /// Whether people see who is typing.
    pub typing_enabled: bool,
    /// How long typing is shown after the last sign of it.
    #[serde(with = "duration")]
    pub typing_timeout: Duration,
}

impl Default for Chat {
    fn default() -> Self {
        Self {
            presence_enabled: true,
            typing_enabled: true,
            typing_timeout: Duration::from_secs(3),
        }
    }
}

/// When somebody counts as online.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    /// How often the server pings each connection.
    #[serde(with = "duration")]
    pub ping_interval: Duration,
    /// A connection silent for this long is closed.
    #[serde(with = "duration")]
    pub pong_timeout: Duration,
    /// How long the close of the last connection is held back before others hear of it.
    #[serde(with = "duration")]
    pub offline_grace: Duration,
    /// How long the connections of a server that others no longer hear of go on counting.
    #[serde(with = "duration")]
    pub lease_ttl: Duration,
    /// How often a server tells the others that its connections live.
    #[serde(with = "duration")]
    pub lease_renewal: Duration,
    /// How often the reaper looks for connections that were missed.
    #[serde(with = "duration")]
    pub reaper_interval: Duration,
    /// Somebody without input in any tab for this long is away.
    #[serde(with = "duration")]
    pub away_after: Duration,
    /// Changes of one chat within this window travel as one frame.
    #[serde(with = "duration")]
    pub coalesce_window: Duration,
}

impl Default for Presence {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(30),
            pong_timeout: Duration::from_secs(60),
            offline_grace: Duration::from_secs(3),
            lease_ttl: Duration::from_secs(30),
            lease_renewal: Duration::from_secs(10),
            reaper_interval: Duration::from_secs(5),
            away_after: Duration::from_secs(5 * 60),
            coalesce_window: Duration::from_millis(50),
        }
    }
}

impl Presence {
    /// How often clients report input: seldom, but often enough that nobody is away much too late.
    #[must_use]
    pub fn input_interval(&self) -> Duration {
        const LONGEST: Duration = Duration::from_secs(60);
        (self.away_after / 4).min(LONGEST)
    }
}

impl From<&Presence> for presence::Settings {
    fn from(presence: &Presence) -> Self {
        Self {
            ping_interval: presence.ping_interval,
            pong_timeout: presence.pong_timeout,
            offline_grace: presence.offline_grace,
            lease_ttl: presence.lease_ttl,
            lease_renewal: presence.lease_renewal,
            // The last input may be that much newer than the last one that was reported.
            away_after: presence.away_after + presence.input_interval(),
            reaper_interval: presence.reaper_interval,
        }
    }
}

/// How a tab comes back after its connection broke. The first page tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// `exponential` (base, max and jitter) or `fixed` (fixed_delays).
    pub policy: Policy,
    /// The wait before the first attempt; it doubles with each further one.
    #[serde(with = "duration")]
    pub base: Duration,
    /// The longest wait, without the jitter.
    #[serde(with = "duration")]
    pub max: Duration,
    /// A random part of this is added to each wait.
    #[serde(with = "duration")]
    pub jitter: Duration,
    /// After this many failed attempts the tab waits for the person.
    pub attempts: u32,
    /// The waits of the `fixed` policy; the last one repeats.
    #[serde(with = "durations")]
    pub fixed_delays: Vec<Duration>,
}

/// The policies of [`Connection`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// Waits that double.
    Exponential,
    /// Waits from a list.
    Fixed,
}

impl Default for Connection {
    fn default() -> Self {
        Self {
            policy: Policy::Exponential,
            base: Duration::from_secs(1),
            max: Duration::from_secs(30),
            jitter: Duration::from_secs(1),
            attempts: 10,
            fixed_delays: [2, 5, 10].map(Duration::from_secs).to_vec(),
        }
    }
}

impl From<&Connection> for connection::Settings {
    fn from(connection: &Connection) -> Self {
        Self {
            backoff: match connection.policy {
                Policy::Exponential => connection::Backoff::Exponential {
                    base_ms: millis(connection.base),
                    max_ms: millis(connection.max),
                    jitter_ms: millis(connection.jitter),
                },
                Policy::Fixed => connection::Backoff::Fixed {
                    delays_ms: connection
                        .fixed_delays
                        .iter()
                        .copied()
                        .map(millis)
                        .collect(),
                },
            },
            attempts: connection.attempts,
            ..Self::default()
        }
    }
}

/// The limits of one socket. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Websocket {
    /// The read buffer, allocated for each connection at once.
    pub read_buffer: usize,
    /// Frames waiting for one connection; one that cannot keep up is closed with 4008.
    pub queue_capacity: usize,
    /// A socket that has not said `hello` within this is closed with 4408.
    #[serde(with = "duration")]
    pub hello_timeout: Duration,
    /// Sockets of one person; a further one is closed with 4429.
    pub connections_per_user: usize,
    /// Chats that one connection may have on screen.
    pub subscriptions: usize,
    /// Frames that one connection may send, sustained.
    pub frames_per_second: u32,
    /// Frames that one connection may send at once; past it the socket is closed with 4429.
    pub burst: u32,
    /// Bytes that one connection may send, sustained.
    pub bytes_per_second: u32,
    /// Bytes that one connection may send at once.
    pub byte_burst: u32,
    /// Messages that one connection may send, sustained.
    pub messages_per_second: u32,
    /// Messages that one connection may send at once.
    pub message_burst: u32,
    /// Signs of typing that one connection may send, sustained.
    pub typing_per_second: u32,
    /// Signs of typing that one connection may send at once.
    pub typing_burst: u32,
    /// Newcomers who are let in at the same time; others wait for their turn.
    pub admissions: usize,
    /// Newcomers who may wait; a further one is closed with 4429.
    pub waiting: usize,
}

impl Default for Websocket {
    fn default() -> Self {
        Self {
            read_buffer: 1024,
            queue_capacity: 256,
            hello_timeout: Duration::from_secs(30),
            connections_per_user: 50,
            subscriptions: 100,
            frames_per_second: 50,
            burst: 100,
            bytes_per_second: 64 * 1024,
            byte_burst: 512 * 1024,
            messages_per_second: 20,
            message_burst: 150,
            typing_per_second: 5,
            typing_burst: 20,
            admissions: 32,
            waiting: 20_000,
        }
    }
}

/// Signing in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// How long a sign-in lasts after its last use.
    #[serde(with = "duration")]
    pub session_lifetime: Duration,
    /// Passwords hashed at the same time; each takes 19 MiB and one core.
    pub hashing_parallelism: usize,
    /// Failed attempts, by account and by address, before the next one must wait.
    pub free_attempts: u32,
    /// The first wait; it doubles with each further failure.
    #[serde(with = "duration")]
    pub first_wait: Duration,
    /// The longest wait, so that nobody is locked out for ever.
    #[serde(with = "duration")]
    pub max_wait: Duration,
    /// Failures are forgotten after this long without another one.
    #[serde(with = "duration")]
    pub forget_after: Duration,
    /// Accounts, and as many addresses, whose failures are remembered.
    pub remembered: usize,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            session_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            hashing_parallelism: 2,
            free_attempts: 5,
            first_wait: Duration::from_secs(1),
            max_wait: Duration::from_secs(5 * 60),
            forget_after: Duration::from_secs(60 * 60),
            remembered: 10_000,
        }
    }
}

/// Making an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// Who may make an account: anybody (`open`), those with an invitation (`invitation`), or
    /// nobody (`closed`). The very first account can always be made.
    pub mode: SignUpMode,
}

/// The modes of [`SignUp`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUpMode {
    /// Anybody.
    #[default]
    Open,
    /// Those who hold an invitation.
    Invitation,
    /// Nobody.
    Closed,
}

/// Tokens for programs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// The file with the key that signs tokens; without one, `token.key` in the data folder.
    pub key_file: Option<PathBuf>,
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
    /// How long a token is valid.
    #[serde(with = "duration")]
    pub lifetime: Duration,
}

impl Default for Token {
    fn default() -> Self {
        Self {
            key_file: None,
            issuer: "rollcall".to_owned(),
            audience: "rollcall".to_owned(),
            lifetime: Duration::from_secs(60 * 60),
        }
    }
}

/// What is counted, for Prometheus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// The address and port of `/metrics`; the same as `server.listen`: there.
    pub listen: SocketAddr,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3002)),
        }
    }
}

/// The log, written to standard error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// What is logged, in the syntax of tracing's `EnvFilter`: `info`, `warn,server=debug`.
    pub filter: String,
}

/// The formats of [`Log`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one object a line.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

/// A duration as a text. None is so long that a moment after it could not be told.
mod duration {
    pub(super) use humantime_serde::serialize;

    use super::LONGEST;
    use serde::{Deserializer, de::Error as _};
    use std::time::Duration;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let duration: Duration = humantime_serde::deserialize(from)?;
        if duration > LONGEST {
            return Err(D::Error::custom("no duration may be longer than 100 years"));
        }
        Ok(duration)
    }
}

/// A list of durations as texts, which humantime-serde does not cover.
mod durations {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::time::Duration;

    #[derive(Serialize, Deserialize)]
    struct Text(#[serde(with = "super::duration")] Duration);

    pub(super) fn serialize<S: Serializer>(list: &[Duration], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list.iter().copied().map(Text))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<Duration>, D::Error> {
        Ok(Vec::<Text>::deserialize(from)?
            .into_iter()
            .map(|Text(duration)| duration)
            .collect())
    }
}
