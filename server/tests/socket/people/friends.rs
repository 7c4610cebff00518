//! Friends and requests, as sockets are told of them.

use super::{ask, befriend, block, friends_of, scene};
use crate::{
    peer::{Socket, id_of, transitions},
    support::Client,
};
use protocol::{NotificationKind, ServerFrame};
use serde_json::json;

#[tokio::test]
async fn a_friend_is_told_of_wherever_they_are_and_others_are_not() {
    let scene = scene().await;
    scene.are_friends().await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let mut bob = Socket::join(&scene.app, &scene.bob).await;
    let told: Vec<_> = friends_of(&jane)
        .into_iter()
        .map(|friend| (friend.user_id, friend.is_online))
        .collect();
    assert_eq!(told, [(id_of(&scene.john), false)]);
    let john = Socket::join(&scene.app, &scene.john).await;
    jane.await_presence(id_of(&scene.john), true).await;
    assert!(friends_of(&john)[0].is_online);
    john.close().await;
    jane.await_presence(id_of(&scene.john), false).await;
    assert_eq!(transitions(&bob.so_far().await), []);
}

#[tokio::test]
async fn a_request_is_told_at_once_and_accepting_it_shows_both_to_each_other() {
    let scene = scene().await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let mut john = Socket::join(&scene.app, &scene.john).await;
    ask(&scene.jane, "john").await;
    let kind = john
        .await_frame(|frame| match frame {
            ServerFrame::NotificationCreated(it) => Some((it.kind, it.actor.display_name)),
            _ => None,
        })
        .await;
    assert_eq!(kind, (NotificationKind::FriendRequest, "Jane".to_owned()));
    let incoming = john
        .await_frame(|frame| match frame {
            ServerFrame::Relations(relations) => Some(relations.incoming),
            _ => None,
        })
        .await;
    assert_eq!(incoming[0].user_id, id_of(&scene.jane));
    befriend(&scene.john, &scene.jane).await;
    for (socket, friend) in [(&mut jane, &scene.john), (&mut john, &scene.jane)] {
        let shown = socket
            .await_frame(|frame| match frame {
                ServerFrame::FriendsSnapshot(it) if !it.friends.is_empty() => Some(it.friends),
                _ => None,
            })
            .await;
        assert_eq!(
            (shown[0].user_id, shown[0].is_online),
            (id_of(friend), true)
        );
    }
}

#[tokio::test]
async fn bad_requests_to_be_friends_get_a_sentence_and_change_nothing() {
    let scene = scene().await;
    let refusal = async |who: &Client, whom: &str| {
        let answer = who
            .post("/api/v1/friends", &json!({ "username": whom }))
            .await;
        let problem = answer.json();
        (
            answer.status,
            problem["detail"].as_str().unwrap().to_owned(),
        )
    };
    let (status, detail) = refusal(&scene.jane, "jane").await;
    assert_eq!(
        (status, detail.contains("your own")),
        (400, true),
        "{detail}"
    );
    let (status, detail) = refusal(&scene.jane, "nobody").await;
    assert_eq!(
        (status, detail.contains("nobody with")),
        (404, true),
        "{detail}"
    );
    ask(&scene.jane, "john").await;
    let (status, detail) = refusal(&scene.jane, "john").await;
    assert_eq!(
        (status, detail.as_str()),
        (409, "You have asked John already.")
    );
    befriend(&scene.john, &scene.jane).await;
    let (status, detail) = refusal(&scene.john, "@Jane").await;
    assert_eq!(
        (status, detail.as_str()),
        (409, "You and Jane are friends already.")
    );
    let relations = scene.john.get("/api/v1/friends/requests").await.json();
    assert_eq!(
        relations,
        json!({ "incoming": [], "outgoing": [], "blocked": [] })
    );
    let unknown = format!("/api/v1/friends/{}", uuid::Uuid::new_v4());
    assert_eq!(scene.jane.delete(&unknown).await.status, 404);
}

#[tokio::test]
async fn somebody_who_is_blocked_can_neither_ask_nor_write_to_the_blocker() {
    let scene = scene().await;
    let chat = scene.direct(&scene.john, &scene.jane).await;
    block(&scene.jane, &scene.john).await;
    ask(&scene.john, "jane").await;
    let relations = scene.jane.get("/api/v1/friends/requests").await.json();
    assert_eq!(relations["incoming"], json!([]));
    let path = format!("/api/v1/chats/{chat}/messages");
    let message = json!({ "client_id": uuid::Uuid::new_v4(), "text": "Hello?" });
    let refused = scene.john.post(&path, &message).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let bell = scene.jane.get("/api/v1/notifications").await.json();
    assert_eq!(bell["notifications"], json!([]));
}
