//! The command line.

mod examples;

use crate::config::{self, Flag};
use clap::{Args, Parser, Subcommand};
use protocol::SessionId;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Rollcall: self-hosted team chat that tells the truth about who is here.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, after_help = examples::ROLLCALL)]
pub struct Cli {
    /// What to do; without a command it serves.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the chat until stopped.
    #[command(after_help = examples::SERVE)]
    Serve(Serve),
    /// Make the tables of the database, or bring them up to date, and end. `serve` does so, too.
    #[command(after_help = examples::MIGRATE)]
    Migrate(Settings),
    /// Copy everything into another database, of any kind. The server must not run meanwhile.
    ///
    /// The copy is whole or not made at all; the number of rows of each table is counted in both.
    /// It can be made again, into the same database, for as long as nobody has used that one.
    #[command(after_help = examples::COPY)]
    Copy(Copy),
    /// Back everything up into a new folder, also while the server runs. Not for PostgreSQL, which has
    /// its own means.
    ///
    /// The back-up is a data folder like that of the server: to restore it, stop the server and put it
    /// in that one's place, or start a server with it: `rollcall serve --data FOLDER`.
    #[command(after_help = examples::BACKUP)]
    Backup(Backup),
    /// Check the configuration and say all that is wrong with it; starts nothing, and touches no data.
    ///
    /// Looks at the settings first and, when these are right, at the site, the data folder and the key
    /// that they name.
    #[command(after_help = examples::CHECK_CONFIG)]
    CheckConfig(Settings),
    /// List and change accounts, also while the server runs.
    #[command(subcommand, after_help = examples::USER)]
    User(UserCommand),
    /// Issue tokens to programs and revoke them, also while the server runs.
    #[command(subcommand, after_help = examples::TOKEN)]
    Token(TokenCommand),
    /// Print the version.
    Version,
}

/// What to do about accounts. Passwords are read from standard input: the first line of it.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// List all accounts, by username.
    #[command(after_help = examples::USER_LIST)]
    List(Settings),
    /// Make an account; the password is the first line of standard input.
    #[command(after_help = examples::USER_ADD)]
    Add {
        /// The name used to sign in: letters a-z, digits, dots, hyphens and underscores
        username: String,
        /// The name that others see
        name: String,
        /// What every command takes.
        #[command(flatten)]
        settings: Settings,
    },
    /// Give somebody another password, the first line of standard input, and end all their sign-ins.
    #[command(after_help = examples::USER_SET_PASSWORD)]
    SetPassword(Whom),
    /// Make somebody an administrator.
    #[command(after_help = examples::USER_PROMOTE)]
    Promote(Whom),
    /// Make somebody an administrator no longer.
    #[command(after_help = examples::USER_DEMOTE)]
    Demote(Whom),
}

/// What to do about tokens for programs.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Print a new token with which a program acts as somebody, for `Authorization: Bearer`.
    #[command(after_help = examples::TOKEN_ISSUE)]
    Issue {
        /// As whom
        username: String,
        /// What it is for, as lists show it
        #[arg(long, default_value = "rollcall token issue")]
        name: String,
        /// How long it holds, such as 90days [default: the setting token.lifetime]
        #[arg(long, value_name = "DURATION", value_parser = lifetime)]
        lifetime: Option<Duration>,
        /// What every command takes.
        #[command(flatten)]
        settings: Settings,
    },
    /// List the tokens and sign-ins of somebody.
    #[command(after_help = examples::TOKEN_LIST)]
    List(Whom),
    /// End a token or sign-in of somebody.
    #[command(after_help = examples::TOKEN_REVOKE)]
    Revoke {
        /// Whose
        username: String,
        /// Which, as the list names it
        #[arg(value_parser = session_id)]
        id: SessionId,
        /// What every command takes.
        #[command(flatten)]
        settings: Settings,
    },
}

/// Whose account.
#[derive(Args, Clone, Debug)]
pub struct Whom {
    /// The name used to sign in
    pub username: String,
    /// What every command takes.
    #[command(flatten)]
    pub settings: Settings,
}

/// How to serve. Every setting can be given by `--set`, in the file or in the environment:
/// docs/configuration.md.
#[derive(Args, Clone, Debug, Default)]
pub struct Serve {
    /// The address and port to listen on [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub listen: Option<SocketAddr>,
    /// Seed a workspace to try things out, with one-click sign-in; loopback addresses only
    #[arg(long)]
    pub demo: bool,
    /// What every command takes.
    #[command(flatten)]
    pub settings: Settings,
}

/// Where to copy to.
#[derive(Args, Clone, Debug)]
pub struct Copy {
    /// The other database: postgres://USER@HOST:PORT/DATABASE (its password can be in the
    /// environment variable PGPASSWORD), or sqlite:// and a path
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Replaces an earlier copy that has been used since, or the original: what is only there is lost.
    /// Stop every server that uses it first
    #[arg(long)]
    pub replace: bool,
    /// What every command takes.
    #[command(flatten)]
    pub settings: Settings,
}

