use crate::fixture::{Team, at, new_user, new_uuid};
use protocol::{UserId, WorkspaceId, WorkspaceRole};
use store::{NewInvitation, StoreError};
use tokio::task::JoinSet;

const TOKEN: [u8; 32] = [7; 32];

fn invitation(team: &Team, uses_left: u32) -> NewInvitation {
    NewInvitation {
        token_hash: TOKEN,
        workspace_id: team.flowra.workspace_id,
        created_by: team.jane.user_id,
        created_at: at(0),
        expires_at: at(100),
        uses_left,
    }
}

#[tokio::test]
async fn an_invitation_makes_its_bearer_a_member_until_it_is_used_up() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.user("bob").await;
    let eve = team.fixture.user("eve").await;
    store.create_invitation(invitation(&team, 1)).await.unwrap();
    let name = store.invitation(&TOKEN, at(1)).await.unwrap();
    assert_eq!(name.as_deref(), Some("Flowra"));

    let joined = store.redeem_invitation(&TOKEN, at(1), bob.user_id).await;
    assert_eq!(joined.unwrap(), Some(team.flowra.workspace_id));
    let role = store.workspace_role(team.flowra.workspace_id, bob.user_id);
    assert_eq!(role.await.unwrap(), Some(WorkspaceRole::Member));

    let late = store.redeem_invitation(&TOKEN, at(1), eve.user_id).await;
    assert_eq!(late.unwrap(), None);
    assert_eq!(store.invitation(&TOKEN, at(1)).await.unwrap(), None);
    let role = store.workspace_role(team.flowra.workspace_id, eve.user_id);
    assert_eq!(role.await.unwrap(), None);
}

/// The invitation was looked at, the account made, and only then the invitation used: of several who
/// came at once for its last use, all had an account.
#[tokio::test]
async fn nobody_has_an_account_whom_the_invitation_did_not_admit() {
    let team = Team::new().await;
    let store = team.store();
    store.create_invitation(invitation(&team, 1)).await.unwrap();
    let made = store.create_invited_user(new_user("bob"), &TOKEN).await;
    let (bob, workspace) = made.unwrap().unwrap();
    assert_eq!(workspace, team.flowra.workspace_id);
    let role = store.workspace_role(workspace, bob.user_id).await.unwrap();
    assert_eq!(role, Some(WorkspaceRole::Member));

    let late = store.create_invited_user(new_user("eve"), &TOKEN).await;
    assert_eq!(late.unwrap(), None);
    assert_eq!(store.user_by_username("eve").await.unwrap(), None);
}

#[tokio::test]
async fn an_expired_or_unknown_invitation_admits_nobody() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.user("bob").await;
    store.create_invitation(invitation(&team, 9)).await.unwrap();

    let expired = store.redeem_invitation(&TOKEN, at(100), bob.user_id).await;
    assert_eq!(expired.unwrap(), None);
    assert_eq!(store.invitation(&TOKEN, at(100)).await.unwrap(), None);
    let unknown = store.redeem_invitation(&[8; 32], at(1), bob.user_id).await;
    assert_eq!(unknown.unwrap(), None);
    assert_eq!(store.workspaces_of(bob.user_id).await.unwrap(), []);
}

#[tokio::test]
async fn a_member_who_follows_the_link_uses_nothing_up() {
    let team = Team::new().await;
    let store = team.store();
    let bob = team.fixture.user("bob").await;
    store.create_invitation(invitation(&team, 1)).await.unwrap();

    let member = store
        .redeem_invitation(&TOKEN, at(1), team.jane.user_id)
        .await;
    assert_eq!(member.unwrap(), Some(team.flowra.workspace_id));
    let role = store.workspace_role(team.flowra.workspace_id, team.jane.user_id);
    assert_eq!(role.await.unwrap(), Some(WorkspaceRole::Owner));
    let bob_joins = store.redeem_invitation(&TOKEN, at(1), bob.user_id).await;
    assert_eq!(bob_joins.unwrap(), Some(team.flowra.workspace_id));
}

#[tokio::test]
async fn many_at_once_never_use_an_invitation_more_often_than_it_allows() {
    let team = Team::new().await;
    team.store()
        .create_invitation(invitation(&team, 3))
        .await
        .unwrap();
    let mut attempts = JoinSet::new();
    for number in 0..10 {
        let user = team.fixture.user(&format!("user{number}")).await;
        let store = team.store().clone();
        attempts.spawn(async move {
            let joined = store.redeem_invitation(&TOKEN, at(1), user.user_id).await;
            joined.unwrap().is_some()
        });
    }
    let joined = attempts.join_all().await;
    assert_eq!(joined.into_iter().filter(|&joined| joined).count(), 3);
    let members = team.store().workspace_members(team.flowra.workspace_id);
    assert_eq!(members.await.unwrap().len(), 2 + 3);
}

#[tokio::test]
async fn an_invitation_needs_a_workspace_an_inviter_and_a_bearer_that_exist() {
    let team = Team::new().await;
    let store = team.store();
    let nobody = UserId::from_uuid(new_uuid());
    let nowhere = NewInvitation {
        workspace_id: WorkspaceId::from_uuid(new_uuid()),
        ..invitation(&team, 1)
    };
    let by_nobody = NewInvitation {
        created_by: nobody,
        ..invitation(&team, 1)
    };
    for wrong in [nowhere, by_nobody] {
        let error = store.create_invitation(wrong).await;
        assert!(matches!(error, Err(StoreError::NotFound)));
    }
    store.create_invitation(invitation(&team, 1)).await.unwrap();
    let error = store.redeem_invitation(&TOKEN, at(1), nobody).await;
    assert!(matches!(error, Err(StoreError::NotFound)));
    assert!(store.invitation(&TOKEN, at(1)).await.unwrap().is_some());
}
