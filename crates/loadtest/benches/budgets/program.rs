//! The built server, with heartbeats that should be seen.

use loadtest::{Program, command};
use std::{
    error::Error,
    path::{Path, PathBuf},
};

/// What leads to the PostgreSQL that scripts/with-postgres.sh has started. No setting of the server.
pub(crate) const POSTGRES: &str = "ROLLCALL_TEST_POSTGRES";

/// Where the clone is. Cargo runs a benchmark in the folder of its package; where it was compiled may
/// have been another clone.
pub(crate) fn project() -> PathBuf {
    Path::new("../..").to_owned()
}

fn executable() -> PathBuf {
    project().join("target/rollcall")
}

/// Starts the built server with its data in a folder, and with these settings.
pub(crate) async fn start(
    data: &Path,
    settings: &[(&str, &str)],
) -> Result<Program, Box<dyn Error>> {
    let heartbeats = [("ROLLCALL_PRESENCE__PING_INTERVAL", "5s")];
    let settings = [&heartbeats, settings].concat();
    Ok(Program::start(&executable(), data, &settings).await?)
}

/// Copies the data in a folder into another database.
pub(crate) async fn copy(data: &Path, to: &str) -> Result<(), Box<dyn Error>> {
    let copying = command(&executable())
        .args(["copy", "--to", to, "--data"])
        .arg(data)
        .status();
    match copying.await?.success() {
        true => Ok(()),
        false => Err("the data were not copied".into()),
    }
}
