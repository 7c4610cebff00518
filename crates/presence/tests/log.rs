//! The structured log: one line per lifecycle event, with every field and no more.
//!
//! A process of its own with one test: a subscriber of one thread misses lines whose place in the
//! code another thread, without a subscriber, was the first to reach.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "directory/people.rs"]
mod people;

use people::{epoch, session, socket, user};
use presence::{CloseReason, Directory, MemoryDirectory, Settings};
use protocol::Timestamp;
use serde_json::Value;
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::sleep;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Captured {
    fn lines(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap().clone();
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn each_lifecycle_event_has_one_line_with_every_field() {
    let captured = Captured::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(captured.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let wall = || Timestamp::from_unix_millis(0);
    let directory = Arc::new(MemoryDirectory::new(Settings::default(), epoch(), wall));
    tokio::spawn(Arc::clone(&directory).run());
    directory.open(socket(1, 1, 1)).await.unwrap();
    directory.closing(socket(1, 1, 1).key()).await.unwrap();
    directory
        .closed(socket(1, 1, 1).key(), CloseReason::ClientClosed)
        .await
        .unwrap();
    directory
        .closed(socket(1, 1, 1).key(), CloseReason::ClientClosed)
        .await
        .unwrap();
    sleep(Duration::from_secs(1)).await;
    directory.open(socket(1, 1, 2)).await.unwrap();
    directory.open(socket(1, 2, 3)).await.unwrap();
    directory.end_session(user(1), session(1, 2)).await.unwrap();
    let of_session = socket(1, 2, 3).key();
    for reported in [of_session, of_session] {
        let reason = CloseReason::SessionEnded;
        directory.closed(reported, reason).await.unwrap();
    }
    sleep(Duration::from_secs(100)).await;
    let half_open = socket(1, 1, 2).key();
    directory
        .closed(half_open, CloseReason::PongTimeout)
        .await
        .unwrap();

    let told: Vec<_> = captured
        .lines()
        .iter()
        .map(|line| {
            assert_eq!(line["level"], "INFO");
            let fields = line["fields"].as_object().unwrap();
            assert_eq!(fields.len(), 6, "{fields:?}");
            assert_eq!(fields["user"], user(1).to_string());
            let of = |name: &str| fields[name].as_str().unwrap().to_owned();
            let n = (1..=3)
                .find(|n| of("connection_id") == socket(1, 1, *n).connection.to_string())
                .unwrap();
            let in_session = if n == 3 { 2 } else { 1 };
            assert_eq!(of("session"), session(1, in_session).to_string());
            let count = fields["active_count"].as_u64().unwrap();
            format!("{} {n} {count} {}", of("message"), of("reason"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "connection_established 1 1 opened",
            "PRESENCE_ONLINE 1 1 connected",
            "ws_closed 1 0 client_closed",
            "active_socket_closed 1 0 client_closed",
            "user_disconnected 1 0 client_closed",
            "connection_established 2 1 opened",
            "user_reconnected 2 1 within_grace",
            "connection_established 3 2 opened",
            "active_socket_closed 3 1 session_ended",
            "ws_closed 3 1 session_ended",
            "active_socket_closed 2 0 pong_timeout",
            "user_disconnected 2 0 pong_timeout",
            "PRESENCE_OFFLINE 2 0 grace_expired",
            "ws_closed 2 0 pong_timeout",
        ]
    );
}
