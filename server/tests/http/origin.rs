use crate::support::{PASSWORD, TestApp};
use http::{HeaderName, header::ORIGIN};
use serde_json::json;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let app = TestApp::start().await;
    let mut jane = app.sign_up("jane").await;
    let general = jane.general().await;
    jane.header(ORIGIN, "https://evil.example");
    let name = json!({ "name": "x" });
    insta::assert_snapshot!(jane.post("/api/v1/workspaces", &name).await, @r#"
    403 {
      "code": "forbidden",
      "detail": "This request did not come from a page of this server.",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let composer = [("text", "sent by another site")];
    for refused in [
        jane.post("/api/v1/session", &credentials).await,
        jane.delete("/api/v1/session").await,
        jane.patch(&format!("/api/v1/chats/{general}"), &name).await,
        jane.form("/sign-in", &[("username", "jane"), ("password", PASSWORD)])
            .await,
        jane.form("/sign-out", &[]).await,
        jane.form("/w/home/c/general", &composer).await,
        jane.form("/new", &[("name", "Sent")]).await,
        jane.form("/w/home/c/general/join", &[]).await,
        jane.post("/fn/join_chat", &json!({ "chat_id": general }))
            .await,
    ] {
        assert_eq!(refused.code(), "forbidden");
    }
    assert_eq!(
        jane.get("/api/v1/me").await.status,
        200,
        "reading is no change"
    );
    let history = jane.get(&format!("/api/v1/chats/{general}/messages")).await;
    assert_eq!(history.json()["messages"], json!([]));
}

#[tokio::test]
async fn the_browsers_own_word_counts_where_there_is_no_origin() {
    let app = TestApp::start().await;
    let mut jane = app.sign_up("jane").await;
    jane.without(&ORIGIN);
    let name = json!({ "name": "x" });
    for (site, status) in [
        ("same-origin", 201),
        ("none", 201),
        ("same-site", 403),
        ("cross-site", 403),
    ] {
        jane.header(SEC_FETCH_SITE, site);
        assert_eq!(
            jane.post("/api/v1/workspaces", &name).await.status,
            status,
            "{site}"
        );
    }
    jane.without(&SEC_FETCH_SITE);
    insta::assert_snapshot!(jane.post("/api/v1/workspaces", &name).await, @r#"
    403 {
      "code": "forbidden",
      "detail": "This request carries a cookie and does not say which page sent it. Programs sign in with a token: Authorization: Bearer.",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn an_origin_that_the_operator_listed_may_send_requests() {
    let app = TestApp::with(|config| {
        config.server.allowed_origins = vec!["https://intranet.example".parse().unwrap()];
    })
    .await;
    let mut jane = app.sign_up("jane").await;
    jane.header(ORIGIN, "https://intranet.example");
    assert_eq!(
        jane.post("/api/v1/workspaces", &json!({ "name": "x" }))
            .await
            .status,
        201
    );
}
