//! Who belongs to a workspace.

use crate::database::Write;
use crate::name::StoredName as _;
use crate::person::{Person, person_columns, person_of};
use crate::row::Columns as _;
use crate::{Result, Store};
use protocol::{Timestamp, UserId, WorkspaceId, WorkspaceRole};

/// A member of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceMember {
    /// Who.
    pub person: Person,
    /// What they may do.
    pub role: WorkspaceRole,
}

impl Store {
    /// Everybody in a workspace, in the order of joining.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workspace_members(
        &self,
        workspace_id: WorkspaceId,
    ) -> Result<Vec<WorkspaceMember>> {
        sqlx::query(concat!(
            "SELECT role, ",
            person_columns!(),
            " FROM workspace_members JOIN users USING (user_id) \
             WHERE workspace_id = $1 ORDER BY joined_at, user_id"
        ))
        .bind(workspace_id.to_string())
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(|row| {
            Ok(WorkspaceMember {
                person: person_of(row)?,
                role: WorkspaceRole::named(&row.text("role")?)?,
            })
        })
        .collect()
    }

    /// A person's role in a workspace; nothing when they are no member, or there is no such
    /// workspace.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workspace_role(
        &self,
        workspace_id: WorkspaceId,
        user_id: UserId,
    ) -> Result<Option<WorkspaceRole>> {
        sqlx::query("SELECT role FROM workspace_members WHERE workspace_id = $1 AND user_id = $2")
            .bind(workspace_id.to_string())
            .bind(user_id.to_string())
            .fetch_optional(self.database.readers())
            .await?
            .map(|row| WorkspaceRole::named(&row.text("role")?))
            .transpose()
    }

    /// Makes a person a member. False when they were one already; their role stays as it was.
    ///
    /// # Errors
    /// [`NotFound`](crate::StoreError::NotFound) when there is no such workspace or account.
    pub async fn add_workspace_member(
        &self,
        workspace_id: WorkspaceId,
        user_id: UserId,
        role: WorkspaceRole,
        at: Timestamp,
    ) -> Result<bool> {
        let mut write = self.database.write().await?;
        let is_added = add_member(&mut write, workspace_id, user_id, role, at).await?;
        write.commit().await?;
        Ok(is_added)
    }
}

/// [`Store::add_workspace_member`] as a part of a larger change.
pub(crate) async fn add_member(
    write: &mut Write,
    workspace_id: WorkspaceId,
    user_id: UserId,
    role: WorkspaceRole,
    at: Timestamp,
) -> Result<bool> {
    let insert = sqlx::query(
        "INSERT INTO workspace_members (workspace_id, user_id, role, joined_at) \
         VALUES ($1, $2, $3, $4) ON CONFLICT (workspace_id, user_id) DO NOTHING",
    )
    .bind(workspace_id.to_string())
    .bind(user_id.to_string())
    .bind(role.name())
    .bind(at.unix_millis())
    .execute(&mut **write)
    .await?;
    Ok(insert.rows_affected() > 0)
}
