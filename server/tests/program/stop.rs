use crate::{
    process::{PATIENCE, Program, rollcall, send_signal},
    support::{Client, PASSWORD},
};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixDatagram},
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_signal_ends_it_in_order() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
        let server = Program::start(command.current_dir(folder.path())).await;
        assert_eq!(server.program().get("/readyz").await.status, 200);
        let (status, log) = server.stop(signal).await;
        assert_eq!(status, Some(0), "{log}");
        assert!(
            log.contains("stopping") && log.trim_end().ends_with("stopped"),
            "{log}"
        );
        assert!(
            !log.contains("stopped_before"),
            "nothing was waited for: {log}"
        );
    }
}

/// A start takes long when the database is large, and nothing but SIGKILL ended it then.
#[tokio::test]
async fn a_signal_ends_it_in_order_also_while_it_starts() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        // It lets the server in, and never answers.
        let database = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = database.local_addr().unwrap();
        let url = format!("database.url=postgres://ann@{address}/rollcall");
        let starting = rollcall(&["serve", "--listen", "127.0.0.1:0", "--set", &url])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let _asked = timeout(PATIENCE, database.accept()).await.unwrap().unwrap();
        send_signal(&starting, signal).await;
        let ended = timeout(PATIENCE, starting.wait_with_output()).await;
        let ended = ended.unwrap().unwrap();
        let log = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(0), "{log}");
        assert!(log.trim_end().ends_with("stopped_while_starting"), "{log}");
    }
}

#[tokio::test]
async fn a_service_manager_is_told_of_readiness_and_of_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let told = async || {
        let mut text = [0; 64];
        let read = timeout(PATIENCE, manager.recv(&mut text)).await;
        String::from_utf8(text[..read.unwrap().unwrap()].to_vec()).unwrap()
    };
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .current_dir(folder.path())
        .env("NOTIFY_SOCKET", &path);
    let server = Program::start(&mut command).await;
    assert_eq!(told().await, "READY=1\n");
    let (status, log) = server.stop("-TERM").await;
    assert_eq!(status, Some(0), "{log}");
    assert_eq!(told().await, "STOPPING=1\n");
}

/// A head that had begun to arrive was waited for as long as any further request is.
#[tokio::test]
async fn half_a_request_does_not_hold_up_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Program::start(command.current_dir(folder.path())).await;
    let mut asking = TcpStream::connect(server.address).await.unwrap();
    asking
        .write_all(b"GET / HTTP/1.1\r\nHost: a")
        .await
        .unwrap();
    // The server has read it once it answers somebody else.
    assert_eq!(server.program().get("/readyz").await.status, 200);
    let (status, log) = server.stop("-TERM").await;
    assert_eq!(status, Some(0), "{log}");
    assert!(!log.contains("stopped_before"), "{log}");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .current_dir(folder.path())
        .env("ROLLCALL_SERVER__BODY_TIMEOUT", "1h")
        .env("ROLLCALL_SERVER__SHUTDOWN_TIMEOUT", "1h");
    let server = Program::start(&mut command).await;
    // A request under way keeps it from ending.
    let mut asking = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\n\
                Content-Type: application/json\r\nContent-Length: 2\r\n\r\n";
    asking.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; 25];
    asking.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");

    server.signal("-TERM").await;
    while TcpStream::connect(server.address).await.is_ok() {}
    let (status, log) = server.stop("-TERM").await;
    assert_eq!(status, Some(1), "{log}");
    let said = log.trim_end().lines().last().unwrap();
    assert_eq!(said, "rollcall: stopped at once, being told a second time");
}

#[tokio::test]
async fn the_log_can_be_one_object_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .current_dir(folder.path())
        .env("ROLLCALL_LOG__FORMAT", "json");
    let server = Program::start(&mut command).await;
    let (_, log) = server.stop("-TERM").await;
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.last().unwrap()["message"], "stopped");
}

/// A sign-out ended the socket in presence before its task had: the task's own line was never
/// written.
#[tokio::test]
async fn a_sign_out_has_one_line_of_each_event_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Program::start(command.current_dir(folder.path())).await;
    let jane = Client::browser(server.address);
    let account = json!({ "username": "jane", "display_name": "Jane", "password": PASSWORD });
    assert_eq!(jane.post("/api/v1/users", &account).await.status, 201);
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    assert_eq!(jane.post("/api/v1/session", &credentials).await.status, 200);

    let mut socket = server.socket(&jane.page_headers(server.address)).await;
    let hello = json!({ "type": "hello", "protocol": 1 }).to_string();
    socket.send(Message::text(hello)).await.unwrap();
    let welcome = socket.next().await.unwrap().unwrap();
    assert!(welcome.to_text().unwrap().contains("welcome"));
    assert_eq!(jane.delete("/api/v1/session").await.status, 204);
    // Reading to the end answers the server's close.
    while let Some(Ok(_)) = socket.next().await {}

    let (_, log) = server.stop("-TERM").await;
    for event in [
        "connection_established",
        "PRESENCE_ONLINE",
        "active_socket_closed",
        "ws_closed",
        "user_disconnected",
        "PRESENCE_OFFLINE",
    ] {
        assert_eq!(log.matches(event).count(), 1, "{event}: {log}");
    }
}
