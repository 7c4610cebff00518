use crate::{
    process::{Program, rollcall},
    support::{Client, PASSWORD},
};
use serde_json::json;
use std::{path::Path, process::Stdio};
use tokio::process::Command;
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

#[tokio::test]
async fn a_full_disk_refuses_messages_with_503_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::start(&mut on_a_small_disk(folder.path())).await;
    let account = json!({ "username": "jane", "display_name": "Jane", "password": PASSWORD });
    assert_eq!(
        server
            .program()
            .post("/api/v1/users", &account)
            .await
            .status,
        201
    );
    let jane = token(&server).await;
    let general = jane.general().await;
    let path = format!("/api/v1/chats/{general}/messages");

    let mut acknowledged = Vec::new();
    let refused = loop {
        let text = format!("{} {}", acknowledged.len(), "x".repeat(7_000));
        let message = json!({ "client_id": Uuid::new_v4(), "text": text });
        let answer = jane.post(&path, &message).await;
        if answer.status != 201 {
            break answer;
        }
        acknowledged.push(text);
        assert!(acknowledged.len() < 200, "the disk never filled");
    };
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
