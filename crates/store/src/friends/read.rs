//! What a person is to others.

use crate::person::{Person, author_of, listing_key, person_columns, person_of};
use crate::row::Columns as _;
use crate::status::{OwnStatus, status_of};
use crate::{Result, Store, StoreError};
use protocol::{Author, Relations, UserId};
use sqlx::any::AnyRow;

/// Whom a person knows and does not want to know, and what they show of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// Their friends.
    pub friends: Vec<Person>,
    /// Everybody with whom they share a direct chat, in whatever workspace; each once.
    pub partners: Vec<Person>,
    /// Whom they have blocked, and who has blocked them.
    pub blocked: Vec<UserId>,
    /// What they have chosen to show.
    pub own: OwnStatus,
}

/// The `kind` and `id` of whom person `$1` has asked, who has asked them, but for those whom they have
/// blocked, and whom they have blocked; with a `number`, which says nothing.
macro_rules! related {
    () => {
        "SELECT 'incoming' AS kind, r.asker_id AS id, 0 AS number \
         FROM friend_requests r \
         WHERE r.asked_id = $1 AND NOT EXISTS ( \
             SELECT 1 FROM blocks b WHERE b.user_id = $1 AND b.blocked_id = r.asker_id) \
         UNION ALL \
         SELECT 'outgoing' AS kind, asked_id AS id, 0 AS number \
         FROM friend_requests WHERE asker_id = $1 \
         UNION ALL \
         SELECT 'blocked' AS kind, blocked_id AS id, 0 AS number \
         FROM blocks WHERE user_id = $1"
    };
}
pub(crate) use related;

impl Store {
    /// Whom a person has asked, who has asked them, but for those whom they have blocked, and whom
    /// they have blocked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn relations(&self, user_id: UserId) -> Result<Relations> {
        // One statement, so that it is all of one moment.
        let rows = sqlx::query(concat!(
            "SELECT related.kind, users.user_id, users.display_name FROM (",
            related!(),
            ") AS related JOIN users ON users.user_id = related.id"
        ))
        .bind(user_id.to_string())
        .fetch_all(self.database.readers())
        .await?;
        relations_of(&rows)
    }

    /// Whom a person knows and does not want to know, and what they show of themselves.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn circle(&self, user_id: UserId) -> Result<Circle> {
        // One statement, so that it is all of one moment, and one question for everybody who
        // connects. UNION: two who have blocked each other are in it once.
        let rows = sqlx::query(concat!(
            "SELECT known.kind, users.mode, users.mode_until, users.text_until, ",
            person_columns!(),
            " FROM ( \
                 SELECT 'own' AS kind, user_id FROM users WHERE user_id = $1 \
                 UNION \
                 SELECT 'friend' AS kind, friend_id AS user_id FROM friends WHERE user_id = $1 \
                 UNION \
                 SELECT 'blocked' AS kind, blocked_id AS user_id FROM blocks WHERE user_id = $1 \
                 UNION \
                 SELECT 'blocked' AS kind, user_id FROM blocks WHERE blocked_id = $1 \
                 UNION \
                 SELECT 'partner' AS kind, other.user_id FROM chat_members mine \
                 JOIN chats c ON c.chat_id = mine.chat_id AND c.direct_key IS NOT NULL \
                 JOIN chat_members other ON other.chat_id = mine.chat_id \
                 WHERE mine.user_id = $1 AND other.user_id <> $1) AS known \
             JOIN users ON users.user_id = known.user_id"
        ))
        .bind(user_id.to_string())
        .fetch_all(self.database.readers())
        .await?;
        let (mut friends, mut partners, mut blocked) = (Vec::new(), Vec::new(), Vec::new());
        let mut own = None;
        for row in &rows {
            match row.text("kind")?.as_str() {
                "own" => own = Some(status_of(row)?),
                "friend" => friends.push(person_of(row)?),
                "partner" => partners.push(person_of(row)?),
                _ => blocked.push(row.id("user_id")?),
            }
        }
        Ok(Circle {
            friends,
            partners,
            blocked,
            own: own.ok_or(StoreError::NotFound)?,
        })
    }
}

/// The relations among rows with a `kind`; those of people have the columns of [`author_of`].
pub(crate) fn relations_of(rows: &[AnyRow]) -> Result<Relations> {
    let mut relations = Relations::default();
    for row in rows {
        let list = match row.text("kind")?.as_str() {
            "incoming" => &mut relations.incoming,
            "outgoing" => &mut relations.outgoing,
            "blocked" => &mut relations.blocked,
            _ => continue,
        };
        list.push(author_of(row)?);
    }
    for list in [
        &mut relations.incoming,
        &mut relations.outgoing,
        &mut relations.blocked,
    ] {
        list.sort_by_cached_key(|author: &Author| {
            listing_key(&author.display_name, author.user_id)
        });
    }
    Ok(relations)
}
