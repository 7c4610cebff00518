use crate::fixture::{Fixture, at, new_uuid};
use protocol::NodeId;

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
