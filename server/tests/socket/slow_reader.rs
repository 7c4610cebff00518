//! Who reads too slowly holds nobody else back, and misses nothing in the end.

use crate::{
    peer::{HELLO, PATIENCE, Socket, Stream, general, id_of, open_narrow, unlimited, written},
    support::TestApp,
};
use futures::{SinkExt as _, StreamExt as _};
use presence::ConnectionState;
use protocol::{CloseCode, Message as ChatMessage, Resume, ServerFrame, UserId};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// Whether the server is taking leave of this person's only socket, or has.
async fn is_being_closed(app: &TestApp, user: UserId) -> bool {
    let diagnostics = app.state.directory.diagnostics(user).await.unwrap();
    diagnostics
        .connections
        .iter()
        .all(|connection| connection.state == ConnectionState::Closing)
}

/// Reads what is left, to the end: what was welcomed, the messages, and the close code.
async fn read_out(stream: &mut Stream) -> (Vec<ServerFrame>, CloseCode) {
    let mut frames = Vec::new();
    loop {
        match timeout(PATIENCE, stream.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap()
        {
            Message::Text(text) => frames.push(text.parse().unwrap()),
            Message::Close(close) => return (frames, CloseCode(close.unwrap().code.into())),
            other => assert!(other.is_ping()),
        }
    }
}

fn created(frames: &[ServerFrame]) -> Vec<ChatMessage> {
    let message = |frame: &ServerFrame| match frame {
        ServerFrame::MessageCreated(message) => Some(message.clone()),
        _ => None,
    };
    frames.iter().filter_map(message).collect()
}

#[tokio::test]
async fn a_slow_reader_is_closed_with_4008_holds_nobody_back_and_misses_nothing_on_return() {
    let app = TestApp::with(|config| {
        unlimited(config);
        config.websocket.queue_capacity = 8;
    })
    .await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await;

    let mut slow = open_narrow(&app, &john, 4 * 1024).await;
    slow.send(written(&HELLO)).await.unwrap();
    let welcome = timeout(PATIENCE, slow.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    let ServerFrame::Welcome(welcome) = welcome.to_text().unwrap().parse().unwrap() else {
        panic!("a welcome");
    };

    // Jane goes on undisturbed: each of her messages comes back to her before she writes the next.
    let mut fast = Socket::join(&app, &jane).await;
    let mut sent = Vec::new();
    while !is_being_closed(&app, id_of(&john)).await {
        assert!(sent.len() < 2_000, "the slow reader is never closed");
        fast.write(chat, &"漢".repeat(8_000)).await;
        sent.push(fast.await_message().await);
    }

    let (heard, code) = read_out(&mut slow).await;
    assert_eq!(code, CloseCode::SLOW_CONSUMER);
    drop(slow);
    let mut seen = created(&heard);
    assert!(seen.len() < sent.len(), "something was left out");
    let offset = seen.last().map_or(welcome.offset, |message| message.offset);
    let resume = Resume {
        session: welcome.session,
        epoch: welcome.epoch,
        offset,
    };
    let mut back = Socket::open(&app, &john).await;
    assert!(back.hello(Some(resume)).await.resumed);
    seen.extend(created(&back.so_far().await));
    assert!(seen == sent, "everything, once and in order");
}
