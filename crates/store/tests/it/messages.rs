use crate::fixture::{Team, at, new_message, new_notification, new_uuid, stored};
use protocol::{Author, ChatId, Message, MessageId};
use std::collections::BTreeSet;
use std::slice::from_ref;
use store::{Appended, NewMessage};
use tokio::task::JoinSet;

#[tokio::test]
async fn messages_get_consecutive_offsets_and_are_given_back_as_stored() {
    let team = Team::new().await;
    assert_eq!(team.store().newest_offset().await.unwrap(), 0);
    let new = new_message(team.general.chat_id, team.jane.user_id, "Hello");
    let expected = Message {
        chat_id: new.chat_id,
        id: new.id,
        client_id: new.client_id,
        author: Author {
            user_id: team.jane.user_id,
            display_name: "JANE".to_owned(),
        },
        text: "Hello".to_owned(),
        sent_at: new.sent_at,
        edited_at: None,
        deleted_at: None,
        sequence: 1,
        offset: 1,
    };
    assert_eq!(
        team.fixture.append_one(new).await,
        Appended::Stored {
            message: expected.clone(),
            noted: Vec::new(),
        }
    );
    let second = team.fixture.say(&team.general, &team.john, "Hi").await;

    assert_eq!((second.sequence, second.offset), (2, 2));
    assert_eq!(team.store().newest_offset().await.unwrap(), 2);
    let history = team.store().history(team.general.chat_id, None, 10).await;
    let history = history.unwrap();
    assert_eq!(history.messages, [expected, second]);
    assert!(!history.has_more);
}

