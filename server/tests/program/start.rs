use crate::process::{Program, rollcall, run};
use std::{fs, net::TcpListener};
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Starts with a configuration file of this text, in a folder where nothing is.
async fn refused(toml: &str, environment: &[(&str, &str)]) -> String {
    let folder = folder();
    fs::write(folder.path().join("rollcall.toml"), toml).unwrap();
    let mut command = rollcall(&["serve", "--config", "rollcall.toml"]);
    command
        .current_dir(folder.path())
        .envs(environment.iter().copied());
    let said = run(&mut command).await;
    assert!(
        !folder.path().join("data").exists(),
        "refused before anything is made"
    );
    said
}

#[tokio::test]
async fn a_wrong_configuration_ends_the_start_with_2_and_a_sentence() {
    insta::assert_snapshot!(refused("[presence]\npong_timout = '1s'", &[]).await, @"2: rollcall: unknown setting `presence.pong_timout` in rollcall.toml (did you mean `pong_timeout`?); known here: ping_interval, pong_timeout, offline_grace, lease_ttl, lease_renewal, reaper_interval, away_after, coalesce_window");
    insta::assert_snapshot!(refused("", &[("ROLLCALL_CHAT__TYPING", "1")]).await, @"2: rollcall: unknown setting `chat.typing` in the environment variable ROLLCALL_CHAT__TYPING; known here: presence_enabled, typing_enabled, typing_timeout");
    insta::assert_snapshot!(refused("[chat]\ntyping_timeout = 3", &[]).await, @r#"2: rollcall: the setting `chat.typing_timeout` in rollcall.toml is 3, but must be a duration with its unit, such as "3s""#);
    insta::assert_snapshot!(refused("", &[("ROLLCALL_PRESENCE__PING_INTERVAL", "2m")]).await, @"2: rollcall: the setting `presence.pong_timeout` in the defaults is 60s, but must be longer than ping_interval (120s): else a connection that answers every ping would be closed");
    insta::assert_snapshot!(refused("[log]\nfilter = '=,='", &[]).await, @"2: rollcall: the setting `log.filter` in rollcall.toml is not a log filter: invalid filter directive");
    insta::assert_snapshot!(refused("[server", &[]).await, @"2: rollcall: rollcall.toml is not a TOML file: TOML parse error at line 1, column 8: invalid table header: expected `.`, `]`");
}

#[tokio::test]
async fn a_configuration_file_that_cannot_be_read_is_named() {
    insta::assert_snapshot!(run(&mut rollcall(&["serve", "--config", "/nowhere/rollcall.toml"])).await, @"2: rollcall: cannot read the configuration file /nowhere/rollcall.toml: No such file or directory (os error 2)");
    insta::assert_snapshot!(run(&mut rollcall(&["serve", "--config", "/"])).await, @"2: rollcall: cannot read the configuration file /: Is a directory (os error 21)");
}

#[tokio::test]
async fn a_wrong_command_line_ends_with_2() {
    for arguments in [
        ["serve", "--listen=everywhere"],
        ["serve", "--port=1"],
        ["sing", "--loud"],
    ] {
        let said = run(&mut rollcall(&arguments)).await;
        assert!(said.starts_with("2: error: "), "{said}");
    }
}

#[tokio::test]
async fn the_demo_listens_on_loopback_only() {
    let folder = folder();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:3000"] {
        let mut command = rollcall(&["serve", "--demo", "--listen", address]);
        let said = run(command.current_dir(folder.path())).await;
        assert_eq!(
            said,
            format!(
                "1: rollcall: --demo listens on loopback addresses only, because its passwords are \
                 public: use --listen 127.0.0.1:3000 instead of {address}"
            )
        );
    }
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn the_demo_says_who_can_sign_in() {
    let folder = folder();
    let mut command = rollcall(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    let mut demo = Program::start(command.current_dir(folder.path())).await;
    insta::assert_snapshot!(demo.next_line().await, @"demo accounts: jane, john, bob (password: rollcall-demo)");
}

#[tokio::test]
async fn the_demo_does_not_move_in_with_others() {
    let folder = folder();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    let server = Program::start(command.current_dir(folder.path())).await;
    let account = serde_json::json!({ "username": "ann", "display_name": "Ann", "password": "correct horse" });
    assert_eq!(
        server
            .program()
            .post("/api/v1/users", &account)
            .await
            .status,
        201
    );
    server.stop("-TERM").await;
    let mut command = rollcall(&["serve", "--demo", "--listen", "127.0.0.1:0"]);
    insta::assert_snapshot!(run(command.current_dir(folder.path())).await, @"1: rollcall: the data folder holds accounts that are not the demo's: choose another folder with --data to try the demo, or start without --demo");
}

#[tokio::test]
async fn without_arguments_it_serves_where_cargo_leptos_says() {
    let folder = folder();
    let mut command = rollcall(&[]);
    command
        .current_dir(folder.path())
        .env("LEPTOS_SITE_ADDR", "127.0.0.1:0");
    let server = Program::start(&mut command).await;
    assert_eq!(server.program().get("/readyz").await.status, 200);
    assert!(folder.path().join("data/rollcall.db").exists());
}

#[tokio::test]
async fn two_servers_never_share_a_data_folder() {
    let folder = folder();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0", "--data", "d"]);
    let first = Program::start(command.current_dir(folder.path())).await;
    insta::assert_snapshot!(run(&mut command).await, @"1: rollcall: another Rollcall server is using the data folder d: stop it first, or choose another folder with --data");
    assert_eq!(first.program().get("/readyz").await.status, 200);
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let folder = folder();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let mut command = rollcall(&["serve", "--listen", &address]);
    let said = run(command.current_dir(folder.path()))
        .await
        .replace(&address, "ADDRESS");
    insta::assert_snapshot!(said, @"1: rollcall: cannot listen on ADDRESS, the setting `server.listen`: Address already in use (os error 98)");
}

#[tokio::test]
async fn a_database_that_is_none_is_named_and_left_as_it_is() {
    let folder = folder();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let file = data.join("rollcall.db");
    let junk = "certainly not a database ".repeat(100);
    fs::write(&file, &junk).unwrap();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    let said = run(command.current_dir(folder.path())).await;
    let said = said.replace(
        folder.path().canonicalize().unwrap().to_str().unwrap(),
        "FOLDER",
    );
    insta::assert_snapshot!(said, @"1: rollcall: FOLDER/data/rollcall.db is not a database, and was left as it is: move it away, or choose another path");
    assert_eq!(fs::read_to_string(&file).unwrap(), junk);
}

#[tokio::test]
async fn a_site_that_was_not_built_is_named_before_anything_is_made() {
    let folder = folder();
    fs::create_dir_all(folder.path().join("empty/pkg")).unwrap();
    for site in ["nowhere", "empty"] {
        let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .current_dir(folder.path())
            .env("ROLLCALL_SERVER__SITE_ROOT", site);
        let said = run(&mut command).await.replace(site, "FOLDER");
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @"1: rollcall: there is no built site in FOLDER (pkg/rollcall.js is missing): build it, or name the folder that it is in with the setting `server.site_root`");
        }
        assert!(!folder.path().join("data").exists());
    }
}

