//! People, as those who may see them need them.

use crate::Result;
use crate::name::StoredName as _;
use crate::row::Columns as _;
use protocol::{Author, LastSeenAudience, Timestamp, UserId};
use sqlx::any::AnyRow;

/// A person, as those who may see them need them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user_id: UserId,
    /// The name used to sign in.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// When they were last here, if ever. `audience` says who may know.
    pub last_seen: Option<Timestamp>,
    /// What they say of themselves; may be empty.
    pub status_text: String,
    /// Who may know when they were last here.
    pub audience: LastSeenAudience,
    /// Grows with each change of what they have chosen to show.
    pub status_version: u64,
}

/// The columns of a row of `users`, under that very name, which [`person_of`] reads.
macro_rules! person_columns {
    () => {
        "users.user_id, users.username, users.display_name, users.last_seen, users.status_text, \
         users.last_seen_audience, users.status_version"
    };
}
pub(crate) use person_columns;

/// The person in a row with [`person_columns`].
pub(crate) fn person_of(row: &AnyRow) -> Result<Person> {
    Ok(Person {
        user_id: row.id("user_id")?,
        username: row.text("username")?,
        display_name: row.text("display_name")?,
        last_seen: row.optional_time("last_seen")?,
        status_text: row.text("status_text")?,
        audience: LastSeenAudience::named(&row.text("last_seen_audience")?)?,
        status_version: row.number("status_version")?,
    })
}

/// The person in a row with `user_id` and `display_name`.
pub(crate) fn author_of(row: &AnyRow) -> Result<Author> {
    Ok(Author {
        user_id: row.id("user_id")?,
        display_name: row.text("display_name")?,
    })
}

/// What people are listed by: the name as read, whatever its case. In the program, because engines
/// disagree on the order of text.
pub(crate) fn listing_key(display_name: &str, user_id: UserId) -> (String, UserId) {
    (display_name.to_lowercase(), user_id)
}
