//! Coming back: everything missed, once and in order, or an honest word that it must be fetched.

use crate::{
    peer::{Socket, general, id_of, message_of},
    support::{Client, TestApp},
};
use protocol::{
    ChatId, ClientMessageId, Epoch, Message, MessageId, NotificationId, Resume, ServerFrame,
    SessionId, Welcome, limits::MAX_REPLAY,
};
use serde_json::json;
use store::NewMessage;
use uuid::Uuid;

fn left_at(welcome: &Welcome, offset: u64) -> Resume {
    Resume {
        session: welcome.session,
        epoch: welcome.epoch,
        offset,
    }
}

/// Where this person's connection stands now.
async fn stand(app: &TestApp, person: &Client) -> Welcome {
    Socket::open(app, person).await.hello(None).await
}

async fn write_many(app: &TestApp, author: &Client, chat_id: ChatId, count: usize) {
    let message = |n: usize| NewMessage {
        chat_id,
        id: MessageId::from_uuid(Uuid::now_v7()),
        client_id: ClientMessageId::from_uuid(Uuid::new_v4()),
        author_id: id_of(author),
        mentions: Vec::new(),
        text: n.to_string(),
        sent_at: app.state.clock.now(),
    };
    let new_id = || NotificationId::from_uuid(Uuid::now_v7());
    app.state
        .store
        .append((0..count).map(message).collect(), new_id)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_missed_comes_once_in_order_and_in_its_newest_form() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await.to_string();
    let id = |message: &serde_json::Value| message["id"].as_str().unwrap().to_owned();
    let (seen, seen_then_deleted) = (
        id(&jane.write(&chat, "Seen").await),
        id(&jane.write(&chat, "To be deleted").await),
    );
    let welcome = stand(&app, &john).await;

    let path = |id: &str| format!("/api/v1/chats/{chat}/messages/{id}");
    jane.patch(&path(&seen), &json!({ "text": "Seen, then edited" }))
        .await;
    let new = id(&jane.write(&chat, "Nw").await);
    let gone = id(&jane.write(&chat, "Written and deleted").await);
    jane.delete(&path(&seen_then_deleted)).await;
    jane.patch(&path(&new), &json!({ "text": "New" })).await;
    jane.delete(&path(&gone)).await;

    let mut back = Socket::open(&app, &john).await;
    let again = back.hello(Some(left_at(&welcome, welcome.offset))).await;
    assert!(again.resumed);
    assert_eq!(again.offset, welcome.offset);
    let missed = back.so_far().await;
    let told: Vec<_> = missed
        .iter()
        .map(|frame| match frame {
            ServerFrame::MessageCreated(message) => ("created", message.text.as_str()),
            ServerFrame::MessageUpdated(message) => ("updated", message.text.as_str()),
            ServerFrame::MessageDeleted(message) => ("deleted", message.text.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        ("updated", "Seen, then edited"),
        ("deleted", ""),
        ("created", "New"),
        ("deleted", ""),
    ];
    assert_eq!(told, expected);
    let offsets: Vec<_> = missed
        .into_iter()
        .filter_map(message_of)
        .map(|m| m.offset)
        .collect();
    assert!(offsets.is_sorted_by(|a, b| a < b), "{offsets:?}");
    jane.write(&chat, "Live").await;
    assert_eq!(back.await_message().await.text, "Live");
}

#[tokio::test]
async fn who_missed_nothing_is_resumed_with_nothing() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let welcome = stand(&app, &jane).await;
    let mut back = Socket::open(&app, &jane).await;
    assert!(
        back.hello(Some(left_at(&welcome, welcome.offset)))
            .await
            .resumed
    );
    assert_eq!(back.so_far().await, []);
}

#[tokio::test]
async fn an_offset_of_another_history_session_or_future_is_not_resumed_from() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let chat = general(&jane).await;
    jane.write(&chat.to_string(), "One").await;
    let welcome = stand(&app, &jane).await;
    let resume = left_at(&welcome, 0);
    for stale in [
        Resume {
            epoch: Epoch::from_uuid(Uuid::new_v4()),
            ..resume
        },
        Resume {
            session: SessionId::from_uuid(Uuid::new_v4()),
            ..resume
        },
        Resume {
            offset: welcome.offset + 1,
            ..resume
        },
        Resume {
            offset: u64::MAX,
            ..resume
        },
    ] {
        let mut back = Socket::open(&app, &jane).await;
        let again = back.hello(Some(stale)).await;
        assert!(!again.resumed, "{stale:?}");
        assert_eq!(again.offset, welcome.offset);
        assert_eq!(back.so_far().await, [], "{stale:?}");
    }
}

#[tokio::test]
async fn as_many_missed_messages_as_the_limit_are_replayed_and_one_more_must_be_fetched() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let chat = general(&jane).await;
    let welcome = stand(&app, &jane).await;
    write_many(&app, &jane, chat, MAX_REPLAY).await;
    let resume = left_at(&welcome, welcome.offset);
    let mut back = Socket::open(&app, &jane).await;
    assert!(back.hello(Some(resume)).await.resumed);
    assert_eq!(back.so_far().await.len(), MAX_REPLAY);

    write_many(&app, &jane, chat, 1).await;
    let mut late = Socket::open(&app, &jane).await;
    let again = late.hello(Some(resume)).await;
    assert!(!again.resumed);
    assert_eq!(again.offset, welcome.offset + MAX_REPLAY as u64 + 1);
    assert_eq!(late.so_far().await, []);
}

#[tokio::test]
async fn messages_of_chats_one_is_not_in_are_not_replayed() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let theirs = jane.create_chat("Theirs", true).await;
    let everybody = general(&jane).await.to_string();
    let welcome = stand(&app, &john).await;
    jane.write(&theirs, "Between us").await;
    jane.write(&everybody, "For all").await;
    let mut back = Socket::open(&app, &john).await;
    assert!(
        back.hello(Some(left_at(&welcome, welcome.offset)))
            .await
            .resumed
    );
    let missed = back.so_far().await.into_iter().filter_map(message_of);
    assert_eq!(
        missed.map(|message| message.text).collect::<Vec<_>>(),
        ["For all"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_again_and_again_while_others_write_gets_everything_once_and_in_order() {
    const MESSAGES: usize = 80;
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await;
    let welcome = stand(&app, &john).await;
    let mut writer = Socket::join(&app, &jane).await;
    let writing = tokio::spawn(async move {
        for n in 0..MESSAGES {
            writer.write(chat, &n.to_string()).await;
            writer.await_message().await;
        }
    });
    let mut seen: Vec<Message> = Vec::new();
    while seen.len() < MESSAGES {
        let offset = seen.last().map_or(welcome.offset, |message| message.offset);
        let mut socket = Socket::open(&app, &john).await;
        assert!(socket.hello(Some(left_at(&welcome, offset))).await.resumed);
        // What was missed, and a little of what is live.
        seen.push(socket.await_message().await);
        seen.extend(socket.so_far().await.into_iter().filter_map(message_of));
    }
    writing.await.unwrap();
    let texts: Vec<usize> = seen
        .iter()
        .map(|message| message.text.parse().unwrap())
        .collect();
    assert_eq!(texts, (0..MESSAGES).collect::<Vec<_>>());
}
