//! Connections, and the settings that each begins with.

use super::file::{explain, sqlite_url};
use crate::{OpenError, OpenOptions};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions as _, Connection as _};
use std::path::Path;
use std::time::Duration;

/// How long a call waits for one of this process's connections before it fails as unavailable.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// `size` connections, all open from the start and for good.
pub(super) async fn pool(path: &Path, size: u32, pragmas: String) -> Result<AnyPool, OpenError> {
    let options = connect_options(path, "rw").map_err(|error| explain(path, error))?;
    AnyPoolOptions::new()
        .min_connections(size)
        .max_connections(size)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(QUEUE_TIMEOUT)
        // The database is in this process: a connection cannot have gone away meanwhile.
        .test_before_acquire(false)
        // When a write fails SQLite may end the transaction by itself, of which sqlx is not aware:
        // the connection would refuse every later transaction. Replace it.
        .before_acquire(|connection, _| {
            let is_usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_usable) })
        })
        .after_connect(move |connection, _| {
            let pragmas = AssertSqlSafe(pragmas.clone());
            Box::pin(async move {
                sqlx::raw_sql(pragmas).execute(connection).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .map_err(|error| explain(path, error))
}

/// One connection; `mode` is `ro` or `rw`.
pub(super) async fn connect(
    path: &Path,
    mode: &str,
    pragmas: String,
) -> Result<AnyConnection, sqlx::Error> {
    let mut connection = connect_options(path, mode)?.connect().await?;
    sqlx::raw_sql(AssertSqlSafe(pragmas))
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

fn connect_options(path: &Path, mode: &str) -> Result<AnyConnectOptions, sqlx::Error> {
    format!("{}?mode={mode}", sqlite_url(path)).parse()
}

pub(super) fn reader_pragmas(options: &OpenOptions) -> String {
    let busy_timeout = options.busy_timeout.as_millis();
    format!("PRAGMA busy_timeout = {busy_timeout}; PRAGMA query_only = ON;")
}

/// `secure_delete`: what is deleted or overwritten is zeroed in the file.
pub(super) fn writer_pragmas(options: &OpenOptions) -> String {
    let busy_timeout = options.busy_timeout.as_millis();
    format!(
        "PRAGMA busy_timeout = {busy_timeout}; PRAGMA synchronous = FULL; \
         PRAGMA secure_delete = ON;"
    )
}
