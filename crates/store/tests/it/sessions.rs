use crate::fixture::{Fixture, at, new_session, new_uuid};
use protocol::{SessionId, User};
use std::collections::BTreeSet;
use store::{SessionSummary, SignedIn, StoreError};

#[tokio::test]
async fn a_session_is_found_by_its_token_and_by_its_id_until_it_expires() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let session = new_session(&jane, 1, 100);
    let session_id = session.session_id;
    fixture.store.create_session(session, None).await.unwrap();

    let signed_in = Some(SignedIn {
        session_id,
        user: jane,
        expires_at: at(100),
    });
    let by_token = |now| fixture.store.session_by_token(&[1; 32], at(now));
    let by_id = |now| fixture.store.session(session_id, at(now));
    assert_eq!(by_token(99).await.unwrap(), signed_in);
    assert_eq!(by_id(99).await.unwrap(), signed_in);
    assert_eq!(by_token(100).await.unwrap(), None);
    assert_eq!(by_id(100).await.unwrap(), None);
    let other = fixture.store.session_by_token(&[2; 32], at(0)).await;
    assert_eq!(other.unwrap(), None);
}

#[tokio::test]
async fn an_extended_session_lasts_longer_and_an_ended_one_stays_ended() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let session = new_session(&jane, 1, 100);
    let session_id = session.session_id;
    fixture.store.create_session(session, None).await.unwrap();

    assert!(
        fixture
            .store
            .extend_session(session_id, at(200))
            .await
            .unwrap()
    );
    let signed_in = fixture.store.session(session_id, at(150)).await.unwrap();
    assert_eq!(signed_in.unwrap().expires_at, at(200));

    let john = fixture.user("john").await;
    let delete = async |user: &User| {
        let deleted = fixture.store.delete_session(user.user_id, session_id);
        deleted.await.unwrap()
    };
    assert!(!delete(&john).await, "it is not his");
    assert!(delete(&jane).await);
    assert!(!delete(&jane).await);
    assert!(
        !fixture
            .store
            .extend_session(session_id, at(300))
            .await
            .unwrap()
    );
    assert_eq!(
        fixture.store.session(session_id, at(0)).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn a_person_sees_their_own_sessions_and_no_others() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let john = fixture.user("john").await;
    let mut second = new_session(&jane, 2, 100);
    second.created_at = at(5);
    let first = new_session(&jane, 1, 100);
    let summary = |session: &store::NewSession| SessionSummary {
        session_id: session.session_id,
        user_agent: session.user_agent.clone(),
        created_at: session.created_at,
        expires_at: session.expires_at,
    };
    let expected = [summary(&first), summary(&second)];
    for session in [second, new_session(&john, 3, 100), first] {
        fixture.store.create_session(session, None).await.unwrap();
    }
    let sessions = fixture.store.sessions_of(jane.user_id).await.unwrap();
    assert_eq!(sessions, expected);
}

/// They are more than one statement asks for: what each of them answers counts.
#[tokio::test]
async fn of_many_sessions_those_are_named_that_hold_no_longer() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let mut asked = Vec::new();
    for n in 0..150 {
        let expires_at = if n % 50 == 7 { 50 } else { 100 };
        let session = new_session(&jane, n, expires_at);
        asked.push(session.session_id);
        fixture.store.create_session(session, None).await.unwrap();
    }
    let ended = async |now| {
        let ended = fixture.store.sessions_that_ended(&asked, at(now));
        BTreeSet::from_iter(ended.await.unwrap())
    };
    assert_eq!(ended(49).await, BTreeSet::new());
    let run_out = BTreeSet::from([asked[7], asked[57], asked[107]]);
    assert_eq!(ended(50).await, run_out);
    let deleted = fixture.store.delete_session(jane.user_id, asked[120]);
    assert!(deleted.await.unwrap());
    assert_eq!(ended(49).await, BTreeSet::from([asked[120]]));
    let nothing = fixture.store.sessions_that_ended(&[], at(50));
    assert_eq!(nothing.await.unwrap(), []);
}

#[tokio::test]
async fn expired_sessions_are_deleted_and_named_with_whose_they_were() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let john = fixture.user("john").await;
    let sessions = [
        new_session(&jane, 1, 100),
        new_session(&jane, 2, 101),
        new_session(&john, 3, 50),
    ];
    let ids = sessions.each_ref().map(|session| session.session_id);
    for session in sessions {
        fixture.store.create_session(session, None).await.unwrap();
    }

    let mut ended = fixture
        .store
        .delete_expired_sessions(at(100))
        .await
        .unwrap();
    ended.sort_unstable();
    let mut expected = [(jane.user_id, ids[0]), (john.user_id, ids[2])];
    expected.sort_unstable();

    assert_eq!(ended, expected);
    let left = fixture.store.sessions_of(jane.user_id).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].session_id, ids[1]);
    let again = fixture.store.delete_expired_sessions(at(100)).await;
    assert_eq!(again.unwrap(), []);
}

#[tokio::test]
async fn whoever_proved_an_account_by_a_password_that_was_replaced_meanwhile_has_no_session() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let checked = fixture.store.credentials("jane").await.unwrap().unwrap();
    let changed = fixture.store.set_password_hash(jane.user_id, "another");
    changed.await.unwrap();
    let create = async |token: u8, hash: &str| {
        let session = new_session(&jane, token, 100);
        let created = fixture.store.create_session(session, Some(hash));
        created.await.unwrap()
    };
    assert!(!create(1, &checked.password_hash).await);
    let sessions = async || fixture.store.sessions_of(jane.user_id).await.unwrap();
    assert_eq!(sessions().await, []);
    assert!(create(2, "another").await);
    assert_eq!(sessions().await.len(), 1);
}

#[tokio::test]
async fn a_session_of_an_unknown_account_is_not_found_and_a_token_cannot_be_used_twice() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let mut foreign = new_session(&jane, 1, 100);
    foreign.user_id = protocol::UserId::from_uuid(new_uuid());
    let foreign_id = foreign.session_id;

    let error = fixture.store.create_session(foreign, None).await;
    assert!(matches!(error, Err(StoreError::NotFound)));
    assert_eq!(
        fixture.store.session(foreign_id, at(0)).await.unwrap(),
        None
    );

    let first = new_session(&jane, 1, 100);
    fixture.store.create_session(first, None).await.unwrap();
    let error = fixture
        .store
        .create_session(new_session(&jane, 1, 100), None)
        .await;
    assert!(matches!(error, Err(StoreError::Conflict { .. })));
    let nobody = SessionId::from_uuid(new_uuid());
    let deleted = fixture.store.delete_session(jane.user_id, nobody).await;
    assert!(!deleted.unwrap());
}
