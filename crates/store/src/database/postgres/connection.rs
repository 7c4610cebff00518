//! Connections, and the settings that each begins with.

use super::explain;
use crate::OpenError;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions as _};
use std::time::Duration;
use tokio::time::timeout;

/// How long the server may take to answer at the start.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a call waits for a connection before it fails as unavailable.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);
/// A statement that takes longer is given up by the server.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long a statement waits for a lock that somebody else holds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// A transaction whose owner says nothing for so long is rolled back, and its locks are free. Shorter
/// than the wait for a lock: those who wait get their turn.
pub(super) const ABANDONED_AFTER: Duration = Duration::from_secs(5);

/// What a connection is for.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Read,
    ReadAndWrite,
}

/// One connection, with the reason when there is none.
pub(super) async fn connect(url: &str, at: &str) -> Result<AnyConnection, OpenError> {
    let options: AnyConnectOptions = url.parse().map_err(|_| OpenError::BadServerUrl)?;
    match timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(connected) => connected.map_err(|error| explain(at, error)),
        Err(silence) => Err(OpenError::Unreachable {
            at: at.to_owned(),
            cause: silence.into(),
        }),
    }
}

/// At most `size` connections, the first of them open from the start. What is opened to copy
/// `may_take_long`: nobody waits for it.
pub(super) async fn pool(
    url: &str,
    at: &str,
    size: u32,
    access: Access,
    may_take_long: bool,
) -> Result<AnyPool, OpenError> {
    let options: AnyConnectOptions = url.parse().map_err(|_| OpenError::BadServerUrl)?;
    let settings = settings(access, may_take_long);
    AnyPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(QUEUE_TIMEOUT)
        .after_connect(move |connection, _| {
            let settings = AssertSqlSafe(settings.clone());
            Box::pin(async move {
                sqlx::raw_sql(settings).execute(connection).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .map_err(|error| explain(at, error))
}

fn settings(access: Access, may_take_long: bool) -> String {
    let read_only = match access {
        Access::Read => "on",
        Access::ReadAndWrite => "off",
    };
    // To PostgreSQL, zero is no limit.
    let limit = |limit: Duration| if may_take_long { 0 } else { limit.as_millis() };
    format!(
        "SET statement_timeout = {}; SET lock_timeout = {}; \
         SET idle_in_transaction_session_timeout = {}; \
         SET default_transaction_read_only = {read_only};",
        limit(STATEMENT_TIMEOUT),
        LOCK_TIMEOUT.as_millis(),
        limit(ABANDONED_AFTER),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statement that reads a table is open until the last row is copied, and the transaction that
    /// is copied into does nothing while it is waited for the next.
    #[test]
    fn a_copy_is_not_given_up_because_there_is_much_to_copy() {
        let copying = settings(Access::Read, true);
        assert!(copying.contains("statement_timeout = 0;"), "{copying}");
        assert!(
            copying.contains("idle_in_transaction_session_timeout = 0;"),
            "{copying}"
        );
        let serving = settings(Access::Read, false);
        assert!(serving.contains("statement_timeout = 20000;"), "{serving}");
    }
}
