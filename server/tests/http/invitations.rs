use crate::support::{Client, PASSWORD, TestApp};
use serde_json::json;
use server::config::SignUpMode;
use std::time::Duration;

/// Makes a link and gives the secret in it.
async fn invite(host: &Client) -> String {
    let workspace = host.workspace().await;
    let link = host
        .post(
            "/fn/create_invitation",
            &json!({ "workspace_id": workspace }),
        )
        .await;
    assert_eq!(link.status, 200, "{link:?}");
    let link = link.json();
    link.as_str()
        .unwrap()
        .strip_prefix("/sign-up?invitation=")
        .unwrap()
        .to_owned()
}

async fn accept(app: &TestApp, username: &str, invitation: &str) -> u16 {
    let account = json!({
        "username": username,
        "display_name": "Guest",
        "password": PASSWORD,
        "invitation": invitation,
    });
    app.program().post("/api/v1/users", &account).await.status
}

#[tokio::test]
async fn an_invitation_leads_into_its_workspace_and_first_chat() {
    let app = TestApp::with(|config| config.sign_up.mode = SignUpMode::Invitation).await;
    let jane = app.sign_up("jane").await;
    let invitation = invite(&jane).await;
    let door = app
        .program()
        .post("/fn/load_door", &json!({ "invitation": invitation }))
        .await;
    insta::assert_snapshot!(door, @r#"
    200 {
      "demo_accounts": [],
      "invited_to": "Home",
      "is_first_account": false,
      "sign_up_open": false
    }
    "#);
    assert_eq!(accept(&app, "john", &invitation).await, 201);
    let john = app.sign_in("john").await;
    assert_eq!(john.workspace().await, jane.workspace().await);
    assert_eq!(john.general().await, jane.general().await);
}

#[tokio::test]
async fn an_invitation_that_was_never_made_or_is_too_old_lets_nobody_in() {
    let app = TestApp::with(|config| config.sign_up.mode = SignUpMode::Invitation).await;
    let jane = app.sign_up("jane").await;
    let invitation = invite(&jane).await;
    for wrong in ["x", &"A".repeat(43), "'; DROP TABLE invitations; --", ""] {
        assert_eq!(accept(&app, "john", wrong).await, 403, "{wrong}");
    }
    app.pass(Duration::from_secs(8 * 24 * 60 * 60));
    assert_eq!(accept(&app, "john", &invitation).await, 403);
    assert!(
        app.state
            .store
            .user_by_username("john")
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn only_administrators_of_the_workspace_invite() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let workspace = json!({ "workspace_id": jane.workspace().await });
    let refused = john.post("/fn/create_invitation", &workspace).await;
    assert!(refused.text().contains("forbidden"), "{refused:?}");
    let nobody = app
        .browser()
        .post("/fn/create_invitation", &workspace)
        .await;
    assert!(nobody.text().contains("unauthorized"), "{nobody:?}");
}

#[tokio::test]
async fn an_invitation_leads_somebody_who_has_an_account_into_the_workspace_too() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let other = jane.form("/new", &[("name", "Second")]).await;
    assert_eq!(other.location(), "/w/second");
    let workspaces = jane.get("/api/v1/workspaces").await.json();
    let second = workspaces
        .as_array()
        .unwrap()
        .iter()
        .find(|workspace| workspace["slug"] == "second")
        .unwrap()["workspace_id"]
        .clone();
    let link = jane
        .post("/fn/create_invitation", &json!({ "workspace_id": second }))
        .await
        .json();
    let link = link.as_str().unwrap();
    let page = link.replace("/sign-up?", "/join?");
    assert_eq!(john.get(link).await.location(), page);
    let secret = link.split_once('=').unwrap().1;

    let fields = [("invitation", secret)];
    let stranger = app.browser().form("/join", &fields).await;
    assert!(stranger.location().starts_with("/sign-in?next=%2Fjoin"));
    let wrong = john.form("/join", &[("invitation", "wrong")]).await;
    assert_eq!(wrong.location(), "/join?error=invitation&invitation=wrong");
    let joined = john.form("/join", &fields).await;
    assert_eq!(
        john.get(joined.location()).await.location(),
        "/w/second/c/general"
    );
    let again = john.form("/join", &fields).await;
    assert_eq!(
        again.location(),
        joined.location(),
        "joining twice is no error"
    );
}

#[tokio::test]
async fn a_workspace_whose_name_is_refused_is_asked_for_again() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let refused = jane.form("/new", &[("name", "   ")]).await;
    assert_eq!(refused.location(), "/new?error=workspace&name=+++");
    assert_eq!(
        app.browser()
            .form("/new", &[("name", "X")])
            .await
            .location(),
        "/sign-in?next=%2Fnew"
    );
}
