use crate::support::TestApp;
use http::header::CONTENT_TYPE;

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
    let metrics = app.program().get("/metrics").await;
    assert!(
        metrics
            .header(&CONTENT_TYPE)
            .starts_with("application/openmetrics-text")
    );
    for line in ["rollcall_connections 0", "rollcall_messages_stored_total 1"] {
        assert!(
            metrics.text().lines().any(|found| found == line),
            "{line}: {}",
            metrics.text()
        );
    }
    assert!(metrics.text().ends_with("# EOF\n"));
}
