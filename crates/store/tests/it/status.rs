use crate::fixture::{Fixture, Team, at, new_uuid};
use proptest::prelude::*;
use protocol::{LastSeenAudience, Mode, Status, Timestamp, UserId};
use store::{OwnStatus, StoreError};
use tokio::task::JoinSet;

fn dnd(until: i64) -> Status {
    Status {
        mode: Mode::Dnd,
        mode_until: Some(at(until)),
        ..Status::default()
    }
}

fn saying(text: &str, until: i64) -> Status {
    Status {
        text: text.to_owned(),
        text_until: Some(at(until)),
        ..Status::default()
    }
}

async fn status(fixture: &Fixture, user_id: UserId) -> OwnStatus {
    fixture.store.status(user_id).await.unwrap().unwrap()
}

#[tokio::test]
async fn everybody_begins_as_they_are_and_says_nothing() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let expected = OwnStatus {
        status: Status::default(),
        audience: LastSeenAudience::Everyone,
        version: 0,
    };
    assert_eq!(status(&fixture, jane.user_id).await, expected);
    let nobody = UserId::from_uuid(new_uuid());
    assert_eq!(fixture.store.status(nobody).await.unwrap(), None);
    assert_eq!(fixture.store.next_status_expiry().await.unwrap(), None);
}

#[tokio::test]
async fn each_choice_is_kept_across_a_restart_under_a_larger_version() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await.user_id;
    let chosen = Status {
        mode: Mode::Invisible,
        mode_until: None,
        text: "Lunch 🥗".to_owned(),
        text_until: Some(at(50)),
    };
    assert_eq!(fixture.store.set_status(jane, &dnd(9)).await.unwrap(), 1);
    assert_eq!(fixture.store.set_status(jane, &chosen).await.unwrap(), 2);
    let hidden = fixture
        .store
        .set_last_seen_audience(jane, LastSeenAudience::Nobody);
    hidden.await.unwrap();

    let fixture = fixture.reopen().await;
    let expected = OwnStatus {
        status: chosen,
        audience: LastSeenAudience::Nobody,
        version: 3,
    };
    assert_eq!(status(&fixture, jane).await, expected);
    let next = fixture.store.next_status_expiry().await.unwrap();
    assert_eq!(next, Some(at(50)));
}

#[tokio::test]
async fn what_has_a_time_ends_then_and_nothing_else_does() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await.user_id;
    let john = fixture.user("john").await.user_id;
    let store = &fixture.store;
    let both = Status {
        text: "Deep work".to_owned(),
        text_until: Some(at(30)),
        ..dnd(20)
    };
    store.set_status(jane, &both).await.unwrap();
    let lasting = Status {
        mode: Mode::Invisible,
        text: "On leave".to_owned(),
        ..Status::default()
    };
    store.set_status(john, &lasting).await.unwrap();

    assert_eq!(store.next_status_expiry().await.unwrap(), Some(at(20)));
    assert_eq!(store.expire_statuses(at(19)).await.unwrap(), []);
    assert_eq!(store.expire_statuses(at(20)).await.unwrap(), [jane]);
    let left = status(&fixture, jane).await;
    assert_eq!(left.status, saying("Deep work", 30));
    assert_eq!(left.version, 2);

    assert_eq!(store.next_status_expiry().await.unwrap(), Some(at(30)));
    assert_eq!(store.expire_statuses(at(99)).await.unwrap(), [jane]);
    assert_eq!(store.expire_statuses(at(99)).await.unwrap(), []);
    let nothing = status(&fixture, jane).await;
    assert_eq!(nothing.status, Status::default());
    assert_eq!(nothing.version, 3);
    assert_eq!(store.next_status_expiry().await.unwrap(), None);
    assert_eq!(status(&fixture, john).await.status, lasting);
}

#[tokio::test]
async fn a_status_of_nobody_or_with_a_nul_is_refused() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await.user_id;
    let nobody = UserId::from_uuid(new_uuid());
    let store = &fixture.store;

    let error = store.set_status(nobody, &Status::default()).await;
    assert!(matches!(error, Err(StoreError::NotFound)));
    let error = store.set_last_seen_audience(nobody, LastSeenAudience::Nobody);
    assert!(matches!(error.await, Err(StoreError::NotFound)));
    let error = store.set_status(jane, &saying("a\0b", 1)).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "The status contains a character that cannot be stored (NUL)."
    );
    assert_eq!(status(&fixture, jane).await.version, 0);
}

