//! A server within the test, and people who use it.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test program uses a part of it"
)]

mod client;
pub mod handshake;
mod response;

pub use client::Client;
pub use response::Response;

use protocol::{Timestamp, UserId};
use serde_json::{Value, json};
use server::{
    clock::Clock,
    config::Config,
    server::{ServeError, Server},
    state::AppState,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use testbed::Balancer;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::ChildStdout,
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// A running server with a data folder of its own; or several that share everything else, when tests
/// run on several.
pub struct TestApp {
    pub address: SocketAddr,
    /// Of the first server.
    pub state: AppState,
    ahead: Arc<AtomicI64>,
    servers: Vec<Running>,
    /// What leads to several.
    _front: Option<Balancer>,
    data: TempDir,
}

/// A server within the test.
struct Running {
    address: SocketAddr,
    state: AppState,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// With other settings than the defaults.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), change, false).await
    }

    pub async fn demo() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), |_| (), true).await
    }

    /// On what an earlier server left.
    pub async fn start_in(data: TempDir, change: impl FnOnce(&mut Config), is_demo: bool) -> Self {
        let mut config = Config::default();
        config.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.server.data = data.path().join("data");
        config.server.site_root = Some(built_site(data.path()));
        config.database.url = schema_of(data.path()).await;
        config.redis.url = std::env::var("ROLLCALL_TEST_REDIS").ok();
        config.redis.prefix = unique_name(data.path());
        if config.redis.url.is_some() {
            // A directory that has just begun waits so long for what it may have forgotten.
            config.presence.lease_ttl = Duration::from_secs(2);
            config.presence.lease_renewal = Duration::from_millis(300);
        }
        config.server.drain_timeout = Duration::from_secs(1);
        change(&mut config);
        config.metrics.listen = config.server.listen;
        let (clock, ahead) = movable_clock();
        let count = if config.redis.url.is_some() { 2 } else { 1 };
        let mut servers: Vec<Running> = Vec::new();
        for n in 0..count {
            let mut config = config.clone();
            let mut clock = clock.clone();
            if n > 0 {
                // Whose clock says what is no matter.
                let right = clock;
                clock = Clock::new(move || {
                    let hour = 60 * 60 * 1_000;
                    Timestamp::from_unix_millis(right.now().unix_millis() + hour)
                });
                let first = config.server.data.join("token.key");
                config.server.data = data.path().join(format!("data-{n}"));
                std::fs::create_dir_all(&config.server.data).unwrap();
                std::fs::copy(first, config.server.data.join("token.key")).unwrap();
            }
            servers.push(Running::start(config, clock, is_demo).await);
        }
        let addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
        let front = match &addresses[..] {
            [_] => None,
            several => Some(Balancer::before(several).await),
        };
        Self {
            address: front.as_ref().map_or(addresses[0], Balancer::address),
            state: servers[0].state.clone(),
            ahead,
            servers,
            _front: front,
            data,
        }
    }

    /// Stops the server as a signal does, and gives its folder for the next one.
    pub async fn stop(self) -> TempDir {
        let Self {
            servers,
            data,
            state,
            ..
        } = self;
        drop(state);
        for server in servers {
            drop(server.state);
            drop(server.stop);
            server.serving.await.unwrap().unwrap();
        }
        data
    }

    /// How many sockets there are.
    pub fn sockets(&self) -> usize {
        let counts = self.servers.iter().map(|it| it.state.hub.connections());
        counts.sum()
    }

    /// How many somebody has.
    pub fn sockets_of(&self, user: UserId) -> usize {
        let counts = self.servers.iter().map(|it| it.state.hub.count_of(user));
        counts.sum()
    }

    /// The folder above the data folder.
    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    /// Moves the time of day.
    pub fn pass(&self, time: Duration) {
        self.ahead
            .fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// A browser in which nobody is signed in.
    pub fn browser(&self) -> Client {
        Client::browser(self.address)
    }

    /// A program without a token.
    pub fn program(&self) -> Client {
        Client::program(self.address)
    }

    /// Makes an account and signs it in, in a browser of its own.
    pub async fn sign_up(&self, username: &str) -> Client {
        let account = json!({
            "username": username,
            "display_name": capitalised(username),
            "password": PASSWORD,
        });
        let created = self.program().post("/api/v1/users", &account).await;
        assert_eq!(created.status, 201, "{created:?}");
        self.sign_in(username).await
    }

    /// Signs an account in, in a browser of its own.
    pub async fn sign_in(&self, username: &str) -> Client {
        self.sign_in_with(username, PASSWORD).await
    }

    /// Signs in one of the demo's people.
    pub async fn demo_sign_in(&self, username: &str) -> Client {
        self.sign_in_with(username, server::demo::PASSWORD).await
    }

    async fn sign_in_with(&self, username: &str, password: &str) -> Client {
        let mut browser = self.browser();
        let credentials = json!({ "username": username, "password": password });
        let signed_in = browser.post("/api/v1/session", &credentials).await;
        assert_eq!(signed_in.status, 200, "{signed_in:?}");
        browser.user_id = signed_in.json()["user_id"].as_str().unwrap().to_owned();
        browser
    }

    /// A program with a token of this account.
    pub async fn token(&self, username: &str) -> Client {
        let mut program = self.program();
        let credentials = json!({ "username": username, "password": PASSWORD });
        let issued = program.post("/api/v1/token", &credentials).await;
        program.set_token(issued.json()["token"].as_str().unwrap());
        program
    }
}

