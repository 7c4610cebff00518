//! The program `rollcall`.

use clap::Parser as _;
use server::{
    cli::{Cli, Command, Serve},
    clock::Clock,
    config::Config,
    demo, log,
    server::Server,
};
use std::{
    env,
    io::{self, Write as _},
    net::SocketAddr,
    process::ExitCode,
};
use tokio::{
    runtime::Runtime,
    select,
    signal::unix::{SignalKind, signal},
};

/// The exit status of a wrong command line or configuration, as clap has it.
const MISUSE: u8 = 2;

fn main() -> ExitCode {
    match Cli::parse().command {
        None => serve(&Serve::default()),
        Some(Command::Serve(flags)) => serve(&flags),
        Some(Command::Version) => {
            tell(concat!("rollcall ", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
    }
}

fn serve(flags: &Serve) -> ExitCode {
    let environment = env::vars_os().map(|(name, value)| {
        [name, value]
            .map(|text| text.to_string_lossy().into_owned())
            .into()
    });
    let config = match Config::load(flags.config.as_deref(), environment, &flags.settings()) {
        Ok(config) => config,
        Err(error) => return fail(&error, MISUSE),
    };
    log::start(&config.log);
    let served = Runtime::new()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(serve_until_signal(config, flags.demo)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error, 1),
    }
}

async fn serve_until_signal(
    config: Config,
    is_demo: bool,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let server = Server::start(config, Clock::system(), is_demo).await?;
    announce(server.address()?, is_demo);
    server
        .serve(async move {
            select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
        .await?;
    Ok(())
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

/// Whoever reads this may have gone; the server goes on.
fn tell(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

fn fail(error: &dyn std::error::Error, status: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "rollcall: {error}");
    ExitCode::from(status)
}
