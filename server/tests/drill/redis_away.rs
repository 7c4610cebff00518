//! A Redis that is killed, forgets, stands still, is slow, or is out of reach.

use crate::{
    cluster::{Cluster, note, report},
    movers::Absences,
    numbers::{LATE, LOOKED_AT, Numbers},
    observer::Observer,
    people::Person,
};
use connection::{Phase, State, Terminal};
use http::{Method, StatusCode};
use loadtest::Server;
use protocol::{ClientMessageId, UserId};
use serde_json::{Value, json};
use server::clock::Clock;
use std::{cell::Cell, collections::HashSet, time::Duration};
use testbed::{Redis, Way, WrongClock};
use tokio::{
    join,
    time::{Instant, sleep, sleep_until, timeout},
};
use uuid::Uuid;

/// What a slow Redis is told, and what it says, takes so long on its way.
const SLOW: Duration = Duration::from_millis(300);

/// Longer than anything takes here that is not promised.
const PATIENCE: Duration = Duration::from_secs(60);

/// While nothing is heard of others, the database is asked this often what they may have taken from somebody.
const DATABASE_LOOKED_AT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_redis_that_is_killed_and_comes_back_empty_takes_nobody_offline() {
    let mut cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let addresses = [0, 1].map(|n| cluster.nodes[n].address);
    let crowd = cluster.gather_at(|n| addresses[n % 2]).await;
    let mut movers = cluster.gather_movers().await;
    let writing = cluster.write();

    cluster.redis.kill().await;
    let killed_at = Clock::system().now();
    cluster.nodes[0]
        .until_ready("ready\ndegraded: Redis does not answer")
        .await;
    cluster
        .until_measured("rollcall_redis_up{purpose=\"presence\"} 0")
        .await;
    let there = |n: usize| crowd.ids.iter().copied().skip(n).step_by(2).collect();
    let there: [Vec<_>; 2] = [0, 1].map(there);
    let mut oldest = Duration::ZERO;
    for (n, observer) in cluster.observers.iter().enumerate() {
        let elsewhere = &there[1 - n];
        let as_of = observer.until_doubtful(elsewhere).await;
        observer.assert_certain(&there[n]);
        assert!(as_of.iter().all(|at| *at <= killed_at), "{as_of:?}");
        let age = as_of.iter().map(|at| killed_at.since(*at)).max().unwrap();
        oldest = oldest.max(age);
    }
    report("last known before Redis was killed", oldest, LOOKED_AT);
    movers.move_about(&cluster).await;
    sleep(numbers.lease_ttl).await;
    cluster.redis.restart().await;
    let back = Instant::now();
    until_known(&cluster.redis, &crowd.ids).await;
    report(
        "killed Redis, told of everybody again",
        back.elapsed(),
        numbers.healed(),
    );
    cluster
        .until_measured("rollcall_redis_up{purpose=\"presence\"} 1")
        .await;
    movers
        .assert_gone(&cluster, "killed Redis", Some(back), numbers.forgotten())
        .await;
    cluster.until_online(&crowd.ids).await;
    report(
        "killed Redis, nobody last known any more",
        back.elapsed(),
        numbers.forgotten(),
    );
    sleep(numbers.killed()).await;
    let stayed = [crowd.ids, movers.staying()].concat();
    cluster
        .assert_unnoticed("Redis killed for a lease, back empty", writing, &stayed)
        .await;
}

/// While people write, type, and load their pages anew all the time.
#[tokio::test]
async fn a_redis_that_is_made_to_forget_everything_takes_nobody_offline() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let crowd = cluster.gather().await;
    let mut movers = cluster.gather_movers().await;
    let writing = cluster.write_as(3);

    let is_over = Cell::new(false);
    let flushes = async {
        let (mut longest, mut flushed) = (Duration::ZERO, Instant::now());
        for _ in 0..5 {
            cluster.redis.command(&["FLUSHALL"]).await;
            flushed = Instant::now();
            until_known(&cluster.redis, &crowd.ids).await;
            longest = longest.max(flushed.elapsed());
        }
        is_over.set(true);
        (longest, flushed)
    };
    let moving = async {
        while !is_over.get() {
            movers.move_about(&cluster).await;
        }
    };
    let ((longest, flushed), ()) = join!(flushes, moving);
    report(
        "flushed Redis, told of everybody again",
        longest,
        numbers.healed(),
    );
    movers
        .assert_gone(
            &cluster,
            "flushed Redis",
            Some(flushed),
            numbers.forgotten(),
        )
        .await;
    cluster.until_online(&crowd.ids).await;
    report(
        "flushed Redis, nobody last known any more",
        flushed.elapsed(),
        numbers.forgotten(),
    );
    sleep(numbers.killed()).await;
    let stayed = [crowd.ids, movers.staying()].concat();
    cluster
        .assert_unnoticed("Redis flushed five times", writing, &stayed)
        .await;
}

