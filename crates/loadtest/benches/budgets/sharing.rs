//! What it costs that servers share the work: one by itself with its file, and two that meet in a
//! PostgreSQL and a Redis, with the same people.

use crate::{
    people::People,
    program::{self, POSTGRES},
    table::{Row, Table},
};
use connection::Event;
use futures::future::join_all;
use loadtest::{Client, Program};
use protocol::Room;
use std::{env, error::Error, path::Path, time::Duration};
use testbed::Redis;
use tokio::time::{interval, sleep};

/// How long everybody sits still. The system counts in hundredths of a second.
const IDLE: Duration = Duration::from_secs(60);
/// Who comes or goes does so this long after the one before.
const PACE: Duration = Duration::from_millis(50);
/// Until the last who went is shown offline, and longer.
const SETTLED: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);
/// Unlike where memory is measured, heartbeats are those of an installation.
const PING: (&str, &str) = ("ROLLCALL_PRESENCE__PING_INTERVAL", "30s");

/// What was used until some moment.
#[derive(Clone, Copy, Default)]
struct Used {
    /// CPU of the servers, in milliseconds.
    servers: f64,
    /// CPU of the Redis, in milliseconds.
    redis: f64,
    /// What Redis has read and written, in bytes.
    bytes: f64,
}

/// What it costs.
struct Costs {
    /// A second in which nothing happens.
    idle: Used,
    /// One person who goes for good and comes back.
    change: Used,
    /// Bytes of Redis that a person takes.
    memory: f64,
}

/// Servers, and people at each of them by turns.
struct Installation {
    servers: Vec<Program>,
    redis: Option<Redis>,
}

/// Adds what one server costs by itself, and what two do. `alone` has the data of the people.
pub(crate) async fn measure(
    people: &People,
    alone: &Path,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let count = people.members.len();
    println!("Measuring one server, then two, with {count} people");
    let installation = Installation {
        servers: vec![program::start(alone, &[PING]).await?],
        redis: None,
    };
    let one = installation.costs(people).await?;
    // It holds the data while it runs.
    installation.stop().await?;

    let database = env::var(POSTGRES)?;
    program::copy(alone, &database).await?;
    let redis = Redis::start().await;
    let address = redis.address();
    let settings = [
        PING,
        ("ROLLCALL_DATABASE__URL", &database),
        ("ROLLCALL_REDIS__URL", &address),
    ];
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    let mut servers = Vec::new();
    for folder in &folders {
        servers.push(program::start(folder.path(), &settings).await?);
    }
    let redis = Some(redis);
    let installation = Installation { servers, redis };
    let two = installation.costs(people).await?;
    installation.stop().await?;

    let idle = format!("{count} people with a connection each, a second of {IDLE:?}");
    let change =
        format!("one who goes offline and comes back, shown to their team, mean of {count}");
    let mut add = |what, measured, unit, how: &str| {
        table.add(Row {
            what,
            measured,
            aim: None,
            unit,
            how: how.to_owned(),
        });
    };
    add("One server, idle", one.idle.servers, "ms CPU", &idle);
    add("Two servers, idle, both", two.idle.servers, "ms CPU", &idle);
    add("Their Redis, idle", two.idle.redis, "ms CPU", &idle);
    add("Traffic of Redis, idle", two.idle.bytes / 1e3, "kB", &idle);
    add("One server, change", one.change.servers, "ms CPU", &change);
    add(
        "Two servers, change, both",
        two.change.servers,
        "ms CPU",
        &change,
    );
    add("Their Redis, change", two.change.redis, "ms CPU", &change);
    add(
        "Traffic of Redis, change",
        two.change.bytes / 1e3,
        "kB",
        &change,
    );
    let how = format!("used_memory with {count} people, less that with nobody");
    add("Redis, each person", two.memory / 1e3, "kB", &how);
    Ok(())
}

impl Installation {
    async fn costs(&self, people: &People) -> Result<Costs, Box<dyn Error>> {
        let empty = self.memory().await?;
        let mut clients = self.come(people).await?;
        sleep(SETTLED).await;
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let count = clients.len() as f64;
        let memory = (self.memory().await? - empty) / count;

        let before = self.used().await?;
        sleep(IDLE).await;
        let idle = self.used().await?.since(before).by(IDLE.as_secs_f64());

        let before = self.used().await?;
        let mut pace = interval(PACE);
        while let Some(client) = clients.pop() {
            pace.tick().await;
            client.stop().await;
        }
        sleep(SETTLED).await;
        let clients = self.come(people).await?;
        sleep(SETTLED).await;
        let change = self.used().await?.since(before).by(count);
        drop(clients);
        Ok(Costs {
            idle,
            change,
            memory,
        })
    }

    /// Everybody comes, one after the other.
    async fn come(&self, people: &People) -> Result<Vec<Client>, Box<dyn Error>> {
        let mut clients = Vec::with_capacity(people.members.len());
        let mut pace = interval(PACE);
        let places = self.servers.iter().cycle();
        for ((authorization, team), program) in people.members.iter().zip(places) {
            pace.tick().await;
            let client = program.connect(authorization);
            client.dispatch(Event::Subscribe(Room::Chat(*team))).await;
            clients.push(client);
        }
        let up = clients
            .iter()
            .map(|client| client.until(PATIENCE, |state| state.phase().is_online()));
        for up in join_all(up).await {
            up?;
        }
        Ok(clients)
    }

    async fn stop(self) -> Result<(), Box<dyn Error>> {
        for server in self.servers {
            server.kill().await?;
        }
        Ok(())
    }

    async fn used(&self) -> Result<Used, Box<dyn Error>> {
        let mut used = Used::default();
        for server in &self.servers {
            used.servers += server.process.cpu()?.as_secs_f64() * 1e3;
        }
        if let Some(redis) = &self.redis {
            let seconds = redis.info("used_cpu_user").await + redis.info("used_cpu_sys").await;
            used.redis = seconds * 1e3;
            used.bytes = redis.info("total_net_input_bytes").await
                + redis.info("total_net_output_bytes").await;
        }
        Ok(used)
    }

    async fn memory(&self) -> Result<f64, Box<dyn Error>> {
        match &self.redis {
            Some(redis) => Ok(redis.info("used_memory").await),
            None => Ok(0.0),
        }
    }
}

impl Used {
    fn since(self, before: Self) -> Self {
        Self {
            servers: self.servers - before.servers,
            redis: self.redis - before.redis,
            bytes: self.bytes - before.bytes,
        }
    }

    fn by(self, parts: f64) -> Self {
        Self {
            servers: self.servers / parts,
            redis: self.redis / parts,
            bytes: self.bytes / parts,
        }
    }
}
