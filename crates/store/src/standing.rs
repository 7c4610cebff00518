//! What somebody who connects is told of themselves.

use crate::friends::{related, relations_of};
use crate::row::Columns as _;
use crate::status::{OwnStatus, status_of};
use crate::{Result, Store, StoreError};
use protocol::{ChatId, Relations, UnreadNotifications, UserId};

/// How things stand for a person, all of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The offset of the newest change of any message.
    pub offset: u64,
    /// What they have chosen to show.
    pub own: OwnStatus,
    /// Requests, and whom they have blocked.
    pub relations: Relations,
    /// How far they have read in each chat that they have begun.
    pub read: Vec<(ChatId, u64)>,
    /// What waits in their bell.
    pub unread: UnreadNotifications,
}

impl Store {
    /// How things stand for a person: one question for everybody who connects.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn standing(&self, user_id: UserId) -> Result<Standing> {
        let rows = sqlx::query(concat!(
            "SELECT related.kind, related.id, related.number, users.user_id, users.display_name, \
                 users.mode, users.mode_until, users.status_text, users.text_until, \
                 users.last_seen_audience, users.status_version, users.notifications_version, \
                 (SELECT newest_offset FROM stream WHERE id = 1) AS newest_offset \
             FROM ( \
                 SELECT 'own' AS kind, user_id AS id, \
                     (SELECT COUNT(*) FROM notifications WHERE user_id = $1 AND is_read = 0) \
                         AS number \
                 FROM users WHERE user_id = $1 \
                 UNION ALL \
                 SELECT 'read' AS kind, chat_id AS id, read_sequence AS number \
                 FROM chat_members WHERE user_id = $1 AND read_sequence > 0 \
                 UNION ALL ",
            related!(),
            ") AS related LEFT JOIN users ON users.user_id = related.id"
        ))
        .bind(user_id.to_string())
        .fetch_all(self.database.readers())
        .await?;
        let (mut own, mut read) = (None, Vec::new());
        for row in &rows {
            match row.text("kind")?.as_str() {
                "own" => own = Some(row),
                "read" => read.push((row.id("id")?, row.number("number")?)),
                _ => {}
            }
        }
        let own = own.ok_or(StoreError::NotFound)?;
        Ok(Standing {
            offset: own.number("newest_offset")?,
            own: status_of(own)?,
            relations: relations_of(&rows)?,
            read,
            unread: UnreadNotifications {
                unread: own.number("number")?,
                version: own.number("notifications_version")?,
            },
        })
    }
}
