//! Invitations to a workspace. Of the secret in the link, only the SHA-256 is stored.

use crate::database::Write;
use crate::row::Columns as _;
use crate::{Result, Store, workspaces};
use protocol::{Timestamp, UserId, WorkspaceId, WorkspaceRole};

/// An invitation to create.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// SHA-256 of the secret.
    pub token_hash: [u8; 32],
    /// Where it leads.
    pub workspace_id: WorkspaceId,
    /// Who invites.
    pub created_by: UserId,
    /// Now.
    pub created_at: Timestamp,
    /// From when on it counts no longer.
    pub expires_at: Timestamp,
    /// How many people may join by it.
    pub uses_left: u32,
}

impl Store {
    /// Creates an invitation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is no such workspace or
    /// account.
    pub async fn create_invitation(&self, invitation: NewInvitation) -> Result<()> {
        let mut write = self.database.write().await?;
        sqlx::query(
            "INSERT INTO invitations \
                 (token_hash, workspace_id, created_by, created_at, expires_at, uses_left) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(invitation.token_hash.as_slice())
        .bind(invitation.workspace_id.to_string())
        .bind(invitation.created_by.to_string())
        .bind(invitation.created_at.unix_millis())
        .bind(invitation.expires_at.unix_millis())
        .bind(i64::from(invitation.uses_left))
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// The name of the workspace that an invitation leads to, while it can be used.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitation(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<String>> {
        sqlx::query(
            "SELECT name FROM invitations JOIN workspaces USING (workspace_id) \
             WHERE token_hash = $1 AND expires_at > $2 AND uses_left > 0",
        )
        .bind(token_hash.as_slice())
        .bind(now.unix_millis())
        .fetch_optional(self.database.readers())
        .await?
        .map(|row| row.text("name"))
        .transpose()
    }

    /// Makes a person a member by an invitation, and gives the workspace; nothing when the
    /// invitation is unknown, expired or used up. Who is a member already uses up nothing.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is no such account.
    pub async fn redeem_invitation(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
        user_id: UserId,
    ) -> Result<Option<WorkspaceId>> {
        let mut write = self.database.write().await?;
        let redeemed = redeem(&mut write, token_hash, now, user_id).await?;
        match redeemed {
            Some((_, true)) => write.commit().await?,
            _ => write.rollback().await?,
        }
        Ok(redeemed.map(|(workspace, _)| workspace))
    }
}

/// Uses an invitation, and gives the workspace and whether the person is new there; nothing when it is
/// unknown, expired or used up.
pub(crate) async fn redeem(
    write: &mut Write,
    token_hash: &[u8; 32],
    now: Timestamp,
    user_id: UserId,
) -> Result<Option<(WorkspaceId, bool)>> {
    let row = sqlx::query(
        "UPDATE invitations SET uses_left = uses_left - 1 \
         WHERE token_hash = $1 AND expires_at > $2 AND uses_left > 0 RETURNING workspace_id",
    )
    .bind(token_hash.as_slice())
    .bind(now.unix_millis())
    .fetch_optional(&mut **write)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let workspace_id = row.id("workspace_id")?;
    let role = WorkspaceRole::Member;
    let is_new = workspaces::add_member(write, workspace_id, user_id, role, now).await?;
    Ok(Some((workspace_id, is_new)))
}
