//! Nodes that stand still, and a store whose clock is set.

use super::{Member, Store, one_watched, two_nodes};
use crate::conformance::SETTINGS;
use presence::{Directory as _, Transition};
use std::time::Duration;
use tokio::time::timeout;

/// By so much clocks are set.
const HOUR: Duration = Duration::from_secs(3_600);

/// After a stop of the process what has arrived meanwhile is read before any socket is given up.
#[tokio::test(start_paused = true)]
async fn a_node_that_was_stopped_gives_up_no_socket_that_lives() {
    let store = Store::new();
    let [one, watcher] = one_watched(&store, 1).await;
    tokio::time::advance(2 * SETTINGS.pong_timeout).await;
    tokio::select! {
        closed = one.directory.reaped() => panic!("{closed:?}"),
        () = one.keep(1, 1, 3 * SETTINGS.pong_timeout) => {}
    }
    assert!(watcher.shows_online(1).await);
}

/// By it all leases have run out at once, though every node lives.
#[tokio::test(start_paused = true)]
async fn a_store_whose_clock_is_set_forward_takes_nobody_offline() {
    let store = Store::new();
    let [one, watcher] = one_watched(&store, 1).await;
    one.input(1, 1).await;
    one.keep(1, 1, SETTINGS.lease_renewal).await;
    store.set_forward(HOUR);
    let long = 3 * (SETTINGS.lease_ttl + SETTINGS.offline_grace);
    watcher
        .hears_nothing_while(one.keep(1, 1, SETTINGS.away_after / 2))
        .await;
    one.input(1, 1).await;
    one.keep(1, 1, long).await;
    assert!(watcher.shows_online(1).await);
}

/// By it a lease would run an hour too long, and a grace as well.
#[tokio::test(start_paused = true)]
async fn a_store_whose_clock_is_set_back_forgets_the_dead_in_time() {
    let store = Store::new();
    let watcher = Member::watching(&store, 3, 2).await;
    let [one, two] = two_nodes(&store);
    one.open(1, 1).await;
    two.open(2, 2).await;
    let came = watcher.directory.next_changes().await;
    assert!(came.iter().all(Transition::is_online), "{came:?}");
    one.kill();
    two.close(2, 2).await;
    store.set_back(HOUR);
    let mut gone = Vec::new();
    let all = async {
        while gone.len() < 2 {
            gone.extend(watcher.directory.next_changes().await);
        }
    };
    timeout(10 * SETTINGS.lease_ttl, all).await.unwrap();
    assert!(gone.iter().all(|change| !change.is_online()), "{gone:?}");
}
