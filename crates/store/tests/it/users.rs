use crate::fixture::{Fixture, Team, at, new_user, new_uuid};
use protocol::UserId;
use std::collections::BTreeSet;
use store::StoreError;
use tokio::task::JoinSet;

#[tokio::test]
async fn the_first_account_is_an_administrator_and_no_later_one_is() {
    let fixture = Fixture::new().await;
    assert!(!fixture.store.has_users().await.unwrap());

    let jane = fixture.user("jane").await;
    let john = fixture.user("john").await;

    assert!(fixture.store.has_users().await.unwrap());
    assert!(jane.is_admin);
    assert!(!john.is_admin);
    assert_eq!(fixture.store.user(jane.user_id).await.unwrap(), Some(jane));
    assert_eq!(
        fixture.store.user_by_username("john").await.unwrap(),
        Some(john)
    );
}

#[tokio::test]
async fn of_many_first_accounts_at_once_exactly_one_is_an_administrator() {
    let fixture = Fixture::new().await;
    let mut sign_ups = JoinSet::new();
    for number in 0..12 {
        let store = fixture.store.clone();
        sign_ups.spawn(async move {
            let user = new_user(&format!("user{number}"));
            store.create_user(user).await.unwrap()
        });
    }
    let users = sign_ups.join_all().await;
    assert_eq!(users.iter().filter(|user| user.is_admin).count(), 1);
}

#[tokio::test]
async fn a_taken_username_is_a_conflict_and_changes_nothing() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;

    let error = fixture.store.create_user(new_user("jane")).await;
    let error = error.unwrap_err();

    assert_eq!(error.to_string(), "This username is already taken.");
    assert_eq!(error.label(), "conflict");
    let kept = fixture.store.user_by_username("jane").await.unwrap();
    assert_eq!(kept, Some(jane));
}

#[tokio::test]
async fn of_many_who_want_one_username_at_once_one_gets_it() {
    let fixture = Fixture::new().await;
    let mut sign_ups = JoinSet::new();
    for _ in 0..12 {
        let store = fixture.store.clone();
        sign_ups.spawn(async move { store.create_user(new_user("jane")).await });
    }
    let outcomes = sign_ups.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let refused = outcomes.into_iter().filter_map(Result::err);
    assert!(refused.into_iter().all(|error| error.label() == "conflict"));
}

#[tokio::test]
async fn credentials_are_found_by_username_and_follow_a_new_password() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;

    let credentials = fixture.store.credentials("jane").await.unwrap().unwrap();
    assert_eq!(credentials.user, jane);
    assert_eq!(credentials.password_hash, "hash of jane's password");

    let changed = fixture.store.set_password_hash(jane.user_id, "another");
    changed.await.unwrap();
    let credentials = fixture.store.credentials("jane").await.unwrap().unwrap();
    assert_eq!(credentials.password_hash, "another");
}

#[tokio::test]
async fn an_unknown_person_has_no_account_no_credentials_and_no_password_to_set() {
    let fixture = Fixture::new().await;
    let nobody = UserId::from_uuid(new_uuid());
    assert_eq!(fixture.store.user(nobody).await.unwrap(), None);
    assert_eq!(fixture.store.user_by_username("jane").await.unwrap(), None);
    assert!(fixture.store.credentials("jane").await.unwrap().is_none());
    let error = fixture.store.set_password_hash(nobody, "x").await;
    assert!(matches!(error, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn last_seen_never_moves_backwards_and_ignores_who_is_unknown() {
    let team = Team::new().await;
    let (jane, john) = (team.jane.user_id, team.john.user_id);
    let nobody = UserId::from_uuid(new_uuid());

    let seen = [
        (john, at(50)),
        (nobody, at(99)),
        (jane, at(10)),
        (jane, at(30)),
    ];
    team.store().record_last_seen(&seen).await.unwrap();
    let older = [(jane, at(20)), (john, at(60))];
    team.store().record_last_seen(&older).await.unwrap();
    team.store().record_last_seen(&[]).await.unwrap();

    let members = team.store().chat_members(team.general.chat_id).await;
    let seen: Vec<_> = members
        .unwrap()
        .into_iter()
        .map(|member| (member.person.user_id, member.person.last_seen))
        .collect();
    assert_eq!(seen, [(jane, Some(at(30))), (john, Some(at(60)))]);
}

#[tokio::test]
async fn people_are_found_however_many_are_asked_for() {
    let fixture = Fixture::new().await;
    let mut ids = Vec::new();
    for n in 0..130 {
        ids.push(fixture.user(&format!("person{n}")).await.user_id);
    }
    let stranger = UserId::from_uuid(new_uuid());
    ids.push(stranger);
    let people = fixture.store.people(&ids).await.unwrap();
    let found: BTreeSet<_> = people.iter().map(|person| person.user_id).collect();
    let expected: BTreeSet<_> = ids.into_iter().filter(|id| *id != stranger).collect();
    assert_eq!(found, expected);
    assert_eq!(fixture.store.people(&[]).await.unwrap(), []);
}
