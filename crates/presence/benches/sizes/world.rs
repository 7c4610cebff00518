//! A directory with so many users, and what is measured of it.
#![expect(
    clippy::disallowed_types,
    reason = "measures while the clock of tokio stands still"
)]

use presence::{
    CloseReason, ConnectionKey, Directory as _, MemoryDirectory, Registration, Settings,
    Transition, UserPresence,
};
use protocol::{ConnectionId, Epoch, NodeId, SessionId, Timestamp, UserId};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::{
    error::Error,
    fs,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Runtime},
    time::sleep,
};
use uuid::Uuid;

/// What [`World::round`] measures, in this order.
pub(crate) const OPERATIONS: [&str; 8] = [
    "a heartbeat",
    "a connection closes",
    "its user goes offline",
    "a connection opens",
    "everybody goes and comes back, each",
    "reading a room of 1,000",
    "reading the same room again at once",
    "looking for what ran out: nothing",
];

/// Users who come and go at each size.
const SOME: usize = 500;
/// Members of the room that is read at each size.
const ROOM: usize = 1_000;
/// Members in all who are read for one figure: small rooms are read more often.
const MEMBERS_READ: usize = 10_000;
/// Connections whose heartbeats are told together.
const BATCH: usize = 1_000;
/// How often in a row nothing has run out.
const PASSES: u32 = 5;
/// Time is measured in whole milliseconds there, and later than a deadline is not at it.
const A_MOMENT: Duration = Duration::from_millis(1);

/// A directory with so many users, one connection each, in a time of its own.
pub(crate) struct World {
    time: Runtime,
    directory: Arc<MemoryDirectory>,
    settings: Settings,
    sockets: Vec<Registration>,
    keys: Vec<ConnectionKey>,
    random: StdRng,
    bytes: f64,
}

type Outcome<T> = Result<T, Box<dyn Error>>;

impl World {
    /// All are online. It is to be kept while others are made: what it has given back would not be
    /// counted as theirs.
    pub(crate) fn new(users: usize) -> Outcome<Self> {
        let settings = Settings::default();
        let mut random = StdRng::seed_from_u64(1);
        let node = NodeId::from_uuid(uuid(&mut random));
        let sockets: Vec<_> = (0..users)
            .map(|_| Registration {
                connection: ConnectionId::from_uuid(uuid(&mut random)),
                user: UserId::from_uuid(uuid(&mut random)),
                session: SessionId::from_uuid(uuid(&mut random)),
                node,
            })
            .collect();
        let keys = sockets.iter().map(Registration::key).collect();
        let time = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()?;
        let epoch = Epoch::from_uuid(uuid(&mut random));
        let directory = {
            let _entered = time.enter();
            Arc::new(MemoryDirectory::new(settings, epoch, || {
                Timestamp::from_unix_millis(1_800_000_000_000)
            }))
        };
        time.spawn(Arc::clone(&directory).run());

        let before = own_bytes()?;
        time.block_on(async {
            for some in sockets.chunks(BATCH) {
                for socket in some {
                    directory.open(*socket).await?;
                }
                told(&directory.next_changes().await, some.len(), true);
            }
            Outcome::Ok(())
        })?;
        let bytes = (own_bytes()? - before) / users as f64;
        Ok(Self {
            time,
            directory,
            settings,
            sockets,
            keys,
            random,
            bytes,
        })
    }

    pub(crate) const fn bytes_per_user(&self) -> f64 {
        self.bytes
    }

    /// What each of [`OPERATIONS`] costs now. Afterwards all are online again.
    pub(crate) fn round(&mut self) -> Outcome<[Duration; OPERATIONS.len()]> {
        let some = self.pick(SOME);
        let heartbeat = self.beat()?;
        let pass = self.pass();
        let [close, offline, open] = self.leave_and_return(&some)?;
        let [read, again] = self.read(ROOM)?;
        let all = self.leave_and_return(&self.sockets)?.into_iter().sum();
        Ok([heartbeat, close, offline, open, all, read, again, pass])
    }

    /// Reading who is online in a room with so many members; and again at once, when the machine has what it
    /// takes at hand.
    pub(crate) fn read(&mut self, members: usize) -> Outcome<[Duration; 2]> {
        let reads = (MEMBERS_READ / members).max(1);
        let mut spent = [Duration::ZERO; 2];
        for _ in 0..reads {
            let room = self.pick(members);
            let users: Vec<_> = room.iter().map(|socket| socket.user).collect();
            for spent in &mut spent {
                let start = Instant::now();
                let shown = self.time.block_on(self.directory.snapshot(&users))?;
                *spent += start.elapsed();
                let is_right = shown.iter().all(UserPresence::is_online);
                assert!(is_right && shown.len() == members, "all are online");
            }
        }
        Ok(spent.map(|spent| each(spent, reads)))
    }

    /// Something arrives from every connection.
    fn beat(&self) -> Outcome<Duration> {
        let start = Instant::now();
        for keys in self.keys.chunks(BATCH) {
            self.time.block_on(self.directory.activity(keys))?;
        }
        Ok(each(start.elapsed(), self.keys.len()))
    }

    /// Nothing has run out, each time that is looked for.
    fn pass(&self) -> Duration {
        let while_nothing = self.settings.reaper_interval * PASSES + A_MOMENT;
        let start = Instant::now();
        self.time.block_on(async { sleep(while_nothing).await });
        start.elapsed() / PASSES
    }

    /// These close, go offline when the grace has run out, and come back: what each of it costs for one.
    fn leave_and_return(&self, sockets: &[Registration]) -> Outcome<[Duration; 3]> {
        let directory = &self.directory;
        self.time.block_on(async {
            let start = Instant::now();
            for socket in sockets {
                let reason = CloseReason::ClientClosed;
                directory.closed(socket.key(), reason).await?;
            }
            let close = start.elapsed();

            let start = Instant::now();
            sleep(self.settings.offline_grace + A_MOMENT).await;
            let changes = directory.next_changes().await;
            let offline = start.elapsed();
            told(&changes, sockets.len(), false);

            let start = Instant::now();
            for socket in sockets {
                directory.open(*socket).await?;
            }
            let changes = directory.next_changes().await;
            let open = start.elapsed();
            told(&changes, sockets.len(), true);
            Ok([close, offline, open].map(|spent| each(spent, sockets.len())))
        })
    }

    /// So many, from all over, others each time.
    fn pick(&mut self, count: usize) -> Vec<Registration> {
        let stride = self.sockets.len() / count;
        let first = self.random.random_range(0..stride);
        let every = self.sockets.iter().skip(first).step_by(stride);
        every.take(count).copied().collect()
    }
}

/// Each of them was announced, once, and nobody else.
fn told(changes: &[Transition], count: usize, is_online: bool) {
    let is_right = changes.iter().all(|it| it.is_online() == is_online);
    assert!(is_right && changes.len() == count, "each is told of once");
}

fn uuid(random: &mut StdRng) -> Uuid {
    Uuid::from_u128(random.random())
}

fn each(spent: Duration, count: usize) -> Duration {
    spent.div_f64(count as f64)
}

/// The memory of this process that no file stands behind.
fn own_bytes() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:")?.strip_suffix("kB"))
        .ok_or("/proc/self/status does not tell RssAnon")?;
    Ok(kib.trim().parse::<f64>()? * 1_024.0)
}
