//! Silence: who is still there, and who is not.

use crate::{
    peer::{Heard, PATIENCE, Socket, Stream, changes_in, eventually, general, id_of, open},
    support::TestApp,
};
use futures::{SinkExt as _, StreamExt as _};
use presence::Registration;
use protocol::{ClientFrame, CloseCode, ConnectionId, PROTOCOL_VERSION, SessionId};
use server::{config::Config, hub::Queue};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::AsyncReadExt as _,
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

const PING_INTERVAL: Duration = Duration::from_millis(100);
const PONG_TIMEOUT: Duration = Duration::from_millis(600);
/// What is no fault of ours.
const BUSY_MACHINE: Duration = Duration::from_secs(5);
const GRACE: Duration = Duration::from_millis(300);

fn short_timers(config: &mut Config) {
    config.presence.ping_interval = PING_INTERVAL;
    config.presence.pong_timeout = PONG_TIMEOUT;
    config.presence.offline_grace = GRACE;
    config.presence.reaper_interval = Duration::from_millis(50);
}

/// Says hello, and nothing from then on: nobody reads the stream, so nobody answers its pings.
async fn fall_silent(stream: &mut Stream) {
    let hello = ClientFrame::Hello {
        resume: None,
        protocol: PROTOCOL_VERSION,
        idle_ms: None,
    };
    stream
        .send(Message::text(serde_json::to_string(&hello).unwrap()))
        .await
        .unwrap();
}

/// Reads up to the close frame (RFC 6455 §5.2) and, being no WebSocket any more, answers nothing.
async fn close_code(stream: Stream) -> CloseCode {
    let mut transport = stream.into_inner();
    loop {
        let [opcode, length] = transport.read_u16().await.unwrap().to_be_bytes();
        let length = match length {
            126 => transport.read_u16().await.unwrap().into(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        transport.read_exact(&mut payload).await.unwrap();
        if opcode == 0x88 {
            return CloseCode(u16::from_be_bytes([payload[0], payload[1]]));
        }
    }
}

#[tokio::test]
async fn a_half_open_socket_is_closed_with_4001_and_its_user_offline_after_the_grace_never_sooner()
{
    let app = TestApp::with(short_timers).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let mut half_open = open(&app, &jane).await;
    let last_sign = Instant::now();
    fall_silent(&mut half_open).await;
    observer.await_presence(id_of(&jane), true).await;
    observer.await_presence(id_of(&jane), false).await;
    let offline_after = last_sign.elapsed();
    assert!(offline_after >= PONG_TIMEOUT + GRACE, "{offline_after:?}");
    let bound = PING_INTERVAL + PONG_TIMEOUT + GRACE + app.state.config.presence.coalesce_window;
    assert!(offline_after <= bound + BUSY_MACHINE, "{offline_after:?}");
    assert_eq!(close_code(half_open).await, CloseCode::PONG_TIMEOUT);
    eventually(async || app.sockets_of(id_of(&jane)) == 0).await;
}

/// The second line of defence: a socket whose own task has come to a stop closes nothing.
#[tokio::test]
async fn the_reaper_closes_a_connection_whose_own_task_noticed_nothing() {
    let app = TestApp::with(short_timers).await;
    let jane = app.sign_up("jane").await;
    let stuck = Registration {
        connection: ConnectionId::from_uuid(Uuid::now_v7()),
        user: id_of(&jane),
        session: SessionId::from_uuid(Uuid::now_v7()),
        node: app.state.node,
    };
    let queue = Arc::new(Queue::new(1));
    let (hub, session) = (&app.state.hub, stuck.session);
    assert!(hub.register(stuck.connection, stuck.user, session, Arc::clone(&queue), 1));
    app.state.directory.open(stuck).await.unwrap();
    timeout(PATIENCE, queue.closing()).await.expect("a close");
    let close = queue.take().close.unwrap();
    assert_eq!(close.code, CloseCode::PONG_TIMEOUT);
}

#[tokio::test]
async fn a_socket_that_answers_pings_stays_however_silent_its_user() {
    let app = TestApp::with(short_timers).await;
    let jane = app.sign_up("jane").await;
    let mut stream = open(&app, &jane).await;
    fall_silent(&mut stream).await;
    let start = Instant::now();
    while start.elapsed() < 3 * PONG_TIMEOUT {
        // Reading on answers the ping.
        let message = timeout(PONG_TIMEOUT, stream.next())
            .await
            .expect("a ping in time");
        assert!(!matches!(message.unwrap().unwrap(), Message::Close(_)));
    }
    assert_eq!(app.sockets_of(id_of(&jane)), 1);
}

#[tokio::test]
async fn pings_of_the_client_are_a_sign_of_life_even_when_those_of_the_server_are_not_answered() {
    let app = TestApp::with(short_timers).await;
    let jane = app.sign_up("jane").await;
    let mut stream = open(&app, &jane).await;
    fall_silent(&mut stream).await;
    let start = Instant::now();
    let mut ticks = tokio::time::interval(PONG_TIMEOUT / 6);
    while start.elapsed() < 2 * PONG_TIMEOUT {
        ticks.tick().await;
        let ping = serde_json::to_string(&ClientFrame::Ping { id: 1 }).unwrap();
        stream.send(Message::text(ping)).await.unwrap();
    }
    assert_eq!(app.sockets_of(id_of(&jane)), 1);
}

#[tokio::test]
async fn a_newer_socket_outlives_the_late_end_of_an_old_half_open_one() {
    let app = TestApp::with(short_timers).await;
    let [jane, john, bob] = [
        app.sign_up("jane").await,
        app.sign_up("john").await,
        app.sign_up("bob").await,
    ];
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let mut old = open(&app, &jane).await;
    fall_silent(&mut old).await;
    observer.await_presence(id_of(&jane), true).await;
    let mut new = Socket::join(&app, &jane).await;
    eventually(async || app.sockets_of(id_of(&jane)) == 1).await;
    assert_eq!(close_code(old).await, CloseCode::PONG_TIMEOUT);
    // Somebody who goes later is told to have gone; Jane is not.
    Socket::join(&app, &bob).await.close().await;
    let mut told = Vec::new();
    while !told.contains(&(id_of(&bob), false)) {
        let Heard::Frame(frame) = observer.heard().await else {
            panic!("the observer stays")
        };
        told.extend(
            changes_in(&frame)
                .iter()
                .map(|change| (change.user_id, change.is_online)),
        );
    }
    assert!(
        !told.iter().any(|(user, _)| *user == id_of(&jane)),
        "{told:?}"
    );
    assert_eq!(new.so_far().await, []);
}
