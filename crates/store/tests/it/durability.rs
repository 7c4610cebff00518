//! What is acknowledged stays, whatever the engine.

use crate::fixture::{
    Fixture, Team, at, new_mention, new_message, new_notification, new_session, new_user, new_uuid,
    stored,
};
use protocol::Epoch;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use store::{NewMessage, Store, WorkspaceKey};

#[tokio::test]
async fn a_restart_keeps_the_epoch_and_everything_else() {
    let team = Team::new().await;
    let epoch = team.store().epoch();
    let message = team.fixture.say(&team.general, &team.jane, "Hello").await;
    let session = new_session(&team.jane, 1, 100);
    team.store().create_session(session, None).await.unwrap();
    let seen = [(team.john.user_id, at(7))];
    team.store().record_last_seen(&seen).await.unwrap();
    let before = team
        .store()
        .chat_members(team.general.chat_id)
        .await
        .unwrap();

    let fixture = team.fixture.reopen().await;
    let store = &fixture.store;

    assert_eq!(store.epoch(), epoch);
    assert_eq!(store.newest_offset().await.unwrap(), 1);
    let history = store.history(team.general.chat_id, None, 10).await.unwrap();
    assert_eq!(history.messages, [message]);
    let members = store.chat_members(team.general.chat_id).await.unwrap();
    assert_eq!(members, before);
    let key = WorkspaceKey::Slug("flowra");
    let flowra = store.workspace(team.jane.user_id, key).await.unwrap();
    assert_eq!(flowra, Some(team.flowra));
    let signed_in = store.session_by_token(&[1; 32], at(0)).await.unwrap();
    assert_eq!(signed_in.unwrap().user, team.jane);
    let next = fixture.say(&team.general, &team.john, "Again").await;
    assert_eq!(next.offset, 2);
}

#[tokio::test]
async fn two_stores_have_different_epochs_and_a_clone_has_the_same() {
    let (one, other) = (Fixture::new().await, Fixture::new().await);
    assert_ne!(one.store.epoch(), other.store.epoch());
    assert_eq!(one.store.clone().epoch(), one.store.epoch());
}

#[tokio::test]
async fn a_closed_store_is_unavailable_on_every_clone() {
    let team = Team::new().await;
    let clone = team.store().clone();
    clone.ping().await.unwrap();
    team.store().close().await;
    assert_eq!(clone.ping().await.unwrap_err().label(), "unavailable");
    let error = clone.create_user(new_user("eve")).await.unwrap_err();
    assert_eq!(error.label(), "unavailable");
}

#[tokio::test]
async fn two_stores_on_one_database_share_one_stream() {
    let team = Team::new().await;
    let epoch = Epoch::from_uuid(new_uuid());
    let other = Store::open(&team.fixture.url(), epoch).await.unwrap();
    assert_eq!(other.epoch(), team.store().epoch());
    let mut offsets = Vec::new();
    for round in 0..10 {
        let store = if round % 2 == 0 { team.store() } else { &other };
        let new = new_message(team.general.chat_id, team.jane.user_id, "Hello");
        let message = stored(
            store
                .append(vec![new], new_notification)
                .await
                .unwrap()
                .remove(0),
        );
        offsets.push(message.offset);
    }
    assert!(offsets.into_iter().eq(1..=10));
    assert_eq!(team.store().newest_offset().await.unwrap(), 10);
}

#[tokio::test]
async fn an_append_that_is_cancelled_at_any_point_leaves_all_of_it_or_nothing() {
    const POLLS: usize = 40;
    let team = Team::new().await;
    let chat_id = team.general.chat_id;
    for polls in 1..=POLLS {
        let batch = vec![
            new_message(chat_id, team.jane.user_id, "first"),
            NewMessage {
                text: "second".to_owned(),
                ..new_mention(&team.general, &team.jane, &["john"])
            },
        ];
        {
            let mut append = pin!(team.store().append(batch, new_notification));
            let mut polled = 0;
            // Each poll but the first follows a step forward.
            poll_fn(|context| {
                polled += 1;
                match append.as_mut().poll(context) {
                    Poll::Pending if polled < polls => Poll::Pending,
                    _ => Poll::Ready(()),
                }
            })
            .await;
        }
        team.fixture.say(&team.general, &team.john, "after").await;
    }
    let history = team.store().history(chat_id, None, 1_000).await.unwrap();
    let texts: String = history.messages.iter().map(|m| &m.text[..1]).collect();
    assert!(
        history
            .messages
            .iter()
            .map(|m| m.sequence)
            .eq(1..=texts.len() as u64)
    );
    assert_eq!(texts.replace("fs", "").replace('a', ""), "");
    assert_eq!(texts.matches('a').count(), POLLS);
    let whole = texts.matches("fs").count();
    assert!(0 < whole && whole < POLLS, "{texts}");
    let told = team.store().standing(team.john.user_id).await;
    let told = usize::try_from(told.unwrap().unread.unread).unwrap();
    assert_eq!(told, whole);
}
