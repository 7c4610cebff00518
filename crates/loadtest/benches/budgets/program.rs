//! The real program, as it is released.

use loadtest::Server;
use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// A running server; killed when dropped.
pub(crate) struct Program {
    pub(crate) server: Server,
    pub(crate) origin: String,
    child: Child,
}

/// Where the clone is. Cargo runs a benchmark in the folder of its package; where it was compiled may
/// have been another clone.
pub(crate) fn project() -> PathBuf {
    Path::new("../..").to_owned()
}

impl Program {
    /// Starts the built server with its data in a folder.
    pub(crate) async fn start(data: &Path) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(project().join("scripts/rollcall.sh"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            // Signing a thousand people up is no attack here, and their heartbeats should be seen.
            .env("ROLLCALL_PRESENCE__PING_INTERVAL", "5s")
            .env("ROLLCALL_SIGN_IN__FREE_ATTEMPTS", "1000000")
            .env("ROLLCALL_LOG__FILTER", "warn")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let line = line.ok_or("the server ended before it listened")?;
        let origin = line
            .strip_prefix("listening on ")
            .ok_or("the server does not listen")?;
        Ok(Self {
            server: Server::new(origin)?,
            origin: origin.to_owned(),
            child,
        })
    }

    /// The memory that it occupies, in bytes: `VmRSS` of proc_pid_status(5).
    pub(crate) fn resident_bytes(&self) -> Result<f64, Box<dyn Error>> {
        let id = self.child.id().ok_or("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line
            .and_then(|line| line.trim().strip_suffix(" kB"))
            .ok_or("no VmRSS")?;
        Ok(kib.trim().parse::<f64>()? * 1_024.0)
    }

    pub(crate) async fn kill(mut self) -> Result<(), Box<dyn Error>> {
        Ok(self.child.kill().await?)
    }
}