#[tokio::test]
async fn choices_made_at_once_each_get_a_version_and_the_largest_is_the_one_kept() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await.user_id;
    let mut choices = JoinSet::new();
    for number in 0..12 {
        let store = fixture.store.clone();
        choices.spawn(async move {
            let text = format!("choice {number}");
            let version = store.set_status(jane, &saying(&text, 9)).await.unwrap();
            (version, text)
        });
    }
    let mut made = choices.join_all().await;
    made.sort_unstable();
    assert!(made.iter().map(|(version, _)| *version).eq(1..=12));
    let kept = status(&fixture, jane).await;
    assert_eq!((kept.version, kept.status.text), made.pop().unwrap());
}

#[tokio::test]
async fn colleagues_are_listed_with_what_they_say_and_who_may_know_when_they_were_here() {
    let team = Team::new().await;
    let john = team.john.user_id;
    let text = "<b>'; DROP TABLE users; --</b> \u{202e}👩‍👩‍👧";
    let store = team.store();
    store.set_status(john, &saying(text, 9)).await.unwrap();
    let audience = LastSeenAudience::Friends;
    store.set_last_seen_audience(john, audience).await.unwrap();
    store.record_last_seen(&[(john, at(7))]).await.unwrap();

    let members = store.workspace_members(team.flowra.workspace_id).await;
    let shown: Vec<_> = members
        .unwrap()
        .into_iter()
        .map(|member| member.person)
        .map(|it| (it.display_name, it.status_text, it.audience, it.last_seen))
        .collect();
    let everyone = LastSeenAudience::Everyone;
    let expected = [
        ("JANE".to_owned(), String::new(), everyone, None),
        ("JOHN".to_owned(), text.to_owned(), audience, Some(at(7))),
    ];
    assert_eq!(shown, expected);
}

fn any_status() -> impl Strategy<Value = Status> {
    let mode = prop_oneof![
        Just(Mode::Automatic),
        Just(Mode::Dnd),
        Just(Mode::Invisible)
    ];
    let until = || prop::option::of((0..20_i64).prop_map(at));
    (mode, until(), "[a-c]{0,2}", until()).prop_map(|(mode, mode_until, text, text_until)| Status {
        mode,
        mode_until,
        text,
        text_until,
    })
}

/// What is left of a status at `now`.
fn left_of(status: &Status, now: Timestamp) -> Status {
    let mut left = status.clone();
    if left.mode_until.is_some_and(|until| until <= now) {
        (left.mode, left.mode_until) = (Mode::Automatic, None);
    }
    if left.text_until.is_some_and(|until| until <= now) {
        (left.text, left.text_until) = (String::new(), None);
    }
    left
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_is_chosen_ends_when_it_should_and_says_whose_it_was(
        mut chosen in prop::collection::vec(any_status(), 1..5),
        mut times in prop::collection::vec(0..22_i64, 1..4),
    ) {
        times.sort_unstable();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = Fixture::new().await;
            let mut people = Vec::new();
            for (number, status) in chosen.iter().enumerate() {
                let user_id = fixture.user(&format!("user{number}")).await.user_id;
                fixture.store.set_status(user_id, status).await.unwrap();
                people.push(user_id);
            }
            let mut versions = vec![1; people.len()];
            for now in times.into_iter().map(at) {
                let ends = chosen.iter().flat_map(|it| [it.mode_until, it.text_until]);
                let next = fixture.store.next_status_expiry().await.unwrap();
                assert_eq!(next, ends.flatten().min());

                let mut changed = Vec::new();
                for (number, status) in chosen.iter_mut().enumerate() {
                    let left = left_of(status, now);
                    if left != *status {
                        changed.push(people[number]);
                        versions[number] += 1;
                        *status = left;
                    }
                }
                changed.sort_unstable();
                let expired = fixture.store.expire_statuses(now).await.unwrap();
                assert_eq!(expired, changed);
                for ((user_id, expected), version) in people.iter().zip(&chosen).zip(&versions) {
                    let kept = status(&fixture, *user_id).await;
                    assert_eq!((&kept.status, &kept.version), (expected, version));
                }
            }
        });
    }
}
