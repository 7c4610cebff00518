//! Why the configuration was refused.

use figment::error::Kind;
use std::{io, path::PathBuf};

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
    #[error("unknown setting `{key}` in {origin}; known here: {known}")]
    Unknown {
        /// The key, with its section.
        key: String,
        /// Where it stands.
        origin: String,
        /// The names that would be known in its place.
        known: String,
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
        let key = error.path.join(".");
        match &error.kind {
            Kind::UnknownField(_, known) => Self::Unknown {
                key,
                origin,
                known: known.join(", "),
            },
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
            format!("is {found}, but must be {}", in_words(expected))
        }
        Kind::UnknownVariant(found, known) => {
            format!("is {found:?}, but must be one of {}", known.join(", "))
        }
        other => format!("is wrong: {}", one_line(&other.to_string())),
    }
}

/// What a type stands for, for people who do not know Rust.
fn in_words(expected: &str) -> &str {
    match expected {
        "u32" | "u64" | "usize" => "a whole number, not below 0",
        "a boolean" => "true or false",
        "a duration" => "a duration with its unit, such as \"3s\"",
        "a sequence" => "a list",
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
