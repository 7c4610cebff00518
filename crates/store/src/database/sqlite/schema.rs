//! The tables, and how they came to be.

use super::BEGIN;
use super::connection::{connect, writer_pragmas};
use super::file::{APPLICATION_ID, explain};
use crate::database::first_value;
use crate::database::schema::{Step, bring_up_to_date};
use crate::{OpenError, OpenOptions};
use protocol::Epoch;
use sqlx::{AssertSqlSafe, Connection as _};
use std::path::Path;

/// The steps that made the tables what they are.
pub(super) const STEPS: [Step; 5] = [
    (
        1,
        "initial",
        include_str!("../../../migrations/sqlite/0001_initial.sql"),
    ),
    (
        2,
        "people",
        include_str!("../../../migrations/sqlite/0002_people.sql"),
    ),
    (
        3,
        "changes",
        include_str!("../../../migrations/sqlite/0003_changes.sql"),
    ),
    (
        4,
        "copies",
        include_str!("../../../migrations/sqlite/0004_copies.sql"),
    ),
    (
        5,
        "counts",
        include_str!("../../../migrations/sqlite/0005_counts.sql"),
    ),
];

/// Brings the tables up to date and begins the stream: all of it, or nothing.
pub(super) async fn prepare(
    path: &Path,
    epoch_if_new: Epoch,
    options: &OpenOptions,
) -> Result<Epoch, OpenError> {
    let explain = |error| explain(path, error);
    let pragmas = format!("{} PRAGMA journal_mode = WAL;", writer_pragmas(options));
    let mut connection = connect(path, "rw", pragmas).await.map_err(explain)?;
    let mut write = connection.begin_with(BEGIN).await.map_err(explain)?;
    let owner: i64 = first_value(&mut write, "PRAGMA application_id")
        .await
        .map_err(explain)?;
    if owner != APPLICATION_ID {
        let mark = format!("PRAGMA application_id = {APPLICATION_ID}");
        sqlx::raw_sql(AssertSqlSafe(mark))
            .execute(&mut *write)
            .await
            .map_err(explain)?;
    }
    let at = path.display().to_string();
    let epoch = bring_up_to_date(&mut write, &STEPS, epoch_if_new, options, &at, explain).await?;
    write.commit().await.map_err(explain)?;
    connection.close().await.map_err(explain)?;
    Ok(epoch)
}
