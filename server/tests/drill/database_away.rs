//! A PostgreSQL that does not answer.

use crate::{
    cluster::{Cluster, pass, report},
    numbers::LATE,
};
use testbed::Way;
use tokio::time::Instant;

#[tokio::test]
async fn without_a_database_presence_goes_on_and_what_is_written_waits_and_arrives_once() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let everybody = cluster.everybody();
    let mut clients = cluster.connect_everybody();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    let writing = cluster.write();
    pass(numbers.offline_grace).await;

    let (one, others) = everybody.split_last().unwrap();
    let began = Instant::now();
    for node in &cluster.nodes {
        node.way_to_database.set(Way::Closed);
    }
    cluster.nodes[0].until_ready("{").await;
    clients.pop().unwrap().stop().await;
    let gone = Instant::now();
    let promised = numbers.offline_grace + LATE;
    cluster.until_shown(&[*one], false, promised).await;
    report("without a database, told offline", gone.elapsed(), promised);
    pass(numbers.lease_ttl).await;
    for node in &cluster.nodes {
        node.way_to_database.set(Way::Open);
    }
    cluster.nodes[0].until_ready("ready\n").await;
    for observer in &cluster.observers {
        observer.assert_quiet(began, others);
    }
    cluster.until_shown(others, true, numbers.healed()).await;
    cluster.assert_all_told(writing, &[0, 1]).await;
    cluster.assert_versions_grew();
}
