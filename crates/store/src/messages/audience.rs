//! Whom a message is for.

use super::{Appended, NewMessage};
use crate::Result;
use crate::blocks::is_blocked;
use crate::database::Write;
use crate::row::Columns as _;
use protocol::{ChatId, NotificationKind, UserId};

/// What a message's audience depends on, other than the message.
pub(super) enum Room {
    /// A message is for those whom it mentions.
    Channel,
    /// A message is for everybody in it: these.
    Direct(Vec<UserId>),
}

/// Whom a message is for.
pub(super) enum Audience {
    /// To be told of it: others than the author, each once.
    People(Vec<UserId>),
    /// It cannot be stored, and why.
    Refused(Appended),
}

impl Room {
    pub(super) async fn of(write: &mut Write, chat_id: ChatId) -> Result<Self> {
        let people = sqlx::query(
            "SELECT m.user_id FROM chats c JOIN chat_members m ON m.chat_id = c.chat_id \
             WHERE c.chat_id = $1 AND c.direct_key IS NOT NULL",
        )
        .bind(chat_id.to_string())
        .fetch_all(&mut **write)
        .await?
        .iter()
        .map(|row| row.id("user_id"))
        .collect::<Result<Vec<_>>>()?;
        Ok(if people.is_empty() {
            Self::Channel
        } else {
            Self::Direct(people)
        })
    }

    /// What tells somebody of a message.
    pub(super) const fn kind(&self) -> NotificationKind {
        match self {
            Self::Channel => NotificationKind::Mention,
            Self::Direct(_) => NotificationKind::DirectMessage,
        }
    }
}

/// Whom `message` is for.
pub(super) async fn audience(
    write: &mut Write,
    room: &Room,
    message: &NewMessage,
) -> Result<Audience> {
    match room {
        Room::Channel => mentioned(write, message).await,
        Room::Direct(people) => Ok(match reached(write, people, message.author_id).await? {
            Some(others) => Audience::People(others),
            None => Audience::Refused(Appended::Blocked),
        }),
    }
}

/// Whether a chat is a direct one of two people, of whom one has blocked the other.
pub(super) async fn is_closed(write: &mut Write, chat_id: ChatId, author: UserId) -> Result<bool> {
    match Room::of(write, chat_id).await? {
        Room::Channel => Ok(false),
        Room::Direct(people) => Ok(reached(write, &people, author).await?.is_none()),
    }
}

/// Whom the author reaches in a direct chat of `people`: the others, but for whom they have blocked
/// or who has blocked them. Nothing when that leaves nobody of two.
async fn reached(
    write: &mut Write,
    people: &[UserId],
    author: UserId,
) -> Result<Option<Vec<UserId>>> {
    let mut reached = Vec::with_capacity(people.len());
    for &person in people {
        if person != author && !is_blocked(write, author, person).await? {
            reached.push(person);
        }
    }
    let is_closed = people.len() == 2 && reached.is_empty();
    Ok((!is_closed).then_some(reached))
}

/// Whom a message in a channel mentions. A name of nobody in the workspace is plain text.
async fn mentioned(write: &mut Write, message: &NewMessage) -> Result<Audience> {
    let mut people = Vec::with_capacity(message.mentions.len());
    for username in &message.mentions {
        let row = sqlx::query(
            "SELECT u.user_id, u.display_name, m.role FROM users u \
             JOIN chats c ON c.chat_id = $1 \
             JOIN workspace_members w \
                 ON w.workspace_id = c.workspace_id AND w.user_id = u.user_id \
             LEFT JOIN chat_members m ON m.chat_id = c.chat_id AND m.user_id = u.user_id \
             WHERE u.username = $2",
        )
        .bind(message.chat_id.to_string())
        .bind(username.as_str())
        .fetch_optional(&mut **write)
        .await?;
        let Some(row) = row else { continue };
        if row.optional_text("role")?.is_none() {
            return Ok(Audience::Refused(Appended::NotInChat {
                username: username.clone(),
                display_name: row.text("display_name")?,
            }));
        }
        let person = row.id("user_id")?;
        if person != message.author_id && !is_blocked(write, message.author_id, person).await? {
            people.push(person);
        }
    }
    Ok(Audience::People(people))
}
