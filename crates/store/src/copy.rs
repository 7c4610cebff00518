//! Copying everything from one database to another, whatever their engines.

use crate::database::Write;
use crate::row::Columns as _;
use crate::{Result, Store, StoreError, stream};
use futures::TryStreamExt as _;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

/// Rows that travel in one statement. SQLite takes 32,766 values in one, PostgreSQL 65,535.
const ROWS_AT_ONCE: usize = 500;

/// A table that was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: &'static str,
    /// How many rows it has in both databases.
    pub rows: u64,
}

/// Why nothing was copied: a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The target has a history of its own.
    #[error(
        "the database to copy into holds other data than those that are to be copied: choose an \
         empty one"
    )]
    OtherHistory,
    /// The target was used.
    #[error(
        "the database to copy into has been used since it was copied, or is the original, or was copied \
         by an older version: nothing was changed; choose an empty one, or replace it and lose what is \
         only there (--replace)"
    )]
    Used,
    /// The target does not hold what was written into it.
    #[error("of {read} {table} {written} arrived: nothing was changed")]
    Miscounted {
        /// Of what.
        table: &'static str,
        /// How many rows were read.
        read: u64,
        /// How many the target counts.
        written: u64,
    },
    /// One of the databases failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for CopyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// The type of a column, which may be absent in any row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Bytes,
}

/// A table and all its columns.
struct Table {
    name: &'static str,
    columns: &'static [(&'static str, Kind)],
}

impl Store {
    /// Copies everything that `source` holds, as it is at one moment, into this database: all of it,
    /// or nothing. Calls `told` for each table once it is counted. This database must have been
    /// opened with [`Store::open_to_copy`] and the epoch of `source`. An earlier copy is replaced if
    /// nobody has used it, or if `replaces_used`.
    ///
    /// # Errors
    /// See [`CopyError`].
    pub async fn copy_from(
        &self,
        source: &Self,
        replaces_used: bool,
        mut told: impl FnMut(Copied) + Send,
    ) -> Result<(), CopyError> {
        if self.epoch != source.epoch {
            return Err(CopyError::OtherHistory);
        }
        let mut write = self.database.write().await?;
        let reached = stream::lock(&mut write).await?;
        if stream::is_used(&mut write).await? && !replaces_used {
            return Err(CopyError::Used);
        }
        for table in TABLES.iter().rev() {
            let delete = format!("DELETE FROM {}", table.name);
            sqlx::query(AssertSqlSafe(delete))
                .execute(&mut *write)
                .await?;
        }
        let mut read = source.database.snapshot().await?;
        for table in &TABLES {
            copy_table(table, &mut read, &mut write).await?;
            let rows = count(&mut read, table).await?;
            let written = count(&mut write, table).await?;
            let table = table.name;
            if written != rows {
                let read = rows;
                return Err(CopyError::Miscounted {
                    table,
                    read,
                    written,
                });
            }
            told(Copied { table, rows });
        }
        // Tabs that have seen what is replaced must not take what comes for old.
        let newest = reached.max(stream::newest(&mut *read).await?);
        stream::become_copy(&mut write, newest).await?;
        write.commit().await?;
        Ok(())
    }
}

async fn count(connection: &mut AnyConnection, table: &Table) -> Result<u64> {
    let select = format!("SELECT COUNT(*) AS count FROM {}", table.name);
    sqlx::query(AssertSqlSafe(select))
        .fetch_one(connection)
        .await?
        .number("count")
}

async fn copy_table(table: &Table, read: &mut AnyConnection, write: &mut Write) -> Result<()> {
    let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let names = names.join(", ");
    let select = format!("SELECT {names} FROM {}", table.name);
    let mut rows = sqlx::query(AssertSqlSafe(select)).fetch(read);
    let mut waiting = Vec::with_capacity(ROWS_AT_ONCE);
    while let Some(row) = rows.try_next().await? {
        waiting.push(row);
        if waiting.len() == ROWS_AT_ONCE {
            insert(table, &names, &waiting, write).await?;
            waiting.clear();
        }
    }
    if !waiting.is_empty() {
        insert(table, &names, &waiting, write).await?;
    }
    Ok(())
}

