//! The bounds that docs/architecture.md publishes, as one hears it who is told of changes at most
//! once a window, as the server tells its sockets.

use crate::{
    memory::start,
    people::{session, socket, user},
};
use presence::{CloseReason, Directory, MemoryDirectory, Settings};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

const WINDOW: Duration = Duration::from_millis(50);
/// What timers are coarse by.
const TICK: Duration = Duration::from_millis(2);

/// Ends the only connection of one person, and gives the time until others hear that they are
/// offline. Somebody else comes at `news`, so that a window begins then.
async fn heard_after(end: impl AsyncFnOnce(&MemoryDirectory), news: Duration) -> Duration {
    let directory = start(Settings::default());
    directory.open(socket(1, 1, 1)).await.unwrap();
    directory.next_changes().await;
    let ended = Instant::now();
    end(&directory).await;
    let newcomer = Arc::clone(&directory);
    tokio::spawn(async move {
        sleep(news).await;
        newcomer.open(socket(2, 1, 1)).await.unwrap();
    });
    loop {
        let changes = directory.next_changes().await;
        if changes
            .iter()
            .any(|it| it.user == user(1) && !it.is_online())
        {
            return ended.elapsed();
        }
        sleep(WINDOW).await;
    }
}

/// Windows that begin at any time around the one that matters.
fn around(time: Duration) -> impl Iterator<Item = Duration> {
    (0..=60).map(move |early| time.saturating_sub(Duration::from_millis(early)))
}

#[tokio::test(start_paused = true)]
async fn a_clean_close_is_heard_within_the_grace_and_a_window() {
    let grace = Settings::default().offline_grace;
    for news in around(grace) {
        let close = async |directory: &MemoryDirectory| {
            let reason = CloseReason::ClientClosed;
            directory
                .closed(socket(1, 1, 1).key(), reason)
                .await
                .unwrap();
        };
        let heard = heard_after(close, news).await;
        assert!(heard >= grace, "{heard:?}");
        assert!(heard <= grace + WINDOW + TICK, "{heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_half_open_socket_is_heard_of_within_ping_pong_timeout_grace_and_a_window() {
    let settings = Settings::default();
    let (ping, pong) = (settings.ping_interval, settings.pong_timeout);
    let grace = settings.offline_grace;
    // The last pong may have come just before the machine at the other end died.
    for silent_before in [Duration::ZERO, ping / 2, ping] {
        let due = (pong - silent_before) + grace;
        for news in around(due) {
            let die = async |_: &MemoryDirectory| sleep(silent_before).await;
            let heard = heard_after(die, news).await;
            assert!(heard >= pong, "{heard:?}");
            assert!(heard <= ping + pong + grace + WINDOW + TICK, "{heard:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_sign_out_is_heard_within_a_window() {
    for news in around(WINDOW) {
        let sign_out = async |directory: &MemoryDirectory| {
            sleep(news).await;
            directory.end_session(user(1), session(1, 1)).await.unwrap();
        };
        let heard = heard_after(sign_out, Duration::ZERO).await;
        assert!(heard <= news + WINDOW + TICK, "{heard:?}");
    }
}
