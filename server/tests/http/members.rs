use crate::support::{Client, Response, TestApp};
use serde_json::json;

async fn add(who: &Client, chat: &str, username: &str) -> Response {
    who.post(
        &format!("/api/v1/chats/{chat}/members"),
        &json!({ "username": username }),
    )
    .await
}

async fn remove(who: &Client, chat: &str, whom: &str) -> Response {
    who.delete(&format!("/api/v1/chats/{chat}/members?user_id={whom}"))
        .await
}

async fn names(who: &Client, chat: &str) -> Vec<String> {
    let members = who
        .get(&format!("/api/v1/chats/{chat}/members"))
        .await
        .json();
    let names = members
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["username"].as_str().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn a_public_chat_is_joined_by_oneself_and_left_again() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let design = jane.create_chat("design", false).await;
    assert_eq!(add(&john, &design, "john").await.status, 204);
    assert_eq!(
        add(&john, &design, "john").await.status,
        204,
        "twice is as good as once"
    );
    assert_eq!(names(&jane, &design).await, ["jane", "john"]);
    let left = john
        .delete(&format!("/api/v1/chats/{design}/members"))
        .await;
    assert_eq!(left.status, 204);
    assert_eq!(names(&jane, &design).await, ["jane"]);
}

#[tokio::test]
async fn a_private_chat_is_seen_only_by_those_whom_a_member_added() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let bob = app.sign_up("bob").await;
    let secret = john.create_chat("secret", true).await;
    for stranger in [&jane, &bob] {
        let path = format!("/api/v1/workspaces/{}/chats", stranger.workspace().await);
        assert!(!stranger.get(&path).await.text().contains("secret"));
    }
    assert_eq!(add(&john, &secret, "BOB").await.status, 204);
    assert_eq!(names(&bob, &secret).await, ["bob", "john"]);
    assert_eq!(
        add(&bob, &secret, "jane").await.status,
        204,
        "members add members"
    );
}

#[tokio::test]
async fn an_unknown_person_and_one_of_elsewhere_are_answered_alike() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    app.sign_up("john").await;
    let elsewhere = jane
        .post("/api/v1/workspaces", &json!({ "name": "Other" }))
        .await
        .json();
    let path = format!(
        "/api/v1/workspaces/{}/chats",
        elsewhere["workspace_id"].as_str().unwrap()
    );
    let chat = jane.get(&path).await.json()[0]["chat_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let unknown = add(&jane, &chat, "nobody").await;
    insta::assert_snapshot!(unknown, @r#"
    404 {
      "code": "not_found",
      "detail": "There is no such person in this workspace.",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    for username in ["john", "", "x\0", "'; --"] {
        assert_eq!(add(&jane, &chat, username).await.body, unknown.body);
    }
}

#[tokio::test]
async fn owners_and_administrators_remove_members_and_members_do_not() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let bob = app.sign_up("bob").await;
    let design = john.create_chat("design", false).await;
    add(&bob, &design, "bob").await;
    insta::assert_snapshot!(remove(&bob, &design, &john.user_id).await, @r#"
    403 {
      "code": "forbidden",
      "detail": "Only the owners of the chat and the administrators of the workspace may do this.",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
    assert_eq!(
        remove(&john, &design, &bob.user_id).await.status,
        204,
        "an owner"
    );
    insta::assert_snapshot!(remove(&john, &design, &bob.user_id).await, @r#"
    404 {
      "code": "not_found",
      "detail": "There is no such member of this chat.",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    add(&bob, &design, "bob").await;
    assert_eq!(
        remove(&jane, &design, &bob.user_id).await.status,
        204,
        "an administrator"
    );
    assert_eq!(
        remove(&jane, &design, &john.user_id).await.status,
        204,
        "even an owner"
    );
    assert_eq!(
        remove(&jane, &design, &jane.user_id).await.code(),
        "not_found"
    );
}

#[tokio::test]
async fn whoever_could_only_join_adds_nobody_unless_they_administer() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let bob = app.sign_up("bob").await;
    let design = john.create_chat("design", false).await;
    insta::assert_snapshot!(add(&bob, &design, "jane").await, @r#"
    403 {
      "code": "forbidden",
      "detail": "Join the chat to add others to it.",
      "status": 403,
      "title": "Forbidden",
      "type": "about:blank"
    }
    "#);
    assert_eq!(add(&jane, &design, "bob").await.status, 204);
}

#[tokio::test]
async fn when_its_owner_leaves_the_oldest_member_manages_the_chat_and_an_empty_one_can_be_joined() {
    let app = TestApp::start().await;
    app.sign_up("jane").await;
    let [ann, john, bob] = [
        app.sign_up("ann").await,
        app.sign_up("john").await,
        app.sign_up("bob").await,
    ];
    let design = ann.create_chat("design", false).await;
    for joining in ["john", "bob"] {
        assert_eq!(add(&ann, &design, joining).await.status, 204);
    }
    let chat = format!("/api/v1/chats/{design}");
    let leave = async |who: &Client| {
        let left = who.delete(&format!("{chat}/members")).await;
        assert_eq!(left.status, 204, "{left:?}");
    };
    let rename = async |who: &Client, name: &str| {
        let renamed = who.patch(&chat, &json!({ "name": name })).await;
        renamed.status
    };
    assert_eq!(rename(&john, "early").await, 403);
    leave(&ann).await;
    assert_eq!(rename(&john, "taken over").await, 200);
    assert_eq!(rename(&bob, "not yet").await, 403);
    leave(&john).await;
    leave(&bob).await;
    assert_eq!(add(&john, &design, "john").await.status, 204);
    assert_eq!(rename(&john, "joined").await, 200);
}
