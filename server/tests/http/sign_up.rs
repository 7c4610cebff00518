use crate::support::{PASSWORD, TestApp};
use serde_json::{Value, json};
use server::config::SignUpMode;

fn account(username: &str) -> Value {
    json!({ "username": username, "display_name": "Somebody", "password": PASSWORD })
}

#[tokio::test]
async fn the_first_account_gets_a_workspace_with_a_chat() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    insta::assert_snapshot!(jane.get("/api/v1/workspaces").await, @r#"
    200 [
      {
        "name": "Home",
        "role": "owner",
        "slug": "home",
        "workspace_id": "[id]"
      }
    ]
    "#);
    let chats = format!("/api/v1/workspaces/{}/chats", jane.workspace().await);
    insta::assert_snapshot!(jane.get(&chats).await, @r#"
    200 [
      {
        "chat_id": "[id]",
        "is_muted": false,
        "is_private": false,
        "kind": "channel",
        "name": "general",
        "read_offset": 0,
        "role": "owner",
        "slug": "general",
        "topic": "",
        "unread": 0,
        "workspace_id": "[id]"
      }
    ]
    "#);
}

#[tokio::test]
async fn the_first_account_names_its_workspace() {
    let app = TestApp::start().await;
    let mut first = account("jane");
    first["workspace"] = "Flowra Labs".into();
    assert_eq!(
        app.program().post("/api/v1/users", &first).await.status,
        201
    );
    let jane = app.sign_in("jane").await;
    assert_eq!(
        jane.get("/api/v1/workspaces").await.json()[0]["slug"],
        "flowra-labs"
    );
}

#[tokio::test]
async fn a_later_account_joins_the_first_workspace_and_its_first_chat() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let workspace = john.get("/api/v1/workspaces").await.json();
    assert_eq!(workspace[0]["role"], "member");
    let members = jane
        .get(&format!("/api/v1/chats/{}/members", jane.general().await))
        .await;
    insta::assert_snapshot!(members, @r#"
    200 [
      {
        "display_name": "Jane",
        "role": "owner",
        "user_id": "[id]",
        "username": "jane"
      },
      {
        "display_name": "John",
        "role": "member",
        "user_id": "[id]",
        "username": "john"
      }
    ]
    "#);
}

#[tokio::test]
async fn a_username_belongs_to_one_account_in_whatever_case() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    insta::assert_snapshot!(app.program().post("/api/v1/users", &account("JANE")).await, @r#"
    409 {
      "code": "conflict",
      "detail": "This username is already taken.",
      "status": 409,
      "title": "Conflict",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn of_many_who_sign_up_at_once_one_is_the_first_and_a_name_is_given_once() {
    let app = TestApp::start().await;
    let program = app.program();
    let names = ["a", "b", "c", "a", "b"];
    let attempts = names.map(|name| {
        let (program, account) = (&program, account(name));
        async move { program.post("/api/v1/users", &account).await }
    });
    let answers = futures::future::join_all(attempts).await;
    let made: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .collect();
    assert_eq!(made.len(), 3);
    assert_eq!(
        made.iter()
            .filter(|answer| answer.json()["is_admin"] == true)
            .count(),
        1
    );
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer.status, 201 | 409)),
        "{answers:?}"
    );
}

#[tokio::test]
async fn each_field_is_refused_with_a_sentence_and_nothing_is_made() {
    let app = TestApp::start().await;
    let program = app.program();
    let mut sentences = Vec::new();
    for (field, value) in [
        ("username", json!("")),
        ("username", json!("jane doe")),
        ("username", json!("<b>jane</b>")),
        ("username", json!("jane'; DROP TABLE users; --")),
        ("username", json!("j".repeat(33))),
        ("display_name", json!(" \u{200B} ")),
        ("display_name", json!("J".repeat(81))),
        ("display_name", json!("Jane\u{0}Doe")),
        ("password", json!("short")),
        ("password", json!("x".repeat(1_025))),
        ("workspace", json!("  ")),
        ("workspace", json!("W".repeat(81))),
        ("username", Value::Null),
        ("password", json!(12_345_678)),
        ("is_admin", json!(true)),
    ] {
        let mut account = account("jane");
        account[field] = value;
        let refused = program.post("/api/v1/users", &account).await;
        assert!(matches!(refused.status, 400 | 413), "{refused:?}");
        sentences.push(format!("{} {}", refused.code(), refused.json()["detail"]));
    }
    insta::assert_snapshot!(sentences.join("\n"), @r#"
    bad_request "The username is empty."
    bad_request "A username consists of the letters a to z and digits, with dots, hyphens and underscores between them."
    bad_request "A username consists of the letters a to z and digits, with dots, hyphens and underscores between them."
    bad_request "A username consists of the letters a to z and digits, with dots, hyphens and underscores between them."
    too_large "The username is too long: 33 characters, and at most 32 are allowed."
    bad_request "The display name is empty."
    too_large "The display name is too long: 81 characters, and at most 80 are allowed."
    bad_request "The display name contains a control character (U+0000)."
    bad_request "The password is too short: it needs at least 8 characters."
    too_large "The password is too long: at most 1024 bytes."
    bad_request "The name is empty."
    too_large "The name is too long: 81 characters, and at most 80 are allowed."
    bad_request "The value of the field `username` is not of the right kind."
    bad_request "The value of the field `password` is not of the right kind."
    bad_request "There is no field `is_admin` here."
    "#);
    assert!(!app.state.store.has_users().await.unwrap());
}

#[tokio::test]
async fn closed_means_that_only_the_first_account_can_be_made() {
    let app = TestApp::with(|config| config.sign_up.mode = SignUpMode::Closed).await;
    app.sign_up("jane").await;
    insta::assert_snapshot!(app.program().post("/api/v1/users", &account("john")).await, @r#"
    403 {
      "code": "disabled",
      "detail": "Sign-up is closed on this server.",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn by_invitation_means_that_everybody_but_the_first_needs_one() {
    let app = TestApp::with(|config| config.sign_up.mode = SignUpMode::Invitation).await;
    app.sign_up("jane").await;
    insta::assert_snapshot!(app.program().post("/api/v1/users", &account("john")).await, @r#"
    403 {
      "code": "forbidden",
      "detail": "A valid invitation is needed. Ask for a new link.",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
}
