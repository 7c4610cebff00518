//! What no single type can tell: values that are impossible, or impossible together.

use super::{Chat, Config, Connection, Log, Presence, Server, SignIn, Token, Websocket};
use protocol::limits::MAX_SEND_FRAME_BYTES;
use std::{path::Path, time::Duration};
use store::Place;
use tokio::sync::Semaphore;
use tracing_subscriber::EnvFilter;

/// The smallest body that can carry the longest message.
const MIN_BODY: usize = MAX_SEND_FRAME_BYTES;
/// The largest frame as it arrives: a connection that may never send as many bytes at once could never
/// send it. Before what it carries stand 2 bytes, 8 that tell its length and 4 of its mask (RFC 6455
/// §5.2), which are counted, too.
const MIN_BYTE_BURST: usize = 2 + 8 + 4 + MAX_SEND_FRAME_BYTES;
/// The least that a WebSocket handshake must be able to read at once.
const MIN_READ_BUFFER: usize = 1024;
/// Each connection has such a buffer at once: larger ones would be memory that nobody fills.
const MAX_READ_BUFFER: usize = 1024 * 1024;
/// Each is a thread, made at the start.
const MAX_HASHING: usize = 256;
/// Room for all is made at the start.
const MAX_REMEMBERED: usize = 1_000_000;

/// Clients repeat that somebody types at most this often.
const TYPING_PACE: Duration = Duration::from_secs(2);

/// The setting that is wrong, and why, as a sentence about it goes on.
pub(super) struct Violation {
    pub(super) key: String,
    pub(super) problem: String,
}

