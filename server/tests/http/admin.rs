use crate::support::{Client, PASSWORD, TestApp, handshake::handshake};
use http::header::USER_AGENT;
use presence::Registration;
use protocol::{CloseCode, ConnectionId, NodeId, SessionId};
use serde_json::{Value, json};
use server::{clock::after, hub::Queue};
use std::{sync::Arc, time::Duration};
use store::NodeCount;
use tokio::net::TcpSocket;
use uuid::Uuid;

#[tokio::test]
async fn an_administrator_sees_why_somebody_is_online_with_keys_redacted() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let connection = Uuid::now_v7();
    let registration = Registration {
        connection: ConnectionId::from_uuid(connection),
        user: john.user_id.parse().unwrap(),
        session: SessionId::from_uuid(Uuid::now_v7()),
        node: NodeId::from_uuid(Uuid::now_v7()),
    };
    app.state.directory.open(registration).await.unwrap();
    let path = format!("/api/v1/admin/users/{}/diagnostics", john.user_id);
    let found = jane.get(&path).await;
    let diagnostics = found.json();
    assert_eq!(diagnostics["online"], true);
    assert_eq!(diagnostics["active_connection_count"], 1);
    let id = connection.to_string();
    assert_eq!(
        diagnostics["connection_keys"],
        json!([format!("…{}", &id[id.len() - 4..])])
    );
    assert_eq!(diagnostics["connections"][0]["state"], "open");
    assert!(!diagnostics["rule"].as_str().unwrap().is_empty());
    assert!(!found.text().contains(&id), "{found:?}");
}

/// Replaces what differs from run to run, which must be a number.
fn mask(part: &mut Value, names: &[&str]) {
    for name in names {
        assert!(part[name].is_u64(), "{name}: {part}");
        part[name] = "[number]".into();
    }
}

