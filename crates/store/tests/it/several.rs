//! Several servers at one database: whatever they do at the same moment, each thing happens once and
//! none is refused for the others' sake.

use crate::fixture::{
    Fixture, Team, at, new_direct, new_message, new_notification, new_session, new_user, stored,
};
use protocol::{Chat, NotificationKind, Status, User, WorkspaceRole};
use std::collections::BTreeSet;
use std::sync::Arc;
use store::{Direct, NewInvitation, Store, StoreError};
use tokio::task::JoinSet;

const SERVERS: usize = 3;
const TASKS: usize = 12;

/// Stores that share the data of one.
async fn servers(fixture: &Fixture) -> Vec<Store> {
    let mut servers = vec![fixture.store.clone()];
    while servers.len() < SERVERS {
        let (url, epoch) = (fixture.url(), fixture.store.epoch());
        servers.push(Store::open(&url, epoch).await.unwrap());
    }
    servers
}

/// Does something in many tasks at once, each on the next of the servers, and gives what came of it.
async fn all_at_once<T, F>(servers: &[Store], act: impl Fn(usize, Store) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        tasks.spawn(act(task, servers[task % servers.len()].clone()));
    }
    tasks.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn offsets_have_no_gaps_and_follow_each_other_whoever_writes() {
    let team = Team::new().await;
    let servers = servers(&team.fixture).await;
    let (chat_id, jane) = (team.general.chat_id, team.jane.user_id);
    let offsets = all_at_once(&servers, |task, store| async move {
        let mut offsets = Vec::new();
        for n in 0..10 {
            let message = new_message(chat_id, jane, &format!("{task}, {n}"));
            let appended = store.append(vec![message], new_notification).await.unwrap();
            offsets.extend(appended.into_iter().map(|it| stored(it).offset));
            assert!(offsets.is_sorted(), "in the order in which they were sent");
        }
        offsets
    });
    let offsets: BTreeSet<_> = offsets.await.into_iter().flatten().collect();
    assert!(offsets.into_iter().eq(1..=10 * TASKS as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_gets_a_name_and_one_becomes_the_administrator() {
    let fixture = Fixture::new().await;
    let servers = servers(&fixture).await;
    let created = all_at_once(&servers, |_, store| async move {
        store.create_user(new_user("jane")).await
    });
    let (made, refused): (Vec<_>, Vec<_>) = created.await.into_iter().partition(Result::is_ok);
    assert_eq!(made.len(), 1);
    let is_conflict = |it: &Result<User, _>| matches!(it, Err(StoreError::Conflict { .. }));
    assert!(refused.iter().all(is_conflict), "{refused:?}");
    let others = all_at_once(&servers, |task, store| async move {
        let user = new_user(&format!("user{task}"));
        store.create_user(user).await.unwrap().is_admin
    });
    assert!(!others.await.contains(&true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_invitation_is_used_no_more_often_than_it_says() {
    let team = Team::new().await;
    let servers = servers(&team.fixture).await;
    let invitation = NewInvitation {
        token_hash: [1; 32],
        workspace_id: team.flowra.workspace_id,
        created_by: team.jane.user_id,
        created_at: at(0),
        expires_at: at(1_000),
        uses_left: 4,
    };
    team.store().create_invitation(invitation).await.unwrap();
    let joined = all_at_once(&servers, |task, store| async move {
        let user = new_user(&format!("user{task}"));
        let user = store.create_user(user).await.unwrap().user_id;
        let joined = store.redeem_invitation(&[1; 32], at(1), user).await;
        joined.unwrap().is_some()
    });
    assert_eq!(joined.await.into_iter().filter(|it| *it).count(), 4);
    let members = team.store().workspace_members(team.flowra.workspace_id);
    assert_eq!(members.await.unwrap().len(), 2 + 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_ask_each_other_at_once_are_friends_and_each_is_told_once() {
    let team = Team::new().await;
    let servers = servers(&team.fixture).await;
    let (jane, john) = (team.jane.user_id, team.john.user_id);
    all_at_once(&servers, |task, store| async move {
        let (asker, asked) = if task % 2 == 0 {
            (jane, john)
        } else {
            (john, jane)
        };
        let asked = store.ask_friend(asker, asked, at(1), new_notification());
        asked.await.unwrap();
    })
    .await;
    for (me, other) in [(jane, john), (john, jane)] {
        let circle = team.store().circle(me).await.unwrap();
        assert_eq!(
            circle
                .friends
                .iter()
                .map(|it| it.user_id)
                .collect::<Vec<_>>(),
            [other]
        );
        let relations = team.store().relations(me).await.unwrap();
        assert!(relations.incoming.is_empty() && relations.outgoing.is_empty());
    }
    let mut told = team.store().notifications(jane, None, 100).await.unwrap();
    told.extend(team.store().notifications(john, None, 100).await.unwrap());
    let kinds: Vec<_> = told.iter().map(|it| it.kind).collect();
    let (asked, accepted) = (
        NotificationKind::FriendRequest,
        NotificationKind::FriendAccepted,
    );
    assert!(
        kinds == [asked, accepted] || kinds == [accepted, asked],
        "{kinds:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_people_open_one_direct_chat() {
    let team = Arc::new(Team::new().await);
    let servers = servers(&team.fixture).await;
    let opened = all_at_once(&servers, |task, store| {
        let team = Arc::clone(&team);
        async move {
            let people = if task % 2 == 0 {
                [&team.jane, &team.john]
            } else {
                [&team.john, &team.jane]
            };
            let direct = new_direct(team.flowra.workspace_id, &people);
            store.open_direct(direct).await.unwrap()
        }
    });
    let (mut created, mut chats) = (0, BTreeSet::new());
    for direct in opened.await {
        match direct {
            Direct::Created(Chat { chat_id, .. }) => {
                created += 1;
                chats.insert(chat_id);
            }
            Direct::Existing(Chat { chat_id, .. }) => {
                chats.insert(chat_id);
            }
            Direct::Blocked => panic!("nobody has blocked anybody"),
        }
    }
    assert_eq!((created, chats.len()), (1, 1));
}

/// A sign-in that checked the old password at the moment at which it was replaced.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_is_signed_in_with_the_old_password_once_it_is_replaced() {
    let fixture = Fixture::new().await;
    let servers = servers(&fixture).await;
    let jane = fixture.user("jane").await;
    for round in 0..10_u8 {
        let old = format!("hash {round}");
        let replaced = fixture.store.set_password_hash(jane.user_id, &old);
        replaced.await.unwrap();
        all_at_once(&servers, |task, store| {
            let (old, jane) = (old.clone(), jane.clone());
            async move {
                if task == TASKS / 2 {
                    let replaced = store.set_password_hash(jane.user_id, "new");
                    return replaced.await.unwrap();
                }
                let token = round * 16 + u8::try_from(task).unwrap();
                let session = new_session(&jane, token, 1_000);
                store.create_session(session, Some(&old)).await.unwrap();
            }
        })
        .await;
        let left = fixture.store.sessions_of(jane.user_id).await.unwrap();
        assert_eq!(left, [], "round {round}");
    }
}

/// Everything that locks, in every order: nobody waits in a circle.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_happens_at_once_nothing_fails() {
    let team = Arc::new(Team::new().await);
    let bob = team.fixture.colleague("bob", &team.flowra).await;
    let direct = team
        .fixture
        .direct(&team.flowra, &[&team.jane, &team.john])
        .await;
    let servers = servers(&team.fixture).await;
    let people = [team.jane.user_id, team.john.user_id, bob.user_id];
    let (general, flowra) = (team.general.chat_id, team.flowra.workspace_id);
    let direct = direct.chat_id;
    all_at_once(&servers, |task, store| async move {
        for step in task..task + 40 {
            let (me, other) = (people[step % 3], people[(step + 1) % 3]);
            match step % 10 {
                0 | 1 => {
                    let mut message = new_message(general, me, "@john @bob");
                    message.mentions = vec!["john".into(), "bob".into()];
                    store
                        .append(vec![message], new_notification)
                        .await
                        .map(drop)
                }
                2 => {
                    let message = new_message(direct, me, "psst");
                    store
                        .append(vec![message], new_notification)
                        .await
                        .map(drop)
                }
                3 => {
                    let id = new_notification();
                    store.ask_friend(me, other, at(1), id).await.map(drop)
                }
                4 => {
                    let id = new_notification();
                    store.accept_friend(other, me, at(1), id).await.map(drop)
                }
                5 => store.end_friendship(me, other).await.map(drop),
                6 => store.block(me, other, at(2)).await.map(drop),
                7 => store.unblock(me, other).await.map(drop),
                8 => store.set_status(me, &Status::default()).await.map(drop),
                _ => {
                    let role = WorkspaceRole::Member;
                    store
                        .add_workspace_member(flowra, me, role, at(3))
                        .await
                        .map(drop)
                }
            }
            .unwrap_or_else(|error| panic!("step {step}: {error:?}"));
            let newest = store.newest_offset().await.unwrap();
            store.set_read(general, me, newest).await.unwrap();
        }
    })
    .await;
    for user in people {
        let unread = team.store().standing(user).await.unwrap().unread;
        let list = team.store().notifications(user, None, 1_000).await.unwrap();
        let counted = list.iter().filter(|it| !it.is_read).count() as u64;
        assert_eq!(unread.unread, counted);
    }
}
