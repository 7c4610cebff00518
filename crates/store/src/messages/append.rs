//! Writing messages, and telling those whom they are for.

use super::audience::{Audience, Room, audience};
use super::{message_columns, message_of};
use crate::database::Write;
use crate::notifications::{NewNote, Noted, note};
use crate::row::bigint;
use crate::text::is_storable;
use crate::{Result, Store, stream};
use protocol::{ChatId, ClientMessageId, Message, MessageId, NotificationId, Timestamp, UserId};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A message to store.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Where.
    pub chat_id: ChatId,
    /// Its lasting id.
    pub id: MessageId,
    /// The sender's own name for it.
    pub client_id: ClientMessageId,
    /// Who writes it.
    pub author_id: UserId,
    /// What it says.
    pub text: String,
    /// The usernames that it mentions: in lower case, each once, at most
    /// [`MAX_MENTIONS`](protocol::limits::MAX_MENTIONS).
    pub mentions: Vec<String>,
    /// Now.
    pub sent_at: Timestamp,
}

/// What became of a message to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is on disk, and so are the notifications of those whom it is for.
    Stored {
        /// As stored.
        message: Message,
        /// Who is to be told, in the order of their ids.
        noted: Vec<Noted>,
    },
    /// The author has sent a message under this client id before: this one, in its newest form.
    Duplicate(Message),
    /// The author is not in the chat, or there is no such chat.
    NotMember,
    /// The text contains a NUL.
    BadValue,
    /// It mentions somebody of the workspace who is not in the chat, and so would not see it.
    NotInChat {
        /// Their username.
        username: String,
        /// The name that others see.
        display_name: String,
    },
    /// It is for one person, and one of the two has blocked the other.
    Blocked,
}

impl Store {
    /// Stores messages in the order given, all in one transaction, and gives for each what became
    /// of it. One that is refused is no obstacle to the others.
    ///
    /// A message in a direct chat notifies everybody else in it; elsewhere it notifies the members
    /// whom it mentions. Nobody is notified of their own, nor where one has blocked the other.
    /// `new_id` names each notification.
    ///
    /// # Errors
    /// When the database fails; then none is stored, and all may be sent again.
    pub async fn append(
        &self,
        messages: Vec<NewMessage>,
        new_id: impl Fn() -> NotificationId + Send + Sync,
    ) -> Result<Vec<Appended>> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let mut write = self.database.write().await?;
        let before = stream::lock(&mut write).await?;
        let mut newest = before;
        let mut rooms = HashMap::new();
        let mut appended = Vec::with_capacity(messages.len());
        let mut notes = Vec::new();
        for message in messages {
            let room = match rooms.entry(message.chat_id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    unknown.insert(Room::of(&mut write, message.chat_id).await?)
                }
            };
            let (outcome, people) = append_one(&mut write, newest + 1, message, room).await?;
            if let Appended::Stored { message, .. } = &outcome {
                newest = message.sequence;
                notes.extend(people.into_iter().map(|user_id| {
                    let new = NewNote {
                        id: new_id(),
                        user_id,
                        kind: room.kind(),
                        actor_id: message.author.user_id,
                        chat_id: Some(message.chat_id),
                        sequence: Some(message.sequence),
                        at: message.sent_at,
                    };
                    (appended.len(), new)
                }));
            }
            appended.push(outcome);
        }
        tell(&mut write, notes, &mut appended).await?;
        if newest == before {
            write.rollback().await?;
        } else {
            stream::advance(&mut write, newest).await?;
            write.commit().await?;
        }
        Ok(appended)
    }
}

/// Stores one message at `sequence`, the next one of the locked stream. Gives what became of it, and
/// whom to tell.
async fn append_one(
    write: &mut Write,
    sequence: u64,
    message: NewMessage,
    room: &Room,
) -> Result<(Appended, Vec<UserId>)> {
    if !is_storable(&message.text) {
        return Ok((Appended::BadValue, Vec::new()));
    }
    let reason = match audience(write, room, &message).await? {
        Audience::Refused(reason) => reason,
        Audience::People(people) => match insert(write, sequence, &message).await? {
            Some(message) => {
                let noted = Vec::with_capacity(people.len());
                return Ok((Appended::Stored { message, noted }, people));
            }
            None => Appended::NotMember,
        },
    };
    Ok((refused(write, &message, reason).await?, Vec::new()))
}

/// Nothing when the author has sent it before, or is not in the chat.
async fn insert(write: &mut Write, sequence: u64, message: &NewMessage) -> Result<Option<Message>> {
    sqlx::query(concat!(
        "INSERT INTO messages \
             (sequence, message_id, chat_id, client_id, author_id, text, sent_at, changed_offset) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $1 \
         WHERE EXISTS (SELECT 1 FROM chat_members WHERE chat_id = $3 AND user_id = $5) \
         ON CONFLICT (author_id, client_id) DO NOTHING \
         RETURNING ",
        message_columns!()
    ))
    .bind(bigint(sequence))
    .bind(message.id.to_string())
    .bind(message.chat_id.to_string())
    .bind(message.client_id.to_string())
    .bind(message.author_id.to_string())
    .bind(message.text.as_str())
    .bind(message.sent_at.unix_millis())
    .fetch_optional(&mut **write)
    .await?
    .map(|row| message_of(&row))
    .transpose()
}

/// What to say of a message that is not stored: `reason`, unless it was stored earlier, or its
/// author is a stranger, whom the reason would tell about the chat.
async fn refused(write: &mut Write, message: &NewMessage, reason: Appended) -> Result<Appended> {
    let earlier = sqlx::query(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages WHERE author_id = $1 AND client_id = $2"
    ))
    .bind(message.author_id.to_string())
    .bind(message.client_id.to_string())
    .fetch_optional(&mut **write)
    .await?;
    if let Some(row) = earlier {
        return Ok(Appended::Duplicate(message_of(&row)?));
    }
    let member = sqlx::query("SELECT role FROM chat_members WHERE chat_id = $1 AND user_id = $2")
        .bind(message.chat_id.to_string())
        .bind(message.author_id.to_string())
        .fetch_optional(&mut **write)
        .await?;
    Ok(member.map_or(Appended::NotMember, |_| reason))
}

/// Makes the notifications of a batch, each for the message at its index.
async fn tell(
    write: &mut Write,
    mut notes: Vec<(usize, NewNote)>,
    appended: &mut [Appended],
) -> Result<()> {
    // Person by person, as `note` asks; those of one person stay in the order of their messages.
    notes.sort_by_key(|(_, new)| new.user_id);
    for (index, new) in notes {
        let told = note(write, new).await?;
        if let Appended::Stored { noted, .. } = &mut appended[index] {
            noted.push(told);
        }
    }
    Ok(())
}
