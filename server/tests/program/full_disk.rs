use crate::{
    process::{Program, rollcall},
    support::{Client, PASSWORD, Response},
};
use futures::{SinkExt as _, StreamExt as _};
use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use serde_json::{Value, json};
use std::{path::Path, process::Stdio};
use tokio::{net::TcpStream, process::Command};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};
use uuid::Uuid;

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

/// The program on a disk without room for files of more than 2 MiB.
fn on_a_small_disk(folder: &Path) -> Command {
    let program = rollcall(&SERVE);
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\""])
        .arg(program.as_std().get_program())
        .args(SERVE)
        .envs(
            program
                .as_std()
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

async fn token(server: &Program) -> Client {
    let mut jane = server.program();
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let issued = jane.post("/api/v1/token", &credentials).await.json();
    jane.set_token(issued["token"].as_str().unwrap());
    jane
}

async fn texts(jane: &Client, general: &str) -> Vec<String> {
    let page = jane
        .get(&format!("/api/v1/chats/{general}/messages?limit=200"))
        .await
        .json();
    let messages = page["messages"].as_array().unwrap().iter();
    messages
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect()
}

/// Writes until the disk is full: what was acknowledged, and how the next one was refused.
async fn fill(jane: &Client, general: &str) -> (Vec<String>, Response) {
    let path = format!("/api/v1/chats/{general}/messages");
    let mut acknowledged = Vec::new();
    loop {
        let text = format!("{} {}", acknowledged.len(), "x".repeat(7_000));
        let message = json!({ "client_id": Uuid::new_v4(), "text": text });
        let answer = jane.post(&path, &message).await;
        if answer.status != 201 {
            return (acknowledged, answer);
        }
        acknowledged.push(text);
        assert!(acknowledged.len() < 200, "the disk never filled");
    }
}

async fn sign_up(server: &Program) -> Client {
    let account = json!({ "username": "jane", "display_name": "Jane", "password": PASSWORD });
    let made = server.program().post("/api/v1/users", &account).await;
    assert_eq!(made.status, 201);
    token(server).await
}

#[tokio::test]
async fn a_full_disk_refuses_messages_with_503_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::start(&mut on_a_small_disk(folder.path())).await;
    let jane = sign_up(&server).await;
    let general = jane.general().await;
    let (acknowledged, refused) = fill(&jane, &general).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "unavailable")
    );
    assert!(!acknowledged.is_empty());
    assert_eq!(
        texts(&jane, &general).await,
        acknowledged,
        "what is there can be read"
    );
    assert_eq!(server.program().get("/healthz").await.status, 200);
    server.stop("-TERM").await;

    let server = Program::start(rollcall(&SERVE).current_dir(folder.path())).await;
    let jane = token(&server).await;
    assert_eq!(texts(&jane, &general).await, acknowledged);
    jane.write(&general, "room again").await;
}

#[tokio::test]
async fn the_log_names_the_request_of_each_message_that_was_not_stored() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::start(&mut on_a_small_disk(folder.path())).await;
    let jane = sign_up(&server).await;
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let issued = jane.post("/api/v1/token", &credentials).await.json();
    let bearer = format!("Bearer {}", issued["token"].as_str().unwrap());
    let bearer = HeaderValue::try_from(bearer).unwrap();
    let general = jane.general().await;
    let (_, refused) = fill(&jane, &general).await;
    let x_request_id = HeaderName::from_static("x-request-id");
    let posted = refused.header(&x_request_id).to_owned();

    let url = format!("ws://{}/ws", server.address);
    let mut upgrade = url.into_client_request().unwrap();
    upgrade.headers_mut().insert(AUTHORIZATION, bearer);
    let stream = TcpStream::connect(server.address).await.unwrap();
    let (mut socket, upgraded) = client_async(upgrade, stream).await.unwrap();
    let upgraded = upgraded.headers()[&x_request_id]
        .to_str()
        .unwrap()
        .to_owned();
    let client_id = Uuid::new_v4();
    for frame in [
        json!({ "type": "hello", "protocol": 1 }),
        json!({
            "type": "message.send", "chat_id": general, "client_id": client_id,
            "text": "x".repeat(7_000),
        }),
    ] {
        socket.send(Message::text(frame.to_string())).await.unwrap();
    }
    loop {
        let frame = socket.next().await.unwrap().unwrap();
        let frame: Value = serde_json::from_str(frame.to_text().unwrap()).unwrap();
        assert_ne!(frame["type"], "message.ack", "there is no room");
        if frame["type"] == "error" {
            assert_eq!(frame["code"], "unavailable");
            break;
        }
    }

    let (_, log) = server.stop("-TERM").await;
    for (id, event) in [
        (&posted, "message_not_stored"),
        (&upgraded, "connection_established"),
        (&upgraded, "message_not_stored"),
    ] {
        let is_named = |line: &&str| line.contains(&**id) && line.contains(event);
        assert_eq!(log.lines().filter(is_named).count(), 1, "{event}: {log}");
    }
}
