//! What rings the bell, and what quiets it.

use super::{put, scene};
use crate::peer::{Socket, general};
use protocol::{ChatId, ClientFrame, NotificationKind, ServerFrame};
use serde_json::json;

#[tokio::test]
async fn a_mention_notifies_a_member_and_one_of_an_outsider_is_refused_with_nothing_lost() {
    let scene = scene().await;
    let private = scene.jane.create_chat("Plans", true).await;
    let chat: ChatId = private.parse().unwrap();
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let mut john = Socket::join(&scene.app, &scene.john).await;
    let add = json!({ "username": "john" });
    let path = format!("/api/v1/chats/{private}/members");
    assert_eq!(scene.jane.post(&path, &add).await.status, 204);
    let noted = |frame| match frame {
        ServerFrame::NotificationCreated(it) => Some((it.kind, it.chat_name, it.path)),
        _ => None,
    };
    let (kind, name, path) = john.await_frame(noted).await;
    assert_eq!(
        (kind, name.as_str()),
        (NotificationKind::Invitation, "Plans")
    );
    assert!(path.ends_with("/c/plans"), "{path}");
    let client_id = jane.write(chat, "Ask @bob, or @John").await;
    let refusal = jane
        .await_frame(|frame| match frame {
            ServerFrame::Error {
                client_id: Some(of),
                message,
                ..
            } => Some((of, message)),
            _ => None,
        })
        .await;
    assert_eq!(refusal.0, client_id);
    assert!(
        refusal.1.starts_with("Bob is not in this chat."),
        "{}",
        refusal.1
    );
    jane.write(chat, "Ask @john, not @nobody").await;
    assert_eq!(john.await_frame(noted).await.0, NotificationKind::Mention);
    let many: String = (0..10_000).map(|n| format!("@a{n} ")).collect();
    jane.write(chat, &many[..7_000]).await;
    let refusal = jane
        .await_frame(|frame| match frame {
            ServerFrame::Error { message, .. } => Some(message),
            _ => None,
        })
        .await;
    assert_eq!(refusal, "A message can mention at most 50 people.");
}

#[tokio::test]
async fn a_bell_that_was_away_is_told_once_of_all_that_came_meanwhile() {
    let scene = scene().await;
    let chat = general(&scene.jane).await;
    Socket::join(&scene.app, &scene.john).await.close().await;
    for n in 0..3 {
        scene
            .jane
            .write(&chat.to_string(), &format!("@john {n}"))
            .await;
    }
    let john = Socket::join(&scene.app, &scene.john).await;
    let bell = john.standing.iter().find_map(|frame| match frame {
        ServerFrame::NotificationUnread(it) => Some(it.unread),
        _ => None,
    });
    assert_eq!(bell, Some(3));
    let mut second = Socket::join(&scene.app, &scene.john).await;
    let listed = scene.john.get("/api/v1/notifications").await.json();
    let texts: Vec<_> = listed["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts, ["@john 2", "@john 1", "@john 0"]);
    let read = scene
        .john
        .post("/api/v1/notifications/read", &json!({}))
        .await;
    assert_eq!(read.status, 204);
    let unread = second
        .await_frame(|frame| match frame {
            ServerFrame::NotificationUnread(it) => Some(it.unread),
            _ => None,
        })
        .await;
    assert_eq!(unread, 0, "the other tab follows");
}

#[tokio::test]
async fn what_was_read_in_another_tab_while_a_page_loaded_is_told_with_the_welcome() {
    let scene = scene().await;
    let chat = general(&scene.jane).await;
    let message = scene.jane.write(&chat.to_string(), "News").await;
    let sequence = message["sequence"].as_u64().unwrap();
    let mut other_tab = Socket::join(&scene.app, &scene.john).await;
    let read = ClientFrame::Read {
        chat_id: chat,
        sequence,
    };
    other_tab.say(&read).await;
    other_tab.so_far().await;
    let page = Socket::join(&scene.app, &scene.john).await;
    let told = ServerFrame::Read {
        chat_id: chat,
        sequence,
    };
    assert!(page.standing.contains(&told), "{:?}", page.standing);
}

#[tokio::test]
async fn a_muted_chat_is_muted_in_every_tab() {
    let scene = scene().await;
    let chat = general(&scene.jane).await;
    let mut other_tab = Socket::join(&scene.app, &scene.jane).await;
    let mut colleague = Socket::join(&scene.app, &scene.john).await;
    let path = format!("/api/v1/chats/{chat}/mute");
    put(&scene.jane, &path, &json!({ "is_muted": true })).await;
    let told = other_tab
        .await_frame(|frame| match frame {
            ServerFrame::ChatUpdated { chat } => Some(chat.is_muted),
            _ => None,
        })
        .await;
    assert!(told);
    assert!(
        !colleague
            .so_far()
            .await
            .iter()
            .any(|frame| matches!(frame, ServerFrame::ChatUpdated { .. })),
        "it is nobody else's business"
    );
}
