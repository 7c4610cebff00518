//! The program itself, killed. Apart from the other tests: while a program starts, it holds whatever
//! locks its parent does.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

use connection::Event;
use loadtest::{Authorization, Program, Server};
use protocol::{ChatId, ClientMessageId};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use uuid::Uuid;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);
const PASSWORD: &str = "correct horse";

async fn start(data: &Path) -> Program {
    let site = data.with_file_name("site");
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    std::fs::write(site.join("pkg/rollcall.js"), "").unwrap();
    let settings = [("ROLLCALL_SERVER__SITE_ROOT", site.to_str().unwrap())];
    let executable = Path::new(env!("CARGO_BIN_EXE_rollcall"));
    Program::start(executable, data, &settings).await.unwrap()
}

async fn texts(server: &Server, chat: ChatId, reader: &Authorization) -> Vec<String> {
    let path = format!("/api/v1/chats/{chat}/messages?limit=200");
    let history: Value = server.get(&path, reader).await.unwrap();
    let messages = history["messages"].as_array().unwrap().iter();
    messages
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect()
}

async fn first_chat(server: &Server, reader: &Authorization) -> ChatId {
    let workspaces: Value = server.get("/api/v1/workspaces", reader).await.unwrap();
    let workspace = workspaces[0]["workspace_id"].as_str().unwrap();
    let path = format!("/api/v1/workspaces/{workspace}/chats");
    let chats: Value = server.get(&path, reader).await.unwrap();
    chats[0]["chat_id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_was_acknowledged_survives_the_death_of_the_program_right_after_it() {
    const ROUNDS: usize = 3;
    const EACH: usize = 20;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let program = start(&data).await;
        let server = &program.server;
        if round == 0 {
            server.sign_up("jane", "Jane Doe", PASSWORD).await.unwrap();
        }
        let jane = server.sign_in("jane", PASSWORD).await.unwrap();
        let chat_id = first_chat(server, &jane).await;
        assert_eq!(texts(server, chat_id, &jane).await, acknowledged);
        let client = program.connect(&jane);
        for n in 0..EACH {
            let text = json!({ "round": round, "n": n }).to_string();
            let client_id = ClientMessageId::from_uuid(Uuid::new_v4());
            client
                .dispatch(Event::Send {
                    chat_id,
                    client_id,
                    text: text.clone(),
                })
                .await;
            acknowledged.push(text);
        }
        client
            .until(PATIENCE, |state| state.outbox().is_empty())
            .await
            .unwrap();
        program.kill().await.unwrap();
    }
    let program = start(&data).await;
    let jane = program.server.sign_in("jane", PASSWORD).await.unwrap();
    let chat = first_chat(&program.server, &jane).await;
    assert_eq!(texts(&program.server, chat, &jane).await, acknowledged);
}
