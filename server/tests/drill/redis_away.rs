//! A Redis that is killed, forgets, stands still, is slow, or is out of reach.

use crate::{
    cluster::{Cluster, pass, report},
    numbers::Numbers,
};
use std::time::Duration;
use testbed::Way;
use tokio::time::Instant;

#[tokio::test]
async fn a_redis_that_is_killed_and_comes_back_empty_takes_nobody_offline() {
    let mut cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let everybody = cluster.everybody();
    let clients = cluster.connect_everybody();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    let writing = cluster.write();

    let began = Instant::now();
    cluster.redis.kill().await;
    cluster.nodes[0]
        .until_ready("ready\ndegraded: Redis does not answer")
        .await;
    for observer in &cluster.observers {
        let is_doubtful = observer.until_doubtful_any(&everybody, numbers.healed());
        is_doubtful.await;
    }
    pass(numbers.lease_ttl).await;
    cluster.redis.restart().await;
    let back = Instant::now();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    report(
        "killed Redis, all right again",
        back.elapsed(),
        numbers.healed(),
    );
    pass(numbers.killed()).await;
    for observer in &cluster.observers {
        observer.assert_quiet(began, &everybody);
    }
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    cluster.assert_all_told(writing, &[0, 1]).await;
    cluster.assert_versions_grew();
    drop(clients);
}

#[tokio::test]
async fn a_redis_that_is_made_to_forget_everything_takes_nobody_offline() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let everybody = cluster.everybody();
    let clients = cluster.connect_everybody();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    let writing = cluster.write();

    let began = Instant::now();
    for _ in 0..5 {
        cluster.redis.command(&["FLUSHALL"]).await;
        pass(numbers.lease_renewal / 2).await;
    }
    let flushed = Instant::now();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    report(
        "flushed Redis, all right again",
        flushed.elapsed(),
        numbers.healed(),
    );
    pass(numbers.killed()).await;
    for observer in &cluster.observers {
        observer.assert_quiet(began, &everybody);
    }
    cluster.assert_all_told(writing, &[0, 1]).await;
    cluster.assert_versions_grew();
    drop(clients);
}

#[tokio::test]
async fn a_redis_that_stands_still_or_is_slow_takes_nobody_offline() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let everybody = cluster.everybody();
    let clients = cluster.connect_everybody();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    let writing = cluster.write();

    let began = Instant::now();
    let pause = numbers.lease_ttl.as_millis().to_string();
    cluster
        .redis
        .command(&["CLIENT", "PAUSE", &pause, "ALL"])
        .await;
    pass(numbers.lease_ttl).await;
    let paused = Instant::now();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    report(
        "paused Redis, all right again",
        paused.elapsed(),
        numbers.healed(),
    );
    for node in &cluster.nodes {
        node.way.set(Way::Slow(Duration::from_millis(300)));
    }
    pass(numbers.killed()).await;
    for node in &cluster.nodes {
        node.way.set(Way::Open);
    }
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    for observer in &cluster.observers {
        observer.assert_quiet(began, &everybody);
    }
    cluster.assert_all_told(writing, &[0, 1]).await;
    cluster.assert_versions_grew();
    drop(clients);
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
    let everybody = cluster.everybody();
    let clients = cluster.connect_everybody();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    let writing = cluster.write();

    let began = Instant::now();
    // As a load balancer does it, which asks every now and then who is ready.
    cluster.nodes[0].way.set(Way::Silent);
    cluster.nodes[0].until_ready("{").await;
    cluster.lead_to(&[1, 2]);
    pass(numbers.killed()).await;
    cluster.nodes[0].way.set(Way::Open);
    cluster.nodes[0].until_ready("ready\n").await;
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    pass(numbers.killed()).await;
    for observer in &cluster.observers {
        observer.assert_quiet(began, &everybody);
    }
    cluster.assert_all_told(writing, &[0, 1, 2]).await;
    cluster.assert_versions_grew();
    drop(clients);
}