#[tokio::test]
async fn every_setting_can_be_a_flag() {
    insta::assert_snapshot!(run(&mut rollcall(&["serve", "--set", "presence.pong_timeout=10s"])).await, @"2: rollcall: the setting `presence.pong_timeout` in the flag --set presence.pong_timeout is 10s, but must be longer than ping_interval (30s): else a connection that answers every ping would be closed");
    insta::assert_snapshot!(run(&mut rollcall(&["serve", "--set", "websocket.burst=many"])).await, @r#"2: rollcall: the setting `websocket.burst` in the flag --set websocket.burst is "many", but must be a whole number from 0 to 4294967295"#);
    insta::assert_snapshot!(run(&mut rollcall(&["serve", "--set", "chat.typing=false"])).await, @"2: rollcall: unknown setting `chat.typing` in the flag --set chat.typing; known here: presence_enabled, typing_enabled, typing_timeout");
    for malformed in ["presence", "=1", ""] {
        let said = run(&mut rollcall(&["serve", "--set", malformed])).await;
        assert!(
            said.starts_with("2: error: ") && said.contains("--set"),
            "{said}"
        );
        assert!(said.contains("section.key=value"), "{said}");
    }
    let folder = folder();
    let mut command = rollcall(&[
        "serve",
        "--set",
        "server.listen=127.0.0.1:0",
        "--set",
        "chat.presence_enabled=false",
    ]);
    let server = Program::start(command.current_dir(folder.path())).await;
    assert_eq!(server.program().get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_is_named() {
    insta::assert_snapshot!(run(&mut rollcall(&["serve", "--data", "/dev/null/data"])).await, @"1: rollcall: cannot use /dev/null/data: Not a directory (os error 20)");
    insta::assert_snapshot!(run(&mut rollcall(&["serve", "--data", "/dev/null"])).await, @"1: rollcall: the data folder /dev/null is no folder: choose another one with --data");
}

#[tokio::test]
async fn it_tells_its_version() {
    let version = format!("0: rollcall {}", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&mut rollcall(&["version"])).await, version);
    assert_eq!(run(&mut rollcall(&["--version"])).await, version);
}
