use crate::support::{PASSWORD, TestApp};
use http::header::SET_COOKIE;
use presence::Registration;
use protocol::ConnectionId;
use serde_json::json;
use server::auth::end_expired_sessions;
use std::time::Duration;
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn signing_in_sets_a_cookie_that_no_script_and_no_other_site_can_use() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let signed_in = app.browser().post("/api/v1/session", &credentials).await;
    let cookie = signed_in.header(&SET_COOKIE);
    let (secret, attributes) = cookie.split_once(';').unwrap();
    assert_eq!(
        secret.len(),
        "rollcall_session=".len() + 43,
        "256 bits in base64url"
    );
    assert_eq!(
        attributes,
        " HttpOnly; SameSite=Lax; Path=/; Max-Age=34560000"
    );
}

#[tokio::test]
async fn behind_tls_the_cookie_is_secure_and_bound_to_the_host() {
    let app = TestApp::with(|config| {
        config.server.public_url = Some("https://chat.example.org".parse().unwrap());
    })
    .await;
    let mut browser = app.browser();
    browser.header(http::header::ORIGIN, "https://chat.example.org");
    let fields = [
        ("username", "jane"),
        ("display_name", "Jane"),
        ("password", PASSWORD),
        ("workspace", "W"),
    ];
    let signed_in = browser.form("/sign-up", &fields).await;
    let cookie = signed_in.header(&SET_COOKIE);
    assert!(cookie.starts_with("__Host-rollcall_session="), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000"),
        "{cookie}"
    );
    assert_eq!(browser.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_forgets_the_cookie() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let elsewhere = app.sign_in("jane").await;
    let stolen = jane.cookie();
    let signed_out = jane.delete("/api/v1/session").await;
    assert_eq!(signed_out.status, 204);
    assert!(
        signed_out.header(&SET_COOKIE).contains("; Max-Age=0"),
        "{signed_out:?}"
    );

    let mut thief = app.program();
    thief.header(http::header::COOKIE, &stolen);
    assert_eq!(thief.get("/api/v1/me").await.status, 401);
    assert_eq!(jane.get("/api/v1/me").await.status, 401);
    assert_eq!(elsewhere.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn a_sign_in_that_is_used_lasts_on_and_one_that_is_not_expires() {
    let app = TestApp::start().await;
    let active = app.sign_up("jane").await;
    let idle = app.sign_in("jane").await;
    for _ in 0..4 {
        app.pass(10 * DAY);
        assert_eq!(active.get("/api/v1/me").await.status, 200);
    }
    assert_eq!(idle.get("/api/v1/me").await.status, 401);
    app.pass(31 * DAY);
    assert_eq!(active.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn who_was_signed_in_under_an_expired_session_alone_is_offline() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let user = jane.user_id.parse().unwrap();
    let session = app.state.store.sessions_of(user).await.unwrap()[0].session_id;
    let connection = Registration {
        connection: ConnectionId::from_uuid(Uuid::now_v7()),
        user,
        session,
        node: app.state.node,
    };
    app.state.directory.open(connection).await.unwrap();
    let is_online = async || app.state.directory.snapshot(&[user]).await.unwrap()[0].is_online();

    end_expired_sessions(&app.state).await.unwrap();
    assert!(is_online().await, "it holds");
    app.pass(31 * DAY);
    end_expired_sessions(&app.state).await.unwrap();
    assert!(!is_online().await);
    assert_eq!(app.state.store.sessions_of(user).await.unwrap(), []);
}

#[tokio::test]
async fn reading_extends_a_sign_in_at_most_once_a_day() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let user = jane.user_id.parse().unwrap();
    let expiry = async || app.state.store.sessions_of(user).await.unwrap()[0].expires_at;
    let first = expiry().await;
    app.pass(DAY / 2);
    jane.get("/api/v1/me").await;
    assert_eq!(expiry().await, first);
    app.pass(DAY / 2);
    jane.get("/api/v1/me").await;
    let extended = expiry().await;
    assert!(extended > first);
    jane.get("/api/v1/me").await;
    assert_eq!(expiry().await, extended);
}

#[tokio::test]
async fn signing_in_again_ends_the_sign_in_before_it() {
    let app = TestApp::start().await;
    let browser = app.sign_up("jane").await;
    let before = browser.cookie();
    app.sign_up("john").await;
    let credentials = json!({ "username": "john", "password": PASSWORD });
    assert_eq!(
        browser.post("/api/v1/session", &credentials).await.status,
        200
    );
    assert_eq!(browser.get("/api/v1/me").await.json()["username"], "john");
    let mut old = app.program();
    old.header(http::header::COOKIE, &before);
    assert_eq!(old.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_sign_in_survives_a_restart() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let app = TestApp::start_in(app.stop().await, |_| (), false).await;
    let mut browser = app.program();
    browser.header(http::header::COOKIE, &jane.cookie());
    assert_eq!(browser.get("/api/v1/me").await.json()["username"], "jane");
}

#[tokio::test]
async fn what_is_no_cookie_of_ours_signs_nobody_in() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    for value in [
        "",
        "x",
        &"A".repeat(43),
        "%00",
        "a b",
        "'; DROP TABLE sessions; --",
    ] {
        let browser = app.browser();
        browser.set_cookie("rollcall_session", value);
        assert_eq!(browser.get("/api/v1/me").await.status, 401, "{value}");
    }
}
