//! What an operator does from the command line while the server runs.

use crate::{
    process::{Program, rollcall, run},
    support::{Client, PASSWORD},
};
use serde_json::json;
use std::{path::Path, process::Stdio};
use tokio::io::AsyncWriteExt as _;

/// Runs a command on the data in a folder, with this on its standard input: its exit status and what it
/// says, but for what it logs.
async fn ask(folder: &Path, arguments: &[&str], input: &str) -> String {
    let (status, answer, said) = ask_logged(folder, arguments, input).await;
    let said = said.lines().filter(|line| !line.contains(" WARN "));
    let said: Vec<_> = said.collect();
    format!("{status}: {}", (answer + &said.join("\n")).trim_end())
}

/// The same: exit status, standard output and standard error.
async fn ask_logged(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
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
    let [answer, said] = [ended.stdout, ended.stderr].map(|it| String::from_utf8(it).unwrap());
    (ended.status.code().unwrap(), answer, said)
}

/// What a command logs that does this: one line, which says what, to whom, and no secret. On standard
/// output there is nothing of it.
async fn logged(folder: &Path, arguments: &[&str]) -> String {
    let (status, answer, log) = ask_logged(folder, arguments, &format!("{PASSWORD}\n")).await;
    assert_eq!(status, 0, "{log}");
    let event = log.trim_end().rsplit(": ").next().unwrap();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("server::manage: operator_"), "{log}");
    assert!(!log.contains(PASSWORD) && !log.contains("eyJ"), "{log}");
    assert!(!answer.contains("operator_"), "{answer}");
    event.to_owned()
}

#[tokio::test]
async fn what_an_operator_does_is_logged_with_whom_it_concerns_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ask(folder, &["migrate"], "").await;
    let added = logged(folder, &["user", "add", "jane", "Jane Doe"]).await;
    let (_, id) = added.split_once("user=").unwrap();
    let (id, _) = id.split_once(' ').unwrap();
    assert_eq!(
        added,
        format!("operator_added_account user={id} is_admin=true")
    );
    logged(folder, &["user", "add", "john", "John"]).await;
    let set = logged(folder, &["user", "set-password", "jane"]).await;
    assert_eq!(set, format!("operator_set_password user={id}"));
    logged(folder, &["user", "promote", "john"]).await;
    let demoted = logged(folder, &["user", "demote", "jane"]).await;
    assert_eq!(
        demoted,
        format!("operator_set_admin user={id} is_admin=false")
    );
    // Whoever has run a server has a key.
    std::fs::write(folder.join("data/token.key"), [7; 32]).unwrap();
    let issued = logged(folder, &["token", "issue", "jane"]).await;
    let listed = ask(folder, &["token", "list", "jane"], "").await;
    let (session, _) = listed.strip_prefix("0: ").unwrap().split_once(' ').unwrap();
    let expected = format!("operator_issued_token user={id} session={session} expires_at=");
    assert!(issued.starts_with(&expected), "{issued}");
    let ended = logged(folder, &["token", "revoke", "jane", session]).await;
    assert_eq!(
        ended,
        format!("operator_ended_session user={id} session={session}")
    );

    let nothing = ["user", "promote", "nobody"];
    let (status, _, said) = ask_logged(folder, &nothing, "").await;
    assert_eq!((status, said.contains("operator_")), (1, false), "{said}");
}

/// It was lost, and the exit status said that all was well.
#[tokio::test]
async fn a_token_that_cannot_be_written_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ask(folder, &["migrate"], "").await;
    let password = format!("{PASSWORD}\n");
    ask(folder, &["user", "add", "jane", "Jane"], &password).await;
    std::fs::write(folder.join("data/token.key"), [7; 32]).unwrap();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = rollcall(&["token", "issue", "jane"]);
    command
        .current_dir(folder)
        .env("ROLLCALL_LOG__FILTER", "off");
    command.stdout(full).stderr(Stdio::piped());
    let ended = command.spawn().unwrap().wait_with_output().await.unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1));
    insta::assert_snapshot!(said.trim_end(), @"rollcall: standard output cannot be written: No space left on device (os error 28)");
}

