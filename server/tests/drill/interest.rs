//! Who is told what.

use crate::cluster::{Cluster, note};
use loadtest::Server;
use protocol::{Chat, ChatId, UserId, Workspace};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// What passes between servers grows with who wants to know, not with how many servers there are.
#[tokio::test]
async fn what_is_told_goes_only_to_servers_at_which_somebody_wants_to_know() {
    let cluster = Cluster::start(3).await;
    let numbers = &cluster.numbers;
    let [jane, tom, ann] = [1, 2, 3].map(|n| &cluster.people[n]);
    let address = |n: usize| cluster.nodes[n].address;
    let server = Server::new(&format!("http://{}", address(2))).unwrap();
    let workspaces: Vec<Workspace> = server
        .get("/api/v1/workspaces", &jane.authorization)
        .await
        .unwrap();
    let direct = format!("/api/v1/workspaces/{}/direct", workspaces[0].workspace_id);
    let open = async |other: UserId| -> ChatId {
        let others = json!({ "user_ids": [other] });
        let chat: Chat = server
            .post(&direct, &jane.authorization, &others)
            .await
            .unwrap();
        chat.chat_id
    };
    let (with_tom, with_ann) = (open(tom.id).await, open(ann.id).await);
    let here = jane.connect(address(0), numbers);
    let beside = tom.connect(address(0), numbers);
    let _elsewhere = ann.connect(address(1), numbers);
    cluster.until_online(&[jane.id, tom.id, ann.id]).await;

    // Whom Redis tells of what is published there.
    let told = async |channel: String| -> u64 {
        let told = cluster.redis.command(&["PUBSUB", "NUMSUB", &channel]).await;
        told.lines().last().unwrap().parse().unwrap()
    };
    let becomes = async |channel: String, servers: u64| {
        let is_so = async {
            while told(channel.clone()).await != servers {
                sleep(Duration::from_millis(20)).await;
            }
        };
        let asked = Instant::now();
        let within = timeout(PATIENCE, is_so).await;
        let told = told(channel.clone()).await;
        assert!(within.is_ok(), "{channel}: {told}, not {servers}");
        let (name, _) = channel.rsplit_once(':').unwrap();
        note(&format!(
            "{name}: heard by {told} of 3 servers, after {:.2} s",
            asked.elapsed().as_secs_f64()
        ));
    };
    becomes(format!("drill:chat:{with_tom}"), 1).await;
    becomes(format!("drill:chat:{with_ann}"), 2).await;
    becomes(format!("drill:person:{}", jane.id), 1).await;
    // An observer at each server looks at a chat of all.
    becomes(format!("drill:chat:{}", cluster.chat), 3).await;
    becomes(format!("drill:presence:{}", jane.id), 3).await;
    drop(here);
    drop(beside);
    becomes(format!("drill:chat:{with_tom}"), 0).await;
    becomes(format!("drill:chat:{with_ann}"), 1).await;
    becomes(format!("drill:person:{}", jane.id), 0).await;
}