impl Running {
    async fn start(config: Config, clock: Clock, is_demo: bool) -> Self {
        let server = Server::start(config, clock, is_demo).await.unwrap();
        let (address, state) = (server.address().unwrap(), server.state().clone());
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));
        for (_, link) in state.links() {
            link.until_up(true).await;
        }
        Self {
            address,
            state,
            stop,
            serving,
        }
    }
}

/// Where a server that was just started listens, as it says first, and what else it says; what it said
/// instead, when it does not.
pub async fn listening(
    stdout: ChildStdout,
) -> Result<(SocketAddr, BufReader<ChildStdout>), String> {
    let mut stdout = BufReader::new(stdout);
    let mut line = String::new();
    timeout(Duration::from_secs(20), stdout.read_line(&mut line))
        .await
        .unwrap()
        .unwrap();
    let address = line.trim_end().strip_prefix("listening on http://");
    let address = address.and_then(|address| address.parse().ok());
    address.map(|address| (address, stdout)).ok_or(line)
}

/// What people make most.
impl Client {
    /// The id of the first workspace.
    pub async fn workspace(&self) -> String {
        let workspaces = self.get("/api/v1/workspaces").await.json();
        workspaces[0]["workspace_id"].as_str().unwrap().to_owned()
    }

    /// The id of the chat "general" of the first workspace.
    pub async fn general(&self) -> String {
        let path = format!("/api/v1/workspaces/{}/chats", self.workspace().await);
        let chats = self.get(&path).await.json();
        let chats = chats.as_array().unwrap();
        let general = chats.iter().find(|chat| chat["slug"] == "general").unwrap();
        general["chat_id"].as_str().unwrap().to_owned()
    }

    /// Makes a chat in the first workspace, and gives its id.
    pub async fn create_chat(&self, name: &str, is_private: bool) -> String {
        let path = format!("/api/v1/workspaces/{}/chats", self.workspace().await);
        let created = self
            .post(&path, &json!({ "name": name, "is_private": is_private }))
            .await;
        assert_eq!(created.status, 201, "{created:?}");
        created.json()["chat_id"].as_str().unwrap().to_owned()
    }

    /// Writes a message under a fresh client id, and gives it as it was stored.
    pub async fn write(&self, chat: &str, text: &str) -> Value {
        let path = format!("/api/v1/chats/{chat}/messages");
        let message = json!({ "client_id": uuid::Uuid::new_v4(), "text": text });
        let written = self.post(&path, &message).await;
        assert_eq!(written.status, 201, "{written:?}");
        written.json()
    }
}

/// What a build leaves, as far as the server looks at it.
pub fn built_site(folder: &Path) -> PathBuf {
    let site = folder.join("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::write(site.join("pkg/rollcall.js"), "").unwrap();
    site
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The system's clock, and what moves it.
fn movable_clock() -> (Clock, Arc<AtomicI64>) {
    let ahead = Arc::new(AtomicI64::new(0));
    let moved = Arc::clone(&ahead);
    let system = Clock::system();
    let clock = Clock::new(move || {
        let now = system.now().unix_millis();
        Timestamp::from_unix_millis(now + moved.load(Ordering::SeqCst))
    });
    (clock, ahead)
}

/// Where the data of a folder are when tests run on PostgreSQL: in a schema of their own on the server
/// that `ROLLCALL_TEST_POSTGRES` leads to.
pub async fn schema_of(folder: &Path) -> Option<String> {
    let server = std::env::var("ROLLCALL_TEST_POSTGRES").ok()?;
    let schema = unique_name(folder);
    let mut connection = PgConnection::connect(&server).await.unwrap();
    let create = AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
    sqlx::raw_sql(create)
        .execute(&mut connection)
        .await
        .unwrap();
    Some(format!("{server}&options[search_path]={schema}"))
}

/// What belongs to one test in what many share.
fn unique_name(folder: &Path) -> String {
    let name = folder.file_name().unwrap().as_encoded_bytes();
    let hex: String = name.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t{hex}")
}