/// Where to back up to.
#[derive(Args, Clone, Debug)]
pub struct Backup {
    /// The folder to make
    pub folder: PathBuf,
    /// What every command takes.
    #[command(flatten)]
    pub settings: Settings,
}

/// Where the settings come from.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// The folder for the database and keys [default: ./data]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<String>,
    /// Read settings from this TOML file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Any setting, as often as needed: --set presence.offline_grace=5s
    #[arg(long, value_name = "SECTION.KEY=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
}

impl Serve {
    /// The settings among the flags.
    #[must_use]
    pub fn flags(&self) -> Vec<Flag> {
        let listen = self.listen.map(|listen| Flag {
            flag: "--listen".to_owned(),
            key: "server.listen".to_owned(),
            value: listen.to_string().into(),
        });
        listen.into_iter().chain(self.settings.flags()).collect()
    }
}

impl Settings {
    /// The settings among the flags.
    #[must_use]
    pub fn flags(&self) -> Vec<Flag> {
        let data = self.data.as_ref().map(|data| Flag {
            flag: "--data".to_owned(),
            key: "server.data".to_owned(),
            value: data.as_str().into(),
        });
        let set = self.set.iter().map(|(key, value)| Flag {
            flag: format!("--set {key}"),
            key: key.clone(),
            value: config::parse(value),
        });
        data.into_iter().chain(set).collect()
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let address = text.parse();
    address.map_err(|_| "it is no IP address with a port, such as 127.0.0.1:3000 or [::1]:3000")
}

fn session_id(text: &str) -> Result<SessionId, &'static str> {
    let id = text.parse();
    id.map_err(|_| "it is no id as `rollcall token list` shows them")
}

fn lifetime(text: &str) -> Result<Duration, &'static str> {
    let lifetime = humantime::parse_duration(text)
        .map_err(|_| "a duration is written with its unit, such as 90days")?;
    if (Duration::from_secs(1)..=config::LONGEST).contains(&lifetime) {
        Ok(lifetime)
    } else {
        Err("a token lasts for at least a second, and for 100 years at most")
    }
}

fn setting(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if key.contains('.') => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a setting is written section.key=value"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use clap::{CommandFactory as _, error::ErrorKind};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// The words of a line as a shell takes it apart, as far as it is the program's.
    fn words(line: &str) -> Vec<String> {
        let line = line.split(['<', '>']).next().unwrap();
        let quoted = line.split('"').enumerate();
        quoted
            .flat_map(|(index, part)| match index % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect(),
                _ => vec![part.to_owned()],
            })
            .collect()
    }

    /// The examples of each command that takes anything, by its names.
    fn examples(command: &clap::Command, names: &str, found: &mut Vec<(String, Vec<String>)>) {
        let takes_anything = command.has_subcommands() || command.get_arguments().next().is_some();
        if takes_anything {
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            let lines = help.lines().filter_map(|it| it.strip_prefix("  "));
            let lines = lines.filter(|it| !it.starts_with(' '));
            found.push((names.to_owned(), lines.map(str::to_owned).collect()));
        }
        for below in command.get_subcommands() {
            examples(below, &format!("{names} {}", below.get_name()), found);
        }
    }

    #[test]
    fn every_command_that_takes_anything_has_examples_and_these_are_understood() {
        let mut found = Vec::new();
        examples(&Cli::command(), "rollcall", &mut found);
        assert!(found.len() > 10, "{found:?}");
        for (names, lines) in found {
            assert!((2..=3).contains(&lines.len()), "{names}: {lines:?}");
            assert!(
                lines[0].starts_with(&names) || names == "rollcall",
                "{lines:?}"
            );
            for line in lines {
                let words = words(&line);
                let set = words.iter().filter_map(|it| setting(it).ok());
                let set: Vec<_> = set.collect();
                match Cli::try_parse_from(words) {
                    Err(error) if error.kind() != ErrorKind::DisplayHelp => {
                        panic!("{line}: {error}")
                    }
                    _ => {}
                }
                let settings = Settings {
                    set,
                    ..Settings::default()
                };
                let read = Config::load(None, [], &settings.flags());
                assert!(read.is_ok(), "{line}: {read:?}");
            }
        }
    }

    #[test]
    fn no_command_means_serve() {
        assert!(Cli::parse_from(["rollcall"]).command.is_none());
    }

    #[test]
    fn flags_are_settings() {
        let Some(Command::Serve(serve)) = Cli::parse_from([
            "rollcall",
            "serve",
            "--listen=[::1]:1",
            "--data=/d",
            "--set=chat.typing_enabled=false",
            "--set=server.public_url=https://a.example?b=c",
        ])
        .command
        else {
            panic!("serve was asked for");
        };
        let settings: Vec<_> = serve
            .flags()
            .into_iter()
            .map(|f| (f.key, f.value))
            .collect();
        assert_eq!(
            settings,
            [
                ("server.listen".to_owned(), "[::1]:1".into()),
                ("server.data".to_owned(), "/d".into()),
                ("chat.typing_enabled".to_owned(), false.into()),
                (
                    "server.public_url".to_owned(),
                    "https://a.example?b=c".into()
                ),
            ]
        );
    }
}
