use crate::fixture::{
    Team, at, new_mention, new_message, new_notification, new_uuid, noted, stored,
};
use protocol::{ChatRole, MessageId, NotificationKind, User, UserId};
use store::{Appended, Joined, NewMessage, Store, StoredNotification};

async fn list(store: &Store, user: &User) -> Vec<StoredNotification> {
    store.notifications(user.user_id, None, 100).await.unwrap()
}

fn not_in_chat(user: &User) -> Appended {
    Appended::NotInChat {
        username: user.username.clone(),
        display_name: user.display_name.clone(),
    }
}

#[tokio::test]
async fn a_mention_notifies_a_member_of_the_chat_each_of_them_anew() {
    let team = Team::new().await;
    let first = new_mention(&team.general, &team.jane, &["john"]);
    let outcome = team.fixture.append_one(first).await;
    let message = stored(outcome.clone());
    let [told] = <[_; 1]>::try_from(noted(outcome)).unwrap();
    assert_eq!(told.user_id, team.john.user_id);
    assert_eq!(told.unread.unread, 1);
    let notification = told.notification;
    assert_eq!(notification.kind, NotificationKind::Mention);
    assert_eq!(notification.actor, message.author);
    assert_eq!(notification.text, "@john");
    assert_eq!(notification.at, message.sent_at);
    let place = notification.chat.clone().unwrap();
    assert_eq!((&*place.slug, &*place.name), ("general", "general"));
    assert_eq!(place.sequence, Some(message.sequence));

    let second = new_mention(&team.general, &team.jane, &["john"]);
    let [told] = <[_; 1]>::try_from(noted(team.fixture.append_one(second).await)).unwrap();
    assert_ne!(told.notification.id, notification.id);
    assert_eq!((told.notification.count, told.unread.unread), (1, 2));
    let listed = list(team.store(), &team.john).await;
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&notification));
    let fixture = team.fixture.reopen().await;
    assert_eq!(list(&fixture.store, &team.john).await, listed);
}

#[tokio::test]
async fn a_mention_of_a_colleague_who_is_not_in_the_chat_refuses_the_message_and_no_other() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let zoe = team.fixture.colleague("zoe", &team.flowra).await;
    let batch = vec![
        new_mention(&team.general, &team.jane, &["john"]),
        new_mention(&team.general, &team.jane, &["john", "bob"]),
        new_mention(&team.general, &zoe, &["bob"]),
        new_mention(&team.general, &team.john, &["jane"]),
    ];
    let outcomes = store.append(batch, new_notification).await.unwrap();
    let Ok([first, refused, of_stranger, last]) = <[_; 4]>::try_from(outcomes) else {
        panic!("one outcome for each message");
    };
    assert_eq!(stored(first).sequence, 1);
    assert_eq!(refused, not_in_chat(&bob));
    assert_eq!(of_stranger, Appended::NotMember);
    assert_eq!(stored(last.clone()).sequence, 2);
    assert_eq!(noted(last)[0].user_id, team.jane.user_id);
    assert_eq!(list(store, &team.john).await.len(), 1);
    assert_eq!(list(store, &bob).await, []);
    let history = store.history(team.general.chat_id, None, 10).await.unwrap();
    assert_eq!(history.messages.len(), 2);
    assert_eq!(store.newest_offset().await.unwrap(), 2);
}

#[tokio::test]
async fn a_name_of_nobody_in_the_workspace_is_plain_text_and_ones_own_notifies_nobody() {
    let team = Team::new().await;
    let eve = team.fixture.user("eve").await;
    let names = ["nobody", "eve", "jane", "'; DROP TABLE users; --"];
    let message = new_mention(&team.general, &team.jane, &names);
    assert_eq!(noted(team.fixture.append_one(message).await), []);
    for user in [&team.jane, &eve] {
        assert_eq!(list(team.store(), user).await, []);
    }
}

#[tokio::test]
async fn a_mention_notifies_nobody_where_one_has_blocked_the_other() {
    let team = Team::new().await;
    let blocked = team
        .store()
        .block(team.john.user_id, team.jane.user_id, at(1));
    assert!(blocked.await.unwrap().is_some());
    for (author, name) in [(&team.jane, "john"), (&team.john, "jane")] {
        let message = new_mention(&team.general, author, &[name]);
        assert_eq!(noted(team.fixture.append_one(message).await), []);
    }
}

#[tokio::test]
async fn a_message_sent_again_notifies_once_even_when_who_it_mentions_has_left() {
    let team = Team::new().await;
    let new = new_mention(&team.general, &team.jane, &["john"]);
    let again = || NewMessage {
        id: MessageId::from_uuid(new_uuid()),
        ..new.clone()
    };
    let twice = vec![new.clone(), again()];
    let outcomes = team.store().append(twice, new_notification).await.unwrap();
    let message = stored(outcomes[0].clone());
    assert_eq!(outcomes[1], Appended::Duplicate(message.clone()));
    let repeated = team.fixture.append_one(again()).await;
    assert_eq!(repeated, Appended::Duplicate(message.clone()));
    assert_eq!(list(team.store(), &team.john).await.len(), 1);

    let left = team
        .store()
        .remove_chat_member(team.general.chat_id, team.john.user_id);
    assert!(left.await.unwrap().is_some());
    let repeated = team.fixture.append_one(again()).await;
    assert_eq!(repeated, Appended::Duplicate(message));
}

