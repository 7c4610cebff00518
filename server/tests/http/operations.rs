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
    let online = "rollcall_presence_transitions_total{direction=\"online\",reason=\"connected\"} 1";
    while !metrics.text().lines().any(|line| line == online) {
        metrics = program.get("/metrics").await;
    }
    assert!(
        metrics
            .header(&CONTENT_TYPE)
            .starts_with("application/openmetrics-text")
    );
    for line in [
        "rollcall_connections{state=\"open\"} 1",
        "rollcall_users_connected 1",
        "rollcall_messages_stored_total 1",
        "rollcall_message_write_seconds_count 1",
        "rollcall_presence_false_offline_total 0",
        "rollcall_queue_gave_way_total{what=\"typing\"} 1",
        "rollcall_queue_refused_total{queue=\"messages\"} 1",
    ] {
        let is_there = metrics.text().lines().any(|found| found == line);
        assert!(is_there, "{line}: {metrics:?}");
    }
    assert!(metrics.text().ends_with("# EOF\n"));
    hub.closing(connection);
    let closing = "rollcall_connections{state=\"closing\"} 1";
    while !program.get("/metrics").await.text().contains(closing) {}
}

/// Every name, also of what never happens here.
fn names(app: &TestApp) -> BTreeSet<String> {
    drop(app.state.metrics.redis_answers("presence"));
    let all = app.state.metrics.encode(&Readings {
        store_failed: store::failures().collect(),
        links: vec![("presence", Health::default())],
        ..Readings::default()
    });
    let families = all.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    families
        .map(|family| match family.split_once(' ').unwrap() {
            (name, "counter") => format!("{name}_total"),
            (name, _) => name.to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn the_manual_lists_every_metric_and_no_other() {
    let app = TestApp::start().await;
    let manual = include_str!("../../../docs/operations.md");
    let documented = manual
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| name.starts_with("rollcall_"));
    let documented: BTreeSet<_> = documented.map(str::to_owned).collect();
    assert_eq!(documented, names(&app));
}

/// The labels of a series, as `name: value`.
fn labels(series: &str) -> impl Iterator<Item = String> {
    series.split(',').map(|label| {
        let (name, value) = label.split_once('=').unwrap();
        format!("{name}: {}", value.trim_matches('"'))
    })
}

/// The labels of a row of the manual, alike.
fn documented_labels(column: &str) -> impl Iterator<Item = String> {
    column.split("; ").flat_map(|label| {
        let (name, values) = label.split_once(": ").expect("a label and its values");
        let values = values.split('`').skip(1).step_by(2);
        values.map(move |value| format!("{}: {value}", name.trim_matches('`')))
    })
}

/// An alert looks for what has grown, and what was not there did not grow.
#[tokio::test]
async fn whatever_is_counted_by_label_is_there_before_it_happens_under_the_labels_of_the_manual() {
    let app = TestApp::start().await;
    let metrics = app.program().get("/metrics").await;
    let manual = include_str!("../../../docs/operations.md");
    for row in manual.lines().filter(|row| row.starts_with("| `rollcall_")) {
        let columns: Vec<_> = row.split('|').map(str::trim).collect();
        let (name, column) = (columns[1].trim_matches('`'), columns[3]);
        if column.is_empty() || name.starts_with("rollcall_redis_") {
            continue;
        }
        let series = metrics.text().lines().filter_map(|line| {
            let (found, rest) = line.split_once('{')?;
            let is_it = found == name || found.strip_suffix("_count") == Some(name);
            is_it.then(|| rest.split('}').next().unwrap_or_default())
        });
        let there: BTreeSet<_> = series.flat_map(labels).collect();
        let told: BTreeSet<_> = documented_labels(column).collect();
        assert_eq!(there, told, "{name}");
    }
}

#[tokio::test]
async fn alerts_and_dashboard_ask_for_metrics_that_there_are() {
    let app = TestApp::start().await;
    let names = names(&app);
    let manual = include_str!("../../../docs/operations.md");
    let alerts = include_str!("../../../docs/monitoring/alerts.yaml");
    let dashboard = include_str!("../../../docs/monitoring/grafana.json");
    for file in [alerts, dashboard] {
        let is_of_a_name = |c: char| c.is_ascii_lowercase() || c == '_';
        let asked: Vec<_> = file
            .match_indices("rollcall_")
            .map(|(at, _)| file[at..].split(|c| !is_of_a_name(c)).next().unwrap())
            .collect();
        assert!(asked.len() >= 8, "{asked:?}");
        for name in asked {
            let parts = ["_bucket", "_sum", "_count"];
            let histogram = parts.iter().find_map(|part| name.strip_suffix(part));
            let is_there = names.contains(name) || histogram.is_some_and(|it| names.contains(it));
            assert!(is_there, "there is no {name}");
        }
    }
    for alert in alerts
        .lines()
        .filter_map(|it| it.trim().strip_prefix("- alert: "))
    {
        assert!(
            manual.contains(&format!("| `{alert}` |")),
            "{alert} is not explained"
        );
    }
}
