//! A directory that nodes share in a Redis of its own, on real time.

use crate::{
    conformance::{SETTINGS, conformance_tests, the_change},
    people::{node, session, socket, user},
    shared::STARTED,
};
use presence::{
    CloseReason, Directory, Registration, Settings, Transition,
    redis::RedisStore,
    shared::{Foreign, SharedDirectory, SharedStore as _},
};
use std::{sync::Arc, time::Duration};
use testbed::Redis;
use tokio::{
    task::{AbortHandle, JoinSet},
    time::{Instant, sleep, timeout},
};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

conformance_tests!(tokio::test, only_one);

/// The only node there is, and what it rests on.
async fn only_one(settings: Settings) -> (Arc<SharedDirectory<RedisStore>>, (Redis, Member)) {
    let redis = Redis::start().await;
    let member = Member::join(&redis, 1, settings).await;
    (Arc::clone(&member.directory), (redis, member))
}

struct Member {
    directory: Arc<SharedDirectory<RedisStore>>,
    store: RedisStore,
    n: u128,
    /// What the directory does by itself.
    running: AbortHandle,
    _tasks: JoinSet<()>,
}

impl Member {
    async fn join(redis: &Redis, n: u128, settings: Settings) -> Self {
        settings.validate().unwrap();
        let spread = |time: Duration| time / 2;
        let last_seen = settings.pong_timeout;
        let store = RedisStore::new(&redis.address(), "test", last_seen, spread).unwrap();
        let link = Arc::clone(store.link());
        let directory = SharedDirectory::new(store.clone(), node(n), settings, STARTED, spread);
        let directory = Arc::new(directory);
        let mut tasks = JoinSet::new();
        let (linking, running) = (link.run(), Arc::clone(&directory).run());
        tasks.spawn(async move { match linking.await {} });
        let running = tasks.spawn(async move { match running.await {} });
        let member = Self {
            directory,
            store,
            n,
            running,
            _tasks: tasks,
        };
        member.until_up(true).await;
        member
    }

    async fn until_up(&self, is_up: bool) {
        let changed = timeout(PATIENCE, self.store.link().until_up(is_up));
        changed.await.expect("the link changes");
    }

    async fn open(&self, user: usize, n: usize) {
        let socket = self.socket(user, n);
        self.directory.open(socket).await.unwrap();
    }

    async fn close(&self, user: usize, n: usize) {
        let key = self.socket(user, n).key();
        let reason = CloseReason::ClientClosed;
        self.directory.closed(key, reason).await.unwrap();
    }

    fn socket(&self, user: usize, n: usize) -> Registration {
        Registration {
            node: node(self.n),
            ..socket(user, 1, n)
        }
    }

    async fn change(&self) -> Transition {
        let change = timeout(PATIENCE, the_change(&*self.directory));
        change.await.expect("something is announced")
    }

    /// Something arrives from this socket for so long, in which nothing is heard here.
    async fn keeps_quietly(&self, user: usize, n: usize, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            let key = self.socket(user, n).key();
            self.directory.activity(&[key]).await.unwrap();
            let pause = SETTINGS.ping_interval / 4;
            if let Ok(changes) = timeout(pause, self.directory.next_changes()).await {
                panic!("{changes:?}");
            }
        }
    }
}

async fn two_members(redis: &Redis) -> [Member; 2] {
    let [one, two] = [1, 2].map(|n| Member::join(redis, n, SETTINGS));
    [one.await, two.await]
}

#[tokio::test]
async fn a_user_who_changes_nodes_within_the_grace_is_heard_of_by_nobody() {
    let redis = Redis::start().await;
    let [one, two] = two_members(&redis).await;
    two.directory.watch(&[user(1)]).await;
    one.open(1, 1).await;
    assert!(two.change().await.is_online());
    one.close(1, 1).await;
    two.open(1, 2).await;
    two.keeps_quietly(1, 2, 3 * SETTINGS.offline_grace).await;
    two.close(1, 2).await;
    assert!(!two.change().await.is_online());
}

