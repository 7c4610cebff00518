//! The program `rollcall`.

use clap::Parser as _;
use sd_notify::NotifyState;
use server::{
    backup,
    cli::{Backup, Cli, Command, Copy, Serve, Settings, TokenCommand, UserCommand, Whom},
    clock::Clock,
    config::{Config, ConfigErrors, Flag},
    data, database, demo, log,
    manage::Accounts,
    server::Server,
    site::Site,
};
use std::{
    env,
    io::{self, IsTerminal as _, Write as _},
    net::SocketAddr,
    pin::pin,
    process::ExitCode,
};
use store::Copied;
use tokio::{
    runtime::Runtime,
    select,
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

/// The exit status of a wrong command line or configuration, as clap has it.
const MISUSE: u8 = 2;

/// Why a command ended early: a sentence.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match Cli::parse().command {
        None => serve(&Serve::default()),
        Some(Command::Serve(flags)) => serve(&flags),
        Some(Command::Migrate(settings)) => migrate(&settings),
        Some(Command::Copy(flags)) => copy(&flags),
        Some(Command::Backup(flags)) => backup(&flags),
        Some(Command::CheckConfig(settings)) => check_config(&settings),
        Some(Command::User(command)) => user(command),
        Some(Command::Token(command)) => token(command),
        Some(Command::Version) => {
            tell(concat!("rollcall ", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
    }
}

fn serve(flags: &Serve) -> ExitCode {
    // A connection is an open file, and what a shell allows at first is seldom enough.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        return fail(&error, 1);
    }
    run(&flags.settings, &flags.flags(), |config| {
        serve_until_signal(config, flags.demo)
    })
}

fn migrate(settings: &Settings) -> ExitCode {
    run(settings, &settings.flags(), async |config| {
        database::migrate(&config).await?;
        tell("the tables are up to date");
        Ok(())
    })
}

fn copy(flags: &Copy) -> ExitCode {
    run(&flags.settings, &flags.settings.flags(), async |config| {
        let told = |Copied { table, rows }| tell(&format!("{rows:>10} {table}"));
        database::copy(&config, &flags.to, flags.replace, told).await?;
        tell("copied, and counted in both databases");
        Ok(())
    })
}

fn backup(flags: &Backup) -> ExitCode {
    run(&flags.settings, &flags.settings.flags(), async |config| {
        backup::back_up(&config, &flags.folder).await?;
        tell(&format!("backed up into {}", flags.folder.display()));
        Ok(())
    })
}

fn check_config(settings: &Settings) -> ExitCode {
    let config = match load(settings, &settings.flags()) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let site = Site::find(config.server.site_root.as_deref());
    let data = data::look(&config.server.data, config.token.key_file.as_deref());
    let site = site.err().map(Failure::from);
    let wrong: Vec<_> = site
        .into_iter()
        .chain(data.into_iter().map(Failure::from))
        .collect();
    if wrong.is_empty() {
        tell("the configuration is right");
        return ExitCode::SUCCESS;
    }
    for error in &wrong {
        fail(&**error, 1);
    }
    ExitCode::from(1)
}

fn user(command: UserCommand) -> ExitCode {
    match command {
        UserCommand::List(settings) => manage(&settings, async |accounts| {
            for user in accounts.users().await? {
                let role = if user.is_admin { "administrator" } else { "" };
                let line = format!("{:32} {:13} {}", user.username, role, user.display_name);
                answer(line.trim_end())?;
            }
            Ok(())
        }),
        UserCommand::Add {
            username,
            name,
            settings,
        } => manage(&settings, async |accounts| {
            let user = accounts.add_user(&username, &name, password()?).await?;
            tell(&format!("{} has an account", user.username));
            Ok(())
        }),
        UserCommand::SetPassword(Whom { username, settings }) => {
            manage(&settings, async |accounts| {
                accounts.set_password(&username, password()?).await?;
                tell(&format!(
                    "{username} has another password, and is signed out everywhere"
                ));
                Ok(())
            })
        }
        UserCommand::Promote(Whom { username, settings }) => manage(&settings, async |accounts| {
            accounts.set_admin(&username, true).await?;
            tell(&format!("{username} is an administrator"));
            Ok(())
        }),
        UserCommand::Demote(Whom { username, settings }) => manage(&settings, async |accounts| {
            accounts.set_admin(&username, false).await?;
            tell(&format!("{username} is no administrator"));
            Ok(())
        }),
    }
}

fn token(command: TokenCommand) -> ExitCode {
    match command {
        TokenCommand::Issue {
            username,
            name,
            lifetime,
            settings,
        } => manage(&settings, async |accounts| {
            answer(&accounts.issue_token(&username, &name, lifetime).await?)
        }),
        TokenCommand::List(Whom { username, settings }) => manage(&settings, async |accounts| {
            for session in accounts.sessions(&username).await? {
                let (id, until, name) =
                    (session.session_id, session.expires_at, session.user_agent);
                answer(&format!("{id} until {until} {name}"))?;
            }
            Ok(())
        }),
        TokenCommand::Revoke {
            username,
            id,
            settings,
        } => manage(&settings, async |accounts| {
            accounts.revoke(&username, id).await?;
            tell("revoked");
            Ok(())
        }),
    }
}

fn manage(
    settings: &Settings,
    what: impl AsyncFnOnce(Accounts<'_>) -> Result<(), Failure>,
) -> ExitCode {
    run(settings, &settings.flags(), async |config| {
        what(Accounts::open(&config).await?).await
    })
}

/// The first line of standard input.
fn password() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        let _ = write!(io::stderr(), "Password (it will be seen): ");
    }
    let line = io::stdin().lines().next().transpose();
    let line = line.map_err(|error| format!("the password cannot be read: {error}"))?;
    line.ok_or_else(|| "the password is read from standard input, and nothing was there".into())
}

