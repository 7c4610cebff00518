//! A Redis that is killed, forgets, stands still, is slow, or is out of reach.

use crate::{cluster::Cluster, numbers::Numbers};
use std::time::Duration;
use testbed::Way;
use tokio::time::sleep;

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
    for observer in &cluster.observers {
        let is_doubtful = observer.until_doubtful_any(&crowd.ids, numbers.healed());
        is_doubtful.await;
    }
    sleep(numbers.lease_ttl).await;
    cluster.redis.restart().await;
    cluster
        .assert_heals("killed Redis, all right again", &crowd)
        .await;
    sleep(numbers.killed()).await;
    cluster.assert_unnoticed(writing, &crowd.ids).await;
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
    cluster.assert_unnoticed(writing, &crowd.ids).await;
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
    cluster.assert_unnoticed(writing, &crowd.ids).await;
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
    cluster.assert_unnoticed(writing, &crowd.ids).await;
}
