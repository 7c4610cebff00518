use crate::fixture::{
    Team, at, new_direct, new_mention, new_message, new_notification, new_uuid, noted, person,
    stored,
};
use protocol::{
    Author, Chat, ChatKind, ChatRole, NotificationKind, User, WorkspaceId, WorkspaceRole,
};
use std::collections::BTreeSet;
use store::{
    Appended, ChatChanges, ChatKey, Direct, Joined, NewDirect, NewMessage, Store, StoreError,
};
use tokio::task::JoinSet;

fn author(user: &User) -> Author {
    Author {
        user_id: user.user_id,
        display_name: user.display_name.clone(),
    }
}

async fn seen_by(store: &Store, reader: &User, chat: &Chat) -> Chat {
    let found = store.chat(reader.user_id, ChatKey::Id(chat.chat_id)).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn the_same_people_have_one_direct_chat_in_a_workspace_whoever_opens_it() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let workspace_id = team.flowra.workspace_id;
    let first = new_direct(workspace_id, &[&team.jane, &team.john]);
    let Direct::Created(chat) = store.open_direct(first.clone()).await.unwrap() else {
        panic!("they had none");
    };
    assert_eq!(chat.chat_id, first.chat_id);

    let again = new_direct(
        workspace_id,
        &[&team.john, &team.jane, &team.john, &team.jane],
    );
    let seen = seen_by(store, &team.john, &chat).await;
    let opened = store.open_direct(again).await.unwrap();
    assert_eq!(opened, Direct::Existing(seen));

    let three = [&team.jane, &team.john, &bob];
    let group = team.fixture.direct(&team.flowra, &three).await;
    assert_ne!(group.chat_id, chat.chat_id);
    let other = team.fixture.workspace("Other", &team.jane).await;
    let joined = store.add_workspace_member(
        other.workspace_id,
        team.john.user_id,
        WorkspaceRole::Member,
        at(1),
    );
    assert!(joined.await.unwrap());
    let pair = [&team.jane, &team.john];
    let elsewhere = team.fixture.direct(&other, &pair).await;
    assert_ne!(elsewhere.chat_id, chat.chat_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_open_their_direct_chat_at_once_open_the_same_one() {
    let team = Team::new().await;
    let mut openings = JoinSet::new();
    for round in 0..16 {
        let pair = match round % 2 {
            0 => [&team.jane, &team.john],
            _ => [&team.john, &team.jane],
        };
        let (store, direct) = (
            team.store().clone(),
            new_direct(team.flowra.workspace_id, &pair),
        );
        openings.spawn(async move { store.open_direct(direct).await.unwrap() });
    }
    let opened = openings.join_all().await;
    let created = opened.iter().filter(|it| matches!(it, Direct::Created(_)));
    assert_eq!(created.count(), 1);
    let ids: BTreeSet<_> = opened
        .iter()
        .map(|direct| match direct {
            Direct::Created(chat) | Direct::Existing(chat) => chat.chat_id,
            Direct::Blocked => panic!("nobody has blocked anybody"),
        })
        .collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn nobody_has_a_direct_chat_alone_or_with_somebody_outside_the_workspace() {
    let team = Team::new().await;
    let eve = team.fixture.user("eve").await;
    let flowra = team.flowra.workspace_id;
    let nowhere = WorkspaceId::from_uuid(new_uuid());
    let refused = [
        new_direct(flowra, &[&team.jane]),
        new_direct(flowra, &[&team.jane, &team.jane]),
        new_direct(flowra, &[&team.jane, &eve]),
        new_direct(flowra, &[&team.jane, &team.john, &eve]),
        new_direct(flowra, &[&eve, &team.jane]),
        new_direct(nowhere, &[&team.jane, &team.john]),
    ];
    for direct in refused {
        let error = team.store().open_direct(direct).await;
        assert!(matches!(error, Err(StoreError::NotFound)), "{error:?}");
    }
    let chats = team.store().chats_of(team.jane.user_id, flowra).await;
    assert_eq!(chats.unwrap().len(), 1);
    let unused = team
        .fixture
        .direct(&team.flowra, &[&team.jane, &team.john])
        .await;
    let taken = NewDirect {
        chat_id: unused.chat_id,
        ..new_direct(
            flowra,
            &[
                &team.jane,
                &team.fixture.colleague("bob", &team.flowra).await,
            ],
        )
    };
    let error = team.store().open_direct(taken).await;
    assert!(matches!(error, Err(StoreError::Conflict { .. })));
}

#[tokio::test]
async fn each_sees_a_direct_chat_under_the_names_of_the_others() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let zoe = team.fixture.colleague("zoe", &team.flowra).await;
    let pair = team
        .fixture
        .direct(&team.flowra, &[&team.john, &team.jane])
        .await;
    let group = team
        .fixture
        .direct(&team.flowra, &[&team.jane, &team.john, &bob])
        .await;
    let expected = Chat {
        slug: group.chat_id.to_string(),
        kind: ChatKind::Direct,
        name: "BOB, JOHN".to_owned(),
        topic: String::new(),
        is_private: true,
        people: vec![author(&bob), author(&team.john)],
        role: Some(ChatRole::Member),
        ..group.clone()
    };
    assert_eq!(group, expected);
    assert_eq!(seen_by(store, &bob, &group).await.name, "JANE, JOHN");
    let slug = ChatKey::Slug(team.flowra.workspace_id, &group.slug);
    let found = store.chat(team.john.user_id, slug).await.unwrap().unwrap();
    assert_eq!(found.people, [author(&bob), author(&team.jane)]);

    let listed = store.chats_of(team.jane.user_id, team.flowra.workspace_id);
    let listed = listed.await.unwrap();
    let names: Vec<_> = listed.iter().map(|chat| chat.name.as_str()).collect();
    assert_eq!(names, ["BOB, JOHN", "general", "JOHN"]);
    assert_eq!(listed[0], group);
    assert_eq!(listed[1].kind, ChatKind::Channel);
    assert_eq!(listed[1].people, []);
    assert_eq!(listed[2].chat_id, pair.chat_id);

    for chat in [&pair, &group] {
        let hidden = store.chat(zoe.user_id, ChatKey::Id(chat.chat_id)).await;
        assert_eq!(hidden.unwrap(), None);
    }
    let joinable = store.joinable_chats(zoe.user_id, team.flowra.workspace_id);
    assert_eq!(joinable.await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_members_and_the_name_of_a_direct_chat_never_change() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let chat = team
        .fixture
        .direct(&team.flowra, &[&team.jane, &team.john])
        .await;
    let add = |user: &User| {
        let (user_id, role) = (user.user_id, ChatRole::Owner);
        let invited = Some((team.jane.user_id, new_notification()));
        store.add_chat_member(chat.chat_id, user_id, role, at(3), invited)
    };
    assert!(matches!(add(&bob).await, Err(StoreError::NotFound)));
    assert_eq!(add(&team.john).await.unwrap(), Joined::Already);
    let left = store.remove_chat_member(chat.chat_id, team.john.user_id);
    assert_eq!(left.await.unwrap(), None);
    let changes = ChatChanges {
        name: Some("Us".to_owned()),
        topic: Some("Them".to_owned()),
    };
    let changed = store.update_chat(chat.chat_id, changes).await;
    assert!(matches!(changed, Err(StoreError::NotFound)));

    assert_eq!(seen_by(store, &team.jane, &chat).await, chat);
    let members = store.chat_members(chat.chat_id).await.unwrap();
    let roles: Vec<_> = members.iter().map(|it| (&it.person, it.role)).collect();
    let (jane, john) = (person(&team.jane), person(&team.john));
    assert_eq!(
        roles,
        [(&jane, ChatRole::Member), (&john, ChatRole::Member)]
    );
}

#[tokio::test]
async fn two_of_whom_one_has_blocked_the_other_open_no_direct_chat_but_share_groups() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let blocked = store.block(team.john.user_id, team.jane.user_id, at(1));
    assert!(blocked.await.unwrap().is_some());
    for pair in [[&team.jane, &team.john], [&team.john, &team.jane]] {
        let direct = new_direct(team.flowra.workspace_id, &pair);
        let opened = store.open_direct(direct).await.unwrap();
        assert_eq!(opened, Direct::Blocked);
    }
    let three = [&team.jane, &team.john, &bob];
    let group = team.fixture.direct(&team.flowra, &three).await;
    assert_eq!(group.name, "BOB, JOHN");

    assert!(
        store
            .unblock(team.john.user_id, team.jane.user_id)
            .await
            .unwrap()
    );
    let pair = [&team.jane, &team.john];
    team.fixture.direct(&team.flowra, &pair).await;
}

#[tokio::test]
async fn partners_are_all_who_share_a_direct_chat_each_once() {
    let team = Team::new().await;
    let store = team.store();
    let zoe = team.fixture.colleague("zoe", &team.flowra).await;
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let other = team.fixture.workspace("Other", &team.jane).await;
    let eve = team.fixture.colleague("eve", &other).await;
    let partners = async |of: &User| {
        let mut partners = store.circle(of.user_id).await.unwrap().partners;
        partners.sort_by(|one, other| one.username.cmp(&other.username));
        partners
    };
    assert_eq!(partners(&team.jane).await, []);
    for people in [&[&team.jane, &zoe][..], &[&bob, &team.jane, &zoe]] {
        team.fixture.direct(&team.flowra, people).await;
    }
    team.fixture.direct(&other, &[&team.jane, &eve]).await;

    let met = partners(&team.jane).await;
    assert_eq!(met, [person(&bob), person(&eve), person(&zoe)]);
    assert_eq!(partners(&team.john).await, []);
}

#[tokio::test]
async fn a_member_mutes_a_chat_for_themselves_alone() {
    let team = Team::new().await;
    let store = team.store();
    let (chat_id, jane) = (team.general.chat_id, team.jane.user_id);
    let eve = team.fixture.user("eve").await;
    assert!(!store.set_muted(chat_id, jane, false).await.unwrap());
    assert!(store.set_muted(chat_id, jane, true).await.unwrap());
    assert!(!store.set_muted(chat_id, jane, true).await.unwrap());
    assert!(!store.set_muted(chat_id, eve.user_id, true).await.unwrap());
    assert!(seen_by(store, &team.jane, &team.general).await.is_muted);
    assert!(!seen_by(store, &team.john, &team.general).await.is_muted);
    assert!(store.set_muted(chat_id, jane, false).await.unwrap());
    assert!(!seen_by(store, &team.jane, &team.general).await.is_muted);
}

#[tokio::test]
async fn unread_direct_messages_count_in_one_notification_and_begin_anew_once_read() {
    let team = Team::new().await;
    let (fixture, store) = (&team.fixture, team.store());
    let chat = fixture
        .direct(&team.flowra, &[&team.jane, &team.john])
        .await;
    let send = async |text: &str| {
        let new = new_message(chat.chat_id, team.jane.user_id, text);
        let outcome = fixture.append_one(new).await;
        let message = stored(outcome.clone());
        let [told] = <[_; 1]>::try_from(noted(outcome)).unwrap();
        (message, told)
    };
    let (_, first) = send("one").await;
    let (message, second) = send("two").await;
    assert_eq!(first.user_id, team.john.user_id);
    assert_eq!(first.notification.kind, NotificationKind::DirectMessage);
    assert_eq!(first.notification.actor, author(&team.jane));
    assert_eq!(first.notification.count, 1);
    assert_eq!(second.notification.id, first.notification.id);
    assert_eq!(second.notification.count, 2);
    assert_eq!(second.notification.text, "two");
    assert_eq!(second.unread.unread, 1);
    assert!(second.unread.version > first.unread.version);
    let place = second.notification.chat.unwrap();
    assert_eq!(
        (place.chat_id, place.sequence),
        (chat.chat_id, Some(message.sequence))
    );

    let read = store.set_read(chat.chat_id, team.john.user_id, message.sequence);
    let cleared = read.await.unwrap().unwrap().cleared.unwrap();
    assert_eq!(cleared.user_id, team.john.user_id);
    assert_eq!(cleared.ids, [first.notification.id]);
    assert_eq!(cleared.unread.unread, 0);
    let (_, third) = send("three").await;
    assert_ne!(third.notification.id, first.notification.id);
    assert_eq!(third.notification.count, 1);
    let own = store.notifications(team.jane.user_id, None, 10).await;
    assert_eq!(own.unwrap(), []);
}

#[tokio::test]
async fn in_a_group_everybody_else_is_told_but_where_one_has_blocked_the_other() {
    let team = Team::new().await;
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let zoe = team.fixture.colleague("zoe", &team.flowra).await;
    let all = [&team.jane, &team.john, &bob, &zoe];
    let group = team.fixture.direct(&team.flowra, &all).await;
    let pairs = [(&team.john, &team.jane), (&team.jane, &zoe)];
    for (one, other) in pairs {
        let blocked = team.store().block(one.user_id, other.user_id, at(1));
        assert!(blocked.await.unwrap().is_some());
    }
    let told = async |message: NewMessage| {
        let noted = noted(team.fixture.append_one(message).await);
        noted.into_iter().map(|it| it.user_id).collect::<Vec<_>>()
    };
    let mentions = new_mention(&group, &team.jane, &["john", "nobody"]);
    assert_eq!(told(mentions).await, [bob.user_id]);
    let from_bob = new_message(group.chat_id, bob.user_id, "Hello");
    let others = [team.jane.user_id, team.john.user_id, zoe.user_id];
    assert_eq!(told(from_bob).await, others);
}

#[tokio::test]
async fn between_two_of_whom_one_has_blocked_the_other_nothing_is_said_any_more() {
    let team = Team::new().await;
    let (fixture, store) = (&team.fixture, team.store());
    let eve = fixture.colleague("eve", &team.flowra).await;
    let chat = fixture
        .direct(&team.flowra, &[&team.jane, &team.john])
        .await;
    let sent = new_message(chat.chat_id, team.jane.user_id, "Hello");
    let hello = stored(fixture.append_one(sent.clone()).await);
    let blocked = store.block(team.john.user_id, team.jane.user_id, at(1));
    assert!(blocked.await.unwrap().is_some());

    let batch = vec![
        new_message(team.general.chat_id, team.jane.user_id, "before"),
        new_message(chat.chat_id, team.jane.user_id, "refused"),
        new_message(chat.chat_id, team.john.user_id, "refused too"),
        new_message(chat.chat_id, eve.user_id, "a stranger's"),
        sent,
        new_message(team.general.chat_id, team.john.user_id, "after"),
    ];
    let outcomes = store.append(batch, new_notification).await.unwrap();
    let Ok([before, of_jane, of_john, of_eve, again, after]) = <[_; 6]>::try_from(outcomes) else {
        panic!("one outcome for each message");
    };
    assert_eq!((of_jane, of_john), (Appended::Blocked, Appended::Blocked));
    assert_eq!(of_eve, Appended::NotMember);
    assert_eq!(again, Appended::Duplicate(hello.clone()));
    assert_eq!((stored(before).sequence, stored(after).sequence), (2, 3));

    let (id, jane) = (hello.id, team.jane.user_id);
    let edited = store.edit_message(chat.chat_id, id, jane, "More", at(20));
    assert_eq!(edited.await.unwrap(), None);
    let deleted = store.delete_message(chat.chat_id, id, jane, at(20));
    assert!(deleted.await.unwrap().is_some());
}
