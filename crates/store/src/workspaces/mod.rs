//! Workspaces: the people and chats of one team.

mod members;

pub use members::WorkspaceMember;
pub(crate) use members::add_member;

use crate::name::StoredName as _;
use crate::row::Columns as _;
use crate::slug::Stem;
use crate::text::{is_storable, storable};
use crate::{Result, Store, stream};
use protocol::{Timestamp, UserId, Workspace, WorkspaceId, WorkspaceRole};
use sqlx::any::AnyRow;

/// A workspace to create.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// Its id.
    pub workspace_id: WorkspaceId,
    /// Its name; its slug is made from it.
    pub name: String,
    /// Now.
    pub created_at: Timestamp,
}

/// How a workspace is named.
#[derive(Clone, Copy, Debug)]
pub enum WorkspaceKey<'k> {
    /// By its id.
    Id(WorkspaceId),
    /// By its part of the address.
    Slug(&'k str),
}

impl Store {
    /// Creates a workspace with its first member, the owner.
    ///
    /// # Errors
    /// [`NotFound`](crate::StoreError::NotFound) when there is no such account,
    /// [`BadValue`](crate::StoreError::BadValue) for a NUL.
    pub async fn create_workspace(
        &self,
        workspace: NewWorkspace,
        owner: UserId,
    ) -> Result<Workspace> {
        let stem = Stem::of(&workspace.name, "workspace");
        let mut write = self.database.write().await?;
        stream::lock(&mut write).await?;
        let taken = sqlx::query("SELECT slug FROM workspaces WHERE slug LIKE $1")
            .bind(stem.pattern())
            .fetch_all(&mut *write)
            .await?
            .iter()
            .map(|row| row.text("slug"))
            .collect::<Result<_>>()?;
        let slug = stem.free(&taken);
        sqlx::query(
            "INSERT INTO workspaces (workspace_id, slug, name, created_at) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(workspace.workspace_id.to_string())
        .bind(slug.as_str())
        .bind(storable("name", &workspace.name)?)
        .bind(workspace.created_at.unix_millis())
        .execute(&mut *write)
        .await?;
        let role = WorkspaceRole::Owner;
        let (workspace_id, at) = (workspace.workspace_id, workspace.created_at);
        add_member(&mut write, workspace_id, owner, role, at).await?;
        write.commit().await?;
        Ok(Workspace {
            workspace_id,
            slug,
            name: workspace.name,
            role,
        })
    }

    /// The workspaces that a person is a member of, in the order of joining.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workspaces_of(&self, user_id: UserId) -> Result<Vec<Workspace>> {
        sqlx::query(
            "SELECT workspace_id, slug, name, role \
             FROM workspace_members JOIN workspaces USING (workspace_id) \
             WHERE user_id = $1 ORDER BY joined_at, workspace_id",
        )
        .bind(user_id.to_string())
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(workspace_of)
        .collect()
    }

    /// A workspace, if the reader is a member of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn workspace(
        &self,
        reader: UserId,
        key: WorkspaceKey<'_>,
    ) -> Result<Option<Workspace>> {
        let query = match key {
            WorkspaceKey::Id(workspace_id) => sqlx::query(
                "SELECT workspace_id, slug, name, role \
                 FROM workspace_members JOIN workspaces USING (workspace_id) \
                 WHERE user_id = $1 AND workspace_id = $2",
            )
            .bind(reader.to_string())
            .bind(workspace_id.to_string()),
            WorkspaceKey::Slug(slug) if !is_storable(slug) => return Ok(None),
            WorkspaceKey::Slug(slug) => sqlx::query(
                "SELECT workspace_id, slug, name, role \
                 FROM workspace_members JOIN workspaces USING (workspace_id) \
                 WHERE user_id = $1 AND slug = $2",
            )
            .bind(reader.to_string())
            .bind(slug),
        };
        query
            .fetch_optional(self.database.readers())
            .await?
            .map(|row| workspace_of(&row))
            .transpose()
    }

    /// The oldest workspace, if there is any.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_workspace(&self) -> Result<Option<WorkspaceId>> {
        sqlx::query("SELECT workspace_id FROM workspaces ORDER BY created_at, workspace_id LIMIT 1")
            .fetch_optional(self.database.readers())
            .await?
            .map(|row| row.id("workspace_id"))
            .transpose()
    }
}

fn workspace_of(row: &AnyRow) -> Result<Workspace> {
    Ok(Workspace {
        workspace_id: row.id("workspace_id")?,
        slug: row.text("slug")?,
        name: row.text("name")?,
        role: WorkspaceRole::named(&row.text("role")?)?,
    })
}
