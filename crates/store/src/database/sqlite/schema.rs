//! The tables, and how they came to be.

use super::BEGIN;
use super::connection::{connect, first_value, writer_pragmas};
use super::file::{APPLICATION_ID, explain};
use crate::{OpenError, OpenOptions, stream};
use protocol::Epoch;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr as _};
use std::path::Path;

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
    // Not `run`: its future is not known to be `Send` (rust-lang/rust#110338).
    migrator(&STEPS)
        .run_direct(None, &mut *write, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(step) | MigrateError::VersionMismatch(step) => {
                OpenError::Schema {
                    at: path.display().to_string(),
                    step,
                }
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                explain(error)
            }
            other => OpenError::Failed {
                at: path.display().to_string(),
                cause: other.into(),
            },
        })?;
    let epoch = stream::establish(&mut write, epoch_if_new)
        .await
        .map_err(explain)?;
    write.commit().await.map_err(explain)?;
    connection.close().await.map_err(explain)?;
    Ok(epoch)
}

/// The steps that made the tables what they are: number, name and SQL. A step that was ever released
/// never changes.
pub(super) const STEPS: [(i64, &str, &str); 2] = [
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
];

pub(super) fn migrator(steps: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migrations = steps.iter().map(|&(version, description, sql)| {
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}