/// Every script names its keys, and those of one call lie on one machine: a cluster refuses all else.
#[tokio::test]
async fn the_rules_of_a_cluster_are_kept() {
    let redis = Redis::start_cluster().await;
    let [one, two] = two_members(&redis).await;
    let everybody: Vec<_> = (1..=40).map(user).collect();
    two.directory.watch(&everybody).await;
    for n in 1..=40 {
        one.open(n, n).await;
    }
    let mut heard = 0;
    while heard < everybody.len() {
        let changes = timeout(PATIENCE, two.directory.next_changes());
        heard += changes.await.unwrap().len();
    }
    one.directory
        .end_session(user(1), session(1, 1))
        .await
        .unwrap();
    assert!(!two.change().await.is_online());
    // Also finding who is due, which happens by itself.
    drop(one);
    let mut gone = 0;
    while gone < everybody.len() - 1 {
        let changes = timeout(PATIENCE, two.directory.next_changes());
        let changes = changes.await.unwrap();
        assert!(
            changes.iter().all(|change| !change.is_online()),
            "{changes:?}"
        );
        gone += changes.len();
    }
    // Also what is thrown away because nobody understands it.
    let store = &two.store;
    for user in &everybody {
        while !store.discard(*user, Duration::ZERO).await.unwrap() {
            sleep(Duration::from_millis(20)).await;
        }
    }
    let left = store.read(&everybody).await.unwrap().value;
    assert!(left.iter().all(|kept| *kept == Ok(None)), "{left:?}");
}

/// A Redis that writes its memory to disk now and then comes back with an old one: with leases that
/// ran out long ago, and without whoever has come since.
#[tokio::test]
async fn a_redis_that_comes_back_with_an_old_memory_takes_nobody_offline() {
    let mut redis = Redis::start().await;
    let [one, two] = two_members(&redis).await;
    two.directory.watch(&[user(1), user(2)]).await;
    one.open(1, 1).await;
    let first = two.change().await;
    redis.command(&["SAVE"]).await;
    one.open(2, 2).await;
    two.change().await;
    redis.kill().await;
    two.until_up(false).await;
    one.until_up(false).await;
    let both = [1, 2].map(|n| one.socket(n, n).key());
    // Longer than a lease lasts.
    for _ in 0..8 {
        one.directory.activity(&both).await.unwrap();
        sleep(SETTINGS.lease_ttl / 6).await;
    }
    redis.restart().await;
    let until = Instant::now() + 3 * (SETTINGS.lease_ttl + SETTINGS.offline_grace);
    while Instant::now() < until {
        one.directory.activity(&both).await.unwrap();
        let pause = SETTINGS.lease_ttl / 6;
        if let Ok(changes) = timeout(pause, two.directory.next_changes()).await {
            panic!("{changes:?}");
        }
    }
    // What was told before the save and after it has smaller versions than what is told now.
    one.close(1, 1).await;
    let last = two.change().await;
    assert!(!last.is_online() && last.version > first.version);
}

/// Also of those whose leases and graces have run out, at whom nobody has looked yet.
#[tokio::test]
async fn reading_changes_nothing_in_redis() {
    let redis = Redis::start().await;
    let member = Member::join(&redis, 1, SETTINGS).await;
    let everybody = [1, 2, 3, 4, 5].map(user);
    for n in 1..=4 {
        member.open(n, 1).await;
    }
    member.close(2, 1).await;
    let closing = member.socket(3, 1).key();
    member.directory.closing(closing).await.unwrap();
    let ended = member.directory.end_session(user(4), session(4, 1)).await;
    assert_eq!(ended.unwrap(), [member.socket(4, 1).connection]);
    member.running.abort();
    sleep(SETTINGS.pong_timeout + SETTINGS.lease_ttl).await;

    let changes = async || {
        let said = redis.command(&["INFO", "persistence"]).await;
        let mut lines = said.lines().map(str::trim).map(str::to_owned);
        lines.find(|it| it.starts_with("rdb_changes_since_last_save:"))
    };
    // Whoever asks a part of it first notes since when it remembers.
    member.store.due(1).await.unwrap();
    let before = changes().await.unwrap();
    let mut counted = Vec::new();
    for _ in 0..2 {
        for user in everybody {
            let found = member.directory.diagnostics(user).await.unwrap();
            let leases = found.connections.iter().map(|it| it.lease_remaining);
            assert!(leases.sum::<Duration>().is_zero(), "{found:?}");
            counted.push((found.online, found.active_connection_count));
        }
        member.directory.snapshot(&everybody).await.unwrap();
    }
    let one_time = [(true, 1), (true, 0), (true, 1), (false, 0), (false, 0)];
    assert_eq!(counted, one_time.repeat(2));
    assert_eq!(changes().await.unwrap(), before);
}

