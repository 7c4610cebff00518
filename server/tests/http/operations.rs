use crate::support::TestApp;
use http::header::CONTENT_TYPE;
use presence::Registration;
use protocol::{ConnectionId, ServerFrame, SessionId, UserId};
use redis_link::Health;
use server::{
    hub::{Kind, Outgoing, Queue},
    metrics::{FullQueue, Readings},
};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

#[tokio::test]
async fn a_healthy_server_lives_and_is_ready() {
    let app = TestApp::start().await;
    let program = app.program();
    insta::assert_snapshot!(program.get("/healthz").await, @"200 ok");
    insta::assert_snapshot!(program.get("/readyz").await, @"200 ready");
}

#[tokio::test]
async fn without_its_store_a_server_lives_but_is_not_ready() {
    let app = TestApp::start().await;
    app.state.store.close().await;
    assert_eq!(app.program().get("/healthz").await.status, 200);
    insta::assert_snapshot!(app.program().get("/readyz").await, @r#"
    503 {
      "code": "unavailable",
      "detail": "The data cannot be reached at the moment. Please try again.",
      "status": 503,
      "title": "Service Unavailable",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn what_happened_is_counted() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    jane.write(&jane.general().await, "counted").await;
    let user: UserId = jane.user_id.parse().unwrap();
    let socket = Registration {
        connection: ConnectionId::from_uuid(Uuid::now_v7()),
        user,
        session: SessionId::from_uuid(Uuid::now_v7()),
        node: app.state.node,
    };
    let queue = Arc::new(Queue::new(1));
    let (connection, session) = (socket.connection, socket.session);
    let hub = &app.state.hub;
    assert!(hub.register(connection, user, session, Arc::clone(&queue), 1));
    app.state.directory.open(socket).await.unwrap();
    let frame = Outgoing::new(Kind::Typing, &ServerFrame::Pong { id: 1 });
    hub.push(&queue, frame.clone());
    hub.push(&queue, frame);
    app.state.metrics.refused(FullQueue::Messages);

    let program = app.program();
    let mut metrics = program.get("/metrics").await;
    // The transition is announced in its own time.
    while !metrics.text().contains("direction=\"online\"") {
        metrics = program.get("/metrics").await;
    }
    assert!(
        metrics
            .header(&CONTENT_TYPE)
            .starts_with("application/openmetrics-text")
    );
    let counted: Vec<_> = metrics
        .text()
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(
        counted,
        [
            "rollcall_connections 1",
            "rollcall_users_connected 1",
            "rollcall_messages_stored_total 1",
            "rollcall_presence_transitions_total{direction=\"online\",reason=\"connected\"} 1",
            "rollcall_queue_gave_way_total{what=\"typing\"} 1",
            "rollcall_queue_refused_total{queue=\"messages\"} 1",
        ]
    );
    assert!(metrics.text().ends_with("# EOF\n"));
    // Also those that only a server among several has.
    let all = app.state.metrics.encode(&Readings {
        links: vec![("presence", Health::default())],
        ..Readings::default()
    });
    let samples = all.lines().filter(|line| !line.starts_with('#'));
    let names = samples.filter_map(|line| line.split(['{', ' ']).next());
    let manual = include_str!("../../../docs/operations.md");
    let documented = manual
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| name.starts_with("rollcall_"));
    assert_eq!(
        documented.collect::<BTreeSet<_>>(),
        names.collect(),
        "the manual lists every metric and no other"
    );
}
