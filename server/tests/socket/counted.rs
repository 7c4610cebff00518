//! That what happens is counted: a dashboard that shows nothing is to mean that nothing happened.

use crate::{
    peer::{Heard, Socket, counted, eventually, general, id_of, open},
    support::TestApp,
};
use futures::SinkExt as _;
use protocol::{ClientFrame, CloseCode, PROTOCOL_VERSION, ServerFrame};
use server::config::Config;
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;

/// One server, which answers for all that it counts.
fn alone(config: &mut Config) {
    config.redis.url = None;
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
    let hello = ClientFrame::Hello {
        resume: None,
        protocol: PROTOCOL_VERSION,
        idle_ms: None,
    };
    let hello = Message::text(serde_json::to_string(&hello).unwrap());
    half_open.send(hello).await.unwrap();
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