/// Finds all settings that can never be right.
pub(super) fn check(config: &Config) -> Vec<Violation> {
    [
        server(&config.server),
        chat(&config.chat),
        places(config),
        found([presence(&config.presence), connection(&config.connection)]),
        websocket(&config.websocket),
        sign_in(&config.sign_in),
        token(&config.token),
        log(&config.log),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn found(looked: impl IntoIterator<Item = Result<(), Violation>>) -> Vec<Violation> {
    looked.into_iter().filter_map(Result::err).collect()
}

fn server(server: &Server) -> Vec<Violation> {
    found([
        not_empty_path("server.data", Some(&server.data)),
        not_empty_path("server.site_root", server.site_root.as_deref()),
        at_least("server.max_body", server.max_body, MIN_BODY),
        positive("server.head_timeout", server.head_timeout),
        at_least_time("server.keep_alive", server.keep_alive, server.head_timeout),
        positive("server.body_timeout", server.body_timeout),
        at_least(
            "server.connections_per_address",
            server.connections_per_address,
            1,
        ),
        positive("server.drain_timeout", server.drain_timeout),
        positive("server.shutdown_timeout", server.shutdown_timeout),
    ])
}

fn chat(chat: &Chat) -> Vec<Violation> {
    if chat.typing_timeout > TYPING_PACE {
        return Vec::new();
    }
    vec![Violation {
        key: "chat.typing_timeout".to_owned(),
        problem: format!(
            "is {:?}, but must be longer than {TYPING_PACE:?}, the pace at which who types says so \
             again: else it would flicker",
            chat.typing_timeout
        ),
    }]
}

/// Where the data are and where servers meet. What is wrong with the first says nothing of the second.
fn places(config: &Config) -> Vec<Violation> {
    let looked = database(config).and_then(|database| redis(config, database.as_ref()));
    found([looked])
}

fn token(token: &Token) -> Vec<Violation> {
    found([
        not_empty_path("token.key_file", token.key_file.as_deref()),
        not_empty("token.issuer", &token.issuer),
        not_empty("token.audience", &token.audience),
        at_least_time("token.lifetime", token.lifetime, Duration::from_secs(1)),
    ])
}

fn log(log: &Log) -> Vec<Violation> {
    let filter = EnvFilter::try_new(&log.filter);
    found([filter.map(drop).map_err(|error| Violation {
        key: "log.filter".to_owned(),
        problem: format!("is not a log filter: {error}"),
    })])
}

/// Where the data are, if it is said. Whether they can be reached is found at the start.
fn database(config: &Config) -> Result<Option<Place>, Violation> {
    let place = config.database.url.as_deref().map(Place::of).transpose();
    place.map_err(|error| Violation {
        key: "database.url".to_owned(),
        problem: format!("cannot be used: {error}"),
    })
}

/// Servers that share who is online must share everything else, too.
fn redis(config: &Config, database: Option<&Place>) -> Result<(), Violation> {
    let wrong = |key: &str, problem: &str| {
        Err(Violation {
            key: key.to_owned(),
            problem: problem.to_owned(),
        })
    };
    let prefix = &config.redis.prefix;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if prefix.is_empty() || !prefix.chars().all(is_plain) {
        return wrong(
            "redis.prefix",
            "may have letters, digits and - _ . : only, and at least one of them",
        );
    }
    let Some(address) = &config.redis.url else {
        return Ok(());
    };
    if redis_link::Link::new(address, Vec::new(), |time| time).is_err() {
        return wrong(
            "redis.url",
            "is not the address of a Redis, such as redis://user:password@redis.example.org:6379, \
             rediss://… with TLS, or unix:///run/redis/redis.sock",
        );
    }
    if database != Some(&Place::Server) {
        return wrong(
            "redis.url",
            "is set, but servers that share a Redis must share a PostgreSQL database as well: name it \
             in `database.url`",
        );
    }
    Ok(())
}

/// The engine knows what it needs; its sentence begins with the name of the setting.
fn presence(presence: &Presence) -> Result<(), Violation> {
    let settings = presence::Settings::from(presence);
    settings.validate().map_err(|error| {
        let sentence = error.to_string();
        let (name, problem) = sentence.split_once(' ').unwrap_or((&sentence, ""));
        Violation {
            key: format!("presence.{name}"),
            problem: problem.to_owned(),
        }
    })
}

fn connection(connection: &Connection) -> Result<(), Violation> {
    let settings = connection::Settings::from(connection);
    settings.validate().map_err(|error| Violation {
        key: format!("connection.{}", error.setting),
        problem: error.problem.to_owned(),
    })
}

fn websocket(websocket: &Websocket) -> Vec<Violation> {
    let Websocket {
        read_buffer,
        admissions,
        ..
    } = *websocket;
    let most = Semaphore::MAX_PERMITS - admissions.min(Semaphore::MAX_PERMITS);
    let paces = [
        (
            "websocket.frames_per_second",
            websocket.frames_per_second,
            1,
        ),
        ("websocket.burst", websocket.burst, 1),
        ("websocket.bytes_per_second", websocket.bytes_per_second, 1),
        ("websocket.byte_burst", websocket.byte_burst, MIN_BYTE_BURST),
        (
            "websocket.messages_per_second",
            websocket.messages_per_second,
            1,
        ),
        ("websocket.message_burst", websocket.message_burst, 1),
        (
            "websocket.typing_per_second",
            websocket.typing_per_second,
            1,
        ),
        ("websocket.typing_burst", websocket.typing_burst, 1),
    ];
    let limits = [
        at_least("websocket.read_buffer", read_buffer, MIN_READ_BUFFER),
        at_most("websocket.read_buffer", read_buffer, MAX_READ_BUFFER),
        at_least("websocket.queue_capacity", websocket.queue_capacity, 1),
        positive("websocket.hello_timeout", websocket.hello_timeout),
        at_least(
            "websocket.connections_per_user",
            websocket.connections_per_user,
            1,
        ),
        at_least("websocket.subscriptions", websocket.subscriptions, 1),
        at_least("websocket.admissions", admissions, 1),
        at_most("websocket.admissions", admissions, Semaphore::MAX_PERMITS),
        at_most("websocket.waiting", websocket.waiting, most),
    ];
    let paces = paces.map(|(key, limit, least)| at_least(key, limit as usize, least));
    found(limits.into_iter().chain(paces))
}

fn at_most(key: &'static str, value: usize, most: usize) -> Result<(), Violation> {
    if value <= most {
        return Ok(());
    }
    Err(Violation {
        key: key.to_owned(),
        problem: format!("is {value}, but must be at most {most}"),
    })
}

fn sign_in(sign_in: &SignIn) -> Vec<Violation> {
    let SignIn {
        hashing_parallelism,
        remembered,
        ..
    } = *sign_in;
    found([
        at_least_time(
            "sign_in.session_lifetime",
            sign_in.session_lifetime,
            Duration::from_secs(1),
        ),
        at_least("sign_in.hashing_parallelism", hashing_parallelism, 1),
        at_most(
            "sign_in.hashing_parallelism",
            hashing_parallelism,
            MAX_HASHING,
        ),
        at_least("sign_in.free_attempts", sign_in.free_attempts as usize, 1),
        positive("sign_in.first_wait", sign_in.first_wait),
        at_least_time("sign_in.max_wait", sign_in.max_wait, sign_in.first_wait),
        at_least_time(
            "sign_in.forget_after",
            sign_in.forget_after,
            sign_in.max_wait,
        ),
        at_least("sign_in.remembered", remembered, 1),
        at_most("sign_in.remembered", remembered, MAX_REMEMBERED),
    ])
}

fn positive(key: &'static str, value: Duration) -> Result<(), Violation> {
    at_least_time(key, value, Duration::from_millis(1))
}

fn at_least_time(key: &'static str, value: Duration, least: Duration) -> Result<(), Violation> {
    if value >= least {
        return Ok(());
    }
    Err(Violation {
        key: key.to_owned(),
        problem: format!("is {value:?}, but must be at least {least:?}"),
    })
}

fn at_least(key: &'static str, value: usize, least: usize) -> Result<(), Violation> {
    if value >= least {
        return Ok(());
    }
    Err(Violation {
        key: key.to_owned(),
        problem: format!("is {value}, but must be at least {least}"),
    })
}

/// An empty path would be the folder that the program happens to be started in.
fn not_empty_path(key: &'static str, path: Option<&Path>) -> Result<(), Violation> {
    path.map_or(Ok(()), |path| not_empty(key, &path.to_string_lossy()))
}

fn not_empty(key: &'static str, value: &str) -> Result<(), Violation> {
    if !value.trim().is_empty() {
        return Ok(());
    }
    Err(Violation {
        key: key.to_owned(),
        problem: "is empty".to_owned(),
    })
}
