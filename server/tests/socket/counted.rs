//! That what happens is counted: a dashboard that shows nothing is to mean that nothing happened.

use crate::{
    peer::{
        HELLO, Heard, PATIENCE, Socket, Stream, counted, eventually, general, id_of, open,
        open_narrow, unlimited, written,
    },
    support::{Client, TestApp},
};
use futures::{SinkExt as _, StreamExt as _};
use presence::{Choice, CloseReason, ConnectionKey};
use protocol::{ChatId, ClientFrame, CloseCode, Epoch, Mode, Resume, ServerFrame, SessionId};
use server::config::Config;
use std::time::Duration;
use tokio::{join, time::timeout};
use uuid::Uuid;

/// One server, which answers for all that it counts.
fn alone(config: &mut Config) {
    config.redis.url = None;
}

/// As [`alone`], with few frames that may wait, and no limit to what one person says.
fn narrow(config: &mut Config) {
    alone(config);
    unlimited(config);
    config.websocket.queue_capacity = 16;
}

/// Somebody with a chat on screen from whom nothing more is read, and on whose way little fits.
async fn deaf(app: &TestApp, person: &Client, chat_id: ChatId) -> Stream {
    let mut stream = open_narrow(app, person, 4 * 1024).await;
    stream.send(written(&HELLO)).await.unwrap();
    let subscribe = ClientFrame::Subscribe { chat_id };
    stream.send(written(&subscribe)).await.unwrap();
    let is_on_screen = async {
        loop {
            let message = stream.next().await.unwrap().unwrap();
            let frame = message.to_text().unwrap().parse();
            if matches!(frame, Ok(ServerFrame::ConnectedUsers { .. })) {
                break;
            }
        }
    };
    timeout(PATIENCE, is_on_screen).await.unwrap();
    stream
}

async fn has_counted(app: &TestApp, series: &str, count: u64) {
    eventually(async || counted(app, series).await >= count).await;
    assert_eq!(counted(app, series).await, count, "{series}");
}

#[tokio::test]
async fn typing_is_counted_with_those_who_are_told() {
    let app = TestApp::with(alone).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat_id = general(&jane).await;
    let mut reader = Socket::watch(&app, &jane, chat_id).await;
    let mut typist = Socket::watch(&app, &john, chat_id).await;
    for is_typing in [true, false] {
        typist
            .say(&ClientFrame::Typing { chat_id, is_typing })
            .await;
        let is_it = |frame| matches!(frame, ServerFrame::Typing { .. }).then_some(());
        reader.await_frame(is_it).await;
    }
    has_counted(&app, "rollcall_typing_events_total", 2).await;
    for (part, count) in [("count", 2), ("sum", 2)] {
        let series = format!("rollcall_fan_out_sockets_{part}{{what=\"typing\"}}");
        has_counted(&app, &series, count).await;
    }
    let written = typist.write(chat_id, "Hello").await;
    assert_eq!(reader.await_message().await.client_id, written);
    let told = "rollcall_fan_out_sockets_sum{what=\"message\"}";
    has_counted(&app, told, 2).await;
}

#[tokio::test]
async fn who_is_back_within_the_grace_is_counted_and_so_is_who_is_not() {
    let app = TestApp::with(|config| {
        alone(config);
        config.presence.offline_grace = Duration::from_secs(2);
        config.presence.reaper_interval = Duration::from_millis(50);
    })
    .await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    Socket::join(&app, &jane).await.close().await;
    let graces = |outcome| format!("rollcall_presence_graces_total{{outcome=\"{outcome}\"}}");
    has_counted(&app, &graces("started"), 1).await;
    let back = Socket::join(&app, &jane).await;
    has_counted(&app, &graces("cancelled"), 1).await;
    back.close().await;
    observer.await_presence(id_of(&jane), false).await;
    has_counted(&app, &graces("started"), 2).await;
    has_counted(&app, &graces("expired"), 1).await;
    let offline = "rollcall_presence_transitions_total\
                   {direction=\"offline\",reason=\"grace_expired\"}";
    has_counted(&app, offline, 1).await;
    has_counted(&app, "rollcall_presence_false_offline_total", 0).await;
}

