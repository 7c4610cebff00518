use crate::fixture::{Team, at, new_chat, new_message, new_notification, new_uuid, person};
use protocol::{ChatId, ChatRole, Message, UserId};
use store::{ChatChanges, ChatKey, ChatMember, Joined, Left, MAX_UNREAD, ReadUpTo, StoreError};

#[tokio::test]
async fn a_chat_begins_with_its_owner_and_is_found_by_id_and_slug() {
    let team = Team::new().await;
    let mut chat = new_chat("Release 2.0!", team.flowra.workspace_id);
    chat.topic = "What ships when".to_owned();
    let created = team
        .store()
        .create_chat(chat, team.jane.user_id)
        .await
        .unwrap();

    assert_eq!(created.slug, "release-2-0");
    assert_eq!(created.role, Some(ChatRole::Owner));
    assert_eq!((created.read_offset, created.unread), (0, 0));
    let keys = [
        ChatKey::Id(created.chat_id),
        ChatKey::Slug(team.flowra.workspace_id, "release-2-0"),
    ];
    for key in keys {
        let found = team.store().chat(team.jane.user_id, key).await.unwrap();
        assert_eq!(found.as_ref(), Some(&created));
    }
}

#[tokio::test]
async fn a_name_in_use_is_a_conflict_whatever_its_case_but_only_within_the_workspace() {
    let team = Team::new().await;
    let store = team.store();
    team.fixture.chat("Ärger", &team.flowra, &team.jane).await;
    for name in ["GENERAL", "general", "äRGER"] {
        let chat = new_chat(name, team.flowra.workspace_id);
        let error = store
            .create_chat(chat, team.jane.user_id)
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "This chat name is already taken.");
    }
    let other = team.fixture.workspace("Other", &team.jane).await;
    let elsewhere = team.fixture.chat("General", &other, &team.jane).await;
    assert_eq!(elsewhere.slug, "general");
    let names: Vec<_> = store
        .chats_of(team.jane.user_id, team.flowra.workspace_id)
        .await
        .unwrap()
        .into_iter()
        .map(|chat| chat.name)
        .collect();
    assert_eq!(names, ["general", "Ärger"]);
}

#[tokio::test]
async fn names_that_differ_only_in_signs_get_numbered_slugs() {
    let team = Team::new().await;
    let mut slugs = Vec::new();
    for name in ["general!", "general?", "日本語", "한국어", "chat"] {
        slugs.push(team.fixture.chat(name, &team.flowra, &team.jane).await.slug);
    }
    assert_eq!(
        slugs,
        ["general-2", "general-3", "chat-1", "chat-2", "chat"]
    );
}

#[tokio::test]
async fn who_is_not_in_the_workspace_cannot_make_see_or_join_a_chat_of_it() {
    let team = Team::new().await;
    let store = team.store();
    let eve = team.fixture.user("eve").await;
    let workspace_id = team.flowra.workspace_id;
    let chat_id = team.general.chat_id;

    let made = store
        .create_chat(new_chat("spies", workspace_id), eve.user_id)
        .await;
    assert!(matches!(made, Err(StoreError::NotFound)));
    for key in [ChatKey::Id(chat_id), ChatKey::Slug(workspace_id, "general")] {
        assert_eq!(store.chat(eve.user_id, key).await.unwrap(), None);
    }
    let joined = store.add_chat_member(chat_id, eve.user_id, ChatRole::Member, at(3), None);
    assert!(matches!(joined.await, Err(StoreError::NotFound)));
    assert_eq!(
        store
            .joinable_chats(eve.user_id, workspace_id)
            .await
            .unwrap(),
        []
    );
    assert_eq!(store.chats_of(eve.user_id, workspace_id).await.unwrap(), []);
    assert_eq!(store.chat_role(chat_id, eve.user_id).await.unwrap(), None);
    let found = store.chat(team.jane.user_id, ChatKey::Slug(workspace_id, "spies"));
    assert_eq!(found.await.unwrap(), None);
}

#[tokio::test]
async fn a_colleague_sees_and_can_join_public_chats_but_not_private_ones() {
    let team = Team::new().await;
    let store = team.store();
    let public = team.fixture.chat("design", &team.flowra, &team.jane).await;
    let secret = team
        .fixture
        .private_chat("salaries", &team.flowra, &team.jane)
        .await;
    let john = team.john.user_id;

    let joinable = store
        .joinable_chats(john, team.flowra.workspace_id)
        .await
        .unwrap();
    let seen = protocol::Chat {
        role: None,
        ..public.clone()
    };
    assert_eq!(joinable, std::slice::from_ref(&seen));
    let found = store.chat(john, ChatKey::Id(public.chat_id)).await.unwrap();
    assert_eq!(found, Some(seen));
    let hidden = store.chat(john, ChatKey::Id(secret.chat_id)).await.unwrap();
    assert_eq!(hidden, None);

    team.fixture.join(&secret, &team.john).await;
    let found = store.chat(john, ChatKey::Id(secret.chat_id)).await.unwrap();
    assert_eq!(found.unwrap().role, Some(ChatRole::Member));
}

