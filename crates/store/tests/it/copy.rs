//! Moving to another database: everything arrives, once, and nothing is lost by doing it again.

use crate::fixture::{
    Fixture, Team, at, befriend, new_mention, new_message, new_notification, new_session, new_uuid,
};
use protocol::{Mode, NotificationId, Status};
use std::fmt::Debug;
use store::{ChatKey, Copied, CopyError, NewInvitation, NewMessage, Store, WorkspaceKey};

/// A team in a file that has used everything that is stored.
async fn busy_team() -> Team {
    let team = Team::in_a_file().await;
    let (fixture, store) = (&team.fixture, team.store());
    let bob = fixture.colleague("bob", &team.flowra).await;
    fixture
        .private_chat("board", &team.flowra, &team.jane)
        .await;
    befriend(fixture, &team.jane, &team.john).await;
    let asked = store.ask_friend(bob.user_id, team.jane.user_id, at(4), new_notification());
    asked.await.unwrap();
    store
        .block(team.john.user_id, bob.user_id, at(5))
        .await
        .unwrap();
    store
        .create_session(new_session(&team.jane, 7, 1_000), None)
        .await
        .unwrap();
    let invitation = NewInvitation {
        token_hash: [9; 32],
        workspace_id: team.flowra.workspace_id,
        created_by: team.jane.user_id,
        created_at: at(6),
        expires_at: at(1_000),
        uses_left: 3,
    };
    store.create_invitation(invitation).await.unwrap();
    let status = Status {
        mode: Mode::Dnd,
        mode_until: Some(at(500)),
        text: "Łódź 🚆".to_owned(),
        ..Status::default()
    };
    store.set_status(team.john.user_id, &status).await.unwrap();
    store
        .record_last_seen(&[(bob.user_id, at(8))])
        .await
        .unwrap();
    let direct = fixture
        .direct(&team.flowra, &[&team.jane, &team.john])
        .await;
    fixture.say(&direct, &team.jane, "psst").await;
    let mention = new_mention(&team.general, &team.jane, &["john"]);
    fixture.append_one(mention).await;
    let many: Vec<NewMessage> = (0..1_234)
        .map(|n| {
            new_message(
                team.general.chat_id,
                team.jane.user_id,
                &format!("{n} \u{1f4ac}"),
            )
        })
        .collect();
    let new_id = || NotificationId::from_uuid(new_uuid());
    store.append(many, new_id).await.unwrap();
    let deleted = fixture.say(&team.general, &team.john, "never mind").await;
    store
        .delete_message(team.general.chat_id, deleted.id, team.john.user_id, at(9))
        .await
        .unwrap();
    store
        .set_muted(team.general.chat_id, team.john.user_id, true)
        .await
        .unwrap();
    team
}

fn shown(found: impl Debug) -> String {
    format!("{found:?}\n")
}

/// What a store says of a team, as text.
async fn everything(store: &Store, team: &Team) -> String {
    let flowra = team.flowra.workspace_id;
    let mut all = shown((store.epoch(), store.newest_offset().await.unwrap()));
    for username in ["jane", "john", "bob"] {
        let user = store.user_by_username(username).await.unwrap().unwrap();
        let id = user.user_id;
        all += &shown(&user);
        let credentials = store.credentials(username).await.unwrap().unwrap();
        all += &shown(credentials.password_hash);
        all += &shown(store.sessions_of(id).await.unwrap());
        all += &shown(store.status(id).await.unwrap());
        all += &shown(store.circle(id).await.unwrap());
        all += &shown(store.notifications(id, None, 100).await.unwrap());
        all += &shown(store.standing(id).await.unwrap());
        all += &shown(store.workspace(id, WorkspaceKey::Id(flowra)).await.unwrap());
        let chats = store.chats_of(id, flowra).await.unwrap();
        for chat in &chats {
            all += &shown(store.chat_members(chat.chat_id).await.unwrap());
            all += &shown(store.history(chat.chat_id, None, 5_000).await.unwrap());
        }
        all += &shown(&chats);
    }
    all += &shown(store.workspace_members(flowra).await.unwrap());
    all + &shown(store.invitation(&[9; 32], at(7)).await.unwrap())
}

async fn copy(source: &Store, target: &Store) -> Result<Vec<Copied>, CopyError> {
    let mut told = Vec::new();
    target
        .copy_from(source, false, |copied| told.push(copied))
        .await?;
    Ok(told)
}

