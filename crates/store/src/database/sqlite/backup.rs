//! A copy of the file as it is at one moment, while it is in use.

use super::{
    connection::{connect, writer_pragmas},
    file::{claim, examine, explain, explain_io, resolve},
};
use crate::{OpenError, OpenOptions, stream::part};
use protocol::Epoch;
use sqlx::Connection as _;
use std::{fs::File, path::Path};

/// Copies the SQLite database in the file `from` as it is at one moment to the file `to`, where there must be none.
/// Whoever uses it goes on meanwhile. The copy was read through and lies on the disk; its stream has the
/// new `epoch`, for what is written to it will differ from what is written here.
///
/// # Errors
/// See [`OpenError`]; what is at `to` then is not to be used.
pub async fn back_up(from: &Path, to: &Path, epoch: Epoch) -> Result<(), OpenError> {
    sqlx::any::install_default_drivers();
    let options = OpenOptions::default();
    let from = resolve(from)?;
    let (explain_from, explain_to) = (|error| explain(&from, error), |error| explain(to, error));
    examine(&from, &options).await?;
    claim(to)?;
    let busy_timeout = options.busy_timeout.as_millis();
    let pragmas = format!("PRAGMA busy_timeout = {busy_timeout}");
    let mut connection = connect(&from, "ro", pragmas).await.map_err(explain_from)?;
    // https://sqlite.org/lang_vacuum.html#vacuuminto: one read transaction, in the way of nobody.
    let done = sqlx::query("VACUUM INTO $1")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await;
    done.map_err(explain_to)?;
    connection.close().await.map_err(explain_from)?;
    let pragmas = writer_pragmas(&options);
    let mut copy = connect(to, "rw", pragmas).await.map_err(explain_to)?;
    part(&mut copy, epoch).await.map_err(explain_to)?;
    copy.close().await.map_err(explain_to)?;
    examine(to, &options).await?;
    let written = File::open(to).and_then(|file| file.sync_all());
    written.map_err(|error| explain_io(to, error))
}
