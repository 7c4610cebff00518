//! Messages over sockets: stored once, in one order, to everybody concerned and nobody else.

use crate::{
    peer::{Socket, general, id_of, message_of},
    support::TestApp,
};
use protocol::{ChatId, ClientFrame, ClientMessageId, ErrorCode, Message, MessageId, ServerFrame};
use serde_json::json;
use uuid::Uuid;

async fn await_ack(socket: &mut Socket) -> (ClientMessageId, MessageId) {
    socket
        .await_frame(|frame| match frame {
            ServerFrame::MessageAck { client_id, id } => Some((client_id, id)),
            _ => None,
        })
        .await
}

async fn await_refusal(socket: &mut Socket) -> (ErrorCode, Option<ClientMessageId>, String) {
    socket
        .await_frame(|frame| match frame {
            ServerFrame::Error {
                code,
                client_id,
                message,
                ..
            } => Some((code, client_id, message)),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_message_reaches_every_socket_of_every_member_and_its_sender_is_told_that_it_is_on_disk()
{
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await;
    let mut writer = Socket::join(&app, &jane).await;
    let mut others = [
        Socket::join(&app, &jane).await,
        Socket::join(&app, &john).await,
    ];
    let client_id = writer.write(chat, "  Hello\r\nthere ").await;
    let message = writer.await_message().await;
    assert_eq!(await_ack(&mut writer).await, (client_id, message.id));
    assert_eq!(
        (message.author.user_id, message.client_id),
        (id_of(&jane), client_id)
    );
    assert_eq!(message.text, "Hello\nthere");
    for other in &mut others {
        assert_eq!(
            other.hear().await,
            ServerFrame::MessageCreated(message.clone())
        );
    }
}

#[tokio::test]
async fn a_message_sent_twice_under_one_client_id_is_stored_once_and_acknowledged_twice() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat_id = general(&jane).await;
    let mut writer = Socket::join(&app, &jane).await;
    let mut reader = Socket::join(&app, &john).await;
    let client_id = writer.write(chat_id, "Once").await;
    let send = ClientFrame::Send {
        chat_id,
        client_id,
        text: "Twice".into(),
    };
    writer.say(&send).await;
    let first = await_ack(&mut writer).await;
    assert_eq!(await_ack(&mut writer).await, first);
    // And from another socket, after the first is gone: an outbox that comes back.
    let mut again = Socket::join(&app, &jane).await;
    again.say(&send).await;
    assert_eq!(await_ack(&mut again).await, first);
    writer.write(chat_id, "The end").await;
    let texts = [
        reader.await_message().await.text,
        reader.await_message().await.text,
    ];
    assert_eq!(texts, ["Once", "The end"]);
    let history = john
        .get(&format!("/api/v1/chats/{chat_id}/messages"))
        .await
        .json();
    assert_eq!(
        history["messages"].as_array().unwrap().len(),
        2,
        "{history}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_of_fast_senders_arrive_at_all_in_the_same_order_with_growing_offsets() {
    const EACH: usize = 60;
    let app = TestApp::start().await;
    let mut people = Vec::new();
    for name in ["jane", "john", "bob"] {
        people.push(app.sign_up(name).await);
    }
    let chat = general(&people[0]).await;
    let mut sockets = Vec::new();
    for person in &people {
        sockets.push(Socket::join(&app, person).await);
    }
    let tasks = sockets.into_iter().map(|mut socket| {
        tokio::spawn(async move {
            let mut written = Vec::new();
            for n in 0..EACH {
                written.push(socket.write(chat, &n.to_string()).await);
            }
            let mut heard = Vec::new();
            while heard.len() < 3 * EACH {
                heard.push(socket.await_message().await);
            }
            (written, heard)
        })
    });
    let mut seen: Vec<(Vec<ClientMessageId>, Vec<Message>)> = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        seen.push(task.await.unwrap());
    }
    let (_, order) = &seen[0];
    assert!(order.windows(2).all(|pair| pair[0].offset < pair[1].offset));
    for (person, (written, heard)) in people.iter().zip(&seen) {
        assert!(heard == order, "everybody sees the same");
        let own = order
            .iter()
            .filter(|message| message.author.user_id == id_of(person));
        let own: Vec<_> = own.map(|message| message.client_id).collect();
        assert_eq!(
            &own, written,
            "a sender's messages keep the order of their sending"
        );
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_one_is_refused_by_its_name_and_stored_nowhere() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let chat = general(&jane).await;
    let mut socket = Socket::join(&app, &jane).await;
    for (text, expected) in [
        ("", ErrorCode::BadRequest),
        (" \n\t\u{200b} ", ErrorCode::BadRequest),
        ("nul \0", ErrorCode::BadRequest),
        (&"x".repeat(8_001), ErrorCode::TooLarge),
    ] {
        let sent = socket.write(chat, text).await;
        let (code, client_id, _) = await_refusal(&mut socket).await;
        assert_eq!((code, client_id), (expected, Some(sent)), "{text:?}");
    }
    let history = jane
        .get(&format!("/api/v1/chats/{chat}/messages"))
        .await
        .json();
    assert_eq!(history["messages"], json!([]));
}

#[tokio::test]
async fn sending_to_a_chat_one_is_not_in_is_refused_like_an_unknown_one() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let theirs: ChatId = john.create_chat("Theirs", true).await.parse().unwrap();
    let unknown = ChatId::from_uuid(Uuid::new_v4());
    let mut member = Socket::join(&app, &john).await;
    let mut socket = Socket::join(&app, &jane).await;
    let mut sentences = Vec::new();
    for chat in [theirs, unknown] {
        let sent = socket.write(chat, "Let me in").await;
        let (code, client_id, sentence) = await_refusal(&mut socket).await;
        assert_eq!((code, client_id), (ErrorCode::NotFound, Some(sent)));
        sentences.push(sentence);
    }
    assert_eq!(sentences[0], sentences[1]);
    assert_eq!(member.so_far().await, []);
}

#[tokio::test]
async fn what_is_written_edited_and_deleted_over_rest_reaches_sockets_in_the_order_of_its_offsets()
{
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await;
    let mut reader = Socket::join(&app, &john).await;
    let written = jane.write(&chat.to_string(), "Helo").await;
    let id = written["id"].as_str().unwrap();
    let path = format!("/api/v1/chats/{chat}/messages/{id}");
    assert_eq!(
        jane.patch(&path, &json!({ "text": "Hello" })).await.status,
        200
    );
    assert!(jane.delete(&path).await.status < 300);

    let ServerFrame::MessageCreated(created) = reader.hear().await else {
        panic!("created")
    };
    let ServerFrame::MessageUpdated(updated) = reader.hear().await else {
        panic!("updated")
    };
    let ServerFrame::MessageDeleted(deleted) = reader.hear().await else {
        panic!("deleted")
    };
    assert_eq!(
        [&created.text, &updated.text, &deleted.text],
        ["Helo", "Hello", ""]
    );
    assert!(created.offset < updated.offset && updated.offset < deleted.offset);
    assert!(
        [created, updated, deleted]
            .iter()
            .all(|m| m.id.to_string() == id)
    );
}

#[tokio::test]
async fn a_read_position_reaches_ones_other_sockets_and_nobody_else() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat_id = general(&jane).await;
    let mut here = Socket::join(&app, &john).await;
    let mut there = Socket::join(&app, &john).await;
    let mut writer = Socket::join(&app, &jane).await;
    writer.write(chat_id, "News").await;
    let sequence = here.await_message().await.sequence;
    there.await_message().await;
    here.say(&ClientFrame::Read { chat_id, sequence }).await;
    assert_eq!(there.hear().await, ServerFrame::Read { chat_id, sequence });
    // An older position is no news.
    here.say(&ClientFrame::Read {
        chat_id,
        sequence: sequence - 1,
    })
    .await;
    here.so_far().await;
    assert_eq!(there.so_far().await, []);
    let told = writer.so_far().await;
    assert!(
        !told
            .iter()
            .any(|frame| matches!(frame, ServerFrame::Read { .. })),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_read_position_in_a_foreign_chat_changes_and_tells_nothing() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let theirs: ChatId = john.create_chat("Theirs", true).await.parse().unwrap();
    let mut socket = Socket::join(&app, &jane).await;
    socket
        .say(&ClientFrame::Read {
            chat_id: theirs,
            sequence: 1,
        })
        .await;
    assert_eq!(
        socket
            .so_far()
            .await
            .into_iter()
            .filter_map(message_of)
            .count(),
        0
    );
}
