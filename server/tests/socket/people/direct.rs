//! Direct chats, as their people are told of them.

use super::scene;
use crate::{
    peer::{Socket, changes_in, id_of},
    support::Client,
};
use protocol::{ChatId, ClientFrame, NotificationKind, ServerFrame};
use serde_json::json;

#[tokio::test]
async fn a_direct_message_reaches_its_people_with_presence_and_one_notification_that_counts() {
    let scene = scene().await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let mut john = Socket::join(&scene.app, &scene.john).await;
    let mut bob = Socket::join(&scene.app, &scene.bob).await;
    let chat = scene.direct(&scene.john, &scene.jane).await;
    let partners = jane
        .await_frame(|frame| match frame {
            ServerFrame::DirectUsers { users, .. } => Some(users),
            _ => None,
        })
        .await;
    let told: Vec<_> = partners
        .iter()
        .map(|it| (it.user_id, it.is_online))
        .collect();
    assert_eq!(told, [(id_of(&scene.john), true)]);
    john.write(chat, "Hello Jane").await;
    john.write(chat, "Are you there?").await;
    let noted = |frame| match frame {
        ServerFrame::NotificationCreated(it) => Some((it.id, it.kind, it.count, it.text)),
        _ => None,
    };
    let (id, kind, count, _) = jane.await_frame(noted).await;
    assert_eq!((kind, count), (NotificationKind::DirectMessage, 1));
    let (again, _, count, text) = jane.await_frame(noted).await;
    assert_eq!((again, count, text.as_str()), (id, 2, "Are you there?"));
    let unread = |frame| match frame {
        ServerFrame::NotificationUnread(it) => Some(it.unread),
        _ => None,
    };
    assert_eq!(jane.await_frame(unread).await, 1);
    let newest = jane_reads(&mut jane, chat, &scene.jane).await;
    assert_eq!(newest, 0, "reading the chat reads its notification");
    john.close().await;
    jane.await_presence(id_of(&scene.john), false).await;
    let is_strange = |frame: &ServerFrame| !changes_in(frame).is_empty();
    let told = bob.so_far().await;
    assert!(!told.iter().any(|frame| is_strange(frame)
        || matches!(
            frame,
            ServerFrame::MessageCreated(_) | ServerFrame::ChatUpdated { .. }
        )));
}

/// Reads a chat to its end, and gives how many notifications are unread then.
async fn jane_reads(socket: &mut Socket, chat: ChatId, jane: &Client) -> u64 {
    let path = format!("/api/v1/chats/{chat}/messages");
    let history = jane.get(&path).await.json();
    let newest = history["messages"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    let sequence = newest["sequence"].as_u64().unwrap();
    socket
        .say(&ClientFrame::Read {
            chat_id: chat,
            sequence,
        })
        .await;
    let unread = socket
        .await_frame(|frame| match frame {
            ServerFrame::NotificationUnread(it) => Some(it.unread),
            _ => None,
        })
        .await;
    socket
        .await_frame(|frame| matches!(frame, ServerFrame::NotificationRead { .. }).then_some(()))
        .await;
    unread
}

#[tokio::test]
async fn the_people_of_a_direct_chat_never_change() {
    let scene = scene().await;
    let chat = scene.direct(&scene.john, &scene.jane).await;
    let members = format!("/api/v1/chats/{chat}/members");
    let added = scene
        .jane
        .post(&members, &json!({ "username": "bob" }))
        .await;
    assert_eq!(added.status, 400, "{added:?}");
    assert_eq!(scene.jane.delete(&members).await.status, 400);
    let stranger = scene
        .bob
        .get(&format!("/api/v1/chats/{chat}/messages"))
        .await;
    assert_eq!(stranger.status, 404);
    let again = scene.direct(&scene.jane, &scene.john).await;
    assert_eq!(again, chat, "the same people have one");
    let path = format!("/api/v1/workspaces/{}/direct", scene.jane.workspace().await);
    for (others, status) in [
        (json!([]), 400),
        (json!([scene.jane.user_id]), 400),
        (json!([uuid::Uuid::new_v4()]), 404),
        (
            json!((0..9).map(|_| uuid::Uuid::new_v4()).collect::<Vec<_>>()),
            413,
        ),
    ] {
        let refused = scene.jane.post(&path, &json!({ "user_ids": others })).await;
        assert_eq!(refused.status, status, "{refused:?}");
    }
}
