//! A PostgreSQL that does not answer.

use crate::{
    cluster::{Cluster, report},
    numbers::LATE,
};
use testbed::Way;
use tokio::time::{Instant, sleep};

#[tokio::test]
async fn without_a_database_presence_goes_on_and_what_is_written_waits_and_arrives_once() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let mut crowd = cluster.gather().await;
    let writing = cluster.write();
    sleep(numbers.offline_grace).await;

    for node in &cluster.nodes {
        node.way_to_database.set(Way::Closed);
    }
    cluster.nodes[0].until_ready("{").await;
    let one = crowd.ids.pop().unwrap();
    crowd.clients.pop().unwrap().stop().await;
    let gone = Instant::now();
    let promised = numbers.offline_grace + LATE;
    cluster.until_shown(&[one], false, promised).await;
    report("without a database, told offline", gone.elapsed(), promised);
    sleep(numbers.lease_ttl).await;
    for node in &cluster.nodes {
        node.way_to_database.set(Way::Open);
    }
    cluster.nodes[0].until_ready("ready\n").await;
    cluster
        .assert_unnoticed("PostgreSQL away", writing, &crowd.ids)
        .await;
}