#[tokio::test]
async fn in_a_batch_one_refusal_is_no_obstacle_to_the_others() {
    let team = Team::new().await;
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let general = team.general.chat_id;
    let first = new_message(general, team.jane.user_id, "first");
    let again = NewMessage {
        id: MessageId::from_uuid(new_uuid()),
        text: "sent again".to_owned(),
        ..first.clone()
    };
    let batch = vec![
        first.clone(),
        new_message(general, bob.user_id, "not a member"),
        new_message(
            ChatId::from_uuid(new_uuid()),
            team.jane.user_id,
            "no such chat",
        ),
        new_message(general, team.jane.user_id, "NUL \0"),
        again,
        new_message(general, team.john.user_id, "last"),
    ];
    let outcomes = team.store().append(batch, new_notification).await.unwrap();

    let Ok([one, stranger, nowhere, nul, repeated, last]) = <[_; 6]>::try_from(outcomes) else {
        panic!("one outcome for each message");
    };
    let one = stored(one);
    assert_eq!((one.id, one.sequence), (first.id, 1));
    assert_eq!(stranger, Appended::NotMember);
    assert_eq!(nowhere, Appended::NotMember);
    assert_eq!(nul, Appended::BadValue);
    assert_eq!(repeated, Appended::Duplicate(one));
    assert_eq!(stored(last).sequence, 2);
    assert_eq!(team.store().newest_offset().await.unwrap(), 2);
    assert_eq!(
        team.store()
            .append(Vec::new(), new_notification)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn a_message_sent_again_is_stored_once_and_given_in_its_newest_form() {
    let team = Team::new().await;
    let new = new_message(team.general.chat_id, team.jane.user_id, "Hello");
    let message = stored(team.fixture.append_one(new.clone()).await);
    let (chat_id, jane) = (message.chat_id, team.jane.user_id);
    let edited = team
        .store()
        .edit_message(chat_id, message.id, jane, "Hello!", at(20));
    let edited = edited.await.unwrap().unwrap();

    let again = NewMessage {
        id: MessageId::from_uuid(new_uuid()),
        ..new.clone()
    };
    assert_eq!(
        team.fixture.append_one(again).await,
        Appended::Duplicate(edited.clone())
    );
    let left = team.store().remove_chat_member(chat_id, jane).await;
    assert!(left.unwrap().is_some());
    assert_eq!(
        team.fixture.append_one(new).await,
        Appended::Duplicate(edited)
    );
    assert_eq!(team.store().newest_offset().await.unwrap(), 2);
}

#[tokio::test]
async fn two_people_may_choose_the_same_client_id() {
    let team = Team::new().await;
    let of_jane = new_message(team.general.chat_id, team.jane.user_id, "mine");
    let of_john = NewMessage {
        client_id: of_jane.client_id,
        ..new_message(team.general.chat_id, team.john.user_id, "mine too")
    };
    let outcomes = team
        .store()
        .append(vec![of_jane, of_john], new_notification)
        .await
        .unwrap();
    assert!(
        outcomes
            .into_iter()
            .map(stored)
            .map(|m| m.sequence)
            .eq([1, 2])
    );
}

#[tokio::test]
async fn of_one_message_sent_many_times_at_once_one_is_stored() {
    let team = Team::new().await;
    let new = new_message(team.general.chat_id, team.jane.user_id, "Hello");
    let mut sends = JoinSet::new();
    for _ in 0..16 {
        let store = team.store().clone();
        let message = NewMessage {
            id: MessageId::from_uuid(new_uuid()),
            ..new.clone()
        };
        sends.spawn(async move {
            store
                .append(vec![message], new_notification)
                .await
                .unwrap()
                .remove(0)
        });
    }
    let outcomes = sends.join_all().await;
    let ids: BTreeSet<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Appended::Stored { message, .. } | Appended::Duplicate(message) => message.id,
            other => panic!("{other:?}"),
        })
        .collect();
    let stored = |outcome: &&Appended| matches!(outcome, Appended::Stored { .. });
    assert_eq!(outcomes.iter().filter(stored).count(), 1);
    assert_eq!(ids.len(), 1);
    assert_eq!(team.store().newest_offset().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_at_once_leave_no_gap_in_the_offsets() {
    let team = Team::new().await;
    let mut writers = JoinSet::new();
    for writer in 0..8 {
        let store = team.store().clone();
        let (chat_id, jane) = (team.general.chat_id, team.jane.user_id);
        writers.spawn(async move {
            let mut offsets = Vec::new();
            for number in 0..10 {
                let new = new_message(chat_id, jane, &format!("{writer}.{number}"));
                let message = stored(
                    store
                        .append(vec![new], new_notification)
                        .await
                        .unwrap()
                        .remove(0),
                );
                offsets.push(message.offset);
                let edit = store.edit_message(chat_id, message.id, jane, "edited", at(11));
                offsets.push(edit.await.unwrap().unwrap().offset);
            }
            assert!(offsets.is_sorted(), "{offsets:?}");
            offsets
        });
    }
    let offsets: BTreeSet<_> = writers.join_all().await.into_iter().flatten().collect();
    assert!(offsets.into_iter().eq(1..=160));
    assert_eq!(team.store().newest_offset().await.unwrap(), 160);
}

#[tokio::test]
async fn an_edit_changes_the_text_and_takes_a_new_offset_but_keeps_its_place() {
    let team = Team::new().await;
    let (chat_id, jane) = (team.general.chat_id, team.jane.user_id);
    let first = team.fixture.say(&team.general, &team.jane, "Helo").await;
    team.fixture.say(&team.general, &team.john, "?").await;

    let edited = team
        .store()
        .edit_message(chat_id, first.id, jane, "Hello", at(20));
    let expected = Message {
        text: "Hello".to_owned(),
        edited_at: Some(at(20)),
        offset: 3,
        ..first
    };
    assert_eq!(edited.await.unwrap(), Some(expected.clone()));
    let history = team.store().history(chat_id, None, 10).await.unwrap();
    assert_eq!(history.messages[0], expected);
    assert_eq!(team.store().newest_offset().await.unwrap(), 3);
}

#[tokio::test]
async fn a_deleted_message_keeps_its_place_without_its_text() {
    let team = Team::new().await;
    let (chat_id, jane) = (team.general.chat_id, team.jane.user_id);
    let message = team.fixture.say(&team.general, &team.jane, "Oops").await;
    let deleted = team
        .store()
        .delete_message(chat_id, message.id, jane, at(20));
    let expected = Message {
        text: String::new(),
        deleted_at: Some(at(20)),
        offset: 2,
        ..message.clone()
    };
    assert_eq!(deleted.await.unwrap(), Some(expected.clone()));
    let history = team.store().history(chat_id, None, 10).await.unwrap();
    assert_eq!(history.messages, [expected]);

    let again = team
        .store()
        .delete_message(chat_id, message.id, jane, at(30));
    assert_eq!(again.await.unwrap(), None);
    let edit = team
        .store()
        .edit_message(chat_id, message.id, jane, "Undo", at(30));
    assert_eq!(edit.await.unwrap(), None);
    assert_eq!(team.store().newest_offset().await.unwrap(), 2);
}

#[tokio::test]
async fn only_the_author_changes_a_message_and_only_in_its_chat_and_while_in_it() {
    let team = Team::new().await;
    let store = team.store();
    let message = team.fixture.say(&team.general, &team.john, "Mine").await;
    let design = team.fixture.chat("design", &team.flowra, &team.john).await;
    let (general, jane, john) = (message.chat_id, team.jane.user_id, team.john.user_id);
    let unknown = MessageId::from_uuid(new_uuid());
    let wrong = [
        (general, message.id, jane),
        (design.chat_id, message.id, john),
        (general, unknown, john),
    ];
    for (chat_id, id, author) in wrong {
        let edit = store
            .edit_message(chat_id, id, author, "Theirs", at(20))
            .await;
        assert_eq!(edit.unwrap(), None);
        let delete = store.delete_message(chat_id, id, author, at(20)).await;
        assert_eq!(delete.unwrap(), None);
    }
    let left = store.remove_chat_member(general, john).await;
    assert!(left.unwrap().is_some());
    let edit = store
        .edit_message(general, message.id, john, "Gone", at(20))
        .await;
    assert_eq!(edit.unwrap(), None);
    let history = store.history(general, None, 10).await.unwrap();
    assert_eq!(history.messages, [message]);
    assert_eq!(store.newest_offset().await.unwrap(), 1);
}

#[tokio::test]
async fn history_comes_in_pages_from_the_newest_back() {
    let team = Team::new().await;
    for number in 1..=5 {
        team.fixture
            .say(&team.general, &team.jane, &number.to_string())
            .await;
    }
    let page = async |before, limit| {
        let page = team
            .store()
            .history(team.general.chat_id, before, limit)
            .await;
        let page = page.unwrap();
        let texts: String = page.messages.into_iter().map(|m| m.text).collect();
        (texts, page.has_more)
    };
    assert_eq!(page(None, 2).await, ("45".to_owned(), true));
    assert_eq!(page(Some(4), 2).await, ("23".to_owned(), true));
    assert_eq!(page(Some(2), 2).await, ("1".to_owned(), false));
    assert_eq!(page(Some(1), 2).await, (String::new(), false));
    assert_eq!(page(Some(u64::MAX), 5).await, ("12345".to_owned(), false));
    assert_eq!(page(None, 0).await, (String::new(), true));
    assert_eq!(page(None, u32::MAX).await, ("12345".to_owned(), false));
}

#[tokio::test]
async fn what_changed_is_told_only_to_who_is_in_the_chat() {
    let team = Team::new().await;
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let design = team.fixture.chat("design", &team.flowra, &team.jane).await;
    let hello = team.fixture.say(&team.general, &team.jane, "Hello").await;
    let draft = team.fixture.say(&design, &team.jane, "A draft").await;
    let (jane, john) = (team.jane.user_id, team.john.user_id);
    let edit = team
        .store()
        .edit_message(hello.chat_id, hello.id, jane, "Hi", at(20));
    let hi = edit.await.unwrap().unwrap();

    let since = |user, offset| team.store().changes_since(user, offset, 10);
    assert_eq!(since(jane, 0).await.unwrap(), [draft.clone(), hi.clone()]);
    assert_eq!(since(jane, 2).await.unwrap(), from_ref(&hi));
    assert_eq!(since(jane, 3).await.unwrap(), []);
    assert_eq!(since(jane, u64::MAX).await.unwrap(), []);
    assert_eq!(since(john, 0).await.unwrap(), [hi]);
    assert_eq!(since(bob.user_id, 0).await.unwrap(), []);
    let first = team.store().changes_since(jane, 0, 1).await.unwrap();
    assert_eq!(first, [draft]);
}

#[tokio::test]
async fn the_changes_of_all_chats_are_found_in_their_order_each_where_it_is_newest() {
    let team = Team::new().await;
    let other = team
        .fixture
        .chat("other", &team.flowra, &team.jane)
        .await
        .chat_id;
    let general = team.general.chat_id;
    let first = team.fixture.say(&team.general, &team.john, "first").await;
    team.fixture.say(&team.general, &team.jane, "second").await;
    let elsewhere = new_message(other, team.jane.user_id, "elsewhere");
    let elsewhere = stored(team.fixture.append_one(elsewhere).await);
    let (store, john) = (team.store(), team.john.user_id);
    let edited = store.edit_message(general, first.id, john, "first, edited", at(9));
    let edited = edited.await.unwrap().unwrap();

    let between = |after, until, limit| store.changes_between(after, until, limit);
    let all = between(0, u64::MAX, 10).await.unwrap();
    assert_eq!(all, [(2, general), (3, other), (4, general)]);
    assert_eq!(between(2, 3, 10).await.unwrap(), [(3, other)]);
    assert_eq!(between(0, 4, 1).await.unwrap(), [(2, general)]);
    assert_eq!(store.change_at(1).await.unwrap(), None);
    assert_eq!(store.change_at(3).await.unwrap(), Some(elsewhere));
    assert_eq!(store.change_at(4).await.unwrap(), Some(edited));
    let mut joined = store.chats_joined(team.jane.user_id).await.unwrap();
    joined.sort();
    let mut expected = vec![general, other];
    expected.sort();
    assert_eq!(joined, expected);
}
