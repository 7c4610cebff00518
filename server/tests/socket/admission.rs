//! Who may stay. Every upgrade is accepted, as a browser cannot see why one was refused.

use crate::{
    peer::{Heard, Socket, browser_headers, counted, eventually, general, id_of, open_with},
    support::{PASSWORD, TestApp},
};
use http::{
    HeaderName,
    header::{AUTHORIZATION, COOKIE, ORIGIN},
};
use protocol::{ClientFrame, CloseCode, ErrorCode, PROTOCOL_VERSION, ServerFrame};
use serde_json::json;
use std::{iter, time::Duration};

async fn token(app: &TestApp, username: &str) -> String {
    let credentials = json!({ "username": username, "password": PASSWORD });
    let issued = app
        .program()
        .post("/api/v1/token", &credentials)
        .await
        .json();
    issued["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_of_another_origin_is_closed_with_4503() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let headers = [(COOKIE, jane.cookie()), (ORIGIN, origin.to_owned())];
        let (code, _) = open_with(&app, "/ws", &headers).await.end().await;
        assert_eq!(code, CloseCode::FORBIDDEN_ORIGIN, "{origin}");
    }
    assert_eq!(app.sockets(), 0);
}

#[tokio::test]
async fn a_cookie_without_an_origin_is_no_browser_and_is_closed_with_4503() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let (code, _) = open_with(&app, "/ws", &[(COOKIE, jane.cookie())])
        .await
        .end()
        .await;
    assert_eq!(code, CloseCode::FORBIDDEN_ORIGIN);
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_closed_with_4401() {
    let app = TestApp::start().await;
    let nobody = app.browser();
    let (code, _) = Socket::open(&app, &nobody).await.end().await;
    assert_eq!(code, CloseCode::SESSION_EXPIRED);
    let forged = [(AUTHORIZATION, "Bearer forged".to_owned())];
    let (code, _) = open_with(&app, "/ws", &forged).await.end().await;
    assert_eq!(code, CloseCode::SESSION_EXPIRED);
}

#[tokio::test]
async fn a_token_signs_a_program_in_by_its_header_and_never_by_the_address() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let token = token(&app, "jane").await;
    let header = [(AUTHORIZATION, format!("Bearer {token}"))];
    let welcome = open_with(&app, "/ws", &header).await.hello(None).await;
    assert_eq!(welcome.user.user_id, id_of(&jane));
    for query in ["token", "access_token", "authorization"] {
        let mut socket = open_with(&app, &format!("/ws?{query}={token}"), &[]).await;
        assert_eq!(socket.end().await.0, CloseCode::SESSION_EXPIRED, "{query}");
    }
}

#[tokio::test]
async fn an_expired_sign_in_is_closed_with_4401() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let header = [(
        AUTHORIZATION,
        format!("Bearer {}", token(&app, "jane").await),
    )];
    app.pass(Duration::from_secs(31 * 24 * 60 * 60));
    assert_eq!(
        Socket::open(&app, &jane).await.end().await.0,
        CloseCode::SESSION_EXPIRED
    );
    assert_eq!(
        open_with(&app, "/ws", &header).await.end().await.0,
        CloseCode::SESSION_EXPIRED
    );
}

#[tokio::test]
async fn a_sign_in_that_runs_out_takes_its_open_sockets_along() {
    let app = TestApp::with(|config| config.token.lifetime = Duration::from_secs(2)).await;
    let jane = app.sign_up("jane").await;
    let mut other = Socket::join(&app, &jane).await;
    let header = [(
        AUTHORIZATION,
        format!("Bearer {}", token(&app, "jane").await),
    )];
    let mut socket = open_with(&app, "/ws", &header).await;
    socket.hello(None).await;
    assert_eq!(socket.end().await.0, CloseCode::SESSION_EXPIRED);
    assert_eq!(other.so_far().await, [], "another sign-in lives on");
}

#[tokio::test]
async fn signing_out_closes_every_socket_of_that_sign_in_and_of_no_other() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let elsewhere = app.sign_in("jane").await;
    let mut tabs = [
        Socket::join(&app, &jane).await,
        Socket::open(&app, &jane).await,
    ];
    let mut other = Socket::join(&app, &elsewhere).await;
    assert_eq!(jane.delete("/api/v1/session").await.status, 204);
    for tab in &mut tabs {
        assert_eq!(tab.end().await.0, CloseCode::SESSION_EXPIRED);
    }
    assert_eq!(other.so_far().await, []);
    assert_eq!(
        Socket::open(&app, &jane).await.end().await.0,
        CloseCode::SESSION_EXPIRED
    );
}

#[tokio::test]
async fn who_does_not_say_hello_in_time_is_closed_with_4408() {
    let in_time = Duration::from_millis(100);
    let app = TestApp::with(|config| config.websocket.hello_timeout = in_time).await;
    let jane = app.sign_up("jane").await;
    let mut silent = Socket::open(&app, &jane).await;
    assert_eq!(silent.end().await.0, CloseCode::HELLO_TIMEOUT);
    let mut chatty = Socket::open(&app, &jane).await;
    chatty.say(&ClientFrame::Ping { id: 1 }).await;
    assert_eq!(
        chatty.end().await.0,
        CloseCode::HELLO_TIMEOUT,
        "other frames are no hello"
    );
}

#[tokio::test]
async fn nothing_is_accepted_or_told_before_hello() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let chat = general(&jane).await;
    let mut early = Socket::open(&app, &jane).await;
    eventually(async || app.sockets_of(id_of(&jane)) == 1).await;
    jane.write(&chat.to_string(), "Written before hello").await;
    early.say(&ClientFrame::Subscribe { chat_id: chat }).await;
    let ServerFrame::Error { code, chat_id, .. } = early.hear().await else {
        panic!("hello comes first");
    };
    assert_eq!((code, chat_id), (ErrorCode::BadRequest, Some(chat)));
    early.hello(None).await;
    assert_eq!(early.so_far().await, []);
}

