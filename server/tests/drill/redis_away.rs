//! A Redis that is killed, forgets, stands still, is slow, or is out of reach.

use crate::{
    cluster::{Cluster, report},
    numbers::{LATE, Numbers},
    observer::Observer,
    people::Person,
};
use connection::{Phase, State, Terminal};
use http::{Method, StatusCode};
use loadtest::Server;
use protocol::ClientMessageId;
use serde_json::{Value, json};
use server::clock::Clock;
use std::time::Duration;
use testbed::{Redis, Way, WrongClock};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

#[tokio::test]
async fn a_redis_that_is_killed_and_comes_back_empty_takes_nobody_offline() {
    let mut cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let crowd = cluster.gather().await;
    let writing = cluster.write();

    cluster.redis.kill().await;
    cluster.nodes[0]
        .until_ready("ready\ndegraded: Redis does not answer")
        .await;
    cluster
        .until_measured("rollcall_redis_up{purpose=\"presence\"} 0")
        .await;
    for observer in &cluster.observers {
        let is_doubtful = observer.until_doubtful_any(&crowd.ids, numbers.healed());
        is_doubtful.await;
    }
    sleep(numbers.lease_ttl).await;
    cluster.redis.restart().await;
    cluster
        .assert_heals("killed Redis, all right again", &crowd)
        .await;
    cluster
        .until_measured("rollcall_redis_up{purpose=\"presence\"} 1")
        .await;
    sleep(numbers.killed()).await;
    cluster
        .assert_unnoticed("Redis killed for a lease, back empty", writing, &crowd.ids)
        .await;
}

#[tokio::test]
async fn a_redis_that_is_made_to_forget_everything_takes_nobody_offline() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let crowd = cluster.gather().await;
    let writing = cluster.write();

    for _ in 0..5 {
        cluster.redis.command(&["FLUSHALL"]).await;
        sleep(numbers.lease_renewal / 2).await;
    }
    cluster
        .assert_heals("flushed Redis, all right again", &crowd)
        .await;
    sleep(numbers.killed()).await;
    cluster
        .assert_unnoticed("Redis flushed five times", writing, &crowd.ids)
        .await;
}

#[tokio::test]
async fn a_redis_that_stands_still_or_is_slow_takes_nobody_offline() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let crowd = cluster.gather().await;
    let writing = cluster.write();

    let pause = numbers.lease_ttl.as_millis().to_string();
    cluster
        .redis
        .command(&["CLIENT", "PAUSE", &pause, "ALL"])
        .await;
    sleep(numbers.lease_ttl).await;
    cluster
        .assert_heals("paused Redis, all right again", &crowd)
        .await;
    for node in &cluster.nodes {
        node.way.set(Way::Slow(Duration::from_millis(300)));
    }
    sleep(numbers.killed()).await;
    for node in &cluster.nodes {
        node.way.set(Way::Open);
    }
    cluster.until_online(&crowd.ids).await;
    cluster
        .assert_unnoticed("Redis paused for a lease, then slow", writing, &crowd.ids)
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
    here.until_shown(&crowd.ids, false, numbers.offline_grace + LATE)
        .await;
    report(
        "all gone after Redis's clock was set back",
        closed.elapsed(),
        numbers.offline_grace + LATE,
    );
    let address = cluster.nodes[0].address;
    let doomed = cluster.gather_at(|_| address).await;
    cluster.redis.set_clock(-3_600);
    let killed = Instant::now();
    cluster.nodes[0].kill().await;
    let here = &cluster.observers[1];
    // The leases of a hundred people are looked at each second.
    let looked_at = Duration::from_secs(doomed.ids.len().div_ceil(100) as u64);
    let promised = numbers.killed() + looked_at + LATE;
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
    let writing = cluster.write();

    // As a load balancer does it, which asks every now and then who is ready.
    cluster.nodes[0].way.set(Way::Silent);
    cluster.nodes[0].until_ready("{").await;
    cluster.lead_to(&[1, 2]);
    sleep(numbers.killed()).await;
    cluster.nodes[0].way.set(Way::Open);
    cluster.nodes[0].until_ready("ready\n").await;
    cluster.until_online(&crowd.ids).await;
    sleep(numbers.killed()).await;
    cluster
        .assert_unnoticed("a server cut off from Redis", writing, &crowd.ids)
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
    let still_there = Observer::start(removed, here, cluster.chat, &numbers).await;
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
    let done = ask(elsewhere, Method::DELETE, "/api/v1/session", signed_out).await;
    assert_eq!(done, StatusCode::NO_CONTENT);
    let is_out = |state: &State| *state.phase() == Phase::Terminal(Terminal::SignedOut);
    tab.until(LATE, is_out).await.expect("signed out here, too");

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
        while !cluster.observers[0].log().messages.contains(&client_id) {
            sleep(Duration::from_millis(10)).await;
        }
        client_id
    };
    let excluded = async {
        loop {
            let message = write().await;
            // Once a member has been told of the next, nobody is told of this one any more.
            write().await;
            if !still_there.log().messages.contains(&message) {
                break;
            }
        }
    };
    timeout(2 * LATE, excluded)
        .await
        .expect("the server looks who belongs to the chat");
}
