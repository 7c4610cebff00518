use crate::support::{
    Client, built_site,
    handshake::{Stream, handshake},
    listening,
};
use http::HeaderName;
use std::{net::SocketAddr, path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    net::TcpSocket,
    process::{Child, Command},
    task::JoinHandle,
    time::timeout,
};

/// How long a test waits for what must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The program, with nothing of this process's environment that it would heed.
pub(crate) fn rollcall(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollcall"));
    let site = built_site(Path::new(env!("CARGO_TARGET_TMPDIR")));
    command
        .args(arguments)
        .env_remove("LEPTOS_SITE_ADDR")
        .env_remove("NOTIFY_SOCKET")
        // What leads tests to a PostgreSQL is no setting of the program.
        .env_remove("ROLLCALL_TEST_POSTGRES")
        // Another address than that of the server, as it is by default.
        .env("ROLLCALL_METRICS__LISTEN", "127.0.0.2:0")
        .env("ROLLCALL_SERVER__SITE_ROOT", site);
    command
}

/// Runs the program to its end, and gives its exit status and what it said.
pub(crate) async fn run(command: &mut Command) -> String {
    let ended = timeout(PATIENCE, command.kill_on_drop(true).output())
        .await
        .unwrap()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let said = text(ended.stdout) + &text(ended.stderr);
    format!("{}: {}", ended.status.code().unwrap(), said.trim_end())
}

pub(crate) async fn send_signal(child: &Child, signal: &str) {
    let id = child.id().unwrap().to_string();
    let mut kill = Command::new("kill");
    assert!(kill.args([signal, &id]).status().await.unwrap().success());
}

/// A running program; killed when dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    stdout: BufReader<tokio::process::ChildStdout>,
    /// What it logs until its end, read as it comes: a full pipe would stop it.
    log: JoinHandle<String>,
}

impl Program {
    pub(crate) async fn start(command: &mut Command) -> Self {
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = tokio::spawn(async move {
            let mut log = String::new();
            stderr.read_to_string(&mut log).await.unwrap();
            log
        });
        let listening = listening(child.stdout.take().unwrap()).await;
        let (address, stdout) = listening.unwrap_or_else(|line| panic!("not ready: {line:?}"));
        Self {
            child,
            address,
            stdout,
            log,
        }
    }

    pub(crate) fn program(&self) -> Client {
        Client::program(self.address)
    }

    /// Opens a socket with these headers.
    pub(crate) async fn socket(&self, headers: &[(HeaderName, String)]) -> Stream {
        let socket = TcpSocket::new_v4().unwrap();
        handshake(self.address, "/ws", socket, headers).await
    }

    pub(crate) async fn next_line(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.stdout.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        line
    }

    pub(crate) async fn signal(&self, signal: &str) {
        send_signal(&self.child, signal).await;
    }

    /// Sends a signal and waits for the end: the exit status and what was logged.
    pub(crate) async fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal).await;
        let status = timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        (status.code(), self.log.await.unwrap())
    }
}
