//! Many tasks at one directory at once.

use crate::{
    memory::start,
    people::{socket, user},
};
use presence::{CloseReason, Directory, MemoryDirectory, Registration, Settings};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::timeout;

const TASKS: usize = 16;
const STEPS: usize = 1_000;
const USERS: usize = 24;

/// Opens, uses and closes connections of its own, of all users, and returns those left open.
async fn hammer(directory: Arc<MemoryDirectory>, task: usize) -> Vec<Registration> {
    let mut random = StdRng::seed_from_u64(task as u64);
    let mut open: Vec<Registration> = Vec::new();
    for step in 0..STEPS {
        let pick = |random: &mut StdRng, open: &[Registration]| random.random_range(0..open.len());
        match random.random_range(0..8) {
            0..=2 => {
                let new = socket(random.random_range(0..USERS), task, task * STEPS + step);
                directory.open(new).await.unwrap();
                open.push(new);
            }
            3..=5 if !open.is_empty() => {
                let closed = open.swap_remove(pick(&mut random, &open)).key();
                directory.closing(closed).await.unwrap();
                directory
                    .closed(closed, CloseReason::ClientClosed)
                    .await
                    .unwrap();
                directory
                    .closed(closed, CloseReason::TransportLost)
                    .await
                    .unwrap();
            }
            6 if !open.is_empty() => {
                let keys: Vec<_> = open.iter().map(Registration::key).collect();
                directory.activity(&keys).await.unwrap();
            }
            _ => {
                let seen = directory
                    .diagnostics(user(random.random_range(0..USERS)))
                    .await
                    .unwrap();
                assert_eq!(seen.online, !seen.connections.is_empty());
            }
        }
        tokio::task::yield_now().await;
    }
    open
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tasks_at_once_leave_every_user_as_the_model_says() {
    let directory = start(Settings {
        offline_grace: Duration::ZERO,
        ..Settings::default()
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let consumer = tokio::spawn({
        let (directory, told) = (Arc::clone(&directory), Arc::clone(&told));
        async move {
            loop {
                let changes = directory.next_changes().await;
                told.lock().unwrap().extend(changes);
                tokio::task::yield_now().await;
            }
        }
    });
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| tokio::spawn(hammer(Arc::clone(&directory), task)))
        .collect();
    let mut left_open: HashMap<_, usize> = HashMap::new();
    for task in tasks {
        for left in task.await.unwrap() {
            *left_open.entry(left.user).or_default() += 1;
        }
    }

    consumer.abort();
    assert!(consumer.await.unwrap_err().is_cancelled());
    let last = timeout(Duration::ZERO, directory.next_changes()).await;
    let told = [told.lock().unwrap().clone(), last.unwrap_or_default()].concat();
    let mut last_told: HashMap<_, _> = (0..USERS).map(|n| (user(n), (false, 0))).collect();
    for change in told {
        let (was_online, version) = last_told[&change.user];
        assert_ne!(change.is_online(), was_online, "announcements alternate");
        assert!(change.version > version, "versions grow");
        assert_eq!(
            change.is_online(),
            change.version % 2 == 1,
            "by one per transition"
        );
        last_told.insert(change.user, (change.is_online(), change.version));
    }
    for n in 0..USERS {
        let expected = left_open.get(&user(n)).copied().unwrap_or_default();
        let found = directory.diagnostics(user(n)).await.unwrap();
        assert_eq!(found.active_connection_count, expected);
        assert_eq!(found.online, expected > 0);
        assert_eq!(
            last_told[&user(n)].0,
            found.online,
            "the last word was the truth"
        );
    }
}
