//! Everybody comes at once, and somebody wants to read a page meanwhile.

use crate::{
    people::People,
    table::{Row, Table},
};
use connection::Phase;
use futures::future::join_all;
use loadtest::{Program, Reader};
use std::{error::Error, time::Duration};
use tokio::time::Instant;

/// Connections that are opened at once.
pub(crate) const CONNECTIONS: usize = 10_000;
const PATIENCE: Duration = Duration::from_secs(120);

/// Adds how long it takes until everybody is welcome, how many had to try again, and how long a page
/// takes meanwhile.
pub(crate) async fn measure(
    program: &Program,
    people: &People,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let clients: Vec<_> = people
        .members
        .iter()
        .cycle()
        .take(CONNECTIONS)
        .map(|(authorization, _)| program.connect(authorization))
        .collect();
    let welcome = join_all(clients.iter().map(async |client| {
        let state = client
            .until(PATIENCE, |state| state.phase().is_online())
            .await?;
        Ok::<_, Box<dyn Error>>(match state.phase() {
            Phase::Online { generation, .. } => generation.0 > 1,
            _ => true,
        })
    }));
    let (authorization, team) = &people.members[0];
    let page = format!("/w/{}/c/{team}", people.workspace_slug);
    let reader = Reader::new(&program.server, authorization.clone(), page);
    let (all, slowest) = reader.during(welcome).await?;
    let retried = all.into_iter().collect::<Result<Vec<_>, _>>()?;
    let settled = began.elapsed();
    let how = format!(
        "{CONNECTIONS} clients start at once, from the first to the last welcome; {} of them tried again",
        retried.into_iter().filter(|retried| *retried).count(),
    );
    table.add(Row {
        what: "Storm, all welcome",
        measured: settled.as_secs_f64(),
        aim: Some(10.0),
        unit: "s",
        how,
    });
    table.add(Row {
        what: "Page in the storm, slowest",
        measured: slowest.as_secs_f64() * 1e3,
        aim: Some(1_000.0),
        unit: "ms",
        how: "of a page each 100 ms, while the storm lasts, seen by somebody in a thread of their own".to_owned(),
    });
    Ok(())
}