#[tokio::test]
async fn a_change_of_name_or_topic_leaves_the_rest_and_the_slug() {
    let team = Team::new().await;
    let store = team.store();
    let chat_id = team.general.chat_id;
    let key = ChatKey::Slug(team.flowra.workspace_id, "general");
    let topic = ChatChanges {
        topic: Some("Everything".to_owned()),
        ..ChatChanges::default()
    };
    store.update_chat(chat_id, topic).await.unwrap();
    let name = ChatChanges {
        name: Some("Lobby".to_owned()),
        ..ChatChanges::default()
    };
    store.update_chat(chat_id, name.clone()).await.unwrap();
    store
        .update_chat(chat_id, ChatChanges::default())
        .await
        .unwrap();

    let chat = store.chat(team.jane.user_id, key).await.unwrap().unwrap();
    assert_eq!((&*chat.name, &*chat.topic), ("Lobby", "Everything"));
    let unknown = ChatId::from_uuid(new_uuid());
    let error = store.update_chat(unknown, name.clone()).await;
    assert!(matches!(error, Err(StoreError::NotFound)));

    let design = team.fixture.chat("design", &team.flowra, &team.jane).await;
    let error = store.update_chat(design.chat_id, name).await.unwrap_err();
    assert_eq!(error.to_string(), "This chat name is already taken.");
    let freed = team.fixture.chat("general", &team.flowra, &team.jane).await;
    assert_eq!(freed.slug, "general-2");
}

