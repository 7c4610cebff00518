//! The steps by which tables became what they are.

use super::first_value;
use crate::{OpenError, OpenOptions, stream};
use protocol::Epoch;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, SqlSafeStr as _};

/// A step: number, name and SQL. One that was ever released never changes. Every engine has the
/// same numbers.
pub(super) type Step = (i64, &'static str, &'static str);

/// Takes the steps that were not taken yet, and begins the stream if there is none, within the
/// caller's transaction. Gives the stream's epoch.
///
/// `at` is the database in words, and `explain` says what an error of it means.
pub(super) async fn bring_up_to_date(
    connection: &mut AnyConnection,
    steps: &[Step],
    epoch_if_new: Epoch,
    options: &OpenOptions,
    at: &str,
    explain: impl Fn(sqlx::Error) -> OpenError,
) -> Result<Epoch, OpenError> {
    if !options.is_to_be_brought_up_to_date && !is_up_to_date(connection, steps).await {
        return Err(OpenError::Outdated { at: at.to_owned() });
    }
    take(connection, steps, at, &explain).await?;
    stream::establish(connection, epoch_if_new, options.is_to_be_used)
        .await
        .map_err(explain)
}

/// Whether all steps were taken. Where none was, there is nothing to ask.
async fn is_up_to_date(connection: &mut AnyConnection, steps: &[Step]) -> bool {
    let newest = first_value(connection, "SELECT MAX(version) FROM _sqlx_migrations").await;
    let newest: Option<i64> = newest.unwrap_or_default();
    newest >= steps.iter().map(|(step, ..)| *step).max()
}

/// Takes the steps that were not taken yet.
pub(super) async fn take(
    connection: &mut AnyConnection,
    steps: &[Step],
    at: &str,
    explain: impl Fn(sqlx::Error) -> OpenError,
) -> Result<(), OpenError> {
    // Not `run`: its future is not known to be `Send` (rust-lang/rust#110338).
    migrator(steps)
        .run_direct(None, connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(step) | MigrateError::VersionMismatch(step) => {
                OpenError::Schema {
                    at: at.to_owned(),
                    step,
                }
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                explain(error)
            }
            other => OpenError::Failed {
                at: at.to_owned(),
                cause: other.into(),
            },
        })
}

fn migrator(steps: &[Step]) -> Migrator {
    let migrations = steps.iter().map(|&(version, description, sql)| {
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    // Each engine has its own way to let only one process take steps.
    migrator.set_locking(false);
    migrator
}
