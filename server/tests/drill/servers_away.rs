//! Servers that are killed, stopped, stand still or are replaced.

use crate::{
    cluster::{Cluster, note, report},
    numbers::Numbers,
};
use futures::future::select_ok;
use std::time::Duration;
use testbed::{Redis, WrongClock};
use tokio::time::{Instant, sleep};

#[tokio::test]
async fn people_of_a_killed_server_are_offline_in_time_and_those_who_came_back_elsewhere_never() {
    lose_the_first_server(Cluster::start(3).await).await;
}

/// What a lease has left is told by Redis's clock alone.
#[tokio::test]
async fn all_that_holds_for_a_killed_server_holds_when_clocks_are_an_hour_off() {
    let hour = 3_600;
    let clocks = [hour, 0, -hour].map(|by| Some(WrongClock::by(by)));
    let cluster = Cluster::made_of(Numbers::get(), Redis::start().await, clocks.into()).await;
    let mut shown = Vec::new();
    for node in &cluster.nodes {
        shown.push(node.clock().await);
    }
    for (ahead, behind) in shown.iter().zip(&shown[1..]) {
        assert!((ahead - behind).abs_diff(hour) < 300, "{shown:?}");
    }
    lose_the_first_server(cluster).await;
}

async fn lose_the_first_server(mut cluster: Cluster) {
    let numbers = cluster.numbers;
    // All of them are at the first server; half of them know no other address.
    cluster.lead_to(&[0]);
    let (doomed, front) = (cluster.nodes[0].address, cluster.front.address());
    let half = numbers.people / 2;
    let crowd = cluster
        .gather_at(|n| if n < half { doomed } else { front })
        .await;
    let (stay, move_on) = crowd.ids.split_at(half);
    cluster.lead_to(&[1, 2]);
    let writing = cluster.write();

    let killed = Instant::now();
    cluster.nodes[0].kill().await;
    let survivors = &cluster.observers[1..];
    for observer in survivors {
        observer.until_shown(stay, false, numbers.killed()).await;
        let told = observer.offline_since(killed, &crowd.ids);
        assert_eq!(told.len(), stay.len(), "each once, and nobody else");
        let (first, last) = (told.iter().min().unwrap(), told.iter().max().unwrap());
        let (first_after, earliest) = (*first - killed, numbers.killed_earliest());
        note(&format!(
            "killed, first told offline: promised not before {:.2} s; measured {:.2} s",
            earliest.as_secs_f64(),
            first_after.as_secs_f64()
        ));
        assert!(first_after >= earliest);
        report(
            "killed, last told offline",
            *last - killed,
            numbers.killed(),
        );
        observer.until_shown(move_on, true, numbers.healed()).await;
        observer.assert_quiet(killed, move_on);
    }
    cluster.assert_all_told(writing, survivors).await;
}

#[tokio::test]
async fn a_server_that_stands_still_for_a_while_makes_nobody_offline() {
    let cluster = Cluster::start(2).await;
    let numbers = cluster.numbers;
    let crowd = cluster.gather().await;
    cluster.lead_to(&[1]);
    let writing = cluster.write();

    cluster.nodes[0].signal("STOP").await;
    sleep(numbers.lease_ttl * 2 / 3).await;
    cluster.nodes[0].signal("CONT").await;
    sleep(numbers.killed()).await;
    cluster
        .assert_unnoticed("a server stopped and continued", writing, &crowd.ids)
        .await;
}

#[tokio::test]
async fn a_rolling_restart_of_three_servers_is_noticed_by_nobody() {
    let mut cluster = Cluster::start(3).await;
    let numbers = cluster.numbers;
    let crowd = cluster.gather().await;
    let writing = cluster.write();

    let restarts = async {
        for n in 0..3 {
            let others: Vec<_> = (0..3).filter(|other| *other != n).collect();
            cluster.nodes[n].signal("TERM").await;
            // As a load balancer does it, which asks every now and then who is ready.
            cluster.nodes[n].until_ready("{").await;
            cluster.lead_to(&others);
            cluster.nodes[n].until_ended().await;
            cluster.nodes[n].restart().await;
            cluster.lead_to(&[0, 1, 2]);
            sleep(numbers.offline_grace).await;
        }
        sleep(numbers.killed()).await;
    };
    // Each has a connection to another server before they leave this one.
    let losing = crowd.clients.iter().map(|client| {
        let lost = client.until(Duration::MAX, |state| !state.phase().is_online());
        Box::pin(lost)
    });
    tokio::select! {
        () = restarts => {}
        Ok((lost, _)) = select_ok(losing) => panic!("without a connection: {lost:?}"),
    }
    cluster
        .assert_unnoticed("three servers restarted in turn", writing, &crowd.ids)
        .await;
}
