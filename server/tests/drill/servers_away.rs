//! Servers that are killed, stopped, stand still or are replaced.

use crate::cluster::{Cluster, pass, report};
use tokio::time::Instant;

#[tokio::test]
async fn people_of_a_killed_server_are_offline_in_time_and_those_who_came_back_elsewhere_never() {
    let mut cluster = Cluster::start(3).await;
    let numbers = cluster.numbers;
    let everybody = cluster.everybody();
    let (stay, move_on) = everybody.split_at(everybody.len() / 2);
    // All of them are at the first server; half of them know no other address.
    cluster.lead_to(&[0]);
    let doomed = cluster.nodes[0].address;
    let connect = |n: usize, address| cluster.people[1 + n].connect(address, &numbers);
    let stuck: Vec<_> = (0..stay.len()).map(|n| connect(n, doomed)).collect();
    let front = cluster.front.address();
    let moving: Vec<_> = (stay.len()..everybody.len())
        .map(|n| connect(n, front))
        .collect();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    cluster.lead_to(&[1, 2]);
    let writing = cluster.write();

    let killed = Instant::now();
    cluster.nodes[0].kill().await;
    for observer in &cluster.observers[1..] {
        observer.until_shown(stay, false, numbers.killed()).await;
        let told = observer.offline_since(killed, &everybody);
        assert_eq!(told.len(), stay.len(), "each once, and nobody else");
        let (first, last) = (told.iter().min().unwrap(), told.iter().max().unwrap());
        let earliest = numbers.lease_ttl - numbers.lease_renewal;
        assert!(*first - killed >= earliest, "{:?}", *first - killed);
        report(
            "killed, last told offline",
            *last - killed,
            numbers.killed(),
        );
        observer.until_shown(move_on, true, numbers.healed()).await;
        observer.assert_quiet(killed, move_on);
    }
    cluster.assert_all_told(writing, &[1, 2]).await;
    cluster.assert_versions_grew();
    drop((stuck, moving));
}

#[tokio::test]
async fn a_server_that_stands_still_for_a_while_makes_nobody_offline() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let everybody = cluster.everybody();
    let clients = cluster.connect_everybody();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    cluster.lead_to(&[1]);
    let writing = cluster.write();

    let stopped = Instant::now();
    cluster.nodes[0].signal("STOP").await;
    pass(numbers.lease_ttl * 2 / 3).await;
    cluster.nodes[0].signal("CONT").await;
    pass(numbers.killed()).await;
    for observer in &cluster.observers {
        observer.assert_quiet(stopped, &everybody);
    }
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    cluster.assert_all_told(writing, &[0, 1]).await;
    cluster.assert_versions_grew();
    drop(clients);
}

#[tokio::test]
async fn a_rolling_restart_of_three_servers_is_noticed_by_nobody() {
    let mut cluster = Cluster::start(3).await;
    let numbers = cluster.numbers;
    let everybody = cluster.everybody();
    let clients = cluster.connect_everybody();
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    let writing = cluster.write();

    let began = Instant::now();
    for n in 0..3 {
        let others: Vec<_> = (0..3).filter(|other| *other != n).collect();
        cluster.lead_to(&others);
        cluster.nodes[n].stop().await;
        cluster.nodes[n].restart().await;
        cluster.lead_to(&[0, 1, 2]);
        pass(numbers.offline_grace).await;
    }
    pass(numbers.killed()).await;
    for observer in &cluster.observers {
        observer.assert_quiet(began, &everybody);
    }
    cluster
        .until_shown(&everybody, true, numbers.healed())
        .await;
    cluster.assert_all_told(writing, &[0, 1, 2]).await;
    cluster.assert_versions_grew();
    drop(clients);
}
