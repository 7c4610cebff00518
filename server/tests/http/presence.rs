use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn rest_and_the_server_function_tell_the_same() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    app.sign_up("john").await;
    let general = jane.general().await;
    let rest = jane.get(&format!("/api/v1/chats/{general}/presence")).await;
    insta::assert_snapshot!(rest, @r#"
    200 [
      {
        "display_name": "Jane",
        "is_online": false,
        "user_id": "[id]",
        "version": 0
      },
      {
        "display_name": "John",
        "is_online": false,
        "user_id": "[id]",
        "version": 0
      }
    ]
    "#);
    let function = jane
        .post("/fn/load_chat_presence", &json!({ "chat_id": general }))
        .await;
    assert_eq!(function.json()["users"], rest.json());
}

#[tokio::test]
async fn who_could_join_but_has_not_learns_no_presence() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let design = jane.create_chat("design", false).await;
    assert_eq!(
        john.get(&format!("/api/v1/chats/{design}/presence"))
            .await
            .code(),
        "not_found"
    );
    let function = john
        .post("/fn/load_chat_presence", &json!({ "chat_id": design }))
        .await;
    assert!(function.text().contains("not_found"), "{function:?}");
}

#[tokio::test]
async fn switched_off_presence_says_so_and_the_pages_do_without() {
    let app = TestApp::with(|config| config.chat.presence_enabled = false).await;
    let jane = app.sign_up("jane").await;
    let general = jane.general().await;
    insta::assert_snapshot!(jane.get(&format!("/api/v1/chats/{general}/presence")).await, @r#"
    403 {
      "code": "disabled",
      "detail": "Presence is switched off on this server.",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
    let page = json!({ "workspace": "home", "chat": "general" });
    let page = jane.post("/fn/load_chat", &page).await.json();
    assert_eq!(page["presence"]["users"], json!([]));
}
