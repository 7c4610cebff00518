//! The real program, as it is released.

use connection::Settings;
use loadtest::{Authorization, Client, ClientOptions, Server};
use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// What leads to the PostgreSQL that scripts/with-postgres.sh has started. No setting of the server.
pub(crate) const POSTGRES: &str = "ROLLCALL_TEST_POSTGRES";

/// The unit of times in /proc: `sysconf(_SC_CLK_TCK)` is 100 on every Linux.
const TICK: Duration = Duration::from_millis(10);

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

fn command() -> Command {
    let mut command = Command::new(project().join("scripts/rollcall.sh"));
    command.env_remove(POSTGRES);
    command
}

impl Program {
    /// Starts the built server with its data in a folder, and with these settings.
    pub(crate) async fn start(
        data: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, Box<dyn Error>> {
        let mut child = command()
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            // Signing a thousand people up is no attack here, and their heartbeats should be seen.
            .env("ROLLCALL_PRESENCE__PING_INTERVAL", "5s")
            .env("ROLLCALL_SIGN_IN__FREE_ATTEMPTS", "1000000")
            .env("ROLLCALL_LOG__FILTER", "warn")
            // Another address than that of the server, as it is by default.
            .env("ROLLCALL_METRICS__LISTEN", "127.0.0.2:0")
            // All of them come from this machine.
            .env("ROLLCALL_SERVER__CONNECTIONS_PER_ADDRESS", "100000")
            .envs(settings.iter().copied())
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

    /// Somebody connects, as a program does that does not care how.
    pub(crate) fn connect(&self, authorization: &Authorization) -> Client {
        let (client, _) = Client::start(ClientOptions {
            server: self.server.clone(),
            authorization: authorization.clone(),
            settings: Settings::default(),
            resume: None,
        });
        client
    }

    /// Its number among the processes.
    pub(crate) fn id(&self) -> Result<u32, Box<dyn Error>> {
        Ok(self.child.id().ok_or("the server has ended")?)
    }

    /// The memory that it occupies, in bytes: `VmRSS` of proc_pid_status(5).
    pub(crate) fn resident_bytes(&self) -> Result<f64, Box<dyn Error>> {
        let id = self.id()?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line
            .and_then(|line| line.trim().strip_suffix(" kB"))
            .ok_or("no VmRSS")?;
        Ok(kib.trim().parse::<f64>()? * 1_024.0)
    }

    /// What it has used of the processors: utime and stime of proc_pid_stat(5).
    pub(crate) fn cpu(&self) -> Result<Duration, Box<dyn Error>> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()?))?;
        // The second field is the name in parentheses; these are the 14th and the 15th.
        let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
        let mut times = fields.split_whitespace().skip(11).map(str::parse::<u32>);
        let mut ticks = || times.next().ok_or("no times");
        Ok((ticks()?? + ticks()??) * TICK)
    }

    /// Copies the data in a folder into another database.
    pub(crate) async fn copy(data: &Path, to: &str) -> Result<(), Box<dyn Error>> {
        let copying = command()
            .args(["copy", "--to", to, "--data"])
            .arg(data)
            .status();
        match copying.await?.success() {
            true => Ok(()),
            false => Err("the data were not copied".into()),
        }
    }

    pub(crate) async fn kill(mut self) -> Result<(), Box<dyn Error>> {
        Ok(self.child.kill().await?)
    }
}