/// The configuration that a command is to use, or the exit status once it was told what is wrong.
fn load(settings: &Settings, flags: &[Flag]) -> Result<Config, ExitCode> {
    let environment = env::vars_os().map(|(name, value)| {
        [name, value]
            .map(|text| text.to_string_lossy().into_owned())
            .into()
    });
    let loaded = Config::load(settings.config.as_deref(), environment, flags);
    loaded.map_err(|ConfigErrors(errors)| {
        for error in &errors {
            fail(error, MISUSE);
        }
        ExitCode::from(MISUSE)
    })
}

/// Runs a command with the configuration that it is to use.
fn run(
    settings: &Settings,
    flags: &[Flag],
    command: impl AsyncFnOnce(Config) -> Result<(), Failure>,
) -> ExitCode {
    let config = match load(settings, flags) {
        Ok(config) => config,
        Err(status) => return status,
    };
    log::start(&config.log);
    let done = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let done = runtime.block_on(command(config));
        // Whatever still runs is no longer of interest.
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error, 1),
    }
}

async fn serve_until_signal(config: Config, is_demo: bool) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    // A large database is read for minutes. Whatever the start was at, the data take no harm from its end:
    // what it changes in them, it changes in transactions.
    let server = select! {
        started = Server::start(config, Clock::system(), is_demo) => started?,
        () = signals.next() => {
            tracing::info!("stopped_while_starting");
            return Ok(());
        }
    };
    announce(server.address()?, is_demo);
    notify(NotifyState::Ready);
    let stop = CancellationToken::new();
    let mut serving = pin!(server.serve(stop.cancelled()));
    select! {
        ended = &mut serving => return Ok(ended?),
        () = signals.next() => stop.cancel(),
    }
    notify(NotifyState::Stopping);
    select! {
        ended = serving => Ok(ended?),
        () = signals.next() => Err("stopped at once, being told a second time".into()),
    }
}

/// The signals that ask a process to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Tells the service manager, if there is one (sd_notify(3)).
fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "service_manager_not_told");
    }
}

fn announce(address: SocketAddr, is_demo: bool) {
    tell(&format!("listening on http://{address}"));
    if is_demo {
        let names = demo::USERNAMES.join(", ");
        tell(&format!(
            "demo accounts: {names} (password: {})",
            demo::PASSWORD
        ));
    }
}

/// What was asked for, which is worth nothing if nobody can read it.
fn answer(line: &str) -> Result<(), Failure> {
    let written = writeln!(io::stdout(), "{line}");
    Ok(written.map_err(|error| format!("standard output cannot be written: {error}"))?)
}

/// Whoever reads this may have gone; the server goes on.
fn tell(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn fail(error: &dyn std::error::Error, status: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "rollcall: {error}");
    ExitCode::from(status)
}