/// Waits until Redis knows something of each of these.
async fn until_known(redis: &Redis, people: &[UserId]) {
    let all_are = async {
        loop {
            let known = redis.command(&["--scan", "--pattern", "*:user:*"]).await;
            let known: HashSet<UserId> = known
                .lines()
                .filter_map(|key| key.rsplit_once(':')?.1.parse().ok())
                .collect();
            if people.iter().all(|it| known.contains(it)) {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let within = timeout(PATIENCE, all_are).await;
    within.expect("Redis is told again");
}

#[tokio::test]
async fn a_redis_that_stands_still_takes_nobody_offline() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let crowd = cluster.gather().await;
    let mut movers = cluster.gather_movers().await;
    let writing = cluster.write();

    let pause = numbers.lease_ttl.as_millis().to_string();
    cluster
        .redis
        .command(&["CLIENT", "PAUSE", &pause, "ALL"])
        .await;
    let goes_on = Instant::now() + numbers.lease_ttl;
    movers.move_about(&cluster).await;
    sleep_until(goes_on).await;
    cluster
        .assert_heals("paused Redis, all right again", &crowd.ids)
        .await;
    movers
        .assert_gone(&cluster, "paused Redis", Some(goes_on), numbers.killed())
        .await;
    let stayed = [crowd.ids, movers.staying()].concat();
    cluster
        .assert_unnoticed("Redis paused for a lease", writing, &stayed)
        .await;
}

#[tokio::test]
async fn a_redis_that_is_slow_takes_nobody_offline_and_uses_up_nobodys_grace() {
    // What Redis takes does not shrink with the other times.
    let numbers = Numbers {
        offline_grace: Duration::from_secs(3),
        ..Numbers::get()
    };
    let cluster = Cluster::with(numbers, 2).await;
    let crowd = cluster.gather().await;
    let mut movers = cluster.gather_movers().await;
    let writing = cluster.write();

    for node in &cluster.nodes {
        node.way.set(Way::Slow(SLOW));
    }
    let staying = movers.staying();
    let absences = Absences::of(&cluster.redis, staying.clone()).await;
    // What is decided on is read, and written over what was read.
    let two_answers = 4 * SLOW;
    let slow_until = Instant::now() + numbers.killed();
    movers.move_about(&cluster).await;
    movers
        .assert_gone(&cluster, "slow Redis", None, numbers.gone() + two_answers)
        .await;
    while Instant::now() < slow_until {
        movers.move_about(&cluster).await;
    }
    let absent = absences.longest();
    note(&format!(
        "slow Redis: whoever moved had no connection that counts for {:.2} s at most, of {:.0} s",
        absent.as_secs_f64(),
        numbers.offline_grace.as_secs_f64()
    ));
    assert!(absent < numbers.offline_grace);
    for node in &cluster.nodes {
        node.way.set(Way::Open);
    }
    let stayed = [crowd.ids, staying].concat();
    cluster
        .assert_heals("slow Redis, all right again", &stayed)
        .await;
    cluster
        .assert_unnoticed("Redis slow by 300 ms each way", writing, &stayed)
        .await;
}

/// All leases are by that clock: set forward, it makes all of them run out at once, and set back, none
/// for as long.
#[tokio::test]
async fn a_redis_whose_clock_is_set_takes_nobody_offline_and_forgets_whoever_goes() {
    let redis = Redis::start_by(WrongClock::by(0)).await;
    let mut cluster = Cluster::made_of(Numbers::get(), redis, vec![None, None]).await;
    let numbers = cluster.numbers;
    let crowd = cluster.gather().await;
    let writing = cluster.write();

    for seconds in [3_600, 0] {
        cluster.redis.set_clock(seconds);
        sleep(numbers.killed() + LATE).await;
        let told = cluster.redis.command(&["TIME"]).await;
        let told: i64 = told.lines().next().unwrap().parse().unwrap();
        let now = Clock::system().now().unix_millis() / 1_000;
        assert!((told - now).abs_diff(seconds) < 60, "{told} at {now}");
    }
    cluster
        .assert_unnoticed(
            "Redis's clock set by an hour, and back",
            writing,
            &crowd.ids,
        )
        .await;

    let here = &cluster.observers[1];
    cluster.lead_to(&[1]);
    drop(crowd.clients);
    let closed = Instant::now();
    here.until_shown(&crowd.ids, false, numbers.gone()).await;
    report(
        "all gone after Redis's clock was set back",
        closed.elapsed(),
        numbers.gone(),
    );
    let address = cluster.nodes[0].address;
    let doomed = cluster.gather_at(|_| address).await;
    cluster.redis.set_clock(-3_600);
    let killed = Instant::now();
    cluster.nodes[0].kill().await;
    let here = &cluster.observers[1];
    // The leases of a hundred people are looked at each second.
    let looked_at = Duration::from_secs(doomed.ids.len().div_ceil(100) as u64);
    // What is found then is put right with the next renewal.
    let promised = numbers.killed() + looked_at + numbers.lease_renewal;
    here.until_shown(&doomed.ids, false, promised).await;
    report(
        "killed, and Redis's clock set back an hour at the same time, last told offline",
        killed.elapsed(),
        promised,
    );
}

#[tokio::test]
async fn a_server_that_is_cut_off_from_redis_alone_takes_nobody_offline() {
    // A link that falls silent is noticed after 3 s: a lease must last longer than that.
    let numbers = Numbers::get();
    let numbers = Numbers {
        lease_ttl: numbers.lease_ttl.max(Duration::from_secs(12)),
        ..numbers
    };
    let cluster = Cluster::with(numbers, 3).await;
    let crowd = cluster.gather().await;
    let mut movers = cluster.gather_movers().await;
    let writing = cluster.write();

    cluster.nodes[0].way.set(Way::Silent);
    movers.move_about(&cluster).await;
    // As a load balancer does it, which asks every now and then who is ready.
    cluster.nodes[0].until_ready("{").await;
    cluster.lead_to(&[1, 2]);
    movers.lead_to(&cluster, &[1, 2]);
    sleep(numbers.killed()).await;
    cluster.nodes[0].way.set(Way::Open);
    cluster.nodes[0].until_ready("ready\n").await;
    let back = Instant::now();
    let stayed = [crowd.ids, movers.staying()].concat();
    cluster
        .assert_heals("a server cut off from Redis, all right again", &stayed)
        .await;
    movers
        .assert_gone(
            &cluster,
            "a server cut off from Redis",
            Some(back),
            numbers.healed() + numbers.gone(),
        )
        .await;
    sleep(numbers.killed()).await;
    cluster
        .assert_unnoticed("a server cut off from Redis", writing, &stayed)
        .await;
}

/// Servers told each other by Redis alone who was removed from a chat, and who was signed out: while it
/// was away, both went on to be told everything.
#[tokio::test]
async fn without_a_redis_whoever_is_removed_or_signed_out_elsewhere_is_told_nothing_more() {
    let mut cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let [here, elsewhere] = [0, 1].map(|n| cluster.nodes[n].address);
    let owner = cluster.people[0].clone();
    let (removed, signed_out) = (&cluster.people[1], &cluster.people[2]);
    let still_there = Observer::start(removed, here, cluster.chat);
    let tab = signed_out.connect(here, &numbers);
    tab.until(LATE, |state| state.phase().is_online())
        .await
        .unwrap();
    cluster.until_online(&[removed.id, signed_out.id]).await;

    cluster.redis.kill().await;
    for node in &cluster.nodes {
        node.until_ready("ready\ndegraded: Redis does not answer")
            .await;
    }
    let ask = async |address, method, path: &str, who: &Person| {
        let server = Server::new(&format!("http://{address}")).unwrap();
        let asked = server.request(method, path, Some(&who.authorization), None);
        asked.await.unwrap().status()
    };
    let members = format!("/api/v1/chats/{}/members", cluster.chat);
    let path = format!("{members}?user_id={}", removed.id);
    let done = ask(elsewhere, Method::DELETE, &path, &owner).await;
    assert_eq!(done, StatusCode::NO_CONTENT);
    let taken = Instant::now();
    let done = ask(elsewhere, Method::DELETE, "/api/v1/session", signed_out).await;
    assert_eq!(done, StatusCode::NO_CONTENT);
    let is_out = |state: &State| *state.phase() == Phase::Terminal(Terminal::SignedOut);
    let is_out = tab.until(DATABASE_LOOKED_AT + LATE, is_out).await;
    is_out.expect("signed out here, too");
    report(
        "without a Redis, signed out at another server",
        taken.elapsed(),
        DATABASE_LOOKED_AT,
    );

    let server = Server::new(&format!("http://{here}")).unwrap();
    let messages = format!("/api/v1/chats/{}/messages", cluster.chat);
    let write = async || {
        let client_id = ClientMessageId::from_uuid(Uuid::now_v7());
        let message = json!({ "client_id": client_id, "text": "Among ourselves" });
        let written: Value = server
            .post(&messages, &owner.authorization, &message)
            .await
            .unwrap();
        assert!(written["id"].is_string(), "{written}");
        let told = cluster.observers[0].until_told(client_id, PATIENCE).await;
        assert!(told, "a message is told");
        client_id
    };
    let excluded = async {
        loop {
            let message = write().await;
            // Once a member has been told of the next, nobody is told of this one any more.
            write().await;
            if !still_there.is_told(message) {
                break;
            }
        }
    };
    timeout(DATABASE_LOOKED_AT + LATE, excluded)
        .await
        .expect("the server looks who belongs to the chat");
    report(
        "without a Redis, told no more of a chat from which they were removed at another server",
        taken.elapsed(),
        DATABASE_LOOKED_AT,
    );
}
