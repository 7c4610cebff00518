use crate::fixture::{Fixture, at, author, befriend, new_notification, new_uuid, person};
use protocol::{NotificationKind, Relations, UnreadNotifications, User, UserId, limits};
use std::slice::from_ref;
use store::{Asked, Ended, Noted, StoreError, StoredNotification};
use tokio::task::JoinSet;

async fn ask(fixture: &Fixture, asker: &User, asked: &User) -> Asked {
    let (asker, asked) = (asker.user_id, asked.user_id);
    let outcome = fixture
        .store
        .ask_friend(asker, asked, at(3), new_notification());
    outcome.await.unwrap()
}

async fn relations(fixture: &Fixture, user: &User) -> Relations {
    fixture.store.relations(user.user_id).await.unwrap()
}

async fn unread(fixture: &Fixture, user: &User) -> UnreadNotifications {
    let standing = fixture.store.standing(user.user_id).await;
    standing.unwrap().unread
}

async fn jane_and_john() -> (Fixture, User, User) {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let john = fixture.user("john").await;
    (fixture, jane, john)
}

#[tokio::test]
async fn who_is_asked_is_told_and_by_saying_yes_both_are_friends() {
    let (fixture, jane, john) = jane_and_john().await;
    let (store, id) = (&fixture.store, new_notification());

    let asked = store.ask_friend(jane.user_id, john.user_id, at(3), id);
    let request = StoredNotification {
        id,
        kind: NotificationKind::FriendRequest,
        actor: author(&jane),
        chat: None,
        text: String::new(),
        count: 1,
        at: at(3),
        is_read: false,
        version: 1,
    };
    let one = UnreadNotifications {
        unread: 1,
        version: 1,
    };
    let noted = Noted {
        user_id: john.user_id,
        notification: request,
        unread: one,
    };
    assert_eq!(asked.await.unwrap(), Asked::Requested(Some(noted)));
    assert_eq!(relations(&fixture, &jane).await.outgoing, [author(&john)]);
    assert_eq!(relations(&fixture, &john).await.incoming, [author(&jane)]);
    assert_eq!(store.circle(jane.user_id).await.unwrap().friends, []);

    let yes = new_notification();
    let answered = store.accept_friend(john.user_id, jane.user_id, at(4), yes);
    let answered = answered.await.unwrap().unwrap();
    let told = answered.noted;
    assert_eq!((told.user_id, told.unread), (jane.user_id, one));
    assert_eq!(told.notification.kind, NotificationKind::FriendAccepted);
    assert_eq!(told.notification.actor, author(&john));
    let cleared = answered.cleared.unwrap();
    assert_eq!((cleared.user_id, cleared.ids), (john.user_id, vec![id]));
    assert_eq!(cleared.unread.unread, 0);
    assert_eq!(cleared.unread.version, 2);
    assert_eq!(cleared.unread, unread(&fixture, &john).await);

    for (me, friend) in [(&jane, &john), (&john, &jane)] {
        let circle = store.circle(me.user_id).await.unwrap();
        assert_eq!(circle.friends, [person(friend)]);
        assert_eq!(relations(&fixture, me).await, Relations::default());
    }
}

#[tokio::test]
async fn asking_who_has_asked_is_saying_yes() {
    let (fixture, jane, john) = jane_and_john().await;
    let Asked::Requested(Some(request)) = ask(&fixture, &jane, &john).await else {
        panic!("john is told");
    };
    let Asked::Accepted(answered) = ask(&fixture, &john, &jane).await else {
        panic!("jane had asked");
    };
    assert_eq!(answered.noted.user_id, jane.user_id);
    let cleared = answered.cleared.unwrap();
    assert_eq!(cleared.user_id, john.user_id);
    assert_eq!(cleared.ids, [request.notification.id]);
    assert_eq!(unread(&fixture, &john).await.unread, 0);
    let friends = fixture.store.circle(john.user_id).await.unwrap().friends;
    assert_eq!(friends, [person(&jane)]);
}

