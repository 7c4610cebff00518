//! A PostgreSQL that does not answer.

use crate::cluster::{Cluster, report};
use testbed::Way;
use tokio::time::{Instant, sleep};

/// First it cannot be reached; then it takes everything and never answers.
#[tokio::test]
async fn without_a_database_presence_goes_on_and_what_is_written_waits_and_arrives_once() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let mut crowd = cluster.gather().await;
    let writing = cluster.write();
    sleep(numbers.offline_grace).await;

    for (way, name) in [(Way::Closed, "out of reach"), (Way::Silent, "silent")] {
        for node in &cluster.nodes {
            node.way_to_database.set(way);
        }
        cluster.nodes[0].until_ready("{").await;
        let one = crowd.ids.pop().unwrap();
        crowd.clients.pop().unwrap().stop().await;
        let gone = Instant::now();
        cluster.until_shown(&[one], false, numbers.gone()).await;
        let what = format!("with a database that is {name}, told offline");
        report(&what, gone.elapsed(), numbers.gone());
        sleep(numbers.lease_ttl).await;
        for node in &cluster.nodes {
            node.way_to_database.set(Way::Open);
        }
        cluster.nodes[0].until_ready("ready\n").await;
    }
    cluster
        .assert_unnoticed("PostgreSQL away, and silent", writing, &crowd.ids)
        .await;
}
