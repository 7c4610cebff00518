//! Two nodes that find the same people lost at the same moment.

use crate::{
    cluster::{note, report},
    numbers::{WINDOW, is_full},
};
use presence::{
    Directory as _, Registration, Settings,
    redis::RedisStore,
    shared::{News, SharedDirectory},
};
use protocol::{ConnectionId, NodeId, SessionId, UserId};
use server::clock::Clock;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use testbed::Redis;
use tokio::{
    join,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

struct Member {
    directory: Arc<SharedDirectory<RedisStore>>,
    _tasks: JoinSet<()>,
}

async fn member(redis: &Redis, n: u128, settings: Settings) -> Member {
    let spread = |time: Duration| time / 2;
    let last_seen = settings.pong_timeout;
    let store = RedisStore::new(&redis.address(), "drill", last_seen, spread).unwrap();
    let link = Arc::clone(store.link());
    let node = NodeId::from_uuid(Uuid::from_u128(n));
    let directory = Arc::new(SharedDirectory::new(
        store,
        node,
        settings,
        Clock::system().now(),
        spread,
    ));
    let mut tasks = JoinSet::new();
    let (linking, running) = (Arc::clone(&link).run(), Arc::clone(&directory).run());
    tasks.spawn(async move { match linking.await {} });
    tasks.spawn(async move { match running.await {} });
    link.until_up(true).await;
    Member {
        directory,
        _tasks: tasks,
    }
}

#[tokio::test]
async fn two_nodes_that_find_thousands_lost_tell_of_each_once() {
    let (count, lease) = if is_full() { (10_000, 30) } else { (1_000, 6) };
    let settings = Settings {
        lease_ttl: Duration::from_secs(lease),
        lease_renewal: Duration::from_secs(lease / 3),
        offline_grace: Duration::from_millis(500),
        reaper_interval: Duration::from_secs(1),
        ..Settings::default()
    };
    let redis = Redis::start().await;
    let doomed = member(&redis, 1, settings).await;
    // They begin together, and so look at the same moments.
    let reapers = join!(member(&redis, 2, settings), member(&redis, 3, settings));
    let reapers = [reapers.0, reapers.1];
    let users: Vec<_> = (1..=count)
        .map(|n| UserId::from_uuid(Uuid::from_u128(n)))
        .collect();
    for reaper in &reapers {
        reaper.directory.watch(&users).await;
    }
    let empty = redis.info("used_memory").await;
    for (n, user) in (0..).zip(&users) {
        let registration = Registration {
            connection: ConnectionId::from_uuid(Uuid::from_u128(n)),
            user: *user,
            session: SessionId::from_uuid(Uuid::from_u128(n)),
            node: NodeId::from_uuid(Uuid::from_u128(1)),
        };
        doomed.directory.open(registration).await.unwrap();
    }
    let online = told(&reapers[0], users.len()).await;
    assert!(online.values().all(|told| told == &[true]), "each online");
    told(&reapers[1], users.len()).await;
    let each = (redis.info("used_memory").await - empty) / users.len() as f64;
    note(&format!(
        "a person who is online takes {each:.0} bytes of Redis"
    ));

    let published = redis.published("drill:presence:*").await;
    let killed = Instant::now();
    drop(doomed);
    for reaper in &reapers {
        let offline = told(reaper, users.len()).await;
        let once = offline.values().all(|told| told == &[false]);
        assert!(once, "each offline, and once");
    }
    report(
        "lost thousands, last told offline",
        killed.elapsed(),
        settings.lease_ttl + settings.offline_grace + settings.reaper_interval + WINDOW,
    );
    // Both look for more once or twice; what they then tell twice, no member lets through.
    sleep(2 * settings.reaper_interval).await;
    let mut offline: BTreeMap<UserId, usize> = BTreeMap::new();
    for news in published.all() {
        match serde_json::from_str(&news).unwrap() {
            News::Transition(it) if !it.is_online() => *offline.entry(it.user).or_default() += 1,
            News::Transition(it) => panic!("told online: {it:?}"),
            News::Removed(_) => {}
        }
    }
    let is_once = users.iter().all(|user| offline.get(user) == Some(&1));
    assert!(
        is_once && offline.len() == users.len(),
        "published once each"
    );
    let ended = reapers.each_ref().map(|reaper| {
        let counts = reaper.directory.counts();
        let mut expired = counts.graces().filter(|(outcome, _)| *outcome == "expired");
        usize::try_from(expired.next().unwrap().1).unwrap()
    });
    note(&format!(
        "of {} graces the two nodes ended {} and {}",
        users.len(),
        ended[0],
        ended[1]
    ));
    assert_eq!(ended.iter().sum::<usize>(), users.len());
    assert!(ended.iter().all(|count| *count > 0), "both took part");
}

/// What is told of how many people, until so many were told of.
async fn told(member: &Member, people: usize) -> BTreeMap<UserId, Vec<bool>> {
    let mut told: BTreeMap<UserId, Vec<bool>> = BTreeMap::new();
    while told.len() < people {
        let changes = timeout(Duration::from_secs(60), member.directory.next_changes());
        for change in changes.await.expect("more is told") {
            told.entry(change.user)
                .or_default()
                .push(change.is_online());
        }
    }
    told
}