#[tokio::test]
async fn two_who_ask_each_other_at_once_become_friends() {
    let (fixture, jane, john) = jane_and_john().await;
    for _ in 0..10 {
        let mut asks = JoinSet::new();
        for (asker, asked) in [(jane.user_id, john.user_id), (john.user_id, jane.user_id)] {
            let store = fixture.store.clone();
            asks.spawn(async move {
                let outcome = store.ask_friend(asker, asked, at(3), new_notification());
                outcome.await.unwrap()
            });
        }
        let outcomes = asks.join_all().await;
        let requested = |outcome: &&Asked| matches!(outcome, Asked::Requested(Some(_)));
        let accepted = |outcome: &&Asked| matches!(outcome, Asked::Accepted(_));
        assert_eq!(outcomes.iter().filter(requested).count(), 1);
        assert_eq!(outcomes.iter().filter(accepted).count(), 1);
        for (me, friend) in [(&jane, &john), (&john, &jane)] {
            let friends = fixture.store.circle(me.user_id).await.unwrap().friends;
            assert_eq!(friends, [person(friend)]);
            assert_eq!(relations(&fixture, me).await, Relations::default());
        }
        let ended = fixture
            .store
            .end_friendship(jane.user_id, john.user_id)
            .await;
        assert!(ended.unwrap().was_friend);
    }
}

#[tokio::test]
async fn asking_again_tells_nobody_again_and_changes_nothing() {
    let (fixture, jane, john) = jane_and_john().await;
    ask(&fixture, &jane, &john).await;
    let before = unread(&fixture, &john).await;
    assert_eq!(ask(&fixture, &jane, &john).await, Asked::AlreadyAsked);
    assert_eq!(unread(&fixture, &john).await, before);

    befriend(&fixture, &jane, &john).await;
    let before = [unread(&fixture, &jane).await, unread(&fixture, &john).await];
    for (asker, asked) in [(&jane, &john), (&john, &jane)] {
        assert_eq!(ask(&fixture, asker, asked).await, Asked::AlreadyFriends);
    }
    let after = [unread(&fixture, &jane).await, unread(&fixture, &john).await];
    assert_eq!(after, before);
}

