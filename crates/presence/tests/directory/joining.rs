//! Invariants 8 and 9: a snapshot and the changes after it join without a gap, and an older version
//! never overwrites a newer one, whenever the snapshot is taken and however late changes are drained.

use crate::{
    memory::start,
    people::{session, socket, user},
};
use presence::{CloseReason, Directory, Settings, Transition};
use proptest::prelude::*;
use protocol::UserId;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::timeout;

const USERS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Open(usize),
    Close(usize),
    SignOut(usize),
    Watch,
    Drain,
}

fn schedule() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..USERS).prop_map(Step::Open),
        4 => (0..USERS).prop_map(Step::Close),
        1 => (0..USERS).prop_map(Step::SignOut),
        2 => Just(Step::Watch),
        2 => Just(Step::Drain),
    ];
    proptest::collection::vec(step, 1..60)
}

/// One who took a snapshot and hears every change since.
type View = BTreeMap<UserId, (bool, u64)>;

fn hear(view: &mut View, change: &Transition) {
    let known = view
        .get_mut(&change.user)
        .expect("everybody is in the snapshot");
    if change.version > known.1 {
        *known = (change.is_online(), change.version);
    }
}

async fn snapshot(directory: &impl Directory) -> View {
    let users: Vec<_> = (0..USERS).map(user).collect();
    directory
        .snapshot(&users)
        .await
        .unwrap()
        .into_iter()
        .map(|presence| (presence.user, (presence.is_online(), presence.version)))
        .collect()
}

async fn drain(directory: &impl Directory) -> Vec<Transition> {
    timeout(Duration::from_millis(1), directory.next_changes())
        .await
        .unwrap_or_default()
}

fn paused(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test);
}

fn without_grace() -> Settings {
    Settings {
        offline_grace: Duration::ZERO,
        ..Settings::default()
    }
}

/// Takes a step that changes somebody; each user has one connection at most, in ever new sessions.
async fn change(directory: &impl Directory, step: &Step, sessions: &mut [usize; USERS]) {
    match *step {
        Step::Open(n) => {
            directory
                .open(socket(n, sessions[n], sessions[n]))
                .await
                .unwrap();
        }
        Step::Close(n) => {
            let closed = socket(n, sessions[n], sessions[n]).key();
            directory
                .closed(closed, CloseReason::ClientClosed)
                .await
                .unwrap();
        }
        Step::SignOut(n) => {
            directory
                .end_session(user(n), session(n, sessions[n]))
                .await
                .unwrap();
            sessions[n] += 1;
        }
        Step::Watch | Step::Drain => {}
    }
}

proptest! {
    #[test]
    fn a_snapshot_and_the_changes_after_it_join_without_a_gap(schedule in schedule()) {
        paused(async {
            let directory = start(without_grace());
            let mut sessions = [0; USERS];
            let mut views: Vec<View> = Vec::new();
            for step in schedule.iter().chain([&Step::Drain]) {
                match step {
                    Step::Watch => views.push(snapshot(&*directory).await),
                    Step::Drain => {
                        for change in drain(&*directory).await {
                            views.iter_mut().for_each(|view| hear(view, &change));
                        }
                    }
                    step => change(&*directory, step, &mut sessions).await,
                }
            }
            let truth = snapshot(&*directory).await;
            let states = |view: &View| -> Vec<bool> { view.values().map(|v| v.0).collect() };
            for view in views {
                assert_eq!(states(&view), states(&truth));
            }
        });
    }

    #[test]
    fn announcements_alternate_when_nobody_looks_in_between(schedule in schedule()) {
        paused(async {
            let directory = start(without_grace());
            let mut sessions = [0; USERS];
            let mut told: View = (0..USERS).map(|n| (user(n), (false, 0))).collect();
            for step in schedule.iter().chain([&Step::Drain]) {
                change(&*directory, step, &mut sessions).await;
                if let Step::Drain = step {
                    for change in drain(&*directory).await {
                        let (was_online, version) = told[&change.user];
                        assert_ne!(change.is_online(), was_online);
                        assert!(change.version > version);
                        hear(&mut told, &change);
                    }
                }
            }
        });
    }
}
