//! Why the configuration was refused.

use super::ENVIRONMENT_PREFIX;
use figment::error::{Actual, Kind};
use std::{io, path::PathBuf};
use strsim::levenshtein;

/// Why the configuration was refused: a line for each thing that is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct ConfigErrors(pub Vec<ConfigError>);

fn lines(errors: &[ConfigError]) -> String {
    let sentences: Vec<_> = errors.iter().map(ToString::to_string).collect();
    sentences.join("\n")
}

impl From<ConfigError> for ConfigErrors {
    fn from(error: ConfigError) -> Self {
        Self(vec![error])
    }
}

/// Why the configuration was refused: one sentence.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{origin} is not a TOML file: {problem}")]
    Malformed {
        /// Where it stands.
        origin: String,
        /// What is wrong with it.
        problem: String,
    },
    /// No setting has this name.
    #[error("unknown setting `{key}` in {origin}{}; known here: {}", meant(.key, .known), .known.join(", "))]
    Unknown {
        /// The key, with its section.
        key: String,
        /// Where it stands.
        origin: String,
        /// The names that would be known in its place.
        known: &'static [&'static str],
    },
    /// The setting's value can never be right.
    #[error("the setting `{key}` in {origin} {problem}")]
    Invalid {
        /// The key, with its section.
        key: String,
        /// Where it stands.
        origin: String,
        /// What is wrong with it, as the sentence goes on.
        problem: String,
    },
}

impl ConfigError {
    /// The error of the layer that came from `origin`.
    pub(super) fn rejected(origin: &str, error: &figment::Error) -> Self {
        let origin = origin.to_owned();
        // A part of a list has a number, but no name.
        let named = error.path.iter().filter(|it| it.parse::<usize>().is_err());
        let named: Vec<_> = named.map(String::as_str).collect();
        let key = named.join(".");
        match &error.kind {
            Kind::UnknownField(_, known) => Self::Unknown { key, origin, known },
            Kind::Message(text) if key.is_empty() => Self::Malformed {
                origin,
                problem: one_line(text),
            },
            kind => Self::Invalid {
                key,
                origin,
                problem: problem(kind),
            },
        }
    }
}

/// What is wrong with a value, as a sentence about its setting goes on.
fn problem(kind: &Kind) -> String {
    match kind {
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("is {}, but must be {}", as_written(found), in_words(expected))
        }
        Kind::UnknownVariant(found, known) => {
            format!("is {found:?}, but must be one of {}", known.join(", "))
        }
        Kind::Message(text) if text == "invalid socket address syntax" => {
            "is no IP address with a port, such as \"127.0.0.1:3000\" or \"[::1]:3000\"".to_owned()
        }
        Kind::Message(text) if text == "invalid IP address syntax" => {
            "names something that is no IP address, such as \"127.0.0.1\"; names of hosts and networks \
             are none"
                .to_owned()
        }
        other => format!("is wrong: {}", one_line(&other.to_string())),
    }
}

/// The name that was meant, when it is hardly another; or a setting, when a variable of the environment has
/// one underscore where there should be two.
fn meant(key: &str, known: &[&str]) -> String {
    let name = key.rsplit('.').next().unwrap_or(key);
    let distances = known.iter().map(|it| (levenshtein(name, it), it));
    let nearest = distances
        .min()
        .filter(|(distance, it)| *distance <= it.len() / 3);
    let parts = known.iter().find_map(|section| {
        let setting = key.strip_prefix(section)?.strip_prefix('_')?;
        Some((section, setting))
    });
    match (nearest, parts) {
        (Some((_, nearest)), _) => format!(" (did you mean `{nearest}`?)"),
        (None, Some((section, setting))) => {
            let variable = format!("{ENVIRONMENT_PREFIX}{section}__{setting}").to_ascii_uppercase();
            format!(" (did you mean {variable}, with two underscores?)")
        }
        (None, None) => String::new(),
    }
}

/// A value as people write it.
fn as_written(found: &Actual) -> String {
    match found {
        Actual::Bool(value) => value.to_string(),
        Actual::Unsigned(value) => value.to_string(),
        Actual::Signed(value) => value.to_string(),
        Actual::Float(value) => value.to_string(),
        Actual::Char(value) => format!("{:?}", value.to_string()),
        Actual::Str(value) => format!("{value:?}"),
        Actual::Seq => "a list".to_owned(),
        Actual::Map => "a section".to_owned(),
        other => other.to_string(),
    }
}

/// What a type stands for, for people who do not know Rust.
fn in_words(expected: &str) -> &str {
    match expected {
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, not below 0",
        "a boolean" => "true or false",
        "a duration" => "a duration with its unit, such as \"3s\"",
        "a sequence" => "a list",
        "a string" => "a text",
        "socket address" => "an IP address with a port, such as \"127.0.0.1:3000\"",
        "IP address" => "an IP address, such as \"127.0.0.1\"",
        section if section.starts_with("struct ") => "a section with settings of its own",
        other => other,
    }
}

/// The TOML parser draws a picture of the line below its sentence; only the words are kept.
fn one_line(text: &str) -> String {
    let is_picture = |line: &&str| {
        line.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit())
            .starts_with('|')
    };
    text.lines()
        .filter(|line| !line.trim().is_empty() && !is_picture(line))
        .collect::<Vec<_>>()
        .join(": ")
}
