use crate::{
    process::{Program, rollcall, run},
    support::schema_of,
};
use std::{fs, net::TcpListener, path::Path};
use store::sqlite_url;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A stopped server's folder `data`, with the demo in it.
async fn demo_in(folder: &Path) {
    let mut command = rollcall(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    let server = Program::start(command.current_dir(folder)).await;
    server.stop("-TERM").await;
}

/// Runs a command in a folder, and gives its exit status and what it said.
async fn say(folder: &Path, arguments: &[&str]) -> String {
    run(rollcall(arguments).current_dir(folder)).await
}

/// An empty database: on the PostgreSQL that there is for tests, or in a file.
async fn empty_database(folder: &Path) -> String {
    let on_a_server = schema_of(folder).await;
    on_a_server.unwrap_or_else(|| sqlite_url(&folder.join("copy.db")))
}

#[tokio::test]
async fn a_copy_is_counted_and_served_as_the_original_was() {
    let folder = folder();
    demo_in(folder.path()).await;
    let to = empty_database(folder.path()).await;
    for _again in 0..2 {
        let said = say(folder.path(), &["copy", "--to", &to]).await;
        assert!(said.starts_with("0: "), "{said}");
        let lines: Vec<_> = said["0: ".len()..].lines().map(str::trim_start).collect();
        assert_eq!(lines[0], "3 users");
        assert_eq!(lines.last(), Some(&"copied, and counted in both databases"));
    }
    let url = format!("database.url={to}");
    let elsewhere = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        "other",
        "--set",
        &url,
    ];
    let server = Program::start(rollcall(&elsewhere).current_dir(folder.path())).await;
    let jane = serde_json::json!({ "username": "jane", "password": "rollcall-demo" });
    let signed_in = server.program().post("/api/v1/session", &jane).await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
    // What somebody uses is not replaced, not even while nobody has written into it yet.
    let said = say(folder.path(), &["copy", "--to", &to]).await;
    insta::assert_snapshot!(said, @"1: rollcall: the database to copy into has been used since it was copied, or is the original, or was copied by an older version: nothing was changed; choose an empty one, or replace it and lose what is only there (--replace)");
    server.stop("-TERM").await;
    let said = say(folder.path(), &["copy", "--to", &to, "--replace"]).await;
    assert!(said.starts_with("0: "), "{said}");
}

#[tokio::test]
async fn nothing_is_copied_into_the_folder_of_a_server_that_runs() {
    let folder = folder();
    demo_in(folder.path()).await;
    let elsewhere = ["serve", "--listen", "127.0.0.1:0", "--data", "other"];
    let server = Program::start(rollcall(&elsewhere).current_dir(folder.path())).await;
    let arguments = ["copy", "--replace", "--to", "sqlite://other/rollcall.db"];
    let said = say(folder.path(), &arguments).await;
    insta::assert_snapshot!(said, @"1: rollcall: another Rollcall server is using the data folder other: stop it first, or choose another folder with --data");
    server.stop("-TERM").await;
}

#[tokio::test]
async fn what_cannot_be_copied_is_said_and_leaves_nothing_behind() {
    let folder = folder();
    let to = sqlite_url(&folder.path().join("copy.db"));
    insta::assert_snapshot!(say(folder.path(), &["copy", "--to", &to]).await, @"1: rollcall: there is no database ./data/rollcall.db: name the folder that it is in with --data, or the configuration of the server with --config");
    let said = say(folder.path(), &["copy"]).await;
    assert!(
        said.starts_with("2: error: ") && said.contains("--to <URL>"),
        "{said}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Program::start(command.current_dir(folder.path())).await;
    insta::assert_snapshot!(say(folder.path(), &["copy", "--to", &to]).await, @"1: rollcall: another Rollcall server is using the data folder ./data: stop it first, or choose another folder with --data");
    server.stop("-TERM").await;
    insta::assert_snapshot!(say(folder.path(), &["copy", "--to", "mysql://here"]).await, @r#"1: rollcall: the database URL starts with "mysql", which is not supported: write sqlite:// and the path of a file, or postgres:// and what leads to a database"#);
    insta::assert_snapshot!(say(folder.path(), &["copy", "--to", "postgres://ann:secret@host:port/chat"]).await, @"1: rollcall: the database URL is not one of PostgreSQL's: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with every special character percent-encoded");
    assert!(!folder.path().join("copy.db").exists());
}

#[tokio::test]
async fn a_database_server_that_is_away_is_named_without_the_password() {
    let folder = folder();
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let url = format!("postgres://ann:secret@127.0.0.1:{port}/chat");
    let setting = format!("database.url={url}");
    for arguments in [["serve", "--set", &setting], ["migrate", "--set", &setting]] {
        let said = say(folder.path(), &arguments).await;
        let said = said.replace(&port.to_string(), "PORT");
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @"1: rollcall: the database chat at 127.0.0.1:PORT cannot be reached (error communicating with database: Connection refused (os error 111)): is the server running, and is the address right?");
        }
    }
}

#[tokio::test]
async fn tables_can_be_made_before_the_first_start() {
    let folder = folder();
    for _again in 0..2 {
        let said = say(folder.path(), &["migrate"]).await;
        assert_eq!(said, "0: the tables are up to date");
    }
    let setting = format!("database.url={}", empty_database(folder.path()).await);
    let said = say(folder.path(), &["migrate", "--set", &setting]).await;
    assert_eq!(said, "0: the tables are up to date");
    assert!(folder.path().join("data/rollcall.db").is_file());
}
