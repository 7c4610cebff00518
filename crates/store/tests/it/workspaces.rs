use crate::fixture::{Fixture, Team, at, new_uuid, person};
use protocol::{UserId, WorkspaceId, WorkspaceRole};
use std::collections::BTreeSet;
use std::slice::from_ref;
use store::{NewWorkspace, StoreError, WorkspaceKey, WorkspaceMember};
use tokio::task::JoinSet;

#[tokio::test]
async fn a_workspace_begins_with_its_owner_and_a_slug_from_its_name() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let flowra = fixture.workspace("Flowra & Friends", &jane).await;

    assert_eq!(flowra.slug, "flowra-friends");
    assert_eq!(flowra.name, "Flowra & Friends");
    assert_eq!(flowra.role, WorkspaceRole::Owner);
    let all = fixture.store.workspaces_of(jane.user_id).await.unwrap();
    assert_eq!(all, from_ref(&flowra));
    let first = fixture.store.first_workspace().await.unwrap();
    assert_eq!(first, Some(flowra.workspace_id));
}

#[tokio::test]
async fn workspaces_of_one_name_get_numbered_slugs_also_when_made_at_once() {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let mut creations = JoinSet::new();
    for _ in 0..5 {
        let store = fixture.store.clone();
        creations.spawn(async move {
            let workspace = NewWorkspace {
                workspace_id: WorkspaceId::from_uuid(new_uuid()),
                name: "Flowra".to_owned(),
                created_at: at(0),
            };
            let created = store.create_workspace(workspace, jane.user_id).await;
            created.unwrap().slug
        });
    }
    let slugs: BTreeSet<_> = creations.join_all().await.into_iter().collect();
    let expected = ["flowra", "flowra-2", "flowra-3", "flowra-4", "flowra-5"];
    assert!(slugs.iter().eq(expected), "{slugs:?}");
}

#[tokio::test]
async fn only_a_member_finds_a_workspace_by_id_or_slug() {
    let team = Team::new().await;
    let store = team.store();
    let eve = team.fixture.user("eve").await;
    let keys = [
        WorkspaceKey::Id(team.flowra.workspace_id),
        WorkspaceKey::Slug("flowra"),
    ];
    for key in keys {
        let found = store.workspace(team.john.user_id, key).await.unwrap();
        let found = found.unwrap();
        assert_eq!(found.workspace_id, team.flowra.workspace_id);
        assert_eq!(found.role, WorkspaceRole::Member);
        assert_eq!(store.workspace(eve.user_id, key).await.unwrap(), None);
    }
    let unknown = store.workspace(team.john.user_id, WorkspaceKey::Slug("nowhere"));
    assert_eq!(unknown.await.unwrap(), None);
    assert_eq!(store.workspaces_of(eve.user_id).await.unwrap(), []);
}

#[tokio::test]
async fn members_are_listed_with_their_names_and_roles() {
    let team = Team::new().await;
    let store = team.store();
    let workspace_id = team.flowra.workspace_id;
    let member = |user: &protocol::User, role| WorkspaceMember {
        person: person(user),
        role,
    };
    let members = store.workspace_members(workspace_id).await.unwrap();
    let expected = [
        member(&team.jane, WorkspaceRole::Owner),
        member(&team.john, WorkspaceRole::Member),
    ];
    assert_eq!(members, expected);
}

#[tokio::test]
async fn adding_a_member_twice_changes_nothing_and_an_unknown_one_is_not_found() {
    let team = Team::new().await;
    let store = team.store();
    let workspace_id = team.flowra.workspace_id;
    let nobody = UserId::from_uuid(new_uuid());
    let nowhere = WorkspaceId::from_uuid(new_uuid());
    let add =
        |workspace, user| store.add_workspace_member(workspace, user, WorkspaceRole::Admin, at(5));

    assert!(!add(workspace_id, team.john.user_id).await.unwrap());
    let role = store.workspace_role(workspace_id, team.john.user_id).await;
    assert_eq!(role.unwrap(), Some(WorkspaceRole::Member));
    for (workspace, user) in [(workspace_id, nobody), (nowhere, team.john.user_id)] {
        let error = add(workspace, user).await;
        assert!(matches!(error, Err(StoreError::NotFound)));
    }
}

#[tokio::test]
async fn a_workspace_of_an_unknown_owner_is_not_made() {
    let fixture = Fixture::new().await;
    let workspace = NewWorkspace {
        workspace_id: WorkspaceId::from_uuid(new_uuid()),
        name: "Flowra".to_owned(),
        created_at: at(0),
    };
    let nobody = UserId::from_uuid(new_uuid());
    let error = fixture.store.create_workspace(workspace, nobody).await;
    assert!(matches!(error, Err(StoreError::NotFound)));
    assert_eq!(fixture.store.first_workspace().await.unwrap(), None);
}
