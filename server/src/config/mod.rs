//! The configuration: defaults, then one TOML file, then the environment, then flags.
//!
//! Every setting is written `section.key` in the file and `ROLLCALL_SECTION__KEY` in the
//! environment. A key that does not exist and a value that can never be right stop the start.

mod check;
mod error;
mod origin;
mod sections;

pub use error::{ConfigError, ConfigErrors};
pub use origin::{InvalidOrigin, Origin};
pub(crate) use sections::LONGEST;
pub use sections::{
    Chat, Connection, Database, Log, LogFormat, Metrics, Policy, Presence, Redis, Server, SignIn,
    SignUp, SignUpMode, Token, Websocket,
};

use crate::clock::millis;
use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Serialized, Toml},
    util::nest,
    value::{Dict, Map, Value},
};
use protocol::Timers;
use serde::{Deserialize, Serialize};
use std::{fs, net::SocketAddr, path::Path};

/// What environment variables of the configuration start with.
pub const ENVIRONMENT_PREFIX: &str = "ROLLCALL_";
/// The environment variable by which cargo-leptos tells where to listen.
const LEPTOS_ADDRESS: &str = "LEPTOS_SITE_ADDR";

/// How an error names the values that nobody set.
const DEFAULTS: &str = "the defaults";

/// Everything that an operator can set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the server listens, keeps its data and finds what it serves.
    pub server: Server,
    /// Where users, chats and messages are kept.
    pub database: Database,
    /// Where servers meet that share a database.
    pub redis: Redis,
    /// What a chat shows.
    pub chat: Chat,
    /// When somebody counts as online.
    pub presence: Presence,
    /// How a tab comes back after its connection broke.
    pub connection: Connection,
    /// The limits of one socket.
    pub websocket: Websocket,
    /// Signing in.
    pub sign_in: SignIn,
    /// Making an account.
    pub sign_up: SignUp,
    /// Tokens for programs.
    pub token: Token,
    /// What is counted.
    pub metrics: Metrics,
    /// The log.
    pub log: Log,
}

impl Config {
    /// Where metrics are told, unless that is where everything is.
    #[must_use]
    pub fn metrics_apart(&self) -> Option<SocketAddr> {
        Some(self.metrics.listen).filter(|listen| *listen != self.server.listen)
    }
}

/// A setting given by a flag.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The flag as typed: `--listen`.
    pub flag: String,
    /// The setting that it sets: `server.listen`.
    pub key: String,
    /// Its value.
    pub value: Value,
}

impl Config {
    /// Reads the configuration. The environment is an argument, so that tests need none.
    ///
    /// # Errors
    /// For each thing that is wrong a sentence that names the key and where it came from.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: &[Flag],
    ) -> Result<Self, ConfigErrors> {
        let mut figment = Figment::from(Layer::defaults());
        let mut config = Self::default();
        let mut errors = Vec::new();
        for layer in layers(file, environment, flags)? {
            let source = layer.source.clone();
            let merged = figment.clone().merge(layer);
            // Each layer is read by itself, and left out if it is wrong, so an error is always the newest
            // layer's.
            match merged.extract() {
                Ok(read) => (figment, config) = (merged, read),
                Err(error) => errors.push(ConfigError::rejected(&source, &error)),
            }
        }
        // Of a setting that could not be read it is not known what it does to the others.
        if errors.is_empty() {
            errors.extend(check::check(&config).into_iter().map(|violation| {
                let source = figment
                    .find_metadata(&violation.key)
                    .map_or(DEFAULTS, |metadata| metadata.name.as_ref());
                ConfigError::Invalid {
                    key: violation.key,
                    origin: source.to_owned(),
                    problem: violation.problem,
                }
            }));
        }
        if errors.is_empty() {
            Ok(config)
        } else {
            Err(ConfigErrors(errors))
        }
    }
}

impl Config {
    /// The server's timers, as clients are told them.
    #[must_use]
    pub fn timers(&self) -> Timers {
        Timers {
            ping_ms: millis(self.presence.ping_interval),
            pong_timeout_ms: millis(self.presence.pong_timeout),
            typing_timeout_ms: millis(self.chat.typing_timeout),
            input_interval_ms: millis(self.presence.input_interval()),
        }
    }
}

/// Some settings, and where they come from.
struct Layer {
    source: String,
    values: Dict,
}

impl Layer {
    fn defaults() -> Self {
        let values = Serialized::defaults(Config::default())
            .data()
            .expect("the default configuration is a table of plain values")
            .remove(&Profile::Default);
        Self {
            source: DEFAULTS.to_owned(),
            values: values.unwrap_or_default(),
        }
    }

    fn one(source: String, key: &str, value: impl Into<Value>) -> Self {
        let values = nest(key, value.into()).into_dict().unwrap_or_default();
        Self { source, values }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

fn layers(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &[Flag],
) -> Result<Vec<Layer>, ConfigError> {
    let (mut below, mut above) = (Vec::new(), Vec::new());
    for (name, value) in environment {
        let source = format!("the environment variable {name}");
        if name == LEPTOS_ADDRESS {
            below.push(Layer::one(source, "server.listen", value));
        } else if let Some(key) = name.strip_prefix(ENVIRONMENT_PREFIX) {
            let key = key.to_ascii_lowercase().replace("__", ".");
            above.push(Layer::one(source, &key, parse(&value)));
        }
    }
    // The environment has no order of its own; an error should not depend on chance.
    above.sort_by(|a, b| a.source.cmp(&b.source));
    let mut layers = below;
    if let Some(file) = file {
        layers.extend(read_file(file)?);
    }
    layers.append(&mut above);
    layers.extend(flags.iter().map(|Flag { flag, key, value }| {
        Layer::one(format!("the flag {flag}"), key, value.clone())
    }));
    Ok(layers)
}

/// A value as the environment and flags write it: a number, `true`, a list, or else a text.
#[must_use]
pub fn parse(text: &str) -> Value {
    text.parse().unwrap_or_else(|never| match never {})
}

/// One layer for each setting of a file, so that all of its errors are found.
fn read_file(path: &Path) -> Result<Vec<Layer>, ConfigError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let source = path.display().to_string();
    let mut values = Toml::string(&text)
        .data()
        .map_err(|error| ConfigError::rejected(&source, &error))?;
    let mut layers = Vec::new();
    for (section, value) in values.remove(&Profile::Default).unwrap_or_default() {
        let alone = |value| Layer {
            source: source.clone(),
            values: Dict::from([(section.clone(), value)]),
        };
        match value {
            Value::Dict(tag, settings) if !settings.is_empty() => {
                let settings = settings.into_iter();
                layers.extend(settings.map(|one| alone(Value::Dict(tag, Dict::from([one])))));
            }
            other => layers.push(alone(other)),
        }
    }
    Ok(layers)
}

#[cfg(test)]
mod tests;
