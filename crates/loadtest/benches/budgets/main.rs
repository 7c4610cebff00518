//! The budgets, measured against the real program and printed: `make bench`.
//!
//! Nothing here is asserted: how long something takes depends on the machine, and a figure over its
//! aim is a reason to look, not a broken build. Expects the built product (`make build`).
//! What takes a browser to measure is in end2end/bench.ts.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

mod download;
mod memory;
mod page;
mod people;
mod program;
mod samples;
mod sharing;
mod snapshot;
mod storm;
mod table;

use people::People;
use std::error::Error;
use table::Table;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut table = Table::default();
    snapshot::measure_directory(&mut table).await?;

    println!("Starting the server, signing up {} people", people::COUNT);
    let program = program::start(folder.path(), &[]).await?;
    download::measure(&program, &mut table).await?;
    let people = People::settle(&program.server).await?;
    page::measure(&program, &people, &mut table).await?;
    program.kill().await?;

    // A fresh process, so that what signing up has allocated does not hide what connections take.
    let program = program::start(folder.path(), &[]).await?;
    println!("Opening {} connections", memory::CONNECTIONS);
    let connections = memory::measure(&program, &people, &mut table).await?;
    snapshot::measure_rest(&program, &people, &mut table).await?;
    drop(connections);
    program.kill().await?;
    let program = program::start(folder.path(), &[]).await?;
    println!("Opening {} connections at once", storm::CONNECTIONS);
    storm::measure(&program, &people, &mut table).await?;
    program.kill().await?;
    sharing::measure(&people, folder.path(), &mut table).await?;

    println!("\n{table}");
    Ok(())
}
