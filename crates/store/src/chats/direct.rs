//! Direct chats: between two people or a small group, who never change.

use crate::blocks::is_blocked;
use crate::database::Write;
use crate::name::StoredName as _;
use crate::row::Columns as _;
use crate::{ChatKey, Result, Store, StoreError, stream};
use protocol::{Chat, ChatId, ChatRole, Timestamp, UserId, WorkspaceId};

/// A direct chat to open.
#[derive(Clone, Debug)]
pub struct NewDirect {
    /// Its id, if it is new.
    pub chat_id: ChatId,
    /// The workspace that it belongs to.
    pub workspace_id: WorkspaceId,
    /// Who opens it.
    pub founder: UserId,
    /// Who else is in it. Who is named twice counts once, and the founder not at all.
    pub others: Vec<UserId>,
    /// Now.
    pub created_at: Timestamp,
}

/// What became of a direct chat to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direct {
    /// It is new, and seen as by its founder.
    Created(Chat),
    /// These people have one in this workspace, seen as by who opens it.
    Existing(Chat),
    /// It is between two people, of whom one has blocked the other.
    Blocked,
}

impl Store {
    /// Opens the direct chat of these people in a workspace: the one that they have, or a new one.
    /// The same people never have two, however many of them open it at once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when one of them is not in the workspace, or the founder would be
    /// alone.
    pub async fn open_direct(&self, direct: NewDirect) -> Result<Direct> {
        let NewDirect {
            chat_id,
            workspace_id,
            founder,
            others,
            created_at,
        } = direct;
        let mut people = others;
        people.push(founder);
        people.sort_unstable();
        people.dedup();
        if people.len() < 2 {
            return Err(StoreError::NotFound);
        }
        let mut write = self.database.write().await?;
        stream::lock(&mut write).await?;
        for &person in &people {
            must_be_in(&mut write, workspace_id, person).await?;
        }
        if let [one, other] = people[..]
            && is_blocked(&mut write, one, other).await?
        {
            write.rollback().await?;
            return Ok(Direct::Blocked);
        }
        if let Some(existing) = find(&mut write, workspace_id, &people).await? {
            write.rollback().await?;
            return Ok(Direct::Existing(self.own_chat(founder, existing).await?));
        }
        create(&mut write, chat_id, workspace_id, &people, created_at).await?;
        write.commit().await?;
        Ok(Direct::Created(self.own_chat(founder, chat_id).await?))
    }

    /// A chat that the reader is in.
    async fn own_chat(&self, reader: UserId, chat_id: ChatId) -> Result<Chat> {
        let chat = self.chat(reader, ChatKey::Id(chat_id)).await?;
        chat.ok_or(StoreError::NotFound)
    }
}

async fn must_be_in(write: &mut Write, workspace_id: WorkspaceId, person: UserId) -> Result<()> {
    sqlx::query("SELECT role FROM workspace_members WHERE workspace_id = $1 AND user_id = $2")
        .bind(workspace_id.to_string())
        .bind(person.to_string())
        .fetch_optional(&mut **write)
        .await?
        .map(drop)
        .ok_or(StoreError::NotFound)
}

/// The direct chat that exactly these people have, who are in order and each once.
async fn find(
    write: &mut Write,
    workspace_id: WorkspaceId,
    people: &[UserId],
) -> Result<Option<ChatId>> {
    sqlx::query("SELECT chat_id FROM chats WHERE workspace_id = $1 AND direct_key = $2")
        .bind(workspace_id.to_string())
        .bind(direct_key(people))
        .fetch_optional(&mut **write)
        .await?
        .map(|row| row.id("chat_id"))
        .transpose()
}

/// Nobody owns a direct chat: there is nothing to manage.
async fn create(
    write: &mut Write,
    chat_id: ChatId,
    workspace_id: WorkspaceId,
    people: &[UserId],
    at: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO chats \
             (chat_id, workspace_id, slug, name, name_key, topic, is_private, created_at, \
              direct_key) \
         VALUES ($1, $2, $1, '', $1, '', 1, $3, $4)",
    )
    .bind(chat_id.to_string())
    .bind(workspace_id.to_string())
    .bind(at.unix_millis())
    .bind(direct_key(people))
    .execute(&mut **write)
    .await?;
    for person in people {
        sqlx::query(
            "INSERT INTO chat_members \
                 (chat_id, user_id, workspace_id, role, read_sequence, joined_at) \
             VALUES ($1, $2, $3, $4, 0, $5)",
        )
        .bind(chat_id.to_string())
        .bind(person.to_string())
        .bind(workspace_id.to_string())
        .bind(ChatRole::Member.name())
        .bind(at.unix_millis())
        .execute(&mut **write)
        .await?;
    }
    Ok(())
}

/// By which the direct chats of the same people are the same.
fn direct_key(people: &[UserId]) -> String {
    let ids: Vec<_> = people.iter().map(UserId::to_string).collect();
    ids.join(",")
}
