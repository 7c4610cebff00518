//! The steps by which tables became what they are.

use sqlx::AnyConnection;
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

/// A step: number, name and SQL. One that was ever released never changes. Every engine has the
/// same numbers.
pub(super) type Step = (i64, &'static str, &'static str);

/// Why the tables could not be brought up to date.
pub(super) enum StepError {
    /// They were made by another version of this program, with a step that this one does not know.
    OtherVersion(i64),
    /// The database refused.
    Database(sqlx::Error),
    /// Anything else.
    Other(MigrateError),
}

/// Takes the steps that were not taken yet, within the caller's transaction.
pub(super) async fn take_steps(
    connection: &mut AnyConnection,
    steps: &[Step],
) -> Result<(), StepError> {
    // Not `run`: its future is not known to be `Send` (rust-lang/rust#110338).
    migrator(steps)
        .run_direct(None, connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(step) | MigrateError::VersionMismatch(step) => {
                StepError::OtherVersion(step)
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                StepError::Database(error)
            }
            other => StepError::Other(other),
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
