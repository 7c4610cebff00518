//! The directory in memory: it conforms, and it is exact.

use crate::{
    conformance::conformance_tests,
    people::{epoch, socket, user},
};
use presence::{CloseReason, Directory, MemoryDirectory, Settings};
use protocol::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, advance, sleep, timeout};

const SECOND: Duration = Duration::from_secs(1);

conformance_tests!(tokio::test(start_paused = true), resting_on_nothing);

async fn resting_on_nothing(settings: Settings) -> (Arc<MemoryDirectory>, ()) {
    (start(settings), ())
}

/// A running directory whose wall clock keeps step with tokio's.
pub(crate) fn start(settings: Settings) -> Arc<MemoryDirectory> {
    settings.validate().unwrap();
    let started = Instant::now();
    let directory = Arc::new(MemoryDirectory::new(settings, epoch(), move || {
        let millis = i64::try_from(started.elapsed().as_millis()).unwrap();
        Timestamp::from_unix_millis(1_700_000_000_000 + millis)
    }));
    tokio::spawn(Arc::clone(&directory).run());
    directory
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_grace_is_announced_within_two_milliseconds() {
    let directory = start(Settings::default());
    for n in 0..100 {
        directory.open(socket(n, 1, 1)).await.unwrap();
    }
    directory.next_changes().await;
    let mut closing_times = Vec::new();
    for n in 0..100 {
        let closed = socket(n, 1, 1).key();
        directory
            .closed(closed, CloseReason::ClientClosed)
            .await
            .unwrap();
        closing_times.push(Instant::now());
        sleep(Duration::from_millis(10)).await;
    }
    let mut announced = 0;
    while announced < 100 {
        let changes = timeout(4 * SECOND, directory.next_changes()).await.unwrap();
        for change in changes {
            let n = usize::from(change.user.as_uuid().as_bytes()[15]);
            let late = closing_times[n].elapsed() - 3 * SECOND;
            assert!(late <= Duration::from_millis(2), "{late:?}");
            announced += 1;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn changes_come_out_in_the_order_in_which_they_were_decided() {
    let directory = start(Settings::default());
    let order = [5, 1, 20, 17, 3];
    for n in order {
        directory.open(socket(n, 1, 1)).await.unwrap();
        sleep(Duration::from_millis(1)).await;
    }
    let changed: Vec<_> = directory
        .next_changes()
        .await
        .iter()
        .map(|t| t.user)
        .collect();
    assert_eq!(changed, order.map(user));
}

#[tokio::test(start_paused = true)]
async fn a_stop_of_the_process_takes_nobody_offline() {
    let directory = start(Settings::default());
    for n in 0..40 {
        directory.open(socket(n, 1, 1)).await.unwrap();
    }
    let refreshed = socket(1, 1, 1).key();
    directory
        .closed(refreshed, CloseReason::ClientClosed)
        .await
        .unwrap();
    assert_eq!(directory.next_changes().await.len(), 40);

    // Timers fire only at the end of it, as after SIGSTOP and SIGCONT.
    advance(120 * SECOND).await;
    sleep(SECOND).await;
    assert!(directory.open(socket(1, 1, 2)).await.unwrap().reconnected);
    let alive: Vec<_> = (0..40).map(|n| socket(n, 1, 1).key()).collect();
    directory.activity(&alive).await.unwrap();
    assert!(
        timeout(30 * SECOND, directory.next_changes())
            .await
            .is_err()
    );
    assert!(timeout(SECOND, directory.reaped()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_ended_by_itself_need_not_be_closed() {
    let directory = start(Settings::default());
    let (ended, stuck) = (socket(1, 1, 1), socket(2, 1, 1));
    directory.open(ended).await.unwrap();
    directory.open(stuck).await.unwrap();
    sleep(61 * SECOND).await;
    directory
        .closed(ended.key(), CloseReason::TransportLost)
        .await
        .unwrap();
    let reaped = timeout(SECOND, directory.reaped()).await;
    assert_eq!(reaped.unwrap(), [stuck.connection]);
}

#[tokio::test(start_paused = true)]
async fn the_settings_without_a_grace_announce_the_last_close_at_once() {
    let directory = start(Settings {
        offline_grace: Duration::ZERO,
        ..Settings::default()
    });
    directory.open(socket(1, 1, 1)).await.unwrap();
    directory.next_changes().await;
    let closed_at = Instant::now();
    directory
        .closed(socket(1, 1, 1).key(), CloseReason::ClientClosed)
        .await
        .unwrap();
    assert!(!directory.next_changes().await[0].is_online());
    assert_eq!(closed_at.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn versions_count_in_the_epoch_of_the_process() {
    assert_eq!(start(Settings::default()).epoch(), epoch());
}
