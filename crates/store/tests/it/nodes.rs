use crate::fixture::{Fixture, at, new_uuid};
use protocol::NodeId;
use store::NodeCount;

#[tokio::test]
async fn a_server_sees_that_others_go_on_and_not_that_it_does_itself() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let [one, two] = [(); 2].map(|()| NodeId::from_uuid(new_uuid()));
    assert_eq!(store.beats_of_others(one).await.unwrap(), 0);
    for n in 0..3 {
        store.count_beat(one, at(n)).await.unwrap();
    }
    assert_eq!(store.beats_of_others(one).await.unwrap(), 0);
    assert_eq!(store.beats_of_others(two).await.unwrap(), 3);
}

#[tokio::test]
async fn a_server_that_is_long_gone_is_forgotten() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let [gone, here] = [(); 2].map(|()| NodeId::from_uuid(new_uuid()));
    store.count_beat(gone, at(0)).await.unwrap();
    let a_day = 24 * 60 * 60 * 1_000;
    store.count_beat(here, at(a_day)).await.unwrap();
    assert_eq!(store.beats_of_others(here).await.unwrap(), 1);
    store.count_beat(here, at(a_day + 1)).await.unwrap();
    assert_eq!(store.beats_of_others(here).await.unwrap(), 0);
}

#[tokio::test]
async fn what_servers_count_is_seen_by_others_for_a_while_and_is_no_beat() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    let [one, two] = [(); 2].map(|()| NodeId::from_uuid(new_uuid()));
    let count = |connections, millis| NodeCount {
        node: one,
        connections,
        people: 2,
        counted_at: at(millis),
    };
    store.count_connections(count(3, 10)).await.unwrap();
    store.count_beat(one, at(15)).await.unwrap();
    store.count_beat(two, at(15)).await.unwrap();
    store.count_connections(count(5, 20)).await.unwrap();
    assert_eq!(store.beats_of_others(two).await.unwrap(), 1);
    let seen = async |by, since| store.counts_of_others(by, at(since)).await.unwrap();
    assert_eq!(seen(two, 19).await, [count(5, 20)]);
    assert_eq!(seen(two, 20).await, [], "it may be gone");
    assert_eq!(seen(one, 0).await, [], "the other has not counted");
}
