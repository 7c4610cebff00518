//! What somebody may do who sends slowly, or comes too often.

use crate::support::TestApp;
use http::Method;
use serde_json::json;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);
const SOON: Duration = Duration::from_millis(200);
const LATER: Duration = Duration::from_secs(60 * 60);

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// All that comes until the server hangs up.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = timeout(PATIENCE, stream.read_to_string(&mut text));
    read.await.expect("the server hangs up").unwrap();
    text
}

async fn counted(app: &TestApp, limit: &str) -> bool {
    let line = format!("rollcall_limit_reached_total{{limit=\"{limit}\"}} 1");
    let metrics = app.program().get("/metrics").await;
    metrics.text().lines().any(|it| it == line)
}

#[tokio::test]
async fn whoever_sends_the_head_of_a_request_too_slowly_is_told_so_and_left() {
    let app = TestApp::with(|config| config.server.head_timeout = SOON).await;
    let mut slow = connect(app.address).await;
    let begun = b"GET /healthz HTTP/1.1\r\nHost: a.exa";
    slow.write_all(begun).await.unwrap();
    let said = rest(&mut slow).await;
    assert!(
        said.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
        "{said}"
    );
    assert!(said.contains("\r\nconnection: close\r\n"), "{said}");
    assert!(said.contains("did not arrive in time"), "{said}");
    assert!(counted(&app, "head").await);
}

/// As browsers do, which would take an answer for that of their next request.
#[tokio::test]
async fn whoever_connects_and_asks_for_nothing_is_left_without_a_word() {
    let app = TestApp::with(|config| config.server.head_timeout = SOON).await;
    let mut early = connect(app.address).await;
    assert_eq!(rest(&mut early).await, "");
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_more_is_closed_after_a_while() {
    let app = TestApp::with(|config| {
        config.server.head_timeout = LATER;
        config.server.keep_alive = SOON;
    })
    .await;
    let mut idle = connect(app.address).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: a.example\r\n\r\n";
    idle.write_all(request).await.unwrap();
    let said = rest(&mut idle).await;
    assert!(
        said.ends_with("\r\n\r\nok\n"),
        "answered, and then closed: {said}"
    );
}

#[tokio::test]
async fn whoever_sends_a_body_too_slowly_is_told_so() {
    let app = TestApp::with(|config| config.server.body_timeout = SOON).await;
    let mut slow = connect(app.address).await;
    let head = "POST /api/v1/session HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\
                Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"username\"";
    slow.write_all(head.as_bytes()).await.unwrap();
    let said = rest(&mut slow).await;
    assert!(
        said.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
        "{said}"
    );
    assert!(said.contains("The body did not arrive in time."), "{said}");
    assert!(counted(&app, "body_time").await);
}

#[tokio::test]
async fn a_body_that_turns_out_to_be_too_large_is_refused_and_counted_like_one_that_says_so() {
    let app = TestApp::start().await;
    let long = json!({ "username": "x".repeat(200_000), "password": "" }).to_string();
    let program = app.program();
    let refused = program.stream(Method::POST, "/api/v1/session", long).await;
    assert_eq!(refused.code(), "too_large");
    assert!(counted(&app, "body").await);
}

#[tokio::test]
async fn one_connection_too_many_of_an_address_is_told_when_to_come_back() {
    let app = TestApp::with(|config| {
        config.server.connections_per_address = 2;
        config.server.head_timeout = LATER;
    })
    .await;
    let first = connect(app.address).await;
    let second = connect(app.address).await;
    let mut third = connect(app.address).await;
    let said = rest(&mut third).await;
    assert!(
        said.starts_with("HTTP/1.1 429 Too Many Requests\r\n"),
        "{said}"
    );
    assert!(said.contains("\r\nretry-after: 30\r\n"), "{said}");
    assert!(said.contains("\"code\":\"rate_limited\""), "{said}");

    drop(first);
    let lives = async {
        // The place is free once the server has noticed.
        loop {
            let mut next = connect(app.address).await;
            let request = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
            next.write_all(request).await.unwrap();
            if rest(&mut next).await.ends_with("ok\n") {
                break;
            }
        }
    };
    timeout(PATIENCE, lives)
        .await
        .expect("the place is free again");
    drop(second);
}

/// Everybody behind a proxy has its address.
#[tokio::test]
async fn a_trusted_proxy_may_hold_any_number_of_connections() {
    let app = TestApp::with(|config| {
        config.server.connections_per_address = 1;
        config.server.head_timeout = LATER;
        config.server.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let _held = [connect(app.address).await, connect(app.address).await];
    assert_eq!(app.program().get("/healthz").await.status, 200);
}
