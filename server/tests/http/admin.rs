use crate::support::TestApp;
use presence::Registration;
use protocol::{ConnectionId, NodeId, SessionId};
use serde_json::json;
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
}