#[tokio::test]
async fn pings_that_are_answered_are_counted_and_so_are_sockets_that_answer_none() {
    let app = TestApp::with(|config| {
        alone(config);
        config.presence.ping_interval = Duration::from_millis(100);
        config.presence.pong_timeout = Duration::from_secs(1);
    })
    .await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    // Unread, it answers nothing.
    let mut half_open = open(&app, &john).await;
    half_open.send(written(&HELLO)).await.unwrap();
    has_counted(&app, "rollcall_presence_ghost_seconds_count", 1).await;
    assert_eq!(counted(&app, "rollcall_ping_seconds_count").await, 0);
    let _answers = Socket::join(&app, &jane).await;
    eventually(async || counted(&app, "rollcall_ping_seconds_count").await > 0).await;
}

#[tokio::test]
async fn sockets_that_presence_gives_up_by_itself_are_counted() {
    let app = TestApp::with(alone).await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    assert_eq!(jane.delete("/api/v1/session").await.status, 204);
    assert_eq!(socket.end().await.0, CloseCode::SESSION_EXPIRED);
    let removed = "rollcall_presence_removals_total{reason=\"session_ended\"}";
    has_counted(&app, removed, 1).await;
}

#[tokio::test]
async fn each_refusal_of_a_flood_is_counted_and_so_is_its_end() {
    let app = TestApp::with(|config| {
        alone(config);
        config.websocket.frames_per_second = 1;
        config.websocket.burst = 5;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    for id in 0..20 {
        socket.offer(&ClientFrame::Ping { id }).await;
    }
    let mut refused = 0;
    loop {
        match socket.heard().await {
            Heard::Frame(ServerFrame::Error { .. }) => refused += 1,
            Heard::End(_) => break,
            _ => {}
        }
    }
    let frames = "rollcall_limit_reached_total{limit=\"frames\"}";
    has_counted(&app, frames, refused + 1).await;
}

#[tokio::test]
async fn a_frame_over_its_limit_is_counted() {
    let app = TestApp::with(alone).await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    socket.say_text(&" ".repeat(5_000)).await;
    assert_eq!(socket.end().await.0, CloseCode::TOO_BIG);
    let frame_size = "rollcall_limit_reached_total{limit=\"frame_size\"}";
    has_counted(&app, frame_size, 1).await;
}

#[tokio::test]
async fn a_change_is_measured_once_for_each_socket_that_it_is_written_to() {
    let app = TestApp::with(alone).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let bob = app.sign_up("bob").await;
    let chat_id = general(&jane).await;
    let online = "rollcall_presence_transitions_total{direction=\"online\",reason=\"connected\"}";
    let told = "rollcall_presence_convergence_seconds_count";
    let _jane = Socket::join(&app, &jane).await;
    has_counted(&app, online, 1).await;
    assert_eq!(counted(&app, told).await, 0, "nobody is shown it");
    let mut readers = [
        Socket::watch(&app, &john, chat_id).await,
        Socket::watch(&app, &john, chat_id).await,
    ];
    has_counted(&app, online, 2).await;
    for reader in &mut readers {
        reader.so_far().await;
    }
    let before = counted(&app, told).await;
    let _bob = Socket::join(&app, &bob).await;
    for reader in &mut readers {
        reader.await_presence(id_of(&bob), true).await;
    }
    has_counted(&app, told, before + 2).await;
}

#[tokio::test]
async fn what_waits_for_a_slow_reader_is_counted_and_so_is_what_gives_way_and_when_it_is_told() {
    let app = TestApp::with(narrow).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat_id = general(&jane).await;
    let deaf = deaf(&app, &john, chat_id).await;
    let mut fast = Socket::join(&app, &jane).await;
    let mut written = 0;
    while counted(&app, "rollcall_queue_longest_frames").await < 8 {
        assert!(written < 2_000, "the slow reader is never late");
        fast.write(chat_id, &"漢".repeat(8_000)).await;
        fast.await_message().await;
        written += 1;
    }
    assert!(counted(&app, "rollcall_queue_frames").await >= 8);
    let told = "rollcall_presence_convergence_seconds_count";
    let told_before = counted(&app, told).await;

    let mut changes = 0;
    let mut change = async || {
        changes += 1;
        let choice = Choice {
            mode: Mode::Automatic,
            note: changes,
            version: 1_000 + changes,
        };
        let directory = &app.state.directory;
        directory.choose(id_of(&jane), choice).await.unwrap();
        let made = "rollcall_presence_transitions_total{direction=\"status\",reason=\"chosen\"}";
        has_counted(&app, made, changes).await;
    };
    let gave_way = "rollcall_queue_gave_way_total{what=\"presence\"}";
    while counted(&app, gave_way).await == 0 {
        change().await;
    }
    change().await;
    assert_eq!(counted(&app, told).await, told_before, "nothing is written");

    let _reading = Socket::over(deaf);
    has_counted(&app, "rollcall_resyncs_total{what=\"presence\"}", 1).await;
    eventually(async || counted(&app, told).await > told_before).await;
    eventually(async || counted(&app, "rollcall_queue_frames").await == 0).await;
}

#[tokio::test]
async fn a_reader_who_is_closed_for_being_too_slow_is_counted() {
    let app = TestApp::with(narrow).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat_id = general(&jane).await;
    let _deaf = deaf(&app, &john, chat_id).await;
    let mut fast = Socket::join(&app, &jane).await;
    let closed = "rollcall_queue_gave_way_total{what=\"connection\"}";
    let mut written = 0;
    while counted(&app, closed).await == 0 {
        assert!(written < 2_000, "the slow reader is never closed");
        fast.write(chat_id, &"漢".repeat(8_000)).await;
        fast.await_message().await;
        written += 1;
    }
    assert_eq!(counted(&app, closed).await, 1);
}

#[tokio::test]
async fn who_cannot_go_on_where_they_left_off_is_counted() {
    let app = TestApp::with(alone).await;
    let jane = app.sign_up("jane").await;
    let resume = Resume {
        session: SessionId::from_uuid(Uuid::now_v7()),
        epoch: Epoch::from_uuid(Uuid::now_v7()),
        offset: 0,
    };
    let mut socket = Socket::open(&app, &jane).await;
    assert!(!socket.hello(Some(resume)).await.resumed);
    has_counted(&app, "rollcall_resyncs_total{what=\"client\"}", 1).await;
}

#[tokio::test]
async fn who_is_told_to_be_offline_while_a_socket_of_theirs_is_here_is_counted() {
    let app = TestApp::with(|config| {
        alone(config);
        config.presence.offline_grace = Duration::ZERO;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let _socket = Socket::join(&app, &jane).await;
    let (user, directory) = (id_of(&jane), &app.state.directory);
    let online = "rollcall_presence_transitions_total{direction=\"online\",reason=\"connected\"}";
    has_counted(&app, online, 1).await;
    let connection = directory.diagnostics(user).await.unwrap().connections[0].connection;
    let key = ConnectionKey { user, connection };
    let reason = CloseReason::TransportLost;
    directory.closed(key, reason).await.unwrap();
    has_counted(&app, "rollcall_presence_false_offline_total", 1).await;
}

#[tokio::test]
async fn newcomers_who_wait_are_counted_while_they_do() {
    let app = TestApp::with(|config| {
        alone(config);
        config.websocket.admissions = 1;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let turn = app.state.admissions.turn().await.unwrap();
    let waits = async {
        has_counted(&app, "rollcall_newcomers_waiting", 1).await;
        drop(turn);
    };
    let (_socket, ()) = join!(Socket::join(&app, &jane), waits);
    eventually(async || counted(&app, "rollcall_newcomers_waiting").await == 0).await;
}

#[tokio::test]
async fn the_database_is_measured_and_its_failures_are_counted() {
    let app = TestApp::with(alone).await;
    eventually(async || counted(&app, "rollcall_store_probe_seconds_count").await > 0).await;
    let failed = "rollcall_store_failed_total{kind=\"unavailable\"}";
    assert_eq!(counted(&app, failed).await, 0);
    app.state.store.close().await;
    assert_eq!(app.program().get("/readyz").await.status, 503);
    assert!(counted(&app, failed).await > 0);
}
