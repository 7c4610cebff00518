//! The load: how much a server bears, and whether all that its people are shown meanwhile is true.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

mod cli;
mod clock;
mod company;
mod crowd;
mod floor;
mod lock;
mod observer;
mod progress;
mod report;
mod scenarios;
mod schedule;
mod script;
mod stage;
mod verdict;

use clap::Parser as _;
use cli::{Cli, Command, Load};
use company::{Company, Failure};
use progress::Progress;
use scenarios::Scenario;
use std::{fs, process::ExitCode};

/// The exit status when somebody was shown something that was not true.
const NOT_TRUE: u8 = 1;
/// The exit status when nothing could be measured, as that of a wrong command line.
const NOT_MEASURED: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let (scenarios, load) = match Cli::parse().command {
        Command::Floor(floor) => {
            return match floor::serve(floor.answer).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&error.into()),
            };
        }
        Command::Idle(load) => (vec![Scenario::Idle], load),
        Command::Churn(load) => (vec![Scenario::Churn], load),
        Command::Typing(load) => (vec![Scenario::Typing], load),
        Command::JoinStorm(load) => (vec![Scenario::JoinStorm], load),
        Command::ReconnectStorm(load) => (vec![Scenario::ReconnectStorm], load),
        Command::Snapshots(load) => (vec![Scenario::Snapshots], load),
        Command::BigRoom(load) => (vec![Scenario::BigRoom], load),
        Command::Cycles(load) => (vec![Scenario::Cycles], load),
        Command::All(load) => (Scenario::ALL.to_vec(), load),
    };
    match measure(&scenarios, &load).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => NOT_TRUE.into(),
        Err(error) => fail(&error),
    }
}

/// Measures one after the other, each with a fresh server; returns whether all was true.
async fn measure(scenarios: &[Scenario], load: &Load) -> Result<bool, Failure> {
    let (needed, allowed) = (load.files(), stage::files()?);
    if allowed < needed {
        return Err(format!(
            "{needed} files would be open, and {allowed} may be: ulimit -Sn \"$(ulimit -Hn)\"",
        )
        .into());
    }
    let progress = Progress::new();
    let mut company = Company::settle(load, progress).await?;
    let mut reports = Vec::new();
    for scenario in scenarios {
        let report = scenario.measure(load, &mut company, progress).await?;
        println!("{report}");
        reports.push(report);
        if let Some(file) = &load.json {
            fs::write(file, serde_json::to_vec_pretty(&reports)?)?;
        }
    }
    Ok(reports.iter().all(|report| report.fault_count == 0))
}

fn fail(error: &Failure) -> ExitCode {
    eprintln!("rollcall-load: {error}");
    NOT_MEASURED.into()
}
