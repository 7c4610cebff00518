//! Messages: written, edited and deleted, read by page and by offset.

mod append;
mod audience;
mod change;
mod read;

pub use append::{Appended, NewMessage};
pub use read::HistoryPage;

use crate::Result;
use crate::row::Columns as _;
use protocol::{Author, Message};
use sqlx::any::AnyRow;

/// The columns of a row of `messages` that [`message_of`] reads, in SELECT and in RETURNING.
macro_rules! message_columns {
    () => {
        "sequence, message_id, chat_id, client_id, author_id, \
         (SELECT display_name FROM users WHERE user_id = messages.author_id) AS author_name, \
         text, sent_at, edited_at, deleted_at, changed_offset"
    };
}
use message_columns;

fn message_of(row: &AnyRow) -> Result<Message> {
    Ok(Message {
        chat_id: row.id("chat_id")?,
        id: row.id("message_id")?,
        client_id: row.id("client_id")?,
        author: Author {
            user_id: row.id("author_id")?,
            display_name: row.text("author_name")?,
        },
        text: row.text("text")?,
        sent_at: row.time("sent_at")?,
        edited_at: row.optional_time("edited_at")?,
        deleted_at: row.optional_time("deleted_at")?,
        sequence: row.number("sequence")?,
        offset: row.number("changed_offset")?,
    })
}
