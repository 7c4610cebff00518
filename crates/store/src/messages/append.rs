//! Writing messages.

use super::{message_columns, message_of};
use crate::database::Write;
use crate::row::bigint;
use crate::text::is_storable;
use crate::{Result, Store, stream};
use protocol::{ChatId, ClientMessageId, Message, MessageId, Timestamp, UserId};

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
    /// Now.
    pub sent_at: Timestamp,
}

/// What became of a message to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is on disk.
    Stored(Message),
    /// The author has sent a message under this client id before: this one, in its newest form.
    Duplicate(Message),
    /// The author is not in the chat, or there is no such chat.
    NotMember,
    /// The text contains a NUL.
    BadValue,
}

impl Store {
    /// Stores messages in the order given, all in one transaction, and gives for each what became
    /// of it. One that is refused is no obstacle to the others.
    ///
    /// # Errors
    /// When the database fails; then none is stored, and all may be sent again.
    pub async fn append(&self, messages: Vec<NewMessage>) -> Result<Vec<Appended>> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let mut write = self.database.write().await?;
        let before = stream::lock(&mut write).await?;
        let mut newest = before;
        let mut appended = Vec::with_capacity(messages.len());
        for message in messages {
            let outcome = append_one(&mut write, newest + 1, message).await?;
            if let Appended::Stored(message) = &outcome {
                newest = message.sequence;
            }
            appended.push(outcome);
        }
        if newest == before {
            write.rollback().await?;
        } else {
            stream::advance(&mut write, newest).await?;
            write.commit().await?;
        }
        Ok(appended)
    }
}

/// Stores one message at `sequence`, the next one of the locked stream.
async fn append_one(write: &mut Write, sequence: u64, message: NewMessage) -> Result<Appended> {
    if !is_storable(&message.text) {
        return Ok(Appended::BadValue);
    }
    let client_id = message.client_id.to_string();
    let author_id = message.author_id.to_string();
    let stored = sqlx::query(concat!(
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
    .bind(client_id.as_str())
    .bind(author_id.as_str())
    .bind(message.text)
    .bind(message.sent_at.unix_millis())
    .fetch_optional(&mut **write)
    .await?;
    if let Some(row) = stored {
        return Ok(Appended::Stored(message_of(&row)?));
    }
    let earlier = sqlx::query(concat!(
        "SELECT ",
        message_columns!(),
        " FROM messages WHERE author_id = $1 AND client_id = $2"
    ))
    .bind(author_id)
    .bind(client_id)
    .fetch_optional(&mut **write)
    .await?;
    earlier.map_or(Ok(Appended::NotMember), |row| {
        Ok(Appended::Duplicate(message_of(&row)?))
    })
}
