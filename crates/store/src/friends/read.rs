//! What a person is to others.

use crate::name::StoredName as _;
use crate::person::{Person, author_of, listing_key, person_columns, person_of};
use crate::row::Columns as _;
use crate::{Result, Store, StoreError};
use protocol::{Author, LastSeenAudience, Relations, UserId};

/// Who may learn more of a person than others, and who less.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// Their friends.
    pub friends: Vec<UserId>,
    /// Whom they have blocked, and who has blocked them.
    pub blocked: Vec<UserId>,
    /// Who may know when they were last here.
    pub audience: LastSeenAudience,
}

impl Store {
    /// A person's friends, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn friends(&self, user_id: UserId) -> Result<Vec<Person>> {
        let mut friends = sqlx::query(concat!(
            "SELECT ",
            person_columns!(),
            " FROM friends JOIN users ON users.user_id = friends.friend_id \
             WHERE friends.user_id = $1"
        ))
        .bind(user_id.to_string())
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(person_of)
        .collect::<Result<Vec<_>>>()?;
        friends.sort_by_cached_key(|friend| listing_key(&friend.display_name, friend.user_id));
        Ok(friends)
    }

    /// Whom a person has asked, who has asked them, but for those whom they have blocked, and whom
    /// they have blocked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn relations(&self, user_id: UserId) -> Result<Relations> {
        // One statement, so that it is all of one moment.
        let rows = sqlx::query(
            "SELECT 'incoming' AS relation, users.user_id, users.display_name \
             FROM friend_requests r JOIN users ON users.user_id = r.asker_id \
             WHERE r.asked_id = $1 AND NOT EXISTS ( \
                 SELECT 1 FROM blocks b WHERE b.user_id = $1 AND b.blocked_id = r.asker_id) \
             UNION ALL \
             SELECT 'outgoing' AS relation, users.user_id, users.display_name \
             FROM friend_requests r JOIN users ON users.user_id = r.asked_id \
             WHERE r.asker_id = $1 \
             UNION ALL \
             SELECT 'blocked' AS relation, users.user_id, users.display_name \
             FROM blocks b JOIN users ON users.user_id = b.blocked_id \
             WHERE b.user_id = $1",
        )
        .bind(user_id.to_string())
        .fetch_all(self.database.readers())
        .await?;
        let mut relations = Relations::default();
        for row in &rows {
            let list = match row.text("relation")?.as_str() {
                "incoming" => &mut relations.incoming,
                "outgoing" => &mut relations.outgoing,
                _ => &mut relations.blocked,
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

    /// Who may learn more of a person than others, and who less.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn circle(&self, user_id: UserId) -> Result<Circle> {
        // One statement, so that it is all of one moment. UNION: two who have blocked each other
        // are in it once.
        let rows = sqlx::query(
            "SELECT 'audience' AS kind, last_seen_audience AS value FROM users WHERE user_id = $1 \
             UNION \
             SELECT 'friend' AS kind, friend_id AS value FROM friends WHERE user_id = $1 \
             UNION \
             SELECT 'blocked' AS kind, blocked_id AS value FROM blocks WHERE user_id = $1 \
             UNION \
             SELECT 'blocked' AS kind, user_id AS value FROM blocks WHERE blocked_id = $1",
        )
        .bind(user_id.to_string())
        .fetch_all(self.database.readers())
        .await?;
        let (mut friends, mut blocked, mut audience) = (Vec::new(), Vec::new(), None);
        for row in &rows {
            match row.text("kind")?.as_str() {
                "audience" => audience = Some(LastSeenAudience::named(&row.text("value")?)?),
                "friend" => friends.push(row.id("value")?),
                _ => blocked.push(row.id("value")?),
            }
        }
        Ok(Circle {
            friends,
            blocked,
            audience: audience.ok_or(StoreError::NotFound)?,
        })
    }
}
