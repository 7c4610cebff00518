//! The real program, as it is released.

use crate::{Authorization, Client, ClientOptions, HttpError, Process, Server};
use connection::Settings;
use std::{env, io, path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// What a server that is measured is told, whatever is measured.
const SETTINGS: [(&str, &str); 4] = [
    // Signing thousands of people up is no attack here.
    ("ROLLCALL_SIGN_IN__FREE_ATTEMPTS", "1000000"),
    ("ROLLCALL_LOG__FILTER", "warn"),
    // Another address than that of the server, as it is by default.
    ("ROLLCALL_METRICS__LISTEN", "127.0.0.2:0"),
    // All of them come from this machine.
    ("ROLLCALL_SERVER__CONNECTIONS_PER_ADDRESS", "100000"),
];

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Program {
    /// How to talk to it.
    pub server: Server,
    /// Where it listens: `http://127.0.0.1:3000`.
    pub origin: String,
    /// What the system says of it.
    pub process: Process,
    child: Child,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It cannot be run.
    #[error("{0}: {1}")]
    Run(String, io::Error),
    /// It ended, or said something else than where it listens.
    #[error("the server does not listen")]
    Deaf,
    /// It listens at something that is no address.
    #[error(transparent)]
    Address(#[from] HttpError),
}

/// The server with a command, told nothing by the environment of this program.
#[must_use]
pub fn command(executable: &Path) -> Command {
    let mut command = Command::new(executable);
    // The server refuses settings that it does not know, and those of somebody's own are not measured.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("ROLLCALL_") {
            command.env_remove(name);
        }
    }
    command
}

impl Program {
    /// Starts a server with its data in a folder, and with these settings in its environment.
    ///
    /// # Errors
    /// When it cannot be run, or does not listen.
    pub async fn start(
        executable: &Path,
        data: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, StartError> {
        let failed = |error| StartError::Run(executable.display().to_string(), error);
        let mut child = command(executable)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .envs(SETTINGS)
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let stdout = child.stdout.take().ok_or(StartError::Deaf)?;
        let line = BufReader::new(stdout).lines().next_line().await;
        let line = line.map_err(failed)?.ok_or(StartError::Deaf)?;
        let origin = line
            .strip_prefix("listening on ")
            .ok_or(StartError::Deaf)?
            .to_owned();
        Ok(Self {
            server: Server::new(&origin)?,
            origin,
            process: Process(child.id().ok_or(StartError::Deaf)?),
            child,
        })
    }

    /// Somebody connects, as a program does that does not care how.
    #[must_use]
    pub fn connect(&self, authorization: &Authorization) -> Client {
        let (client, _) = Client::start(ClientOptions {
            server: self.server.clone(),
            authorization: authorization.clone(),
            settings: Settings::default(),
            resume: None,
        });
        client
    }

    /// Ends it at once.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn kill(mut self) -> io::Result<()> {
        self.child.kill().await
    }
}
