//! One server process.

use crate::{
    numbers::Numbers,
    support::{built_site, listening},
};
use axum::body::Bytes;
use http::{Response, header::DATE};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use testbed::{Proxy, WrongClock};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

/// Longer than a start takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of its log that a server shows after a failure.
const TOLD: usize = 20_000;

/// One server process, its way to Redis, and where it was reached first, which is where it is reached
/// again after a restart.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    /// The way to Redis.
    pub(crate) way: Proxy,
    /// The way to PostgreSQL.
    pub(crate) way_to_database: Proxy,
    folder: PathBuf,
    database: String,
    prefix: String,
    numbers: Numbers,
    clock: Option<WrongClock>,
    process: Option<Child>,
}

/// The address of a database that is reached by a socket in a folder, by a way that can fail.
async fn by_another_way(database: &str) -> (Proxy, String) {
    let (before, after) = database.split_once("?host=").unwrap();
    let (folder, options) = after.split_once('&').unwrap();
    let way = Proxy::to(Path::new(folder).join(".s.PGSQL.5432")).await;
    let address = before.replace("localhost", &way.address().to_string());
    (way, format!("{address}?{options}"))
}

impl Node {
    pub(crate) async fn start(
        folder: &Path,
        n: usize,
        redis: PathBuf,
        database: &str,
        numbers: Numbers,
        clock: Option<WrongClock>,
    ) -> Self {
        let (way_to_database, database) = by_another_way(database).await;
        let mut node = Self {
            way_to_database,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            way: Proxy::to(redis).await,
            folder: folder.join(format!("node-{n}")),
            database,
            prefix: "drill".to_owned(),
            numbers,
            clock,
            process: None,
        };
        node.restart().await;
        node
    }

    pub(crate) async fn restart(&mut self) {
        let Numbers {
            ping_interval,
            pong_timeout,
            offline_grace,
            lease_ttl,
            lease_renewal,
            reaper_interval,
            ..
        } = self.numbers;
        std::fs::create_dir_all(&self.folder).unwrap();
        let mut command = loadtest::command(Path::new(env!("CARGO_BIN_EXE_rollcall")));
        command
            .arg("serve")
            .env_remove("LEPTOS_SITE_ADDR")
            .env("ROLLCALL_SERVER__SITE_ROOT", built_site(&self.folder))
            .env("ROLLCALL_SERVER__DATA", self.folder.join("data"))
            .env("ROLLCALL_SERVER__LISTEN", self.address.to_string())
            .env("ROLLCALL_METRICS__LISTEN", self.address.to_string())
            .env("ROLLCALL_DATABASE__URL", &self.database)
            .env(
                "ROLLCALL_REDIS__URL",
                format!("redis://{}", self.way.address()),
            )
            .env("ROLLCALL_REDIS__PREFIX", &self.prefix)
            .env("ROLLCALL_LOG__FILTER", "warn,server=info,redis_link=info");
        for (setting, time) in [
            ("PING_INTERVAL", ping_interval),
            ("PONG_TIMEOUT", pong_timeout),
            ("OFFLINE_GRACE", offline_grace),
            ("LEASE_TTL", lease_ttl),
            ("LEASE_RENEWAL", lease_renewal),
            ("REAPER_INTERVAL", reaper_interval),
        ] {
            let time = format!("{}ms", time.as_millis());
            command.env(format!("ROLLCALL_PRESENCE__{setting}"), time);
        }
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("log"));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.unwrap())
            .kill_on_drop(true);
        if let Some(clock) = &self.clock {
            clock.give_to(&mut command);
        }
        let mut process = command.spawn().unwrap();
        let listening = listening(process.stdout.take().unwrap()).await;
        let log = || std::fs::read_to_string(self.folder.join("log"));
        let (address, _) = listening.unwrap_or_else(|line| panic!("{line:?} {:?}", log()));
        self.address = address;
        self.process = Some(process);
        self.until_ready("ready\n").await;
    }

    /// What its clock shows, in seconds since 1970: the date of an answer.
    pub(crate) async fn clock(&self) -> i64 {
        let answer = self.ask("/readyz").await.unwrap();
        let date = answer.headers()[DATE].to_str().unwrap();
        OffsetDateTime::parse(date, &Rfc2822)
            .unwrap()
            .unix_timestamp()
    }

    /// Waits until what it says about whether it is ready begins so.
    pub(crate) async fn until_ready(&self, said: &str) {
        self.until_said("/readyz", said, |it| it.starts_with(said))
            .await;
    }

    /// Waits until its metrics have this line.
    pub(crate) async fn until_measured(&self, line: &str) {
        let has_line = |it: &str| it.lines().any(|it| it == line);
        self.until_said("/metrics", line, has_line).await;
    }

    async fn until_said(&self, path: &str, what: &str, is_said: impl Fn(&str) -> bool) {
        let mut last = None;
        let is_so = async {
            loop {
                let answer = self.ask(path).await;
                last = answer.map(|it| String::from_utf8_lossy(it.body()).into_owned());
                if last.as_deref().is_some_and(&is_said) {
                    break;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let within = timeout(PATIENCE, is_so).await;
        assert!(within.is_ok(), "{path} does not say {what:?}: {last:?}");
    }

    async fn ask(&self, path: &str) -> Option<Response<Bytes>> {
        let server = loadtest::Server::new(&format!("http://{}", self.address)).unwrap();
        let asked = server.request(http::Method::GET, path, None, None);
        timeout(Duration::from_secs(10), asked).await.ok()?.ok()
    }

    /// As SIGKILL does it.
    pub(crate) async fn kill(&mut self) {
        self.process.take().unwrap().kill().await.unwrap();
    }

    /// Waits until it has ended, as it should.
    pub(crate) async fn until_ended(&mut self) {
        let ended = self.process.take().unwrap().wait_with_output();
        let ended = timeout(PATIENCE, ended).await.unwrap().unwrap();
        assert!(ended.status.success(), "{ended:?}");
    }

    pub(crate) async fn signal(&self, signal: &str) {
        let id = self.process.as_ref().and_then(Child::id).unwrap();
        let kill = Command::new("kill")
            .args([format!("-{signal}"), id.to_string()])
            .status();
        assert!(kill.await.unwrap().success());
    }
}

impl Drop for Node {
    /// What a server has to say of a drill that failed.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            let newest = log.len().saturating_sub(TOLD);
            let newest = log.ceil_char_boundary(newest);
            eprintln!("{}: {}", self.folder.display(), &log[newest..]);
        }
    }
}
