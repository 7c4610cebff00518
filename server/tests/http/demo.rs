use crate::support::TestApp;
use serde_json::Value;

/// Chats and how many messages each has, as one person sees them.
async fn chats(app: &TestApp, username: &str) -> Vec<(String, usize, Value)> {
    let person = app.demo_sign_in(username).await;
    let path = format!("/api/v1/workspaces/{}/chats", person.workspace().await);
    let mut chats = Vec::new();
    for chat in person.get(&path).await.json().as_array().unwrap() {
        let id = chat["chat_id"].as_str().unwrap();
        let page = person
            .get(&format!("/api/v1/chats/{id}/messages?limit=200"))
            .await
            .json();
        let count = page["messages"].as_array().unwrap().len();
        chats.push((
            chat["name"].as_str().unwrap().to_owned(),
            count,
            chat["unread"].clone(),
        ));
    }
    chats
}

#[tokio::test]
async fn the_demo_has_people_chats_and_enough_history_to_page() {
    let app = TestApp::demo().await;
    let jane = app.demo_sign_in("jane").await;
    assert_eq!(jane.get("/api/v1/me").await.json()["is_admin"], true);
    assert_eq!(
        jane.get("/api/v1/workspaces").await.json()[0]["slug"],
        "flowra"
    );
    insta::assert_debug_snapshot!(chats(&app, "jane").await, @r#"
    [
        (
            "design",
            10,
            Number(2),
        ),
        (
            "docs",
            8,
            Number(0),
        ),
        (
            "general",
            81,
            Number(0),
        ),
        (
            "release-train",
            8,
            Number(0),
        ),
    ]
    "#);
    let john = app.demo_sign_in("john").await;
    assert_eq!(
        john.get("/api/v1/me").await.json()["display_name"],
        "John Smith"
    );
}

#[tokio::test]
async fn history_lies_in_the_past_and_in_order() {
    let app = TestApp::demo().await;
    let jane = app.demo_sign_in("jane").await;
    let path = format!("/api/v1/chats/{}/messages?limit=200", jane.general().await);
    let page = jane.get(&path).await.json();
    let times: Vec<protocol::Timestamp> = page["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["sent_at"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(times.is_sorted());
    assert!(*times.last().unwrap() < app.state.clock.now());
}

#[tokio::test]
async fn starting_again_leaves_everything_as_people_made_it() {
    let app = TestApp::demo().await;
    let jane = app.demo_sign_in("jane").await;
    jane.write(&jane.general().await, "new").await;
    let bob = app.demo_sign_in("bob").await;
    bob.delete(&format!("/api/v1/chats/{}/members", bob.general().await))
        .await;
    let before = chats(&app, "bob").await;
    let app = TestApp::start_in(app.stop().await, |_| (), true).await;
    assert_eq!(chats(&app, "bob").await, before);
    let bob = app.demo_sign_in("bob").await;
    let path = format!("/api/v1/chats/{}/presence", bob.general().await);
    assert_eq!(bob.get(&path).await.code(), "not_found", "he has left");
}

#[tokio::test]
async fn the_door_offers_the_demo_accounts_and_only_in_the_demo() {
    let app = TestApp::demo().await;
    let door = async |app: &TestApp| app.browser().visit("/sign-in").await.text().to_owned();
    assert!(door(&app).await.contains("Bob Wilson"));
    let app = TestApp::start_in(app.stop().await, |_| (), false).await;
    assert!(!door(&app).await.contains("Bob Wilson"));
}
