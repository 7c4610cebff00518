//! A Redis server of one's own.

use crate::{Published, WrongClock};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, UnixStream},
    process::{Child, Command},
    time::{sleep, timeout},
};

/// Longer than a start takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Redis server in a folder of its own, reached by a socket there. It keeps nothing on disk unless
/// told to, and ends with this value.
pub struct Redis {
    folder: TempDir,
    options: Vec<String>,
    clock: Option<WrongClock>,
    process: Option<Child>,
}

impl Redis {
    /// Starts one, and waits until it answers.
    ///
    /// # Panics
    /// When there is no `redis-server` here.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one that is shown another clock, which may be [set](Self::set_clock).
    ///
    /// # Panics
    /// When there is no `redis-server` here, or no `faketime`.
    pub async fn start_by(clock: WrongClock) -> Self {
        Self::launch(&[], Some(clock)).await
    }

    /// With further options of the command line.
    ///
    /// # Panics
    /// When there is no `redis-server` here, or it does not start.
    pub async fn start_with(options: &[&str]) -> Self {
        Self::launch(options, None).await
    }

    /// Starts one that is a whole cluster by itself, and so refuses what breaks a cluster's rules.
    ///
    /// # Panics
    /// When there is no `redis-server` here, or no port for those that might join the cluster.
    pub async fn start_cluster() -> Self {
        // Where others would join: the same for all, unless it is named.
        let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = free.local_addr().unwrap().port().to_string();
        drop(free);
        let options = ["--cluster-enabled", "yes", "--cluster-port", &port];
        let redis = Self::start_with(&options).await;
        redis
            .command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"])
            .await;
        let is_whole = async {
            let whole = "cluster_state:ok";
            while !redis.command(&["CLUSTER", "INFO"]).await.contains(whole) {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, is_whole).await.unwrap();
        redis
    }

    async fn launch(options: &[&str], clock: Option<WrongClock>) -> Self {
        let mut redis = Self {
            clock,
            folder: tempfile::tempdir().unwrap(),
            options: options.iter().map(|&option| option.to_owned()).collect(),
            process: None,
        };
        redis.restart().await;
        redis
    }

    /// Its address, for clients.
    #[must_use]
    pub fn address(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// The socket by which it is reached.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Makes its clock wrong by so many seconds.
    ///
    /// # Panics
    /// When it was started by the machine's clock.
    pub fn set_clock(&self, seconds: i64) {
        self.clock.as_ref().unwrap().set(seconds);
    }

    /// Ends it like a failing machine does.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn kill(&mut self) {
        self.process.take().unwrap().kill().await.unwrap();
    }

    /// Starts it again, with what it has kept.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        let mut command = Command::new("redis-server");
        command
            .args(["--port", "0", "--unixsocket", "redis.sock"])
            .args(["--save", "", "--appendonly", "no"])
            .args(&self.options)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        if let Some(clock) = &self.clock {
            clock.give_to(&mut command);
        }
        let process = command.spawn();
        self.process = Some(process.expect("redis-server is installed by `make setup`"));
        let up = timeout(PATIENCE, answers(self.socket()));
        up.await.expect("redis-server starts");
    }

    /// Gives a command, as `redis-cli` takes it, and returns what it prints.
    ///
    /// # Panics
    /// When there is no `redis-cli` here, or the server does not answer.
    pub async fn command(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .arg("-s")
            .arg(self.socket())
            .args(words)
            .output()
            .await
            .expect("redis-cli is installed by `make setup`");
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// All that is published from now on in channels whose names are like this.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn published(&self, pattern: &str) -> Published {
        Published::by(self.socket(), pattern).await.unwrap()
    }

    /// A number that it tells of itself: `used_memory`, in bytes.
    ///
    /// # Panics
    /// When it tells none by that name.
    pub async fn info(&self, name: &str) -> f64 {
        let all = self.command(&["INFO", "everything"]).await;
        let told = all.lines().find_map(|line| {
            let (told, value) = line.split_once(':')?;
            (told == name).then_some(value)
        });
        told.unwrap().trim().parse().unwrap()
    }
}

async fn answers(socket: impl AsRef<Path>) {
    while UnixStream::connect(socket.as_ref()).await.is_err() {
        sleep(Duration::from_millis(5)).await;
    }
}
