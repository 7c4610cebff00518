//! The server restarts; the native client comes back by itself.

use crate::{
    peer::{PATIENCE, Socket, general, message_of},
    support::{Client, TestApp},
};
use connection::{Backoff, Effect, Event, Phase, Settings, State, Terminal};
use loadtest::{Authorization, ClientOptions, Server};
use protocol::{ChatId, ClientMessageId, CloseCode, Message};
use std::net::SocketAddr;
use tokio::{sync::mpsc, time::timeout};
use uuid::Uuid;

/// A native client that does not wait long between attempts.
fn start(address: SocketAddr, person: &Client) -> (loadtest::Client, mpsc::Receiver<Effect>) {
    loadtest::Client::start(ClientOptions {
        server: Server::new(&format!("http://{address}")).unwrap(),
        authorization: Authorization::cookie(&person.cookie()).unwrap(),
        settings: Settings {
            backoff: Backoff::Fixed {
                delays_ms: vec![20],
            },
            attempts: u32::MAX,
            attempt_gap_ms: 20,
            ..Settings::default()
        },
        resume: None,
    })
}

fn is_online(state: &State) -> bool {
    state.phase().is_online()
}

async fn send(client: &loadtest::Client, chat_id: ChatId, text: &str) {
    let client_id = ClientMessageId::from_uuid(Uuid::new_v4());
    client
        .dispatch(Event::Send {
            chat_id,
            client_id,
            text: text.into(),
        })
        .await;
}

async fn next_message(updates: &mut mpsc::Receiver<Effect>) -> Message {
    loop {
        let update = timeout(PATIENCE, updates.recv())
            .await
            .expect("no message came")
            .unwrap();
        assert_ne!(
            update,
            Effect::Resync,
            "nothing was missed that had to be fetched"
        );
        if let Effect::Deliver(frame) = update
            && let Some(message) = message_of(frame)
        {
            return message;
        }
    }
}

#[tokio::test]
async fn a_client_comes_back_to_a_restarted_server_and_has_everything_once_and_in_order() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let (address, chat) = (app.address, general(&jane).await);
    let (reader, mut updates) = start(address, &john);
    let (writer, _) = start(address, &jane);
    for client in [&reader, &writer] {
        client.until(PATIENCE, is_online).await.unwrap();
    }
    send(&writer, chat, "Before").await;
    let before = next_message(&mut updates).await;

    let data = app.stop().await;
    for client in [&reader, &writer] {
        client
            .until(PATIENCE, |state| !is_online(state))
            .await
            .unwrap();
    }
    send(&writer, chat, "Meanwhile").await;
    let app = TestApp::start_in(data, |config| config.server.listen = address, false).await;
    for client in [&reader, &writer] {
        client.until(PATIENCE, is_online).await.unwrap();
    }
    writer
        .until(PATIENCE, |state| state.outbox().is_empty())
        .await
        .unwrap();
    send(&writer, chat, "After").await;

    let (meanwhile, after) = (
        next_message(&mut updates).await,
        next_message(&mut updates).await,
    );
    assert_eq!(
        [&before.text, &meanwhile.text, &after.text],
        ["Before", "Meanwhile", "After"]
    );
    assert!(before.offset < meanwhile.offset && meanwhile.offset < after.offset);
    let history = jane
        .get(&format!("/api/v1/chats/{chat}/messages"))
        .await
        .json();
    assert_eq!(
        history["messages"].as_array().unwrap().len(),
        3,
        "{history}"
    );
    drop(app);
}

#[tokio::test]
async fn a_server_that_stops_closes_its_sockets_with_1012() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    let (_, (code, _)) = tokio::join!(app.stop(), socket.end());
    assert_eq!(code, CloseCode::SERVICE_RESTART);
}

#[tokio::test]
async fn a_client_whose_sign_in_is_revoked_asks_once_and_stays_away() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let (client, _) = start(app.address, &jane);
    client.until(PATIENCE, is_online).await.unwrap();
    assert_eq!(jane.delete("/api/v1/session").await.status, 204);
    let is_over = |state: &State| *state.phase() == Phase::Terminal(Terminal::SignedOut);
    client.until(PATIENCE, is_over).await.unwrap();
}
