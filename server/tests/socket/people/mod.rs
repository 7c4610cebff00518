//! Friends, blocks, statuses, direct chats and last seen: who is told what, by every path. Nobody
//! learns what is not for them.

mod direct;
mod friends;
mod notifications;
mod privacy;
mod status;

use crate::{
    peer::Socket,
    support::{Client, TestApp},
};
use http::Method;
use protocol::{ChatId, PresenceEntry, ServerFrame};
use serde_json::{Value, json};
use std::time::Duration;

/// People who share a workspace, and nothing on any screen.
struct Scene {
    app: TestApp,
    jane: Client,
    john: Client,
    bob: Client,
}

const GRACE: Duration = Duration::from_millis(200);

async fn scene() -> Scene {
    scene_with(Duration::from_secs(60)).await
}

async fn scene_with(away_after: Duration) -> Scene {
    let app = TestApp::with(|config| {
        config.presence.offline_grace = GRACE;
        config.presence.away_after = away_after;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let bob = app.sign_up("bob").await;
    Scene {
        app,
        jane,
        john,
        bob,
    }
}

async fn ask(who: &Client, whom: &str) {
    let asked = who
        .post("/api/v1/friends", &json!({ "username": whom }))
        .await;
    assert_eq!(asked.status, 204, "{asked:?}");
}

async fn put(who: &Client, path: &str, body: &Value) {
    let answer = who.json(Method::PUT, path, body).await;
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
}

async fn befriend(one: &Client, other: &Client) {
    put(
        one,
        &format!("/api/v1/friends/{}", other.user_id),
        &Value::Null,
    )
    .await;
}

async fn block(who: &Client, whom: &Client) {
    put(
        who,
        &format!("/api/v1/blocks/{}", whom.user_id),
        &Value::Null,
    )
    .await;
}

async fn choose(who: &Client, status: Value) {
    put(who, "/api/v1/me/status", &status).await;
}

impl Scene {
    async fn are_friends(&self) {
        ask(&self.jane, "john").await;
        befriend(&self.john, &self.jane).await;
    }

    async fn direct(&self, of: &Client, with: &Client) -> ChatId {
        let path = format!("/api/v1/workspaces/{}/direct", of.workspace().await);
        let opened = of.post(&path, &json!({ "user_ids": [with.user_id] })).await;
        assert_eq!(opened.status, 200, "{opened:?}");
        opened.json()["chat_id"].as_str().unwrap().parse().unwrap()
    }
}

/// The friends that a socket was told of with its welcome.
fn friends_of(socket: &Socket) -> Vec<PresenceEntry> {
    let told = socket.standing.iter().find_map(|frame| match frame {
        ServerFrame::FriendsSnapshot(snapshot) => Some(snapshot.friends.clone()),
        _ => None,
    });
    told.expect("every welcome brings the friends")
}
