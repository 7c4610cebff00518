use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn whoever_makes_a_workspace_owns_it_and_finds_a_chat_in_it() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let made = jane
        .post("/api/v1/workspaces", &json!({ "name": "Flowra Labs" }))
        .await;
    insta::assert_snapshot!(made, @r#"
    201 {
      "name": "Flowra Labs",
      "role": "owner",
      "slug": "flowra-labs",
      "workspace_id": "[id]"
    }
    "#);
    let id = made.json()["workspace_id"].as_str().unwrap().to_owned();
    let chats = jane
        .get(&format!("/api/v1/workspaces/{id}/chats"))
        .await
        .json();
    assert_eq!(chats[0]["name"], "general");
    assert_eq!(chats[0]["role"], "owner");
}

#[tokio::test]
async fn workspaces_of_the_same_name_have_addresses_of_their_own() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let mut slugs = Vec::new();
    for name in ["Flowra", "flowra", "日本語"] {
        let made = jane
            .post("/api/v1/workspaces", &json!({ "name": name }))
            .await
            .json();
        slugs.push(made["slug"].as_str().unwrap().to_owned());
    }
    assert_eq!(slugs, ["flowra", "flowra-2", "workspace-1"]);
}

#[tokio::test]
async fn an_unknown_workspace_and_a_foreign_one_are_answered_alike() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let foreign = jane
        .post("/api/v1/workspaces", &json!({ "name": "Secret" }))
        .await
        .json();
    let foreign = format!(
        "/api/v1/workspaces/{}/chats",
        foreign["workspace_id"].as_str().unwrap()
    );
    let unknown = "/api/v1/workspaces/01920000-0000-7000-8000-000000000000/chats";
    insta::assert_snapshot!(john.get(unknown).await, @r#"
    404 {
      "code": "not_found",
      "detail": "There is no such workspace.",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    assert_eq!(john.get(&foreign).await.body, john.get(unknown).await.body);
    let chat = json!({ "name": "x" });
    assert_eq!(
        john.post(&foreign, &chat).await.body,
        john.post(unknown, &chat).await.body
    );
    assert_eq!(john.post(&foreign, &chat).await.code(), "not_found");
}

#[tokio::test]
async fn a_name_that_nobody_can_read_makes_no_workspace() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    for name in ["", "   ", "\u{200B}", "a\nb", "a\0b", &"x".repeat(81)] {
        let refused = jane
            .post("/api/v1/workspaces", &json!({ "name": name }))
            .await;
        assert!(matches!(refused.status, 400 | 413), "{name:?}: {refused:?}");
    }
    assert_eq!(
        jane.get("/api/v1/workspaces")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
