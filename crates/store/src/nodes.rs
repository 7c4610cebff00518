//! Servers at this database, as far as they must know of each other.

use crate::row::Columns as _;
use crate::{Result, Store};
use protocol::{NodeId, Timestamp};

/// A server that was not heard of for this long is gone, in milliseconds.
const GONE: i64 = 24 * 60 * 60 * 1_000;

impl Store {
    /// A server has reached, once more, the Redis that all share. Those that are long gone are
    /// forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_beat(&self, node: NodeId, now: Timestamp) -> Result<()> {
        let mut write = self.database.write().await?;
        sqlx::query(
            "INSERT INTO nodes (node_id, beats, seen_at) VALUES ($1, 1, $2) \
             ON CONFLICT (node_id) DO UPDATE SET beats = nodes.beats + 1, seen_at = $2",
        )
        .bind(node.to_string())
        .bind(now.unix_millis())
        .execute(&mut *write)
        .await?;
        sqlx::query("DELETE FROM nodes WHERE seen_at < $1")
            .bind(now.unix_millis().saturating_sub(GONE))
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// How often the other servers have reached it, all together.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn beats_of_others(&self, node: NodeId) -> Result<u64> {
        sqlx::query(
            "SELECT CAST(COALESCE(SUM(beats), 0) AS BIGINT) AS beats FROM nodes WHERE node_id <> $1",
        )
        .bind(node.to_string())
        .fetch_one(self.database.readers())
        .await?
        .number("beats")
    }
}