#[tokio::test]
async fn joining_twice_changes_nothing_and_leaving_is_told_apart_from_not_being_there() {
    let team = Team::new().await;
    let store = team.store();
    let (chat_id, john) = (team.general.chat_id, team.john.user_id);

    let again = store
        .add_chat_member(chat_id, john, ChatRole::Owner, at(9), None)
        .await;
    assert_eq!(again.unwrap(), Joined::Already);
    let role = store.chat_role(chat_id, john).await.unwrap();
    assert_eq!(role, Some(ChatRole::Member));
    let left = store.remove_chat_member(chat_id, john).await.unwrap();
    assert_eq!(left, Some(Left { cleared: None }));
    let left = store.remove_chat_member(chat_id, john).await.unwrap();
    assert_eq!(left, None);
    assert_eq!(store.chat_role(chat_id, john).await.unwrap(), None);

    let unknown = ChatId::from_uuid(new_uuid());
    let error = store
        .add_chat_member(unknown, john, ChatRole::Member, at(9), None)
        .await;
    assert!(matches!(error, Err(StoreError::NotFound)));
    let nobody = UserId::from_uuid(new_uuid());
    let error = store
        .add_chat_member(chat_id, nobody, ChatRole::Member, at(9), None)
        .await;
    assert!(matches!(error, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn when_the_last_owner_leaves_the_oldest_member_manages_the_chat() {
    let team = Team::new().await;
    let (store, chat_id) = (team.store(), team.general.chat_id);
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    team.fixture.join(&team.general, &bob).await;
    let roles = async || {
        let members = store.chat_members(chat_id).await.unwrap();
        let named = members.into_iter().map(|it| (it.person.username, it.role));
        named.collect::<Vec<_>>()
    };
    let is = |name: &str, role| (name.to_owned(), role);

    let leave = |user: &protocol::User| store.remove_chat_member(chat_id, user.user_id);
    assert!(leave(&team.jane).await.unwrap().is_some());
    let expected = [is("john", ChatRole::Owner), is("bob", ChatRole::Member)];
    assert_eq!(roles().await, expected);
    assert!(leave(&bob).await.unwrap().is_some());
    assert_eq!(roles().await, [is("john", ChatRole::Owner)]);
    let promoted = store.add_chat_member(chat_id, bob.user_id, ChatRole::Owner, at(9), None);
    promoted.await.unwrap();
    assert!(leave(&team.john).await.unwrap().is_some());
    assert_eq!(roles().await, [is("bob", ChatRole::Owner)]);
}

#[tokio::test]
async fn whoever_joins_a_chat_that_everybody_left_manages_it() {
    let team = Team::new().await;
    let (store, chat_id) = (team.store(), team.general.chat_id);
    for user in [&team.john, &team.jane] {
        let left = store.remove_chat_member(chat_id, user.user_id).await;
        assert!(left.unwrap().is_some());
    }
    let joinable = store.joinable_chats(team.john.user_id, team.flowra.workspace_id);
    assert_eq!(joinable.await.unwrap()[0].chat_id, chat_id);
    for (user, role) in [
        (&team.john, ChatRole::Owner),
        (&team.jane, ChatRole::Member),
    ] {
        team.fixture.join(&team.general, user).await;
        let given = store.chat_role(chat_id, user.user_id).await.unwrap();
        assert_eq!(given, Some(role));
    }
}

#[tokio::test]
async fn members_are_listed_in_the_order_of_joining() {
    let team = Team::new().await;
    let member = |user: &protocol::User, role| ChatMember {
        person: person(user),
        role,
    };
    let members = team
        .store()
        .chat_members(team.general.chat_id)
        .await
        .unwrap();
    let expected = [
        member(&team.jane, ChatRole::Owner),
        member(&team.john, ChatRole::Member),
    ];
    assert_eq!(members, expected);
    let nowhere = team
        .store()
        .chat_members(ChatId::from_uuid(new_uuid()))
        .await;
    assert_eq!(nowhere.unwrap(), []);
}

#[tokio::test]
async fn unread_are_the_messages_of_others_after_what_was_read_and_not_deleted() {
    let team = Team::new().await;
    let fixture = &team.fixture;
    let (chat_id, john) = (team.general.chat_id, team.john.user_id);
    fixture.say(&team.general, &team.john, "mine").await;
    let first = fixture.say(&team.general, &team.jane, "one").await;
    let second = fixture.say(&team.general, &team.jane, "two").await;
    fixture.say(&team.general, &team.jane, "three").await;
    assert_eq!(fixture.unread(&team.john, &team.general).await, 3);
    assert_eq!(fixture.unread(&team.jane, &team.general).await, 1);

    let read = team.store().set_read(chat_id, john, first.sequence).await;
    assert_eq!(read.unwrap(), Some(up_to(&first)));
    assert_eq!(fixture.unread(&team.john, &team.general).await, 2);

    let deleted = team
        .store()
        .delete_message(chat_id, second.id, team.jane.user_id, at(20));
    deleted.await.unwrap().unwrap();
    assert_eq!(fixture.unread(&team.john, &team.general).await, 1);
}

#[tokio::test]
async fn reading_only_moves_forward_and_never_past_the_newest_message() {
    let team = Team::new().await;
    let fixture = &team.fixture;
    let (chat_id, john) = (team.general.chat_id, team.john.user_id);
    let first = fixture.say(&team.general, &team.jane, "one").await;
    let second = fixture.say(&team.general, &team.jane, "two").await;
    let set_read = |sequence| team.store().set_read(chat_id, john, sequence);

    let read = set_read(u64::MAX).await.unwrap();
    assert_eq!(read, Some(up_to(&second)));
    assert_eq!(set_read(u64::MAX).await.unwrap(), None);
    assert_eq!(set_read(first.sequence).await.unwrap(), None);
    fixture.say(&team.general, &team.jane, "three").await;
    assert_eq!(fixture.unread(&team.john, &team.general).await, 1);
    let nobody = UserId::from_uuid(new_uuid());
    let stranger = team.store().set_read(chat_id, nobody, 1).await;
    assert_eq!(stranger.unwrap(), None);
}

#[tokio::test]
async fn who_joins_has_read_all_that_was_written_before() {
    let team = Team::new().await;
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let last = team.fixture.say(&team.general, &team.jane, "before").await;
    team.fixture.join(&team.general, &bob).await;

    let chats = team
        .store()
        .chats_of(bob.user_id, team.flowra.workspace_id)
        .await;
    let [general] = <[_; 1]>::try_from(chats.unwrap()).unwrap();
    assert_eq!((general.read_offset, general.unread), (last.sequence, 0));
    team.fixture.say(&team.general, &team.jane, "after").await;
    assert_eq!(team.fixture.unread(&bob, &team.general).await, 1);
}

#[tokio::test]
async fn counting_the_unread_stops_at_its_limit() {
    let team = Team::new().await;
    let message = |_| new_message(team.general.chat_id, team.jane.user_id, "again");
    let many = (0..MAX_UNREAD + 20).map(message).collect();
    team.store().append(many, new_notification).await.unwrap();
    assert_eq!(
        team.fixture.unread(&team.john, &team.general).await,
        MAX_UNREAD
    );
}

/// That a message is read, of which no notification was.
const fn up_to(message: &Message) -> ReadUpTo {
    ReadUpTo {
        sequence: message.sequence,
        cleared: None,
    }
}
