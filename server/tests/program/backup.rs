use crate::{
    process::{Program, rollcall, run},
    support::Client,
};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};
use uuid::Uuid;

/// Starts a server with a data folder in `folder`.
async fn serve(folder: &Path, arguments: &[&str]) -> Program {
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    Program::start(command.args(arguments).current_dir(folder)).await
}

async fn say(folder: &Path, arguments: &[&str]) -> String {
    run(rollcall(arguments).current_dir(folder)).await
}

/// The chat that jane sees first, and all that is written there.
async fn texts(jane: &Client) -> (String, Vec<String>) {
    let workspaces = jane.get("/api/v1/workspaces").await.json();
    let workspace = workspaces[0]["workspace_id"].as_str().unwrap();
    let path = format!("/api/v1/workspaces/{workspace}/chats");
    let chats = jane.get(&path).await.json();
    let chat = chats[0]["chat_id"].as_str().unwrap();
    let path = format!("/api/v1/chats/{chat}/messages");
    let history = jane.get(&path).await.json();
    let messages = history["messages"].as_array().unwrap();
    let text = |message: &Value| message["text"].as_str().unwrap().to_owned();
    (path, messages.iter().map(text).collect())
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_a_data_folder_with_all_that_was_written_until_then() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path(), &["--demo"]).await;
    let issued = say(folder.path(), &["token", "issue", "jane"]).await;
    // What is logged of it follows.
    let token = issued.lines().next().unwrap();
    let token = token.strip_prefix("0: ").unwrap();
    let mut jane = server.program();
    jane.set_token(token);
    let (path, before) = texts(&jane).await;
    let write = async |text: &str| {
        let message = json!({ "client_id": Uuid::now_v7(), "text": text });
        let written = jane.post(&path, &message).await;
        assert_eq!(written.status, 201, "{written:?}");
    };
    write("Before the back-up").await;
    let said = say(folder.path(), &["backup", "night/"]).await;
    assert_eq!(said, "0: backed up into night/");
    write("After it").await;
    server.stop("-TERM").await;

    let mode = |name: &str| {
        let path = folder.path().join(name);
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(
        ["night", "night/rollcall.db", "night/token.key"].map(mode),
        [0o700, 0o600, 0o600]
    );
    let restored = serve(folder.path(), &["--data", "night"]).await;
    let mut jane = restored.program();
    jane.set_token(token);
    let (_, mut found) = texts(&jane).await;
    let newest = found.iter().position(|text| text == "Before the back-up");
    found.remove(newest.expect("what was written before is there"));
    assert_eq!(found, before, "and nothing that was written after");
}

#[tokio::test]
async fn what_cannot_be_backed_up_is_said_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let said = say(folder.path(), &["backup", "night"]).await;
    insta::assert_snapshot!(said, @"1: rollcall: there is no database ./data/rollcall.db: name the folder that it is in with --data, or the configuration of the server with --config");
    say(folder.path(), &["migrate"]).await;
    let said = say(folder.path(), &["backup", "data"]).await;
    insta::assert_snapshot!(said, @"1: rollcall: data is there already: name a folder that is to be made");
    let said = say(folder.path(), &["backup", "nowhere/night"]).await;
    insta::assert_snapshot!(said, @"1: rollcall: cannot write nowhere/night: No such file or directory (os error 2)");
    let url = "database.url=postgres://rollcall@db.example.org/rollcall";
    let said = say(folder.path(), &["backup", "night", "--set", url]).await;
    insta::assert_snapshot!(said, @"1: rollcall: the data are in the PostgreSQL of the setting database.url: back that up by its own means, such as pg_dump");
    fs::write(folder.path().join("data/rollcall.db"), [7; 4_096]).unwrap();
    let said = say(folder.path(), &["backup", "night"]).await;
    let said = said.replace(folder.path().to_str().unwrap(), "FOLDER");
    insta::assert_snapshot!(said, @"1: rollcall: FOLDER/data/rollcall.db is not a database, and was left as it is: move it away, or choose another path");
    let names = fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = names.map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["data"]);
}