#[tokio::test]
async fn nobody_befriends_themselves_or_somebody_unknown() {
    let (fixture, jane, _) = jane_and_john().await;
    let (store, jane) = (&fixture.store, jane.user_id);
    let nobody = UserId::from_uuid(new_uuid());
    for (asker, asked) in [(jane, jane), (jane, nobody), (nobody, jane)] {
        let error = store
            .ask_friend(asker, asked, at(3), new_notification())
            .await;
        assert!(matches!(error, Err(StoreError::NotFound)));
        let accepted = store.accept_friend(asker, asked, at(3), new_notification());
        assert_eq!(accepted.await.unwrap(), None);
        let ended = store.end_friendship(asker, asked).await;
        assert_eq!(ended.unwrap(), Ended::default());
    }
    assert_eq!(store.relations(nobody).await.unwrap(), Relations::default());
    let error = store.circle(nobody).await;
    assert!(matches!(error, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn a_request_that_is_declined_or_taken_back_leaves_no_trace() {
    let (fixture, jane, john) = jane_and_john().await;
    for (round, by, other) in [(0, &john, &jane), (1, &jane, &john)] {
        let Asked::Requested(Some(request)) = ask(&fixture, &jane, &john).await else {
            panic!("john is told");
        };
        let ended = fixture.store.end_friendship(by.user_id, other.user_id);
        let ended = ended.await.unwrap();
        assert!(ended.had_request && !ended.was_friend, "{round}");
        assert_eq!(ended.cleared.len(), 1);
        assert_eq!(ended.cleared[0].user_id, john.user_id);
        assert_eq!(ended.cleared[0].ids, [request.notification.id]);
        assert_eq!(ended.cleared[0].unread, unread(&fixture, &john).await);
        assert_eq!(ended.cleared[0].unread.unread, 0);

        let accepted =
            fixture
                .store
                .accept_friend(john.user_id, jane.user_id, at(5), new_notification());
        assert_eq!(accepted.await.unwrap(), None);
        for me in [&jane, &john] {
            assert_eq!(relations(&fixture, me).await, Relations::default());
            let list = fixture.store.notifications(me.user_id, None, 10).await;
            assert_eq!(list.unwrap(), []);
        }
    }
}

#[tokio::test]
async fn a_request_that_was_read_no_longer_waits_when_it_is_taken_back() {
    let (fixture, jane, john) = jane_and_john().await;
    ask(&fixture, &jane, &john).await;
    let read = fixture.store.read_notifications(john.user_id, None).await;
    let before = read.unwrap().unwrap().unread;

    let ended = fixture.store.end_friendship(jane.user_id, john.user_id);
    let ended = ended.await.unwrap();
    assert!(ended.had_request);
    assert_eq!(ended.cleared, []);
    let list = fixture.store.notifications(john.user_id, None, 10).await;
    assert_eq!(list.unwrap(), []);
    let after = unread(&fixture, &john).await;
    assert_eq!((after.unread, after.version), (0, before.version + 1));
}

#[tokio::test]
async fn a_request_is_accepted_once_and_by_who_was_asked() {
    let (fixture, jane, john) = jane_and_john().await;
    ask(&fixture, &jane, &john).await;
    let accept = |me: &User, asker: &User| {
        let (me, asker) = (me.user_id, asker.user_id);
        fixture
            .store
            .accept_friend(me, asker, at(5), new_notification())
    };
    assert_eq!(accept(&jane, &john).await.unwrap(), None);
    assert!(accept(&john, &jane).await.unwrap().is_some());
    assert_eq!(accept(&john, &jane).await.unwrap(), None);
    assert_eq!(unread(&fixture, &jane).await.unread, 1);
}

#[tokio::test]
async fn either_ends_a_friendship_for_both_and_ending_it_twice_changes_nothing() {
    let (fixture, jane, john) = jane_and_john().await;
    let end = |me: &User, other: &User| fixture.store.end_friendship(me.user_id, other.user_id);
    for (me, other) in [(&jane, &john), (&john, &jane)] {
        befriend(&fixture, &jane, &john).await;
        let ended = end(me, other).await.unwrap();
        assert!(ended.was_friend && !ended.had_request);
        for me in [&jane, &john] {
            let circle = fixture.store.circle(me.user_id).await.unwrap();
            assert_eq!(circle.friends, []);
        }
        let versions = [unread(&fixture, &jane).await, unread(&fixture, &john).await];
        assert_eq!(end(other, me).await.unwrap(), Ended::default());
        let after = [unread(&fixture, &jane).await, unread(&fixture, &john).await];
        assert_eq!(after, versions);
    }
}

#[tokio::test]
async fn requests_are_listed_by_name_whatever_its_case() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    for name in ["Zoë", "anna", "Émile", "bob", "Älva", "Carl"] {
        let mut new = crate::fixture::new_user(name);
        new.display_name = name.to_owned();
        let friend = fixture.store.create_user(new).await.unwrap();
        ask(&fixture, &friend, &jane).await;
    }
    let incoming = relations(&fixture, &jane).await.incoming;
    let names: Vec<_> = incoming.into_iter().map(|it| it.display_name).collect();
    assert_eq!(names, ["anna", "bob", "Carl", "Zoë", "Älva", "Émile"]);
}

#[tokio::test]
async fn a_restart_keeps_friends_requests_and_what_is_to_be_told() {
    let (fixture, jane, john) = jane_and_john().await;
    let eve = fixture.user("eve").await;
    befriend(&fixture, &jane, &john).await;
    ask(&fixture, &eve, &jane).await;
    let before = fixture.store.notifications(jane.user_id, None, 10).await;
    let before = before.unwrap();
    assert_eq!(before.len(), 2);

    let fixture = fixture.reopen().await;
    let friends = fixture.store.circle(jane.user_id).await.unwrap().friends;
    assert_eq!(friends, [person(&john)]);
    assert_eq!(
        relations(&fixture, &jane).await.incoming,
        from_ref(&author(&eve))
    );
    let after = fixture.store.notifications(jane.user_id, None, 10).await;
    assert_eq!(after.unwrap(), before);
}

#[tokio::test]
async fn nobody_has_more_friends_and_waiting_requests_than_the_limit() {
    let (fixture, jane, john) = jane_and_john().await;
    for number in 0..limits::MAX_FRIENDS {
        let other = fixture.user(&format!("user{number}")).await;
        let asked = ask(&fixture, &jane, &other).await;
        assert!(matches!(asked, Asked::Requested(Some(_))), "{number}");
        if number % 100 == 0 {
            befriend(&fixture, &jane, &other).await;
        }
    }
    assert_eq!(ask(&fixture, &jane, &john).await, Asked::TooMany);

    ask(&fixture, &john, &jane).await;
    assert_eq!(ask(&fixture, &jane, &john).await, Asked::TooMany);
    let (store, jane) = (&fixture.store, jane.user_id);
    let accept = || store.accept_friend(jane, john.user_id, at(5), new_notification());
    let error = accept().await.unwrap_err();
    assert_eq!(error.to_string(), "You cannot have any more friends.");
    assert_eq!(error.label(), "too_many");

    let waiting = store.relations(jane).await.unwrap().outgoing;
    let ended = store.end_friendship(jane, waiting[0].user_id).await;
    assert!(ended.unwrap().had_request);
    assert!(accept().await.unwrap().is_some());
}
