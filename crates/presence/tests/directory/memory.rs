//! The directory in memory: it conforms, and it is exact.

use crate::{
    conformance::conformance_tests,
    people::{epoch, socket, user},
};
use futures::FutureExt as _;
use presence::{CloseReason, Counts, Directory, MemoryDirectory, Settings, Transition};
use proptest::{collection::vec, prelude::*};
use protocol::{ConnectionId, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::{
    runtime::Builder,
    time::{Instant, advance, sleep, timeout},
};

const SECOND: Duration = Duration::from_secs(1);

conformance_tests!(tokio::test(start_paused = true), resting_on_nothing);

async fn resting_on_nothing(settings: Settings) -> (Arc<MemoryDirectory>, ()) {
    (start(settings), ())
}

/// A running directory whose wall clock keeps step with tokio's.
pub(crate) fn start(settings: Settings) -> Arc<MemoryDirectory> {
    let directory = still(settings);
    tokio::spawn(Arc::clone(&directory).run());
    directory
}

/// Likewise, but nothing runs out in it by itself.
fn still(settings: Settings) -> Arc<MemoryDirectory> {
    settings.validate().unwrap();
    let started = Instant::now();
    Arc::new(MemoryDirectory::new(settings, epoch(), move || {
        let millis = i64::try_from(started.elapsed().as_millis()).unwrap();
        Timestamp::from_unix_millis(1_700_000_000_000 + millis)
    }))
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

/// What happens to user and connection.
#[derive(Clone, Debug)]
enum Step {
    Open(usize, usize),
    Closing(usize, usize),
    Closed(usize, usize),
    EndSession(usize),
    Wait(Duration),
}

const USERS: usize = 2;

fn step() -> impl Strategy<Value = Step> {
    let socket = || (0..USERS, 0..2_usize);
    prop_oneof![
        4 => socket().prop_map(|(user, n)| Step::Open(user, n)),
        1 => socket().prop_map(|(user, n)| Step::Closing(user, n)),
        2 => socket().prop_map(|(user, n)| Step::Closed(user, n)),
        1 => (0..USERS).prop_map(Step::EndSession),
        // Graces and leases run out, and nobody looks.
        3 => (1_u32..100).prop_map(|n| Step::Wait(n * SECOND)),
    ]
}

async fn take(directory: &MemoryDirectory, step: &Step) {
    match *step {
        Step::Open(user, n) => drop(directory.open(socket(user, user, n)).await),
        Step::Closing(user, n) => {
            let key = socket(user, user, n).key();
            directory.closing(key).await.unwrap();
        }
        Step::Closed(user, n) => {
            let key = socket(user, user, n).key();
            let reason = CloseReason::ClientClosed;
            directory.closed(key, reason).await.unwrap();
        }
        Step::EndSession(n) => {
            let ended = directory.end_session(user(n), socket(n, n, 0).session);
            drop(ended.await.unwrap());
        }
        Step::Wait(_) => {}
    }
}

/// What has come out of a directory since this was last asked.
fn came_out(directory: &MemoryDirectory) -> (Vec<Transition>, Vec<ConnectionId>, Counts) {
    (
        directory.next_changes().now_or_never().unwrap_or_default(),
        directory.reaped().now_or_never().unwrap_or_default(),
        directory.counts(),
    )
}

proptest! {
    /// Also of what has run out, and waits for somebody to look.
    #[test]
    fn reading_never_changes_anything(steps in vec(step(), 1..40)) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.unwrap().block_on(async {
            let [read, unread] = [(); 2].map(|()| still(Settings::default()));
            let everybody = [0, 1].map(user);
            for step in &steps {
                if let Step::Wait(time) = step {
                    advance(*time).await;
                }
                take(&read, step).await;
                take(&unread, step).await;
                for user in everybody {
                    read.diagnostics(user).await.unwrap();
                }
                assert_eq!(came_out(&read), came_out(&unread), "{step:?}");
            }
            for directory in [&read, &unread] {
                tokio::spawn(Arc::clone(directory).run());
            }
            // Whatever can run out does.
            sleep(150 * SECOND).await;
            for user in everybody {
                let found = read.diagnostics(user).await;
                assert_eq!(found, unread.diagnostics(user).await);
            }
            assert_eq!(came_out(&read), came_out(&unread));
        });
    }
}
