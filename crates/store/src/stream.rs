//! The stream of changes: its epoch and its newest offset.

use crate::Result;
use crate::database::Write;
use crate::row::{Columns as _, bigint};
use protocol::Epoch;
use sqlx::{Any, AnyConnection, Executor, Row as _};

/// Begins the stream if there is none, and gives its epoch. From when it is to be used, it is not merely
/// copied any more.
pub(crate) async fn establish(
    connection: &mut AnyConnection,
    epoch_if_new: Epoch,
    is_to_be_used: bool,
) -> Result<Epoch, sqlx::Error> {
    sqlx::query(
        "INSERT INTO stream (id, epoch, newest_offset, is_used) VALUES (1, $1, 0, 0) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(epoch_if_new.to_string())
    .execute(&mut *connection)
    .await?;
    if is_to_be_used {
        // Waits for nobody where it is in use already.
        sqlx::query("UPDATE stream SET is_used = 1 WHERE is_used = 0")
            .execute(&mut *connection)
            .await?;
    }
    let row = sqlx::query("SELECT epoch FROM stream WHERE id = 1")
        .fetch_one(connection)
        .await?;
    let epoch: &str = row.try_get("epoch")?;
    epoch
        .parse::<Epoch>()
        .map_err(|error| sqlx::Error::Decode(error.into()))
}

/// From here on it is another history than the one that this is a copy of.
pub(crate) async fn part(connection: &mut AnyConnection, epoch: Epoch) -> Result<(), sqlx::Error> {
    let update = sqlx::query("UPDATE stream SET epoch = $1").bind(epoch.to_string());
    update.execute(connection).await.map(drop)
}

/// The offset of the newest change.
pub(crate) async fn newest(reader: impl Executor<'_, Database = Any>) -> Result<u64> {
    sqlx::query("SELECT newest_offset FROM stream WHERE id = 1")
        .fetch_one(reader)
        .await?
        .number("newest_offset")
}

/// Locks the stream until `write` ends, and gives its newest offset.
///
/// Whatever must see all that others have written before it writes begins with this: the row is
/// locked, so that on every engine such transactions run one after the other.
pub(crate) async fn lock(write: &mut Write) -> Result<u64> {
    sqlx::query(
        "UPDATE stream SET newest_offset = newest_offset WHERE id = 1 RETURNING newest_offset",
    )
    .fetch_one(&mut **write)
    .await?
    .number("newest_offset")
}

/// Whether it was ever opened to be used since it was begun or copied.
pub(crate) async fn is_used(connection: &mut AnyConnection) -> Result<bool> {
    sqlx::query("SELECT is_used FROM stream WHERE id = 1")
        .fetch_one(connection)
        .await?
        .flag("is_used")
}

/// From here on it is a copy that nobody has used, with this newest offset. It must be locked.
pub(crate) async fn become_copy(write: &mut Write, newest: u64) -> Result<()> {
    set(write, newest, false).await
}

/// Makes `offset` the newest. The stream must be locked.
pub(crate) async fn advance(write: &mut Write, offset: u64) -> Result<()> {
    set(write, offset, true).await
}

async fn set(write: &mut Write, newest: u64, is_used: bool) -> Result<()> {
    sqlx::query("UPDATE stream SET newest_offset = $1, is_used = $2 WHERE id = 1")
        .bind(bigint(newest))
        .bind(i64::from(is_used))
        .execute(&mut **write)
        .await?;
    Ok(())
}
