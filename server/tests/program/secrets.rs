//! What never stands in the log, whatever is done.

use crate::{
    process::{Program, rollcall},
    support::{Client, PASSWORD},
};
use futures::{SinkExt as _, StreamExt as _};
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

const TEXT: &str = "the text of a message";
const EDITED: &str = "the text once it was edited";
const SAID: &str = "what somebody says of themselves";
/// People type passwords there.
const TYPED: &str = "typed-into-the-wrong-field";
const WRONG: &str = "a wrong password";

#[tokio::test]
async fn the_log_of_all_that_people_do_holds_no_secret_and_nothing_they_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    // All that Rollcall itself would ever say, and more of libraries than anybody asks for.
    let filter = "debug,server=trace,presence=trace,store=trace,app=trace,redis_link=trace";
    command
        .current_dir(folder.path())
        .env("ROLLCALL_LOG__FILTER", filter);
    let server = Program::start(&mut command).await;
    let jane = Client::browser(server.address);
    let account = |name: &str, invitation: &str| {
        json!({
            "username": name, "display_name": name, "password": PASSWORD, "invitation": invitation,
        })
    };
    let credentials = |name: &str| json!({ "username": name, "password": PASSWORD });
    let made = jane.post("/api/v1/users", &account("jane", "")).await;
    assert_eq!(made.status, 201);
    let fields = [("username", "jane"), ("password", PASSWORD)];
    assert_eq!(jane.form("/sign-in", &fields).await.status, 303);
    let session = jane.cookie();
    let (_, session) = session.split_once('=').unwrap();

    let wrong = json!({ "username": TYPED, "password": WRONG });
    assert_eq!(jane.post("/api/v1/session", &wrong).await.status, 401);
    let token = jane
        .post("/api/v1/token", &credentials("jane"))
        .await
        .json();
    let token = token["token"].as_str().unwrap().to_owned();

    let workspaces = jane.get("/api/v1/workspaces").await.json();
    let workspace = workspaces[0]["workspace_id"].as_str().unwrap();
    let wish = json!({ "workspace_id": workspace });
    let link = jane.post("/fn/create_invitation", &wish).await.json();
    let (_, invitation) = link.as_str().unwrap().split_once("invitation=").unwrap();
    assert_eq!(jane.visit(link.as_str().unwrap()).await.status, 303);
    let bob = Client::browser(server.address);
    let made = bob.post("/api/v1/users", &account("bob", invitation)).await;
    assert_eq!(made.status, 201, "{made:?}");

    let chats = jane
        .get(&format!("/api/v1/workspaces/{workspace}/chats"))
        .await;
    let chat = chats.json()[0]["chat_id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/chats/{chat}/messages");
    let message = json!({ "client_id": Uuid::new_v4(), "text": TEXT });
    let written = jane.post(&path, &message).await.json();
    let written = written["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{written}"));
    let edit = json!({ "text": EDITED });
    let edited = jane.patch(&format!("{path}/{written}"), &edit).await;
    assert_eq!(edited.status, 200, "{edited:?}");
    let status = json!({ "mode": "automatic", "text": SAID });
    let said = jane
        .json(http::Method::PUT, "/api/v1/me/status", &status)
        .await;
    assert_eq!(said.status, 200, "{said:?}");

    let bearer = [(AUTHORIZATION, format!("Bearer {token}"))];
    let mut socket = server.socket(&bearer).await;
    let client_id = Uuid::new_v4();
    for frame in [
        json!({ "type": "hello", "protocol": 1 }),
        json!({ "type": "message.send", "chat_id": chat, "client_id": client_id, "text": TEXT }),
    ] {
        socket.send(Message::text(frame.to_string())).await.unwrap();
    }
    let is_ack = |frame: &Value| frame["type"] == "message.ack";
    while !is_ack(
        &serde_json::from_str(socket.next().await.unwrap().unwrap().to_text().unwrap()).unwrap(),
    ) {}

    let me = jane.get("/api/v1/me").await.json();
    let path = format!("/api/v1/admin/users/{}", me["user_id"].as_str().unwrap());
    let diagnostics = jane.get(&format!("{path}/diagnostics")).await.json();
    let connection = &diagnostics["connections"][0];
    for part in [
        format!("connections/{}", connection["handle"].as_str().unwrap()),
        format!("sessions/{}", connection["session_id"].as_str().unwrap()),
    ] {
        let done = jane.delete(&format!("{path}/{part}")).await;
        assert_eq!(done.status, 204, "{done:?}");
    }

    let (status, log) = server.stop("-TERM").await;
    assert_eq!(status, Some(0), "{log}");
    for line in [
        "account_created",
        "signed_in",
        "sign_in_refused",
        "connection_established",
        "admin_closed_connection",
        "admin_ended_session",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    for secret in [
        PASSWORD, WRONG, TYPED, session, &token, invitation, TEXT, EDITED, SAID,
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
