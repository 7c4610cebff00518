//! What an idle connection costs.

use crate::{
    people::People,
    table::{Row, Table},
};
use connection::Event;
use loadtest::{Client, Program};
use protocol::Room;
use std::{error::Error, time::Duration};
use tokio::time::sleep;

/// Connections that are open when memory is looked at.
pub(crate) const CONNECTIONS: usize = 5_000;
/// Connections opened before, so that what the first ones load does not count.
const WARM_UP: usize = 100;
/// Several heartbeats of each connection.
const IDLE: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(60);

/// Adds the resident memory per idle connection, each with a chat on screen; returns the connections,
/// which live on.
pub(crate) async fn measure(
    program: &Program,
    people: &People,
    table: &mut Table,
) -> Result<Vec<Client>, Box<dyn Error>> {
    let mut clients = Vec::with_capacity(WARM_UP + CONNECTIONS);
    open(program, people, &mut clients, WARM_UP).await?;
    sleep(IDLE).await;
    let before = program.process.resident_bytes()? as f64;
    open(program, people, &mut clients, CONNECTIONS).await?;
    sleep(IDLE).await;
    let after = program.process.resident_bytes()? as f64;
    for client in &clients {
        client
            .until(PATIENCE, |state| state.phase().is_online())
            .await?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let each = (after - before) / CONNECTIONS as f64;
    table.add(Row {
        what: "Idle connection",
        measured: each / 1_024.0,
        aim: Some(10.0),
        unit: "KiB",
        how: format!(
            "VmRSS {:.1} MiB before, {:.1} MiB with {CONNECTIONS} more, one chat of 10 on screen each, \
             pinged every 5 s",
            before / 1_048_576.0,
            after / 1_048_576.0,
        ),
    });
    Ok(clients)
}

async fn open(
    program: &Program,
    people: &People,
    clients: &mut Vec<Client>,
    count: usize,
) -> Result<(), Box<dyn Error>> {
    for (authorization, team) in people.members.iter().cycle().take(count) {
        let client = program.connect(authorization);
        client.dispatch(Event::Subscribe(Room::Chat(*team))).await;
        client
            .until(PATIENCE, |state| state.phase().is_online())
            .await?;
        clients.push(client);
    }
    Ok(())
}
