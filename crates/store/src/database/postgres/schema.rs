//! The tables, and how they came to be.

use super::connection::connect;
use super::{BEGIN, explain};
use crate::database::first_value;
use crate::database::schema::{Step, bring_up_to_date};
use crate::{OpenError, OpenOptions};
use protocol::Epoch;
use sqlx::{AnyConnection, Connection as _, Row as _};

/// The steps that made the tables what they are.
const STEPS: [Step; 5] = [
    (
        1,
        "initial",
        include_str!("../../../migrations/postgres/0001_initial.sql"),
    ),
    (
        2,
        "people",
        include_str!("../../../migrations/postgres/0002_people.sql"),
    ),
    (
        3,
        "changes",
        include_str!("../../../migrations/postgres/0003_changes.sql"),
    ),
    (
        4,
        "copies",
        include_str!("../../../migrations/postgres/0004_copies.sql"),
    ),
    (
        5,
        "counts",
        include_str!("../../../migrations/postgres/0005_counts.sql"),
    ),
];

/// Servers that start at the same moment take the steps one after the other. Released with the
/// transaction; the number is the ASCII of "Roll". A step that has to wait for a reader, such as pg_dump,
/// would make everybody else wait behind it: it is rather given up. That a table is there already is no
/// news.
const LOCK: &str = "
    SELECT pg_advisory_xact_lock(x'526f6c6c'::bigint);
    SET LOCAL lock_timeout = '5s';
    SET LOCAL client_min_messages = warning;
";

/// Brings the tables up to date and begins the stream: all of it, or nothing.
pub(super) async fn prepare(
    url: &str,
    at: &str,
    epoch_if_new: Epoch,
    options: &OpenOptions,
) -> Result<Epoch, OpenError> {
    let explain = |error| explain(at, error);
    let mut connection = connect(url, at).await?;
    let mut write = connection.begin_with(BEGIN).await.map_err(explain)?;
    // Not `query`: a `void` is a type that rows of any engine do not have.
    sqlx::raw_sql(LOCK)
        .execute(&mut *write)
        .await
        .map_err(explain)?;
    let encoding: String = first_value(&mut write, "SELECT current_setting('server_encoding')")
        .await
        .map_err(explain)?;
    if encoding != "UTF8" {
        let at = at.to_owned();
        return Err(OpenError::Encoding { at, encoding });
    }
    if is_of_another_program(&mut write).await.map_err(explain)? {
        return Err(OpenError::OtherProgram { at: at.to_owned() });
    }
    let epoch = bring_up_to_date(&mut write, &STEPS, epoch_if_new, options, at, explain).await?;
    write.commit().await.map_err(explain)?;
    connection.close().await.map_err(explain)?;
    Ok(epoch)
}

/// Whether there are tables, but none that says which steps were taken.
async fn is_of_another_program(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS tables, COUNT(*) FILTER (WHERE table_name = '_sqlx_migrations') AS ours \
         FROM information_schema.tables WHERE table_schema = current_schema()",
    )
    .fetch_one(connection)
    .await?;
    let (tables, ours): (i64, i64) = (row.try_get("tables")?, row.try_get("ours")?);
    Ok(tables > 0 && ours == 0)
}
