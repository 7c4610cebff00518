use crate::support::{PASSWORD, TestApp};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_program_signs_in_with_a_token() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let program = app.token("jane").await;
    assert_eq!(program.get("/api/v1/me").await.json()["username"], "jane");
    let general = jane.general().await;
    assert_eq!(
        program.write(&general, "built").await["author"]["user_id"],
        jane.user_id
    );
}

#[tokio::test]
async fn a_token_tells_when_it_expires_and_then_does() {
    let app = TestApp::with(|config| config.token.lifetime = Duration::from_secs(600)).await;
    app.sign_up("jane").await;
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let issued = app.program().post("/api/v1/token", &credentials).await;
    assert_eq!(issued.status, 200);
    assert!(issued.json()["expires_at"].as_str().unwrap().ends_with('Z'));

    let program = app.token("jane").await;
    app.pass(Duration::from_secs(590));
    assert_eq!(program.get("/api/v1/me").await.status, 200);
    app.pass(Duration::from_secs(20));
    assert_eq!(program.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_token_can_be_revoked_and_outlives_a_restart() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let token = app
        .program()
        .post("/api/v1/token", &credentials)
        .await
        .json();
    let token = token["token"].as_str().unwrap();

    let app = TestApp::start_in(app.stop().await, |_| (), false).await;
    let mut program = app.program();
    program.set_token(token);
    assert_eq!(program.get("/api/v1/me").await.status, 200);
    assert_eq!(program.delete("/api/v1/session").await.status, 204);
    assert_eq!(program.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_token_of_another_server_or_audience_is_refused() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let mut program = app.token("jane").await;
    let elsewhere = TestApp::start().await;
    elsewhere.sign_up("jane").await;
    let foreign = elsewhere.token("jane").await;
    assert_eq!(foreign.get("/api/v1/me").await.status, 200);

    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let token = elsewhere
        .program()
        .post("/api/v1/token", &credentials)
        .await
        .json();
    program.set_token(token["token"].as_str().unwrap());
    assert_eq!(program.get("/api/v1/me").await.status, 401);

    let other_audience =
        |config: &mut server::config::Config| config.token.audience = "x".to_owned();
    let app = TestApp::start_in(elsewhere.stop().await, other_audience, false).await;
    let mut program = app.program();
    program.set_token(token["token"].as_str().unwrap());
    assert_eq!(program.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_credential_that_is_no_token_is_refused_even_beside_a_good_cookie() {
    let app = TestApp::start().await;
    let mut jane = app.sign_up("jane").await;
    for credential in ["Bearer", "Bearer ", "Bearer x.y.z", "Basic amFuZTp4", "x"] {
        jane.header(http::header::AUTHORIZATION, credential);
        assert_eq!(
            jane.get("/api/v1/me").await.code(),
            "unauthorized",
            "{credential}"
        );
    }
}

#[tokio::test]
async fn a_token_in_the_address_signs_nobody_in() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    let token = app
        .program()
        .post("/api/v1/token", &credentials)
        .await
        .json();
    let token = token["token"].as_str().unwrap();
    for name in ["token", "access_token"] {
        let path = format!("/api/v1/me?{name}={token}");
        assert_eq!(app.program().get(&path).await.status, 401);
    }
}