#[tokio::test]
async fn a_copy_holds_everything_and_each_table_is_counted() {
    let team = busy_team().await;
    let target = Fixture::to_copy_into(team.store().epoch()).await;
    let told = copy(team.store(), &target.store).await.unwrap();
    let before = everything(team.store(), &team).await;
    assert!(before.contains("1233 \u{1f4ac}") && before.contains("Łódź 🚆"));
    assert_eq!(everything(&target.store, &team).await, before);
    let rows = |table| told.iter().find(|it| it.table == table).unwrap().rows;
    assert_eq!((rows("users"), rows("messages")), (3, 1_237));
    assert!(told.iter().all(|copied| copied.rows > 0), "{told:?}");

    // And one goes on there.
    let said = target
        .say(&team.general, &team.john, "in the new place")
        .await;
    assert_eq!(said.offset, team.store().newest_offset().await.unwrap() + 1);
}

#[tokio::test]
async fn a_copy_can_be_made_again_until_somebody_uses_it() {
    let team = busy_team().await;
    let target = Fixture::to_copy_into(team.store().epoch()).await;
    let first = copy(team.store(), &target.store).await.unwrap();
    assert_eq!(copy(team.store(), &target.store).await.unwrap(), first);
    team.fixture
        .say(&team.general, &team.jane, "one more")
        .await;
    copy(team.store(), &target.store).await.unwrap();
    let now = everything(&target.store, &team).await;
    assert!(now.contains("one more"));

    // A server starts with it, and somebody's password is changed there: no row more.
    let used = Store::open(&target.url(), team.store().epoch())
        .await
        .unwrap();
    used.set_password_hash(team.jane.user_id, "changed in the copy")
        .await
        .unwrap();
    let refused = copy(team.store(), &target.store).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the database to copy into has been used since it was copied, or is the original, or was copied \
         by an older version: nothing was changed; choose an empty one, or replace it and lose what is only \
         there (--replace)"
    );
    let kept = everything(&target.store, &team).await;
    assert!(kept.contains("changed in the copy"));

    target
        .store
        .copy_from(team.store(), true, |_| ())
        .await
        .unwrap();
    assert_eq!(everything(&target.store, &team).await, now);
    // And again it is a copy that nobody has used.
    copy(team.store(), &target.store).await.unwrap();
}

/// A tab that had seen the newest message took those that came after the copy was replaced for old.
#[tokio::test]
async fn what_is_written_after_a_copy_was_replaced_is_new_to_whoever_saw_what_it_replaced() {
    let team = busy_team().await;
    let target = Fixture::to_copy_into(team.store().epoch()).await;
    copy(team.store(), &target.store).await.unwrap();
    let seen = target.say(&team.general, &team.jane, "in the copy").await;
    let refused = copy(team.store(), &target.store).await.unwrap_err();
    assert!(matches!(refused, CopyError::Used), "{refused}");
    let kept = everything(&target.store, &team).await;
    assert!(kept.contains("in the copy"));

    let replaced = target.store.copy_from(team.store(), true, |_| ());
    replaced.await.unwrap();
    let next = target.say(&team.general, &team.jane, "afterwards").await;
    assert_eq!(next.offset, seen.offset + 1);
}

#[tokio::test]
async fn a_database_in_use_is_not_copied_onto_itself() {
    let team = busy_team().await;
    let refused = copy(team.store(), team.store()).await.unwrap_err();
    assert!(matches!(refused, CopyError::Used), "{refused}");
}

#[tokio::test]
async fn a_copy_never_replaces_another_history() {
    let team = busy_team().await;
    let other = Team::new().await;
    let refused = copy(team.store(), other.store()).await.unwrap_err();
    assert!(matches!(refused, CopyError::OtherHistory), "{refused}");
    let key = ChatKey::Id(other.general.chat_id);
    let kept = other.store().chat(other.jane.user_id, key).await.unwrap();
    assert!(kept.is_some());
}

#[tokio::test]
async fn there_is_a_way_back() {
    let team = busy_team().await;
    let there = Fixture::to_copy_into(team.store().epoch()).await;
    let back = Fixture::file_to_copy_into(team.store().epoch()).await;
    copy(team.store(), &there.store).await.unwrap();
    copy(&there.store, &back.store).await.unwrap();
    let before = everything(team.store(), &team).await;
    assert_eq!(everything(&back.store, &team).await, before);
}
