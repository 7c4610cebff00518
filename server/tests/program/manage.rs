//! What an operator does from the command line while the server runs.

use crate::{
    process::{Program, rollcall, run},
    support::{Client, PASSWORD},
};
use serde_json::json;
use std::{path::Path, process::Stdio};
use tokio::io::AsyncWriteExt as _;

/// Runs a command on the data in a folder, with this on its standard input.
async fn ask(folder: &Path, arguments: &[&str], input: &str) -> String {
    let mut child = rollcall(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that reads nothing may have ended.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let ended = child.wait_with_output().await.unwrap();
    let said = [ended.stdout, ended.stderr].map(|it| String::from_utf8(it).unwrap());
    format!(
        "{}: {}",
        ended.status.code().unwrap(),
        said.concat().trim_end()
    )
}

#[tokio::test]
async fn accounts_are_made_and_changed_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Program::start(command.current_dir(folder)).await;
    let password = format!("{PASSWORD}\n");
    let said = ask(folder, &["user", "add", "Jane", "Jane Doe"], &password).await;
    insta::assert_snapshot!(said, @"0: jane has an account");
    let said = ask(folder, &["user", "add", "jane", "Jane"], &password).await;
    insta::assert_snapshot!(said, @"1: rollcall: the username jane is taken");
    let said = ask(folder, &["user", "add", "john", "John"], "short\n").await;
    insta::assert_snapshot!(said, @"1: rollcall: The password is too short: it needs at least 8 characters.");
    let said = ask(folder, &["user", "add", "john", "John"], "").await;
    insta::assert_snapshot!(said, @"1: rollcall: the password is read from standard input, and nothing was there");
    ask(folder, &["user", "add", "john", "John Smith"], &password).await;
    let said = ask(folder, &["user", "list"], "").await;
    insta::assert_snapshot!(said, @r"
    0: jane                             administrator Jane Doe
    john                                           John Smith
    ");

    let said = ask(folder, &["user", "demote", "jane"], "").await;
    insta::assert_snapshot!(said, @"1: rollcall: jane is the only administrator: make somebody else one first");
    let john = Client::browser(server.address);
    let credentials = json!({ "username": "john", "password": PASSWORD });
    assert_eq!(john.post("/api/v1/session", &credentials).await.status, 200);
    assert_eq!(john.visit("/admin").await.status, 404);
    let said = ask(folder, &["user", "promote", "@john"], "").await;
    insta::assert_snapshot!(said, @"0: @john is an administrator");
    assert_eq!(john.visit("/admin").await.status, 200);
    let said = ask(folder, &["user", "demote", "jane"], "").await;
    insta::assert_snapshot!(said, @"0: jane is no administrator");

    let said = ask(folder, &["user", "set-password", "john"], "another one\n").await;
    insta::assert_snapshot!(said, @"0: john has another password, and is signed out everywhere");
    assert_eq!(john.get("/api/v1/me").await.status, 401);
    assert_eq!(john.post("/api/v1/session", &credentials).await.status, 401);
    let said = ask(folder, &["user", "set-password", "nobody"], &password).await;
    insta::assert_snapshot!(said, @"1: rollcall: there is no account nobody: `rollcall user list` shows those there are");
}

#[tokio::test]
async fn a_folder_without_data_is_named_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let said = ask(folder.path(), &["user", "list", "--data=nowhere"], "").await;
    insta::assert_snapshot!(said, @"1: rollcall: there is no database nowhere/rollcall.db: name the folder that it is in with --data, or the configuration of the server with --config; the server makes it when it starts first");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_token_is_issued_listed_and_revoked_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Program::start(command.current_dir(folder)).await;
    let password = format!("{PASSWORD}\n");
    ask(folder, &["user", "add", "jane", "Jane Doe"], &password).await;

    let issue = [
        "token",
        "issue",
        "jane",
        "--name=nightly",
        "--lifetime=90days",
    ];
    let issued = ask(folder, &issue, "").await;
    let mut program = Client::program(server.address);
    program.set_token(issued.strip_prefix("0: ").unwrap());
    assert_eq!(program.get("/api/v1/me").await.json()["username"], "jane");
    let listed = ask(folder, &["token", "list", "jane"], "").await;
    assert!(listed.ends_with(" nightly"), "{listed}");
    let id = listed
        .strip_prefix("0: ")
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    let said = ask(folder, &["token", "revoke", "jane", id], "").await;
    insta::assert_snapshot!(said, @"0: revoked");
    assert_eq!(program.get("/api/v1/me").await.status, 401);
    let said = ask(folder, &["token", "revoke", "jane", id], "").await;
    insta::assert_snapshot!(said, @"1: rollcall: jane has no such token: `rollcall token list jane` shows those there are");
    let said = ask(folder, &["token", "issue", "jane", "--lifetime=0s"], "").await;
    insta::assert_snapshot!(said, @"1: rollcall: a token lasts for at least a second");
    let said = ask(folder, &["token", "issue", "jane", "--name= "], "").await;
    insta::assert_snapshot!(said, @"1: rollcall: The name is empty.");
}

#[tokio::test]
async fn a_configuration_is_checked_without_touching_anything() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["check-config"]);
    let said = run(command.current_dir(folder.path())).await;
    insta::assert_snapshot!(said, @"0: the configuration is right");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let mut command = rollcall(&["check-config", "--set", "presence.offline_grace=soon"]);
    let said = run(command.current_dir(folder.path())).await;
    insta::assert_snapshot!(said, @r#"2: rollcall: the setting `presence.offline_grace` in the flag --set presence.offline_grace is string "soon", but must be a duration with its unit, such as "3s""#);
    let mut command = rollcall(&["check-config", "--set", "server.max_body=1"]);
    command.env("ROLLCALL_TOKEN__ISSUER", "");
    let said = run(command.current_dir(folder.path())).await;
    insta::assert_snapshot!(said, @r"
    2: rollcall: the setting `server.max_body` in the flag --set server.max_body is 1, but must be at least 65536
    rollcall: the setting `token.issuer` in the environment variable ROLLCALL_TOKEN__ISSUER is empty
    ");
}

#[tokio::test]
async fn what_a_server_would_stumble_over_is_found_by_the_check_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let check = async |arguments: &[&str]| {
        let mut command = rollcall(&["check-config"]);
        run(command.args(arguments).current_dir(folder.path())).await
    };
    std::fs::write(folder.path().join("file"), "short").unwrap();
    insta::assert_snapshot!(check(&["--data=file"]).await, @"1: rollcall: cannot use file/rollcall.lock: Not a directory (os error 20)");
    insta::assert_snapshot!(check(&["--set=token.key_file=file"]).await, @"1: rollcall: file is not a signing key of 32 bytes: restore it, or remove it to have a new one made (all tokens issued so far then end)");
    insta::assert_snapshot!(check(&["--set=server.site_root=nowhere"]).await, @"1: rollcall: there is no built site in nowhere (pkg/rollcall.js is missing): build it, or name the folder that it is in with the setting `server.site_root`");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
