//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Open files that are not connections, and as many again for a bare loop beside them.
pub(crate) const SPARE_FILES: usize = 500;

/// Measures a Rollcall server under load, and whether all that its people are shown is true.
///
/// Starts a server of its own with people who have signed up, opens connections that behave like browser
/// tabs, heartbeats included, and lets them do what the scenario says at times that were set beforehand: a
/// latency counts from the time that was meant, however late anything runs. Then a bare loop writes the same
/// bytes to as many sockets, and what has such a counterpart is also shown as a multiple of what that loop takes.
///
/// Exit status: 0 when all was true, 1 when somebody was shown something that was not, 2 when nothing could
/// be measured.
#[derive(Debug, Parser)]
#[command(name = "rollcall-load", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// What to measure.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  rollcall-load idle                                 1,000 connections that do nothing
  rollcall-load churn --connections 5000 --room 100  1 % of 5,000 leave and come back each second
  rollcall-load all --data people --json load.json   everything; the people are kept for the next time
A connection is an open file: ulimit -Sn \"$(ulimit -Hn)\"";

/// What to measure.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Connections that do nothing but show that they live.
    Idle(Load),
    /// 1 % of the people leave for good and come back, each second.
    Churn(Load),
    /// People begin to type and end, as often as --rate says.
    Typing(Load),
    /// Everybody connects at the same moment, while somebody else reads pages.
    JoinStorm(Load),
    /// Every socket breaks at the same moment, while somebody else reads pages: whoever is back within the
    /// grace is never shown offline.
    ReconnectStorm(Load),
    /// Rosters are asked for anew, as often as --rate says.
    Snapshots(Load),
    /// As churn, with everybody in one room.
    BigRoom(Load),
    /// Everybody connects and leaves, ten times: the memory of the server must not grow.
    Cycles(Load),
    /// All of them, one after the other.
    All(Load),
    /// The bare loop that others are compared with.
    #[command(hide = true)]
    Floor(FloorArgs),
}

/// How much, and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct Load {
    /// Connections that are open
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(20..=19_000))]
    pub(crate) connections: u32,
    /// People who have signed up; some hold several connections when there are fewer of them, at most 50,
    /// and some none when there are more [default: as many as connections, or as a room takes]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(10..=19_000))]
    pub(crate) people: Option<u32>,
    /// People in a room; each connection has one room on screen
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=19_000))]
    pub(crate) room: u32,
    /// How long it goes on, in seconds; idle connections for whole intervals of 25 s
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) seconds: u32,
    /// Signs of typing, or snapshots, a second
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    pub(crate) rate: u32,
    /// The server's program
    #[arg(long, value_name = "FILE", default_value = "target/rollcall")]
    pub(crate) program: PathBuf,
    /// Keep the server's data and who has signed in there, and go on with them the next time: signing ten
    /// thousand people up takes minutes [default: a folder that is removed again]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// Write the report to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

/// What the bare loop does.
#[derive(Args, Clone, Debug)]
pub(crate) struct FloorArgs {
    /// Bytes with which it answers whatever arrives
    #[arg(long)]
    pub(crate) answer: usize,
}

impl Load {
    /// Connections that are open.
    pub(crate) const fn connections(&self) -> usize {
        self.connections as usize
    }

    /// People who have signed up.
    pub(crate) fn people(&self) -> usize {
        self.people.unwrap_or(self.connections.max(self.room)) as usize
    }

    /// Open files that this program needs.
    pub(crate) const fn files(&self) -> usize {
        self.connections() + 2 * SPARE_FILES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn there_are_as_many_people_as_connections_unless_told_otherwise() {
        let parse = |arguments: &[&str]| {
            let parsed = Cli::parse_from([&["rollcall-load", "idle"], arguments].concat());
            let Command::Idle(load) = parsed.command else {
                panic!("idle was asked for");
            };
            (load.connections(), load.people())
        };
        assert_eq!(parse(&[]), (1_000, 1_000));
        let few = parse(&["--connections=500", "--people=100"]);
        assert_eq!(few, (500, 100));
        let large = parse(&["--room=10000"]);
        assert_eq!(large, (1_000, 10_000));
    }

    #[test]
    fn no_more_connections_are_asked_for_than_one_process_can_hold() {
        let asked =
            |number: &str| Cli::try_parse_from(["rollcall-load", "idle", "--connections", number]);
        assert!(asked("19000").is_ok());
        assert!(asked("19001").is_err());
    }
}
