//! Who of a large chat is online.

use crate::{
    people::{self, People},
    samples::Samples,
    table::{Row, Table},
};
use loadtest::Program;
use presence::{Directory as _, MemoryDirectory, Registration, Settings};
use protocol::{ConnectionId, Epoch, NodeId, PresenceEntry, SessionId, Timestamp, UserId};
use std::{error::Error, hint::black_box};
use uuid::Uuid;

const ROUNDS: usize = 1_000;

/// Adds how long the directory alone takes.
pub(crate) async fn measure_directory(table: &mut Table) -> Result<(), Box<dyn Error>> {
    let new = Uuid::now_v7;
    let time = || Timestamp::from_unix_millis(0);
    let directory = MemoryDirectory::new(Settings::default(), Epoch::from_uuid(new()), time);
    let node = NodeId::from_uuid(new());
    let users: Vec<_> = (0..people::COUNT)
        .map(|_| UserId::from_uuid(new()))
        .collect();
    for user in &users {
        let (connection, session) = (ConnectionId::from_uuid(new()), SessionId::from_uuid(new()));
        directory
            .open(Registration {
                connection,
                user: *user,
                session,
                node,
            })
            .await?;
    }
    let samples = Samples::take(100, ROUNDS, async || {
        black_box(directory.snapshot(&users).await).map(drop)
    })
    .await?;
    table.add(Row {
        what: "Snapshot of 1,000 members, directory",
        measured: samples.percentile_ms(50),
        aim: Some(1.0),
        unit: "ms",
        how: format!("MemoryDirectory::snapshot in this process, median of {ROUNDS}"),
    });
    Ok(())
}

/// Adds how long it takes over REST.
pub(crate) async fn measure_rest(
    program: &Program,
    people: &People,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let path = format!("/api/v1/chats/{}/presence", people.everybody);
    let (reader, _) = &people.members[0];
    let samples = Samples::take::<Box<dyn Error>>(100, ROUNDS, async || {
        let users: Vec<PresenceEntry> = program.server.get(&path, reader).await?;
        if users.len() != people::COUNT {
            return Err(format!("{} people are in the chat", users.len()).into());
        }
        Ok(())
    })
    .await?;
    table.add(Row {
        what: "Snapshot of 1,000 members, REST",
        measured: samples.percentile_ms(50),
        aim: None,
        unit: "ms",
        how: format!("with sign-in, JSON and parsing, seen by a client, median of {ROUNDS}"),
    });
    Ok(())
}