#[tokio::test]
async fn a_batch_notifies_each_person_in_the_order_of_its_messages() {
    let team = Team::new().await;
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    team.fixture.join(&team.general, &bob).await;
    let batch = vec![
        new_mention(&team.general, &team.jane, &["bob", "john"]),
        new_mention(&team.general, &bob, &["john", "jane"]),
    ];
    let outcomes = team.store().append(batch, new_notification).await.unwrap();
    let told: Vec<Vec<(UserId, u64)>> = outcomes
        .into_iter()
        .map(|outcome| {
            let noted = noted(outcome);
            noted
                .iter()
                .map(|it| (it.user_id, it.unread.version))
                .collect()
        })
        .collect();
    let (jane, john) = (team.jane.user_id, team.john.user_id);
    assert_eq!(
        told,
        [[(john, 1), (bob.user_id, 1)], [(jane, 1), (john, 2)]]
    );
}

#[tokio::test]
async fn reading_a_chat_reads_its_notifications_up_to_there() {
    let team = Team::new().await;
    let (fixture, store) = (&team.fixture, team.store());
    let design = fixture.chat("design", &team.flowra, &team.jane).await;
    fixture.join(&design, &team.john).await;
    let mut messages = Vec::new();
    for chat in [&team.general, &team.general, &design] {
        let mention = new_mention(chat, &team.jane, &["john"]);
        messages.push(stored(fixture.append_one(mention).await));
    }
    let (chat_id, john) = (team.general.chat_id, team.john.user_id);
    let read = async |sequence| {
        let read = store.set_read(chat_id, john, sequence).await.unwrap();
        read.and_then(|read| read.cleared)
    };
    let waiting = async || -> Vec<u64> {
        let listed = list(store, &team.john).await;
        let unread = listed.into_iter().filter(|it| !it.is_read);
        let mut sequences: Vec<_> = unread
            .filter_map(|it| it.chat.and_then(|chat| chat.sequence))
            .collect();
        sequences.sort_unstable();
        sequences
    };
    let cleared = read(messages[0].sequence).await.unwrap();
    assert_eq!((cleared.ids.len(), cleared.unread.unread), (1, 2));
    assert_eq!(waiting().await, [2, 3]);
    assert_eq!(read(messages[0].sequence).await, None);
    let cleared = read(u64::MAX).await.unwrap();
    assert_eq!(cleared.unread.unread, 1);
    assert_eq!(waiting().await, [3]);
}

#[tokio::test]
async fn who_leaves_a_chat_loses_its_notifications() {
    let team = Team::new().await;
    let (fixture, store) = (&team.fixture, team.store());
    let design = fixture.chat("design", &team.flowra, &team.jane).await;
    fixture.join(&design, &team.john).await;
    for chat in [&team.general, &design] {
        let mention = new_mention(chat, &team.jane, &["john"]);
        stored(fixture.append_one(mention).await);
    }
    let left = store.remove_chat_member(team.general.chat_id, team.john.user_id);
    let cleared = left.await.unwrap().unwrap().cleared.unwrap();
    assert_eq!((cleared.ids.len(), cleared.unread.unread), (1, 1));
    let listed = list(store, &team.john).await;
    let places: Vec<_> = listed.into_iter().filter_map(|it| it.chat).collect();
    assert_eq!(places.len(), 1);
    assert_eq!(places[0].chat_id, design.chat_id);
}

#[tokio::test]
async fn who_is_added_to_a_chat_by_somebody_else_is_told_so() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let zoe = team.fixture.colleague("zoe", &team.flowra).await;
    let blocked = store.block(zoe.user_id, team.jane.user_id, at(1));
    assert!(blocked.await.unwrap().is_some());
    let add = |user: &User| {
        let (chat_id, role) = (team.general.chat_id, ChatRole::Member);
        let invited = Some((team.jane.user_id, new_notification()));
        store.add_chat_member(chat_id, user.user_id, role, at(3), invited)
    };
    let Joined::Added(Some(told)) = add(&bob).await.unwrap() else {
        panic!("Bob was added and not told");
    };
    assert_eq!(told.user_id, bob.user_id);
    assert_eq!(told.notification.kind, NotificationKind::Invitation);
    assert_eq!(told.notification.actor.user_id, team.jane.user_id);
    let place = told.notification.chat.clone().unwrap();
    assert_eq!((&*place.name, place.sequence), ("general", None));
    assert_eq!(add(&bob).await.unwrap(), Joined::Already);
    assert_eq!(list(store, &bob).await, [told.notification]);
    assert_eq!(add(&zoe).await.unwrap(), Joined::Added(None));
    assert_eq!(list(store, &zoe).await, []);
}

#[tokio::test]
async fn the_text_of_a_deleted_message_is_gone_from_its_notification() {
    let team = Team::new().await;
    let mention = new_mention(&team.general, &team.jane, &["john"]);
    let message = stored(team.fixture.append_one(mention).await);
    let deleted =
        team.store()
            .delete_message(message.chat_id, message.id, team.jane.user_id, at(20));
    assert!(deleted.await.unwrap().is_some());
    let listed = list(team.store(), &team.john).await;
    assert_eq!((listed.len(), &*listed[0].text), (1, ""));
}

#[tokio::test]
async fn a_message_without_mentions_tells_nobody_in_a_channel() {
    let team = Team::new().await;
    let plain = new_message(team.general.chat_id, team.jane.user_id, "@john");
    assert_eq!(noted(team.fixture.append_one(plain).await), []);
    let standing = team.store().standing(team.john.user_id).await;
    assert_eq!(standing.unwrap().unread.version, 0);
}
