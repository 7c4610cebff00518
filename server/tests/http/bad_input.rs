use crate::support::{PASSWORD, TestApp};
use http::{Method, header::ALLOW};
use serde_json::json;
use uuid::Uuid;

const JSON: Option<&str> = Some("application/json");
const HOSTILE: [&str; 6] = [
    "'; DROP TABLE users; --",
    "\" OR \"\"=\"",
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "${7*7} {{7*7}} %00 %s \\",
];

#[tokio::test]
async fn an_address_that_is_not_there_is_a_problem() {
    let app = TestApp::start().await;
    insta::assert_snapshot!(app.program().get("/api/v1/nothing").await, @r#"
    404 {
      "code": "not_found",
      "detail": "There is nothing at this address.",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    for path in [
        "/api",
        "/api/",
        "/api/v2/me",
        "/api/v1/me/",
        "/nothing",
        "/fn/nothing",
        "/%00",
        "/..%2f",
    ] {
        assert_eq!(app.program().get(path).await.code(), "not_found", "{path}");
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_have_is_a_problem_that_names_those_it_has() {
    let app = TestApp::start().await;
    let refused = app
        .program()
        .send(Method::PUT, "/api/v1/session", None, Vec::new())
        .await;
    insta::assert_snapshot!(refused, @r#"
    405 {
      "code": "bad_request",
      "detail": "This address does not take this method.",
      "status": 405,
      "title": "Method Not Allowed",
      "type": "about:blank"
    }
    "#);
    assert_eq!(refused.header(&ALLOW), "POST,DELETE");
    for path in ["/", "/sign-in", "/ws", "/healthz", "/fn/load_chat"] {
        let refused = app
            .program()
            .send(Method::PUT, path, None, Vec::new())
            .await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (405, "bad_request"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_what_is_wrong() {
    let app = TestApp::start().await;
    let program = app.program();
    let post = async |kind: Option<&str>, body: &[u8]| {
        program
            .send(Method::POST, "/api/v1/session", kind, body.to_vec())
            .await
    };
    insta::assert_snapshot!(post(None, b"{}").await, @r#"
    415 {
      "code": "bad_request",
      "detail": "The body must be JSON, with the content type application/json.",
      "status": 415,
      "title": "Unsupported Media Type",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(post(Some("text/plain"), b"{}").await, @r#"
    415 {
      "code": "bad_request",
      "detail": "The body must be JSON, with the content type application/json.",
      "status": 415,
      "title": "Unsupported Media Type",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(post(JSON, b"{").await, @r#"
    400 {
      "code": "bad_request",
      "detail": "The body is not JSON: EOF while parsing an object at line 1 column 1.",
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(post(JSON, b"").await, @r#"
    400 {
      "code": "bad_request",
      "detail": "The body is not JSON: EOF while parsing a value at line 1 column 0.",
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(post(JSON, b"[]").await, @r#"
    400 {
      "code": "bad_request",
      "detail": "The request does not have the fields that this address takes.",
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(post(JSON, b"{\"username\": 3}").await, @r#"
    400 {
      "code": "bad_request",
      "detail": "The value of the field `username` is not of the right kind.",
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(post(JSON, b"{\"username\": \"a\"}").await, @r#"
    400 {
      "code": "bad_request",
      "detail": "The field `password` is missing.",
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(post(JSON, b"{\"username\": \"\xff\"}").await, @r#"
    400 {
      "code": "bad_request",
      "detail": "The body is not JSON: username: invalid unicode code point at line 1 column 15.",
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
    insta::assert_snapshot!(post(JSON, b"{\"user\": \"a\"}").await, @r#"
    400 {
      "code": "bad_request",
      "detail": "There is no field `user` here.",
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
    let deep = "[".repeat(10_000);
    assert_eq!(post(JSON, deep.as_bytes()).await.code(), "bad_request");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_it_says_so_or_not() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let body = json!({ "name": "x".repeat(200_000) });
    insta::assert_snapshot!(jane.post("/api/v1/workspaces", &body).await, @r#"
    413 {
      "code": "too_large",
      "detail": "The body is too large: at most 131072 bytes are accepted.",
      "status": 413,
      "title": "Payload Too Large",
      "type": "about:blank"
    }
    "#);
    assert_eq!(
        jane.post("/fn/create_chat", &body).await.code(),
        "too_large"
    );
    assert_eq!(
        jane.form("/sign-in", &[("username", &"x".repeat(200_000))])
            .await
            .code(),
        "too_large"
    );
    let unannounced = jane
        .stream(Method::POST, "/api/v1/workspaces", body.to_string())
        .await;
    assert_eq!(unannounced.code(), "too_large");
}

#[tokio::test]
async fn a_malformed_id_is_a_bad_request_wherever_it_stands() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let general = jane.general().await;
    insta::assert_snapshot!(jane.get("/api/v1/chats/general/presence").await, @r#"
    400 {
      "code": "bad_request",
      "detail": "An id in the address is malformed: ids are UUIDs.",
      "status": 400,
      "title": "Bad Request",
      "type": "about:blank"
    }
    "#);
    let text = json!({ "text": "x" });
    for id in [
        "1",
        "x",
        "%00",
        "'",
        "01920000-0000-7000-8000-00000000000g",
        "%ff",
        "..%2f..",
    ] {
        let chat = format!("/api/v1/chats/{id}");
        for refused in [
            jane.get(&format!("/api/v1/workspaces/{id}/chats")).await,
            jane.get(&format!("{chat}/presence")).await,
            jane.get(&format!("{chat}/messages")).await,
            jane.get(&format!("{chat}/members")).await,
            jane.patch(&chat, &json!({ "name": "x" })).await,
            jane.patch(&format!("/api/v1/chats/{general}/messages/{id}"), &text)
                .await,
            jane.delete(&format!("/api/v1/chats/{general}/messages/{id}"))
                .await,
            jane.delete(&format!("/api/v1/chats/{general}/members?user_id={id}"))
                .await,
        ] {
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (400, "bad_request"),
                "{id}"
            );
        }
        let new = json!({ "client_id": id, "text": "x" });
        let refused = jane
            .post(&format!("/api/v1/chats/{general}/messages"), &new)
            .await;
        assert_eq!(refused.code(), "bad_request", "{id}");
    }
}

#[tokio::test]
async fn sql_and_html_are_kept_as_they_are_in_every_field_and_never_become_markup() {
    let app = TestApp::start().await;
    for (number, hostile) in HOSTILE.into_iter().enumerate() {
        let username = format!("user{number}");
        let account =
            json!({ "username": username, "display_name": hostile, "password": PASSWORD });
        assert_eq!(
            app.program().post("/api/v1/users", &account).await.status,
            201
        );
        let user = app.sign_in(&username).await;
        assert_eq!(user.get("/api/v1/me").await.json()["display_name"], hostile);

        let workspace = user
            .post("/api/v1/workspaces", &json!({ "name": hostile }))
            .await
            .json();
        assert_eq!(workspace["name"], hostile);
        let chats = format!(
            "/api/v1/workspaces/{}/chats",
            workspace["workspace_id"].as_str().unwrap()
        );
        let chat = user
            .post(&chats, &json!({ "name": hostile, "topic": hostile }))
            .await
            .json();
        assert_eq!(
            (&chat["name"], &chat["topic"]),
            (&json!(hostile), &json!(hostile))
        );

        let messages = format!(
            "/api/v1/chats/{}/messages",
            chat["chat_id"].as_str().unwrap()
        );
        let new = json!({ "client_id": Uuid::new_v4(), "text": hostile });
        assert_eq!(user.post(&messages, &new).await.json()["text"], hostile);

        let slugs = [&workspace["slug"], &chat["slug"]].map(|slug| slug.as_str().unwrap());
        let page = user.visit(&format!("/w/{}/c/{}", slugs[0], slugs[1])).await;
        assert_eq!(page.status, 200);
        for markup in ["<script>alert(1)", "<img src=x"] {
            assert!(!page.text().contains(markup), "{markup}");
        }
        let error = user
            .visit(&format!(
                "/sign-in?error={}",
                "%3Cscript%3Ealert(1)%3C/script%3E"
            ))
            .await;
        assert!(!error.text().contains("<script>alert(1)"));
    }
    let lost = app
        .sign_in("user0")
        .await
        .get("/api/v1/workspaces")
        .await
        .json();
    assert_eq!(lost.as_array().unwrap().len(), 2, "no table was dropped");
}
