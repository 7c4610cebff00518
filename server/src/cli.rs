//! The command line.

use crate::config::Flag;
use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// Rollcall: self-hosted team chat that tells the truth about who is here.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version)]
pub struct Cli {
    /// What to do; without a command it serves.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the chat until stopped.
    Serve(Serve),
    /// Print the version.
    Version,
}

/// How to serve. Every other setting is in the file or the environment: docs/configuration.md.
#[derive(Args, Clone, Debug, Default)]
pub struct Serve {
    /// The address and port to listen on [default: 127.0.0.1:3000]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// The folder for the database and keys [default: ./data]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<String>,
    /// Seed a workspace to try things out, with one-click sign-in; loopback addresses only
    #[arg(long)]
    pub demo: bool,
    /// Read settings from this TOML file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl Serve {
    /// The settings among the flags.
    #[must_use]
    pub fn settings(&self) -> Vec<Flag> {
        let listen = self.listen.map(|listen| Flag {
            flag: "--listen",
            key: "server.listen",
            value: listen.to_string(),
        });
        let data = self.data.as_ref().map(|data| Flag {
            flag: "--data",
            key: "server.data",
            value: data.clone(),
        });
        listen.into_iter().chain(data).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_means_serve() {
        assert!(Cli::parse_from(["rollcall"]).command.is_none());
    }

    #[test]
    fn flags_are_settings() {
        let Some(Command::Serve(serve)) =
            Cli::parse_from(["rollcall", "serve", "--listen", "[::1]:1", "--data", "/d"]).command
        else {
            panic!("serve was asked for");
        };
        let settings: Vec<_> = serve
            .settings()
            .into_iter()
            .map(|f| (f.key, f.value))
            .collect();
        assert_eq!(
            settings,
            [
                ("server.listen", "[::1]:1".to_owned()),
                ("server.data", "/d".to_owned())
            ]
        );
    }
}
