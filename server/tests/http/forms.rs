use crate::support::{PASSWORD, TestApp};
use http::header::SET_COOKIE;
use server::config::SignUpMode;

#[tokio::test]
async fn signing_up_signs_in_and_leads_home() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let fields = [
        ("username", "jane"),
        ("display_name", "Jane Doe"),
        ("password", PASSWORD),
        ("invitation", ""),
        ("workspace", "Flowra"),
    ];
    assert_eq!(browser.form("/sign-up", &fields).await.location(), "/");
    assert_eq!(browser.get("/").await.location(), "/w/flowra/c/general");
    assert_eq!(browser.get("/api/v1/me").await.json()["is_admin"], true);
}

#[tokio::test]
async fn signing_in_leads_to_where_one_wanted_to_go_and_never_elsewhere() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    for (next, location) in [
        ("", "/"),
        ("/w/home/c/general?x=1", "/w/home/c/general?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
    ] {
        let browser = app.browser();
        let fields = [("username", "jane"), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.form("/sign-in", &fields).await.location(), location);
        assert_eq!(browser.get("/api/v1/me").await.status, 200);
    }
}

#[tokio::test]
async fn a_refused_sign_in_goes_back_with_what_was_typed_but_the_password() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let browser = app.browser();
    let fields = [
        ("username", "jane & co"),
        ("password", "secret horse"),
        ("next", "/w/home"),
    ];
    let refused = browser.form("/sign-in", &fields).await;
    assert_eq!(
        refused.location(),
        "/sign-in?error=credentials&username=jane+%26+co&next=%2Fw%2Fhome"
    );
    assert_eq!(refused.header(&SET_COOKIE), "");
    assert_eq!(
        browser.form("/sign-in", &[]).await.location(),
        "/sign-in?error=bad_request"
    );
}

#[tokio::test]
async fn a_refused_sign_up_goes_back_with_the_reason() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let browser = app.browser();
    let long = "x".repeat(1_025);
    for (username, display_name, password, error) in [
        ("jane", "Jane", PASSWORD, "username_taken"),
        ("j d", "Jane", PASSWORD, "username"),
        ("jd", " ", PASSWORD, "display_name"),
        ("jd", "Jane", "short", "password_short"),
        ("jd", "Jane", &long, "password_long"),
    ] {
        let fields = [
            ("username", username),
            ("display_name", display_name),
            ("password", password),
        ];
        let back = browser.form("/sign-up", &fields).await;
        assert!(
            back.location()
                .starts_with(&format!("/sign-up?error={error}&username=")),
            "{back:?}"
        );
        assert!(!back.location().contains("password="), "{back:?}");
    }
    let fields = [
        ("username", "jd"),
        ("display_name", "J"),
        ("password", PASSWORD),
        ("invitation", "wrong"),
    ];
    let back = browser.form("/sign-up", &fields).await;
    assert_eq!(
        back.location(),
        "/sign-up?error=invitation&username=jd&display_name=J&invitation=wrong"
    );
}

#[tokio::test]
async fn a_closed_door_says_so() {
    let app = TestApp::with(|config| config.sign_up.mode = SignUpMode::Closed).await;
    app.sign_up("jane").await;
    let fields = [
        ("username", "jd"),
        ("display_name", "J"),
        ("password", PASSWORD),
    ];
    let back = app.browser().form("/sign-up", &fields).await;
    assert_eq!(
        back.location(),
        "/sign-up?error=closed&username=jd&display_name=J"
    );
}

#[tokio::test]
async fn signing_out_leads_to_the_door_also_for_who_is_outside_already() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    for _ in 0..2 {
        let signed_out = jane.form("/sign-out", &[]).await;
        assert_eq!(signed_out.location(), "/sign-in");
        assert!(signed_out.header(&SET_COOKIE).contains("Max-Age=0"));
    }
    assert_eq!(jane.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_message_can_be_written_without_a_script() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let chat = "/w/home/c/general";
    assert_eq!(
        jane.form(chat, &[("text", "By form")]).await.location(),
        chat
    );
    assert!(jane.visit(chat).await.text().contains("By form"));
    assert_eq!(
        jane.form(chat, &[("text", " ")]).await.location(),
        "/w/home/c/general?error=text_empty"
    );
    let long = "x".repeat(8_001);
    assert_eq!(
        jane.form(chat, &[("text", &long)]).await.location(),
        "/w/home/c/general?error=text_long"
    );
    assert_eq!(
        jane.form("/w/home/c/nothing", &[("text", "x")])
            .await
            .code(),
        "not_found"
    );
    assert_eq!(jane.form(chat, &[]).await.code(), "bad_request");
    let outside = app.browser().form(chat, &[("text", "x")]).await;
    assert_eq!(
        outside.location(),
        "/sign-in?next=%2Fw%2Fhome%2Fc%2Fgeneral"
    );
}

#[tokio::test]
async fn a_form_that_is_not_utf8_is_refused_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let form = Some("application/x-www-form-urlencoded");
    for text in [
        "text=%ff%fe",
        "text=Hello+%C3",
        "te%ffxt=Hello",
        "text=%F0%9F%98",
    ] {
        let body = text.as_bytes().to_vec();
        let refused = jane.send(http::Method::POST, "/w/home/c/general", form, body);
        assert_eq!(refused.await.code(), "bad_request", "{text}");
    }
    let whole = b"text=%F0%9F%98%80+100%25+%26+%C3%A9".to_vec();
    let written = jane.send(http::Method::POST, "/w/home/c/general", form, whole);
    assert_eq!(written.await.location(), "/w/home/c/general");
    let history = format!("/api/v1/chats/{}/messages", jane.general().await);
    let history = jane.get(&history).await.json();
    let texts: Vec<_> = history["messages"].as_array().unwrap().iter().collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!(texts[0]["text"], "\u{1F600} 100% & \u{e9}");
}

#[tokio::test]
async fn a_chat_can_be_joined_without_a_script() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let design = jane.create_chat("design", false).await;
    let joined = john.form("/w/home/c/design/join", &[]).await;
    assert_eq!(joined.location(), "/w/home/c/design");
    john.write(&design, "joined").await;
}