#[tokio::test]
async fn when_somebody_was_last_heard_of_stands_in_redis_for_a_while() {
    let redis = Redis::start().await;
    let member = Member::join(&redis, 1, SETTINGS).await;
    member.open(1, 1).await;
    let keys = redis
        .command(&["--scan", "--pattern", "*ws:last_seen:*"])
        .await;
    assert!(
        keys.ends_with(&format!("ws:last_seen:{}", user(1))),
        "{keys}"
    );
    let millis: u64 = redis.command(&["GET", &keys]).await.parse().unwrap();
    let now = redis_millis(&redis).await;
    assert!(now.abs_diff(millis) <= 2_000, "{millis} at {now}");
    let lives: u64 = redis.command(&["PTTL", &keys]).await.parse().unwrap();
    assert!(lives <= 1_000, "{lives}");
    member.close(1, 1).await;
    let is_gone = async {
        while redis.command(&["EXISTS", &keys]).await != "0" {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, is_gone).await.unwrap();
}

#[tokio::test]
async fn when_somebody_was_last_heard_of_grows_with_what_is_heard_and_runs_out_in_silence() {
    let redis = Redis::start().await;
    let member = Member::join(&redis, 1, SETTINGS).await;
    member.open(1, 1).await;
    let name = redis
        .command(&["--scan", "--pattern", "*ws:last_seen:*"])
        .await;
    let told = async || redis.command(&["GET", &name]).await.parse::<u64>().ok();
    let key = member.socket(1, 1).key();
    let first = told().await.unwrap();
    let grows = async {
        while told().await <= Some(first) {
            member.directory.activity(&[key]).await.unwrap();
            sleep(SETTINGS.lease_renewal / 4).await;
        }
    };
    timeout(PATIENCE, grows).await.unwrap();

    member.directory.activity(&[key]).await.unwrap();
    let silent_since = redis_millis(&redis).await;
    let mut last = first;
    let runs_out = async {
        while let Some(at) = told().await {
            last = at;
            sleep(SETTINGS.lease_renewal / 4).await;
        }
    };
    timeout(PATIENCE, runs_out).await.unwrap();
    let gone = redis_millis(&redis).await;
    assert!(
        last <= silent_since,
        "{last} in silence since {silent_since}"
    );
    // Renewals went on until the server gave the socket up.
    let patience = u64::try_from(SETTINGS.pong_timeout.as_millis()).unwrap();
    assert!(gone - last >= patience, "{last} was gone at {gone}");
    assert!(gone - last < patience + 500, "{last} was gone at {gone}");
}

/// The time of Redis.
async fn redis_millis(redis: &Redis) -> u64 {
    let told = redis.command(&["TIME"]).await;
    let (seconds, micros) = told.split_once('\n').unwrap();
    let [seconds, micros]: [u64; 2] = [seconds, micros].map(|part| part.parse().unwrap());
    seconds * 1_000 + micros / 1_000
}

/// A Redis that is short of memory may throw a state away and keep the deadline.
#[tokio::test]
async fn a_deadline_without_a_state_is_looked_at_once() {
    let redis = Redis::start().await;
    let member = Member::join(&redis, 1, SETTINGS).await;
    member.open(1, 1).await;
    let states = redis.command(&["--scan", "--pattern", "*:user:*"]).await;
    let due = redis.command(&["--scan", "--pattern", "*:due"]).await;
    member.close(1, 1).await;
    redis
        .command(&["ZADD", &due, "1", &user(1).to_string()])
        .await;
    redis.command(&["DEL", &states]).await;
    assert_eq!(member.store.due(10).await.unwrap().value, []);
    assert_eq!(redis.command(&["EXISTS", &due]).await, "0");
}

/// A state of another version is no silence of Redis, in which nobody may be taken offline.
#[tokio::test]
async fn a_state_that_is_not_understood_is_thrown_away_once_nobody_looks_after_it() {
    let redis = Redis::start().await;
    let member = Member::join(&redis, 1, SETTINGS).await;
    member.open(1, 1).await;
    let states = redis.command(&["--scan", "--pattern", "*:user:*"]).await;
    redis
        .command(&["HSET", &states, "state", r#"{"decided_by":"telepathy"}"#])
        .await;
    // Else it would tell of its socket again as soon as nothing stands in the way.
    member.running.abort();
    let read = async || member.store.read(&[user(1), user(2)]).await.unwrap().value;
    assert_eq!(read().await, [Err(Foreign), Ok(None)]);
    assert!(!member.store.discard(user(1), Duration::ZERO).await.unwrap());
    let overdue = Duration::from_millis(1);
    let is_gone = async {
        while !member.store.discard(user(1), overdue).await.unwrap() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, is_gone).await.unwrap();
    assert_eq!(read().await[0], Ok(None));
    assert_eq!(redis.command(&["--scan", "--pattern", "*:due"]).await, "");
}
