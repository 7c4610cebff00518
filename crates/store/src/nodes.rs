//! Servers at this database, as far as they must know of each other.

use crate::row::{Columns as _, bigint};
use crate::{Result, Store};
use protocol::{NodeId, Timestamp};

/// A server that was not heard of for this long is gone, in milliseconds.
const GONE: i64 = 24 * 60 * 60 * 1_000;

/// Servers that are listed at most.
const LISTED: i64 = 100;

/// How many connections a server holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeCount {
    /// Which server.
    pub node: NodeId,
    /// Its connections.
    pub connections: u64,
    /// Those whose they are.
    pub people: u64,
    /// When it counted.
    pub counted_at: Timestamp,
}

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

    /// A server says how many connections it holds. This is no beat: it may reach this database, and not
    /// the Redis that all share.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_connections(&self, count: NodeCount) -> Result<()> {
        let mut write = self.database.write().await?;
        sqlx::query(
            "INSERT INTO nodes (node_id, beats, seen_at, connections, people, counted_at) \
             VALUES ($1, 0, $2, $3, $4, $2) ON CONFLICT (node_id) DO UPDATE \
             SET seen_at = $2, connections = $3, people = $4, counted_at = $2",
        )
        .bind(count.node.to_string())
        .bind(count.counted_at.unix_millis())
        .bind(bigint(count.connections))
        .bind(bigint(count.people))
        .execute(&mut *write)
        .await?;
        Ok(write.commit().await?)
    }

    /// What the other servers have counted after `since`, by server, the 100 first of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts_of_others(&self, node: NodeId, since: Timestamp) -> Result<Vec<NodeCount>> {
        sqlx::query(
            "SELECT node_id, connections, people, counted_at FROM nodes \
             WHERE node_id <> $1 AND counted_at > $2 ORDER BY node_id LIMIT $3",
        )
        .bind(node.to_string())
        .bind(since.unix_millis())
        .bind(LISTED)
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(|row| {
            Ok(NodeCount {
                node: row.id("node_id")?,
                connections: row.number("connections")?,
                people: row.number("people")?,
                counted_at: row.time("counted_at")?,
            })
        })
        .collect()
    }
}