#[tokio::test]
async fn a_connection_is_diagnosed_with_all_that_decides_and_so_is_the_grace_after_it() {
    let grace = Duration::from_secs(20);
    let app = TestApp::with(|config| config.presence.offline_grace = grace).await;
    let jane = app.sign_up("jane").await;
    app.sign_up("john").await;
    let mut john = app.browser();
    john.header(USER_AGENT, "curl/8.14.1");
    let credentials = json!({ "username": "john", "password": PASSWORD });
    let signed_in = john.post("/api/v1/session", &credentials).await.json();
    let user = signed_in["user_id"].as_str().unwrap();
    let headers = john.page_headers(app.address);
    let socket = TcpSocket::new_v4().unwrap();
    let socket = handshake(app.address, "/ws", socket, &headers).await;
    let until = async |count: u64| loop {
        let path = format!("/api/v1/admin/users/{user}/diagnostics");
        let found = jane.get(&path).await;
        if found.json()["active_connection_count"] == count {
            return found;
        }
    };

    let mut found = until(1).await;
    let mut body = found.json();
    mask(&mut body, &["version"]);
    let connection = &mut body["connections"][0];
    assert_eq!(connection["handle"].as_str().unwrap().len(), 16);
    connection["handle"] = "[handle]".into();
    let key = connection["key"].take();
    assert_eq!(
        key.as_str().unwrap().chars().count(),
        "…0123".chars().count()
    );
    connection["key"] = "[key]".into();
    let times = ["age_ms", "since_activity_ms", "lease_remaining_ms"];
    mask(connection, &times);
    assert_eq!(body["connection_keys"], json!([key]));
    body["connection_keys"] = json!(["[key]"]);
    found.body = body.to_string().into();
    insta::assert_snapshot!(found, @r#"
    200 {
      "active_connection_count": 1,
      "availability": null,
      "connection_keys": [
        "[key]"
      ],
      "connections": [
        {
          "age_ms": "[number]",
          "browser": "curl/8.14.1",
          "handle": "[handle]",
          "key": "[key]",
          "lease_remaining_ms": "[number]",
          "node_id": "[id]",
          "opened_at": "[time]",
          "session_id": "[id]",
          "since_activity_ms": "[number]",
          "since_pong_ms": null,
          "state": "open"
        }
      ],
      "last_seen": null,
      "mode": "automatic",
      "online": true,
      "pending_offline_ms": null,
      "rule": "Online: at least one connection is active (1 open, 0 closing).",
      "shown_online": true,
      "user_id": "[id]",
      "version": "[number]"
    }
    "#);

    drop(socket);
    let body = until(0).await.json();
    assert_eq!(body["online"], true, "{body}");
    let pending = body["pending_offline_ms"].as_u64().unwrap();
    assert!(pending > 0 && u128::from(pending) <= grace.as_millis());
}

#[tokio::test]
async fn somebody_offline_is_diagnosed_too_and_nobody_is_not() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let of = |id: &str| format!("/api/v1/admin/users/{id}/diagnostics");
    insta::assert_snapshot!(jane.get(&of(&jane.user_id)).await, @r#"
    200 {
      "active_connection_count": 0,
      "availability": null,
      "connection_keys": [],
      "connections": [],
      "last_seen": null,
      "mode": "automatic",
      "online": false,
      "pending_offline_ms": null,
      "rule": "Offline: no connection has opened since this directory started.",
      "shown_online": false,
      "user_id": "[id]",
      "version": 0
    }
    "#);
    insta::assert_snapshot!(jane.get(&of("01920000-0000-7000-8000-000000000000")).await, @r#"
    404 {
      "code": "not_found",
      "detail": "There is no such user.",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    assert_eq!(jane.get(&of("x")).await.code(), "bad_request");
}

/// A socket of a person, as presence knows it.
async fn open_socket(app: &TestApp, person: &Client, session: SessionId) -> ConnectionId {
    let registration = Registration {
        connection: ConnectionId::from_uuid(Uuid::now_v7()),
        user: person.user_id.parse().unwrap(),
        session,
        node: app.state.node,
    };
    app.state.directory.open(registration).await.unwrap();
    registration.connection
}

async fn session_of(app: &TestApp, person: &Client) -> SessionId {
    let user = person.user_id.parse().unwrap();
    let sessions = app.state.store.sessions_of(user).await.unwrap();
    sessions[0].session_id
}

#[tokio::test]
async fn an_administrator_finds_people_by_a_part_of_their_name() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    app.sign_up("john").await;
    app.sign_up("per_cent").await;
    let found = async |query: &str| {
        let found = jane
            .get(&format!("/api/v1/admin/users?query={query}"))
            .await
            .json();
        let names = found.as_array().unwrap().iter();
        let names = names.map(|it| it["username"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(found("J").await, ["jane", "john"]);
    assert_eq!(found("OHN").await, ["john"]);
    assert_eq!(found("r_c").await, ["per_cent"]);
    for nobody in ["", "%25", "n_j", "zz"] {
        assert_eq!(found(nobody).await, [""; 0], "{nobody}");
    }
}

#[tokio::test]
async fn an_administrator_closes_one_connection_by_its_handle() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let session = session_of(&app, &john).await;
    let connection = open_socket(&app, &john, session).await;
    open_socket(&app, &john, session).await;
    let queue = Arc::new(Queue::new(1));
    let user = john.user_id.parse().unwrap();
    let hub = &app.state.hub;
    assert!(hub.register(connection, user, session, Arc::clone(&queue), 1));

    let path = format!("/api/v1/admin/users/{user}");
    let diagnostics = jane.get(&format!("{path}/diagnostics")).await.json();
    let handle = diagnostics["connections"][0]["handle"].as_str().unwrap();
    let closed = jane.delete(&format!("{path}/connections/{handle}")).await;
    assert_eq!(closed.status, 204);
    let close = queue.take().close.unwrap();
    assert_eq!(close.code, CloseCode::CLOSED_BY_ADMIN);
    let unknown = jane.delete(&format!("{path}/connections/0")).await;
    assert_eq!(unknown.code(), "not_found");
}

/// It was answered with 204, and lost.
#[tokio::test]
async fn a_connection_at_a_server_that_cannot_be_told_is_not_said_to_be_closed() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let registration = Registration {
        connection: ConnectionId::from_uuid(Uuid::now_v7()),
        user: john.user_id.parse().unwrap(),
        session: session_of(&app, &john).await,
        node: NodeId::from_uuid(Uuid::now_v7()),
    };
    app.state.directory.open(registration).await.unwrap();
    let path = format!("/api/v1/admin/users/{}", john.user_id);
    let diagnostics = jane.get(&format!("{path}/diagnostics")).await.json();
    let handle = diagnostics["connections"][0]["handle"].as_str().unwrap();
    let closed = jane.delete(&format!("{path}/connections/{handle}")).await;
    if app.state.nodes.are_possible() {
        assert_eq!(closed.status, 204);
        return;
    }
    insta::assert_snapshot!(closed, @r#"
    503 {
      "code": "unavailable",
      "detail": "This connection is at another server, which cannot be told at the moment. Please try again.",
      "status": 503,
      "title": "Service Unavailable",
      "type": "about:blank"
    }
    "#);
}

#[tokio::test]
async fn an_administrator_ends_a_sign_in() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let session = session_of(&app, &john).await;
    let path = format!("/api/v1/admin/users/{}/sessions", john.user_id);
    let of_jane = session_of(&app, &jane).await;
    let not_his = jane.delete(&format!("{path}/{of_jane}")).await;
    assert_eq!(not_his.code(), "not_found");
    assert_eq!(john.get("/api/v1/me").await.status, 200);
    assert_eq!(jane.delete(&format!("{path}/{session}")).await.status, 204);
    assert_eq!(john.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn an_administrator_sees_what_was_announced_last() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    open_socket(&app, &john, session_of(&app, &john).await).await;
    let mut told = jane.get("/api/v1/admin/transitions").await.json();
    // It is announced in its own time.
    while told.as_array().unwrap().is_empty() {
        told = jane.get("/api/v1/admin/transitions").await.json();
    }
    assert_eq!(told[0]["user_id"], john.user_id);
    assert_eq!(told[0]["is_online"], true);
    assert_eq!(told[0]["reason"], "connected");
}

#[tokio::test]
async fn an_administrator_sees_the_connections_of_each_server() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let other = NodeCount {
        node: NodeId::from_uuid(Uuid::max()),
        connections: 7,
        people: 3,
        // The clock of the second of two servers is so much ahead.
        counted_at: after(app.state.clock.now(), Duration::from_secs(60 * 60)),
    };
    app.state.store.count_connections(other).await.unwrap();
    let headers = john.page_headers(app.address);
    let socket = TcpSocket::new_v4().unwrap();
    let _socket = handshake(app.address, "/ws", socket, &headers).await;
    let (admin, mut here, others) = loop {
        // Of two servers each answers a half of those who come anew, and one of them has the socket.
        let admin = app.token("jane").await;
        let nodes = admin.get("/api/v1/admin/nodes").await.json();
        let (here, others) = nodes.as_array().unwrap().split_first().unwrap();
        if here["connection_count"] == 1 {
            break (admin, here.clone(), others.to_vec());
        }
    };
    assert_eq!(here["people"], 1);
    let held = here["connections"][0].take();
    assert_eq!(held["user_id"], john.user_id);
    assert_eq!(held["state"], "open");
    let path = format!("/api/v1/admin/users/{}/diagnostics", john.user_id);
    let known = &admin.get(&path).await.json()["connections"][0];
    for name in ["key", "handle"] {
        assert_eq!(held[name], known[name]);
    }
    let other = others.last().unwrap();
    assert_eq!(other["node_id"], Uuid::max().to_string());
    assert_eq!(
        (&other["connection_count"], &other["people"]),
        (&json!(7), &json!(3))
    );
    assert_eq!(other["connections"], json!([]));

    let page = admin.visit("/admin").await;
    for part in [
        other["node_id"].as_str().unwrap(),
        held["key"].as_str().unwrap(),
    ] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
}

#[tokio::test]
async fn the_page_of_administrators_says_why_and_closes_and_ends() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let session = session_of(&app, &john).await;
    let connection = open_socket(&app, &john, session).await;
    let page = jane.visit("/admin?q=joh").await;
    assert_eq!(page.status, 200);
    let link = format!("/admin?user={}&amp;q=joh", john.user_id);
    assert!(page.text().contains(&link), "{}", page.text());

    let address = format!("/admin?user={}", john.user_id);
    let page = jane.visit(&address).await;
    for part in [
        "Online: at least one connection is active (1 open, 0 closing).",
        "action=\"/admin/close\"",
        "action=\"/admin/end-session\"",
    ] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(!page.text().contains(&connection.to_string()));

    let fields = [
        ("user", john.user_id.as_str()),
        ("session", &session.to_string()),
        ("back", &address),
    ];
    let ended = jane.form("/admin/end-session", &fields).await;
    assert_eq!(ended.location(), address);
    let page = jane.visit(&address).await;
    assert!(page.text().contains("Offline: the last session ended"));
    let away = [fields[0], fields[1], ("back", "https://evil.example/")];
    let ended = jane.form("/admin/end-session", &away).await;
    assert_eq!(ended.location(), "/admin", "nobody is led elsewhere");
}

#[tokio::test]
async fn to_others_there_is_no_administration_at_all() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let nothing = john.get("/api/v1/admin/nothing").await;
    assert_eq!(nothing.code(), "not_found");
    for id in [&john.user_id, "01920000-0000-7000-8000-000000000000", "x"] {
        let refused = john
            .get(&format!("/api/v1/admin/users/{id}/diagnostics"))
            .await;
        assert_eq!(
            (refused.status, &refused.body),
            (404, &nothing.body),
            "{id}"
        );
    }
    for path in ["users?query=j", "nodes", "transitions"] {
        let refused = john.get(&format!("/api/v1/admin/{path}")).await;
        assert_eq!((refused.status, &refused.body), (404, &nothing.body));
    }
    let page = john.visit("/admin").await;
    assert_eq!(page.status, 404);
    assert!(!page.text().contains("announced"), "{}", page.text());
    let fields = [
        ("user", john.user_id.as_str()),
        ("handle", "0"),
        ("back", ""),
    ];
    assert_eq!(john.form("/admin/close", &fields).await.status, 404);
}
