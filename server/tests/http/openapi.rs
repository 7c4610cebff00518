use crate::support::TestApp;
use http::Method;
use serde_json::Value;

/// Every route that programs may use.
const ROUTES: [&str; 41] = [
    "DELETE /api/v1/admin/users/{id}/connections/{handle}",
    "DELETE /api/v1/admin/users/{id}/sessions/{session_id}",
    "DELETE /api/v1/blocks/{id}",
    "DELETE /api/v1/chats/{id}/members",
    "DELETE /api/v1/chats/{id}/messages/{message_id}",
    "DELETE /api/v1/friends/{id}",
    "DELETE /api/v1/session",
    "GET /api/v1/admin/nodes",
    "GET /api/v1/admin/transitions",
    "GET /api/v1/admin/users",
    "GET /api/v1/admin/users/{id}/diagnostics",
    "GET /api/v1/chats/{id}/members",
    "GET /api/v1/chats/{id}/messages",
    "GET /api/v1/chats/{id}/presence",
    "GET /api/v1/friends",
    "GET /api/v1/friends/requests",
    "GET /api/v1/me",
    "GET /api/v1/me/status",
    "GET /api/v1/notifications",
    "GET /api/v1/workspaces",
    "GET /api/v1/workspaces/{id}/chats",
    "GET /api/v1/workspaces/{id}/presence",
    "GET /healthz",
    "GET /readyz",
    "PATCH /api/v1/chats/{id}",
    "PATCH /api/v1/chats/{id}/messages/{message_id}",
    "POST /api/v1/chats/{id}/members",
    "POST /api/v1/chats/{id}/messages",
    "POST /api/v1/friends",
    "POST /api/v1/notifications/read",
    "POST /api/v1/session",
    "POST /api/v1/token",
    "POST /api/v1/users",
    "POST /api/v1/workspaces",
    "POST /api/v1/workspaces/{id}/chats",
    "POST /api/v1/workspaces/{id}/direct",
    "PUT /api/v1/blocks/{id}",
    "PUT /api/v1/chats/{id}/mute",
    "PUT /api/v1/friends/{id}",
    "PUT /api/v1/me/last-seen",
    "PUT /api/v1/me/status",
];

async fn description() -> Value {
    let app = TestApp::start().await;
    app.program().get("/api/openapi.json").await.json()
}

fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "post", "patch", "delete", "put"].contains(&method.as_str()) {
                operations.push((method.to_uppercase(), path.clone(), operation.clone()));
            }
        }
    }
    operations
}

#[tokio::test]
async fn every_route_for_programs_is_described_and_answers() {
    let description = description().await;
    let mut described: Vec<_> = operations(&description)
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    described.sort();
    assert_eq!(described, ROUTES);

    let app = TestApp::start().await;
    for (method, path, _) in operations(&description) {
        let path = path.replace("{id}", "x").replace("{message_id}", "x");
        let method: Method = method.parse().unwrap();
        let answer = app
            .program()
            .send(method.clone(), &path, None, Vec::new())
            .await;
        assert!(
            !matches!(answer.status, 404 | 405),
            "{method} {path}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn every_operation_has_a_name_a_summary_and_its_errors() {
    let description = description().await;
    let mut names = Vec::new();
    for (method, path, operation) in operations(&description) {
        names.push(operation["operationId"].as_str().unwrap().to_owned());
        assert!(operation["summary"].is_string(), "{method} {path}");
        if path.starts_with("/api/") {
            let error = &operation["responses"]["default"]["content"]["application/problem+json"];
            assert_eq!(
                error["schema"]["$ref"], "#/components/schemas/ProblemDetails",
                "{method} {path}"
            );
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
}

#[tokio::test]
async fn every_type_that_is_referred_to_is_described() {
    let description = description().await;
    let text = description.to_string();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let references = text.split("#/components/schemas/").skip(1);
    let names: Vec<_> = references
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(names.len() > 20);
    for name in names {
        assert!(schemas.contains_key(name), "{name}");
    }
}
