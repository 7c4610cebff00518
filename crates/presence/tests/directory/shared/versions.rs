//! Nodes of different versions, which may keep what others do not understand.

use super::{Member, STARTED, Store};
use crate::{conformance::SETTINGS, people::user};
use presence::{Directory as _, Transition};

/// While nodes are replaced one by one, newer ones may keep what older ones do not understand. One such
/// state made the whole renewal of a node fail, and with it that of all its users.
#[tokio::test(start_paused = true)]
async fn what_another_version_keeps_of_somebody_is_left_to_it_and_concerns_nobody_else() {
    let store = Store::new();
    let newer = Member::join(&store, 1, SETTINGS);
    newer.open(1, 1).await;
    let older = Member::watching(&store, 2, 3).await;
    older.link.misunderstand(user(1));
    older.open(2, 2).await;
    older.open(3, 3).await;
    let long = 3 * (SETTINGS.lease_ttl + SETTINGS.offline_grace);
    let meanwhile = async {
        tokio::join!(
            newer.keep(1, 1, long),
            older.keep(2, 2, long),
            older.keep(3, 3, long)
        )
    };
    let changes = async {
        let online = older.directory.next_changes().await;
        assert!(online.iter().all(Transition::is_online), "{online:?}");
        older.hears_nothing_while(std::future::pending()).await;
    };
    tokio::select! {
        _ = meanwhile => {}
        () = changes => {}
    }
    assert!(older.shows_online(1).await, "as it was known");
    assert_eq!(store.connections(user(1)), 1);

    let late = Member::join(&store, 3, SETTINGS);
    late.link.misunderstand(user(1));
    let shown = late.directory.snapshot(&[user(1)]).await.unwrap()[0];
    assert_eq!(shown.as_of, Some(STARTED), "nothing is claimed of them");
}

/// A newer version may be put back by the older one.
#[tokio::test(start_paused = true)]
async fn what_a_version_that_is_gone_has_left_does_not_stay_for_ever() {
    let store = Store::new();
    let newer = Member::join(&store, 1, SETTINGS);
    newer.open(1, 1).await;
    newer.open(2, 2).await;
    newer.close(2, 2).await;
    newer.keep(1, 1, 2 * SETTINGS.offline_grace).await;
    let older = Member::watching(&store, 2, 2).await;
    older.link.misunderstand(user(1));
    older.link.misunderstand(user(2));
    newer.kill();
    older.open(2, 3).await;
    assert_eq!(
        older.change().await.user,
        user(2),
        "nothing of them was left to run out"
    );
    let gone = async {
        let change = older.change().await;
        assert_eq!((change.user, change.is_online()), (user(1), false));
    };
    tokio::select! {
        () = gone => {}
        () = older.keep(2, 3, 10 * SETTINGS.lease_ttl) => panic!("it stays"),
    }
    assert_eq!(store.connections(user(1)), 0);
}

/// While one node cannot tell the store of its people, which has thrown away what another version left,
/// they are no less here.
#[tokio::test(start_paused = true)]
async fn who_is_here_is_never_taken_for_lost() {
    let store = Store::new();
    let newer = Member::join(&store, 1, SETTINGS);
    newer.open(1, 1).await;
    let older = Member::watching(&store, 2, 1).await;
    older.link.misunderstand(user(1));
    older.open(1, 2).await;
    newer.kill();
    older
        .hears_nothing_while(older.keep(1, 2, 10 * SETTINGS.lease_ttl))
        .await;
    assert_eq!(store.connections(user(1)), 1);
}
