use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn whoever_makes_a_chat_owns_it() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let path = format!("/api/v1/workspaces/{}/chats", jane.workspace().await);
    let chat = json!({ "name": "#Release Train", "topic": "Every second Tuesday" });
    insta::assert_snapshot!(jane.post(&path, &chat).await, @r#"
    201 {
      "chat_id": "[id]",
      "is_muted": false,
      "is_private": false,
      "kind": "channel",
      "name": "Release Train",
      "read_offset": 0,
      "role": "owner",
      "slug": "release-train",
      "topic": "Every second Tuesday",
      "unread": 0,
      "workspace_id": "[id]"
    }
    "#);
}

#[tokio::test]
async fn a_chat_is_renamed_by_its_owner_and_keeps_its_address() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let chat = jane.create_chat("design", false).await;
    let path = format!("/api/v1/chats/{chat}");
    let renamed = jane.patch(&path, &json!({ "name": "Look & feel" })).await;
    insta::assert_snapshot!(renamed, @r#"
    200 {
      "chat_id": "[id]",
      "is_muted": false,
      "is_private": false,
      "kind": "channel",
      "name": "Look & feel",
      "read_offset": 0,
      "role": "owner",
      "slug": "design",
      "topic": "",
      "unread": 0,
      "workspace_id": "[id]"
    }
    "#);
    let retold = jane.patch(&path, &json!({ "topic": "Calm" })).await.json();
    assert_eq!(
        (&retold["name"], &retold["topic"]),
        (&json!("Look & feel"), &json!("Calm"))
    );
    let emptied = jane.patch(&path, &json!({ "topic": "" })).await.json();
    assert_eq!(emptied["topic"], "");
}

#[tokio::test]
async fn members_may_not_rename_but_administrators_of_the_workspace_may() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let general = format!("/api/v1/chats/{}", john.general().await);
    insta::assert_snapshot!(john.patch(&general, &json!({ "name": "johns" })).await, @r#"
    403 {
      "code": "forbidden",
      "detail": "Only the owners of the chat and the administrators of the workspace may do this.",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
    let design = john.create_chat("design", false).await;
    let renamed = jane
        .patch(
            &format!("/api/v1/chats/{design}"),
            &json!({ "name": "looks" }),
        )
        .await;
    assert_eq!(renamed.json()["name"], "looks");
    assert_eq!(renamed.json()["role"], json!(null));
}

#[tokio::test]
async fn two_chats_of_a_workspace_never_share_a_name() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let design = jane.create_chat("design", false).await;
    let path = format!("/api/v1/workspaces/{}/chats", jane.workspace().await);
    insta::assert_snapshot!(jane.post(&path, &json!({ "name": "Design" })).await, @r#"
    409 {
      "code": "conflict",
      "detail": "This chat name is already taken.",
      "status": 409,
      "title": "Conflict",
      "type": "about:blank"
    }
    "#);
    let renamed = jane
        .patch(
            &format!("/api/v1/chats/{design}"),
            &json!({ "name": "GENERAL" }),
        )
        .await;
    assert_eq!(renamed.code(), "conflict");
}

#[tokio::test]
async fn an_unknown_chat_and_a_foreign_one_are_answered_alike_everywhere() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let foreign = jane.create_chat("secret", true).await;
    let message = jane.write(&foreign, "hidden").await;
    let message = message["id"].as_str().unwrap();
    let unknown = "01920000-0000-7000-8000-000000000000";
    let answers = async |chat: &str| {
        let path = format!("/api/v1/chats/{chat}");
        let text = json!({ "text": "x" });
        let new = json!({ "text": "x", "client_id": unknown });
        vec![
            john.patch(&path, &json!({ "name": "x" })).await,
            john.get(&format!("{path}/members")).await,
            john.post(&format!("{path}/members"), &json!({ "username": "john" }))
                .await,
            john.delete(&format!("{path}/members")).await,
            john.delete(&format!("{path}/members?user_id={}", jane.user_id))
                .await,
            john.get(&format!("{path}/messages")).await,
            john.post(&format!("{path}/messages"), &new).await,
            john.patch(&format!("{path}/messages/{message}"), &text)
                .await,
            john.delete(&format!("{path}/messages/{message}")).await,
            john.get(&format!("{path}/presence")).await,
        ]
    };
    let (of_unknown, of_foreign) = (answers(unknown).await, answers(&foreign).await);
    insta::assert_snapshot!(of_unknown[0], @r#"
    404 {
      "code": "not_found",
      "detail": "There is no such chat.",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    for (unknown, foreign) in of_unknown.iter().zip(&of_foreign) {
        assert_eq!(unknown.code(), "not_found");
        assert_eq!(unknown.body, of_unknown[0].body);
        assert_eq!(foreign.body, unknown.body);
        let names =
            |answer: &crate::support::Response| answer.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(foreign), names(unknown));
    }
}