async fn insert(table: &Table, names: &str, rows: &[AnyRow], write: &mut Write) -> Result<()> {
    let width = table.columns.len();
    let values: Vec<_> = (0..rows.len())
        .map(|row| {
            let places = (1..=width).map(|column| format!("${}", row * width + column));
            format!("({})", places.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let insert = format!(
        "INSERT INTO {} ({names}) VALUES {}",
        table.name,
        values.join(", ")
    );
    // Not kept prepared: it is as long as there are rows.
    let mut query = sqlx::query(AssertSqlSafe(insert)).persistent(false);
    for row in rows {
        for &(column, kind) in table.columns {
            query = match kind {
                Kind::Text => query.bind(row.try_get::<Option<String>, _>(column)?),
                Kind::Number => query.bind(row.try_get::<Option<i64>, _>(column)?),
                Kind::Bytes => query.bind(row.try_get::<Option<Vec<u8>>, _>(column)?),
            };
        }
    }
    query.execute(&mut **write).await?;
    Ok(())
}

/// Every table, each after those that it refers to.
const TABLES: [Table; 12] = [
    Table {
        name: "users",
        columns: &[
            ("user_id", Kind::Text),
            ("username", Kind::Text),
            ("display_name", Kind::Text),
            ("password_hash", Kind::Text),
            ("is_admin", Kind::Number),
            ("created_at", Kind::Number),
            ("last_seen", Kind::Number),
            ("mode", Kind::Text),
            ("mode_until", Kind::Number),
            ("status_text", Kind::Text),
            ("text_until", Kind::Number),
            ("status_version", Kind::Number),
            ("last_seen_audience", Kind::Text),
            ("notifications_version", Kind::Number),
        ],
    },
    Table {
        name: "sessions",
        columns: &[
            ("session_id", Kind::Text),
            ("user_id", Kind::Text),
            ("token_hash", Kind::Bytes),
            ("user_agent", Kind::Text),
            ("created_at", Kind::Number),
            ("expires_at", Kind::Number),
        ],
    },
    Table {
        name: "workspaces",
        columns: &[
            ("workspace_id", Kind::Text),
            ("slug", Kind::Text),
            ("name", Kind::Text),
            ("created_at", Kind::Number),
        ],
    },
    Table {
        name: "workspace_members",
        columns: &[
            ("workspace_id", Kind::Text),
            ("user_id", Kind::Text),
            ("role", Kind::Text),
            ("joined_at", Kind::Number),
        ],
    },
    Table {
        name: "invitations",
        columns: &[
            ("token_hash", Kind::Bytes),
            ("workspace_id", Kind::Text),
            ("created_by", Kind::Text),
            ("created_at", Kind::Number),
            ("expires_at", Kind::Number),
            ("uses_left", Kind::Number),
        ],
    },
    Table {
        name: "chats",
        columns: &[
            ("chat_id", Kind::Text),
            ("workspace_id", Kind::Text),
            ("slug", Kind::Text),
            ("name", Kind::Text),
            ("name_key", Kind::Text),
            ("topic", Kind::Text),
            ("is_private", Kind::Number),
            ("created_at", Kind::Number),
            ("direct_key", Kind::Text),
        ],
    },
    Table {
        name: "chat_members",
        columns: &[
            ("chat_id", Kind::Text),
            ("user_id", Kind::Text),
            ("workspace_id", Kind::Text),
            ("role", Kind::Text),
            ("read_sequence", Kind::Number),
            ("joined_at", Kind::Number),
            ("is_muted", Kind::Number),
        ],
    },
    Table {
        name: "messages",
        columns: &[
            ("sequence", Kind::Number),
            ("message_id", Kind::Text),
            ("chat_id", Kind::Text),
            ("client_id", Kind::Text),
            ("author_id", Kind::Text),
            ("text", Kind::Text),
            ("sent_at", Kind::Number),
            ("edited_at", Kind::Number),
            ("deleted_at", Kind::Number),
            ("changed_offset", Kind::Number),
        ],
    },
    Table {
        name: "friends",
        columns: &[
            ("user_id", Kind::Text),
            ("friend_id", Kind::Text),
            ("since", Kind::Number),
        ],
    },
    Table {
        name: "friend_requests",
        columns: &[
            ("asker_id", Kind::Text),
            ("asked_id", Kind::Text),
            ("asked_at", Kind::Number),
        ],
    },
    Table {
        name: "blocks",
        columns: &[
            ("user_id", Kind::Text),
            ("blocked_id", Kind::Text),
            ("blocked_at", Kind::Number),
        ],
    },
    Table {
        name: "notifications",
        columns: &[
            ("notification_id", Kind::Text),
            ("user_id", Kind::Text),
            ("kind", Kind::Text),
            ("actor_id", Kind::Text),
            ("chat_id", Kind::Text),
            ("message_sequence", Kind::Number),
            ("count", Kind::Number),
            ("happened_at", Kind::Number),
            ("is_read", Kind::Number),
            ("changed_version", Kind::Number),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite_url;
    use protocol::Epoch;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    /// A column that was forgotten would be lost without a word.
    #[tokio::test]
    async fn no_table_and_no_column_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let url = sqlite_url(&folder.path().join("rollcall.db"));
        let epoch = Epoch::from_uuid(Uuid::from_u128(1));
        let store = Store::open(&url, epoch).await.unwrap();
        let found = sqlx::query(
            "SELECT m.name AS table_name, p.name AS column_name, p.type AS type \
             FROM sqlite_schema m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '_sqlx_%' \
             ORDER BY p.cid",
        )
        .fetch_all(store.database.readers())
        .await
        .unwrap();
        let mut of_schema: BTreeMap<String, Vec<(String, Kind)>> = BTreeMap::new();
        // Which servers there are is no matter of the data, and the one row of the stream is changed.
        let is_data =
            |row: &&AnyRow| !matches!(&*row.text("table_name").unwrap(), "nodes" | "stream");
        for row in found.iter().filter(is_data) {
            let kind = match &*row.text("type").unwrap() {
                "TEXT" => Kind::Text,
                "BIGINT" | "INTEGER" => Kind::Number,
                "BLOB" => Kind::Bytes,
                other => panic!("{other} cannot be copied"),
            };
            let columns = of_schema
                .entry(row.text("table_name").unwrap())
                .or_default();
            columns.push((row.text("column_name").unwrap(), kind));
        }
        let copied = TABLES.iter().map(|table| {
            let columns = table.columns.iter();
            let columns = columns.map(|&(name, kind)| (name.to_owned(), kind));
            (table.name.to_owned(), columns.collect())
        });
        assert_eq!(copied.collect::<BTreeMap<_, _>>(), of_schema);
    }
}