#[tokio::test]
async fn a_second_hello_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    socket
        .say(&ClientFrame::Hello {
            resume: None,
            protocol: PROTOCOL_VERSION,
            idle_ms: None,
        })
        .await;
    let heard = socket.so_far().await;
    assert!(
        matches!(
            heard[..],
            [ServerFrame::Error {
                code: ErrorCode::BadRequest,
                ..
            }]
        ),
        "{heard:?}"
    );
}

#[tokio::test]
async fn another_version_of_the_protocol_is_closed_with_4500() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    for protocol in [0, PROTOCOL_VERSION + 1] {
        let mut socket = Socket::open(&app, &jane).await;
        socket
            .say(&ClientFrame::Hello {
                resume: None,
                protocol,
                idle_ms: None,
            })
            .await;
        assert_eq!(
            socket.end().await.0,
            CloseCode::UNSUPPORTED_VERSION,
            "{protocol}"
        );
    }
}

#[tokio::test]
async fn one_socket_too_many_is_closed_with_4429_and_told_when_to_come_back() {
    let app = TestApp::with(|config| config.websocket.connections_per_user = 2).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let first = Socket::join(&app, &jane).await;
    let mut second = Socket::join(&app, &jane).await;
    let (code, reason) = Socket::open(&app, &jane).await.end().await;
    assert_eq!(code, CloseCode::TOO_MANY);
    let wait: u64 = reason
        .strip_prefix("retry_after_ms=")
        .unwrap()
        .parse()
        .unwrap();
    assert!(wait > 0);
    assert_eq!(second.so_far().await, [], "those who were there stay");
    Socket::join(&app, &john).await;

    first.close().await;
    eventually(async || app.sockets_of(id_of(&jane)) == 1).await;
    Socket::join(&app, &jane).await;
}

#[tokio::test]
async fn one_socket_too_many_of_an_address_is_closed_with_4429() {
    let app = TestApp::with(|config| {
        config.server.connections_per_address = 2;
        config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let jane = app.sign_up("jane").await;
    let from = |address: &str| {
        let [cookie, origin] = browser_headers(&app, &jane);
        let forwarded = HeaderName::from_static("x-forwarded-for");
        [cookie, origin, (forwarded, address.to_owned())]
    };
    let (here, elsewhere) = (from("192.0.2.7"), from("192.0.2.8"));
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut socket = open_with(&app, "/ws", &here).await;
        socket.hello(None).await;
        held.push(socket);
    }
    let (code, reason) = open_with(&app, "/ws", &here).await.end().await;
    assert_eq!(code, CloseCode::TOO_MANY);
    assert_eq!(reason, "retry_after_ms=30000");
    open_with(&app, "/ws", &elsewhere).await.hello(None).await;

    held.pop().unwrap().close().await;
    eventually(async || app.sockets() == 1).await;
    open_with(&app, "/ws", &here).await.hello(None).await;
}

/// Whoever does not say hello would keep all others waiting.
#[tokio::test]
async fn newcomers_wait_for_their_turn_but_not_for_one_who_says_nothing() {
    let app = TestApp::with(|config| config.websocket.admissions = 1).await;
    let jane = app.sign_up("jane").await;
    let _silent = Socket::open(&app, &jane).await;
    Socket::join(&app, &jane).await;
}

#[tokio::test]
async fn one_newcomer_too_many_is_closed_with_4429_and_told_when_to_come_back() {
    let app = TestApp::with(|config| {
        config.websocket.admissions = 1;
        config.websocket.waiting = 0;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let mut late = Socket::open(&app, &jane).await;
    eventually(async || app.sockets_of(id_of(&jane)) == 1).await;
    let somebody = loop {
        // Once it has been let in, another one has a turn.
        match app.state.admissions.turn().await {
            Some(turn) => break turn,
            None => tokio::task::yield_now().await,
        }
    };
    let sent_away = (CloseCode::TOO_MANY, "retry_after_ms=10000".to_owned());
    assert_eq!(Socket::open(&app, &jane).await.end().await, sent_away);
    late.say(&ClientFrame::Hello {
        resume: None,
        protocol: PROTOCOL_VERSION,
        idle_ms: None,
    })
    .await;
    // Nobody who was let in is sent away.
    assert!(matches!(late.hear().await, ServerFrame::Welcome(_)));
    drop(somebody);
    Socket::join(&app, &jane).await;
}

#[tokio::test]
async fn where_too_many_are_turned_away_the_next_one_is_hung_up_on_and_counted() {
    let app = TestApp::with(|config| config.redis.url = None).await;
    let nobody = app.browser();
    let others: Vec<_> = iter::from_fn(|| app.state.admissions.goodbye()).collect();
    let end = Socket::open(&app, &nobody).await.heard().await;
    assert!(matches!(end, Heard::End(None)), "{end:?}");
    let refusals = counted(&app, "rollcall_limit_reached_total{limit=\"goodbyes\"}").await;
    assert_eq!(refusals, 1);
    drop(others);
    let (code, _) = Socket::open(&app, &nobody).await.end().await;
    assert_eq!(code, CloseCode::SESSION_EXPIRED);
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_is_welcome() {
    let app = TestApp::with(|config| {
        config.server.allowed_origins = vec!["https://intranet.example".parse().unwrap()];
    })
    .await;
    let jane = app.sign_up("jane").await;
    let [cookie, _] = browser_headers(&app, &jane);
    let headers = [cookie, (ORIGIN, "https://intranet.example".to_owned())];
    open_with(&app, "/ws", &headers).await.hello(None).await;
}