#[tokio::test]
async fn what_cannot_be_understood_is_said_with_what_could() {
    let folder = tempfile::tempdir().unwrap();
    let told = async |arguments: &[&str]| {
        let said = ask(folder.path(), arguments, "").await;
        said.lines().next().unwrap().to_owned()
    };
    insta::assert_snapshot!(told(&["token", "issue", "jane", "--lifetime=1"]).await, @"2: error: invalid value '1' for '--lifetime <DURATION>': a duration is written with its unit, such as 90days");
    insta::assert_snapshot!(told(&["token", "issue", "jane", "--lifetime=0s"]).await, @"2: error: invalid value '0s' for '--lifetime <DURATION>': a token lasts for at least a second, and for 100 years at most");
    insta::assert_snapshot!(told(&["token", "issue", "jane", "--lifetime=101years"]).await, @"2: error: invalid value '101years' for '--lifetime <DURATION>': a token lasts for at least a second, and for 100 years at most");
    insta::assert_snapshot!(told(&["token", "revoke", "jane", "7"]).await, @"2: error: invalid value '7' for '<ID>': it is no id as `rollcall token list` shows them");
    insta::assert_snapshot!(told(&["serve", "--listen=3000"]).await, @"2: error: invalid value '3000' for '--listen <ADDRESS>': it is no IP address with a port, such as 127.0.0.1:3000 or [::1]:3000");
}

#[tokio::test]
async fn a_key_that_is_not_there_is_named_with_where_it_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    ask(folder, &["migrate"], "").await;
    let password = format!("{PASSWORD}\n");
    ask(folder, &["user", "add", "jane", "Jane"], &password).await;
    let said = ask(folder, &["token", "issue", "jane"], "").await;
    insta::assert_snapshot!(said, @"1: rollcall: there is no signing key ./data/token.key: name the folder that it is in with --data, or the configuration of the server with --config; the server makes it when it starts first");
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
    insta::assert_snapshot!(said, @r#"1: rollcall: there is no account "nobody": `rollcall user list` shows those there are"#);
}

#[tokio::test]
async fn a_folder_without_data_is_named_and_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let said = ask(folder.path(), &["user", "list", "--data=nowhere"], "").await;
    insta::assert_snapshot!(said, @"1: rollcall: there is no database nowhere/rollcall.db: name the folder that it is in with --data, or the configuration of the server with --config; the server makes it when it starts first");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Whoever forgot `sudo` was told that there is no database.
#[tokio::test]
async fn a_database_that_may_not_be_looked_at_is_not_said_to_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    // Root may look at everything, but not around in circles.
    std::os::unix::fs::symlink("rollcall.db", folder.path().join("rollcall.db")).unwrap();
    let said = ask(folder.path(), &["user", "list", "--data=."], "").await;
    let said = said.replace(
        folder.path().canonicalize().unwrap().to_str().unwrap(),
        "FOLDER",
    );
    insta::assert_snapshot!(said, @"1: rollcall: the database FOLDER/rollcall.db cannot be opened: Too many levels of symbolic links (os error 40)");
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
    insta::assert_snapshot!(said, @r#"2: rollcall: the setting `presence.offline_grace` in the flag --set presence.offline_grace is "soon", but must be a duration with its unit, such as "3s""#);
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
    insta::assert_snapshot!(check(&["--data=file"]).await, @"1: rollcall: the data folder file is no folder: choose another one with --data");
    insta::assert_snapshot!(check(&["--set=token.key_file=file"]).await, @"1: rollcall: file is not a signing key of 32 bytes: restore it, or remove it to have a new one made (all tokens issued so far then end)");
    insta::assert_snapshot!(check(&["--set=server.site_root=nowhere"]).await, @"1: rollcall: there is no built site in nowhere (pkg/rollcall.js is missing): build it, or name the folder that it is in with the setting `server.site_root`");
    insta::assert_snapshot!(check(&["--set=token.key_file=nowhere/key"]).await, @"1: rollcall: cannot use nowhere/key: No such file or directory (os error 2)");
    insta::assert_snapshot!(check(&["--set=server.site_root=nowhere", "--data=file", "--set=token.key_file=file"]).await, @r"
    1: rollcall: there is no built site in nowhere (pkg/rollcall.js is missing): build it, or name the folder that it is in with the setting `server.site_root`
    rollcall: the data folder file is no folder: choose another one with --data
    rollcall: file is not a signing key of 32 bytes: restore it, or remove it to have a new one made (all tokens issued so far then end)
    ");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
