use crate::support::{PASSWORD, TestApp};
use http::{
    HeaderMap,
    header::{RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE},
};
use protocol::ErrorCode;
use serde_json::json;
use server::auth::{issue_token, replace_session, verify_password};
use std::net::Ipv4Addr;

#[tokio::test]
async fn the_first_account_administers_the_server_and_later_ones_do_not() {
    let app = TestApp::start().await;
    let program = app.program();
    let account =
        |name: &str| json!({ "username": name, "display_name": "Jane Doe", "password": PASSWORD });
    insta::assert_snapshot!(program.post("/api/v1/users", &account(" Jane ")).await, @r#"
    201 {
      "display_name": "Jane Doe",
      "is_admin": true,
      "user_id": "[id]",
      "username": "jane"
    }
    "#);
    insta::assert_snapshot!(program.post("/api/v1/users", &account("john")).await, @r#"
    201 {
      "display_name": "Jane Doe",
      "is_admin": false,
      "user_id": "[id]",
      "username": "john"
    }
    "#);
}

#[tokio::test]
async fn who_is_signed_in_is_told_who_they_are() {
    let app = TestApp::start().await;
    insta::assert_snapshot!(app.sign_up("jane").await.get("/api/v1/me").await, @r#"
    200 {
      "display_name": "Jane",
      "is_admin": true,
      "user_id": "[id]",
      "username": "jane"
    }
    "#);
}

#[tokio::test]
async fn without_a_sign_in_every_private_address_says_the_same() {
    let app = TestApp::start().await;
    let program = app.program();
    let id = "01920000-0000-7000-8000-000000000000";
    let me = program.get("/api/v1/me").await;
    insta::assert_snapshot!(me, @r#"
    401 {
      "code": "unauthorized",
      "detail": "Sign in first.",
      "status": 401,
      "title": "Unauthorized",
      "type": "about:blank"
    }
    "#);
    assert_eq!(me.header(&WWW_AUTHENTICATE), "Bearer");
    for path in [
        "/api/v1/workspaces".to_owned(),
        format!("/api/v1/workspaces/{id}/chats"),
        format!("/api/v1/chats/{id}/members"),
        format!("/api/v1/chats/{id}/messages"),
        format!("/api/v1/chats/{id}/presence"),
        format!("/api/v1/admin/users/{id}/diagnostics"),
    ] {
        assert_eq!(program.get(&path).await.body, me.body, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_answered_alike() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let browser = app.browser();
    let sign_in = async |username: &str, password: &str| {
        let credentials = json!({ "username": username, "password": password });
        browser.post("/api/v1/session", &credentials).await
    };
    let wrong = sign_in("jane", "wrong horse").await;
    insta::assert_snapshot!(wrong, @r#"
    401 {
      "code": "unauthorized",
      "detail": "The username or the password is wrong.",
      "status": 401,
      "title": "Unauthorized",
      "type": "about:blank"
    }
    "#);
    let too_long = "x".repeat(2_000);
    for (username, password) in [
        ("nobody", PASSWORD),
        ("jane", ""),
        ("", ""),
        ("jane\0", PASSWORD),
        ("jane'; --", PASSWORD),
        ("jane", &too_long),
    ] {
        let app = TestApp::start().await;
        app.sign_up("jane").await;
        let credentials = json!({ "username": username, "password": password });
        let refused = app.browser().post("/api/v1/session", &credentials).await;
        assert_eq!(refused.body, wrong.body, "{username:?}");
        assert_eq!(refused.header(&SET_COOKIE), "");
    }
}

#[tokio::test]
async fn whoever_guesses_must_wait_even_with_the_right_password() {
    let app = TestApp::with(|config| config.sign_in.free_attempts = 2).await;
    app.sign_up("jane").await;
    let browser = app.browser();
    for path in ["/api/v1/session", "/api/v1/token"] {
        let wrong = json!({ "username": "jane", "password": "wrong horse" });
        assert_eq!(browser.post(path, &wrong).await.status, 401);
    }
    let right = json!({ "username": "jane", "password": PASSWORD });
    for path in ["/api/v1/session", "/api/v1/token"] {
        let refused = browser.post(path, &right).await;
        insta::allow_duplicates! { insta::assert_snapshot!(refused, @r#"
        429 {
          "code": "rate_limited",
          "detail": "Too many attempts. Wait 1 s and try again.",
          "status": 429,
          "title": "Too Many Requests",
          "type": "about:blank"
        }
        "#); }
        assert_eq!(refused.header(&RETRY_AFTER), "1");
        assert_eq!(refused.header(&SET_COOKIE), "");
    }
    let form = [("username", "jane"), ("password", PASSWORD)];
    assert_eq!(
        browser.form("/sign-in", &form).await.location(),
        "/sign-in?error=throttled&wait=1&username=jane"
    );
}

#[tokio::test]
async fn while_the_data_cannot_be_reached_no_attempt_is_charged_as_a_wrong_password() {
    let app = TestApp::with(|config| config.sign_in.free_attempts = 1).await;
    app.sign_up("jane").await;
    app.state.store.close().await;
    for _ in 0..3 {
        let password = PASSWORD.to_owned();
        let tried = verify_password(&app.state, "jane", password, Ipv4Addr::LOCALHOST.into());
        assert_eq!(tried.await.err().unwrap().code(), ErrorCode::Unavailable);
    }
}

#[tokio::test]
async fn a_password_that_is_replaced_while_it_is_checked_signs_nobody_in() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let password = PASSWORD.to_owned();
    let checked = verify_password(&app.state, "jane", password, Ipv4Addr::LOCALHOST.into());
    let checked = checked.await.unwrap();
    let user = jane.user_id.parse().unwrap();
    let replaced = app.state.store.set_password_hash(user, "another");
    replaced.await.unwrap();
    let (who, proof, headers) = (&checked.user, &checked.password_hash, HeaderMap::new());
    let browser = replace_session(&app.state, who, Some(proof), &headers).await;
    assert_eq!(browser.unwrap_err().code(), ErrorCode::Unauthorized);
    let program = issue_token(&app.state, who, proof, &headers).await;
    assert_eq!(program.unwrap_err().code(), ErrorCode::Unauthorized);
    assert_eq!(app.state.store.sessions_of(user).await.unwrap(), []);
}

#[tokio::test]
async fn guesses_count_by_address_as_far_as_the_proxy_in_front_is_trusted() {
    let app = TestApp::with(|config| {
        config.sign_in.free_attempts = 1;
        config.server.trusted_proxies = vec![Ipv4Addr::LOCALHOST.into()];
    })
    .await;
    app.sign_up("jane").await;
    let guess = async |account: &str, address: &str| {
        let mut browser = app.browser();
        browser.header(http::HeaderName::from_static("x-forwarded-for"), address);
        let wrong = json!({ "username": account, "password": "wrong horse" });
        browser.post("/api/v1/session", &wrong).await.status
    };
    assert_eq!(guess("a", "192.0.2.1").await, 401);
    assert_eq!(guess("b", "192.0.2.1").await, 429);
    assert_eq!(guess("b", "192.0.2.2").await, 401);
}

#[tokio::test]
async fn guesses_count_by_address_and_so_do_accounts_that_are_made() {
    let app = TestApp::start().await;
    let program = app.program();
    let account = |n: u32, name: &str| json!({ "username": format!("{name}{n}"), "display_name": "A", "password": PASSWORD });
    // Names that are taken count as well: they are how one would find out who is here.
    for n in 0..10 {
        for status in [201, 409] {
            let made = program.post("/api/v1/users", &account(n, "jane")).await;
            assert_eq!(made.status, status);
        }
    }
    let refused = program.post("/api/v1/users", &account(0, "john")).await;
    assert_eq!(refused.code(), "rate_limited");
    assert_eq!(refused.header(&RETRY_AFTER), "1");
    let form = [
        ("username", "john"),
        ("display_name", "A"),
        ("password", PASSWORD),
    ];
    let back = app.browser().form("/sign-up", &form).await;
    assert!(
        back.location().starts_with("/sign-up?error=throttled"),
        "{back:?}"
    );
    let counted = "rollcall_limit_reached_total{limit=\"sign_up\"} 2";
    let metrics = program.get("/metrics").await;
    assert!(metrics.text().contains(counted), "{metrics:?}");
    app.sign_in("jane0").await;
}
