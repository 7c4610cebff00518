//! The floor: a bare loop that writes the same bytes to as many sockets, in a process of its own, and
//! knows nothing of what they mean. It writes each frame by itself, as a server has to that has one frame for
//! somebody; one that has several may write them at once.

use crate::{clock::Clock, lock::lock, schedule::turns};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use loadtest::{Latencies, Process};
use std::{
    collections::HashMap,
    env, io,
    net::SocketAddr,
    process::Stdio,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, stdin},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, Command},
    select,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};

/// What is written: as many as the largest frame may have.
static ZEROS: [u8; 4 << 20] = [0; 4 << 20];
/// Read at once.
const CHUNK: usize = 16 * 1024;
/// Longer than the last bytes take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a tab says to show that it lives, as it goes over the wire, and its answer, in bytes.
const BEAT: usize = 28;
pub(crate) const ANSWER: usize = 24;
/// As often as a tab does.
pub(crate) const BEAT_INTERVAL: Duration = Duration::from_secs(25);

/// The bare loop: answers on each socket, and writes when told to by standard input: `FIRST COUNT BYTES`.
pub(crate) async fn serve(answer: usize) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let sockets: Arc<Mutex<HashMap<usize, Arc<TcpStream>>>> = Arc::default();
    let mut orders = BufReader::new(stdin()).lines();
    loop {
        select! {
            accepted = listener.accept() => {
                let (socket, _) = accepted?;
                socket.set_nodelay(true)?;
                tokio::spawn(echo(socket, Arc::clone(&sockets), answer));
            }
            order = orders.next_line() => {
                let Some(order) = order? else {
                    return Ok(());
                };
                let mut numbers = order.split(' ').map(str::parse::<usize>);
                let mut number = || numbers.next().and_then(Result::ok).ok_or(io::ErrorKind::InvalidInput);
                let (first, count, bytes) = (number()?, number()?, number()?);
                for n in first..first + count {
                    let socket = lock(&sockets).get(&n).cloned();
                    if let Some(socket) = socket {
                        write(&socket, bytes).await?;
                    }
                }
            }
        }
    }
}

/// A socket says its number first; whatever arrives afterwards is answered.
async fn echo(
    mut socket: TcpStream,
    sockets: Arc<Mutex<HashMap<usize, Arc<TcpStream>>>>,
    answer: usize,
) -> io::Result<()> {
    let number = socket.read_u32().await? as usize;
    let socket = Arc::new(socket);
    lock(&sockets).insert(number, Arc::clone(&socket));
    write(&socket, answer).await?;
    while read(&socket).await? > 0 {
        write(&socket, answer).await?;
    }
    Ok(())
}

async fn write(socket: &TcpStream, bytes: usize) -> io::Result<()> {
    let mut left = &ZEROS[..bytes.min(ZEROS.len())];
    while !left.is_empty() {
        match socket.try_write(left) {
            Ok(written) => left = &left[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => socket.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads what there is; nothing at the end.
async fn read(socket: &TcpStream) -> io::Result<usize> {
    loop {
        socket.readable().await?;
        // Not kept while it waits: an idle socket owns little.
        let mut chunk = [0; CHUNK];
        match socket.try_read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

/// When what is to be written: one frame to each socket of a group.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Of each frame, its header included.
    pub(crate) bytes: usize,
    /// Sockets in a group.
    pub(crate) recipients: usize,
    /// When each frame is meant to be written, and to which group.
    pub(crate) frames: Vec<(Duration, usize)>,
}

impl Plan {
    /// One frame at each time, to groups of so many of the sockets by turns.
    pub(crate) fn new(
        times: impl Iterator<Item = Duration>,
        sockets: usize,
        recipients: usize,
        bytes: usize,
    ) -> Self {
        let recipients = recipients.clamp(1, sockets);
        Self {
            bytes: bytes.clamp(1, ZEROS.len()),
            recipients,
            frames: times.zip(turns(sockets / recipients)).collect(),
        }
    }

    /// Frames that arrive in all.
    pub(crate) fn arriving(&self) -> usize {
        self.frames.len() * self.recipients
    }
}

/// What the readers of all sockets share.
#[derive(Default)]
struct Reading {
    /// The times at which frames are meant for each group, and of how many bytes they are; nothing while
    /// only answers arrive.
    plan: OnceLock<(Plan, HashMap<usize, Vec<Duration>>)>,
    latencies: Mutex<Latencies>,
    arrived: AtomicUsize,
}

/// What a bare loop has written by a plan.
pub(crate) struct Written {
    /// How long each frame took to arrive since it was meant; of those that did not come in time, none.
    pub(crate) latencies: Latencies,
    /// What the loop used of the processors.
    pub(crate) cpu: Duration,
}

/// A bare loop that runs, and the sockets that it has.
pub(crate) struct Floor {
    /// What the system says of it.
    pub(crate) process: Process,
    /// From the first connection to the last answer.
    pub(crate) connecting: Duration,
    clock: Clock,
    orders: ChildStdin,
    address: SocketAddr,
    reading: Arc<Reading>,
    _child: Child,
}

impl Floor {
    /// Starts the loop, without sockets.
    pub(crate) async fn start() -> io::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(["floor", "--answer", &ANSWER.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::other("the bare loop does not run");
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let address = line
            .and_then(|line| line.parse().ok())
            .ok_or_else(missing)?;
        Ok(Self {
            process: Process(child.id().ok_or_else(missing)?),
            connecting: Duration::ZERO,
            clock: Clock::start(),
            orders: child.stdin.take().ok_or_else(missing)?,
            address,
            reading: Arc::default(),
            _child: child,
        })
    }

    /// Opens sockets, so many at the same time; each has had an answer then.
    pub(crate) async fn open(&mut self, sockets: usize, at_once: usize) -> io::Result<()> {
        let began = Instant::now();
        let opening = (0..sockets).map(|number| {
            let reading = Arc::clone(&self.reading);
            let (address, clock) = (self.address, self.clock);
            async move {
                let mut socket = TcpStream::connect(address).await?;
                socket.set_nodelay(true)?;
                socket.write_u32(number as u32).await?;
                socket.read_exact(&mut [0; ANSWER]).await?;
                tokio::spawn(live(socket, number, reading, clock));
                io::Result::Ok(())
            }
        });
        let opening = stream::iter(opening).buffer_unordered(at_once);
        opening.try_for_each(|()| async { Ok(()) }).await?;
        self.connecting = began.elapsed();
        Ok(())
    }

    /// Writes by a plan, the only one, whose times count from now.
    pub(crate) async fn write(mut self, mut plan: Plan) -> io::Result<Written> {
        let begin = self.clock.now();
        let mut times: HashMap<usize, Vec<Duration>> = HashMap::new();
        for (at, group) in &mut plan.frames {
            *at += begin;
            times.entry(*group).or_default().push(*at);
        }
        let (plan, _) = self.reading.plan.get_or_init(|| (plan, times));
        let before = self.process.cpu()?;
        for (at, group) in &plan.frames {
            self.clock.until(*at).await;
            let (recipients, bytes) = (plan.recipients, plan.bytes);
            let order = format!("{} {recipients} {bytes}\n", group * recipients);
            self.orders.write_all(order.as_bytes()).await?;
        }
        let late = self.clock.now() + PATIENCE;
        while self.reading.arrived.load(Ordering::Relaxed) < plan.arriving()
            && self.clock.now() < late
        {
            sleep(Duration::from_millis(20)).await;
        }
        let cpu = self.process.cpu()? - before;
        let latencies = std::mem::take(&mut *lock(&self.reading.latencies));
        Ok(Written { latencies, cpu })
    }
}

/// Shows that it lives as a tab does, and reads.
async fn live(
    mut socket: TcpStream,
    number: usize,
    reading: Arc<Reading>,
    clock: Clock,
) -> io::Result<()> {
    let mut beat = interval_at(Instant::now() + BEAT_INTERVAL, BEAT_INTERVAL);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut frames, mut bytes) = (0, 0);
    loop {
        let read = select! {
            read = read(&socket) => read?,
            _ = beat.tick(), if reading.plan.get().is_none() => {
                socket.write_all(&ZEROS[..BEAT]).await?;
                continue;
            }
        };
        if read == 0 {
            return Ok(());
        }
        let Some((plan, times)) = reading.plan.get() else {
            continue;
        };
        bytes += read;
        let Some(times) = times.get(&(number / plan.recipients)) else {
            continue;
        };
        let mut latencies = lock(&reading.latencies);
        while bytes >= (frames + 1) * plan.bytes && frames < times.len() {
            latencies.add(clock.now().saturating_sub(times[frames]));
            reading.arrived.fetch_add(1, Ordering::Relaxed);
            frames += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connection::Settings;
    use protocol::{ClientFrame, ServerFrame};

    #[test]
    fn a_beat_is_as_a_tabs() {
        let interval = u128::from(Settings::default().ping_interval_ms);
        assert_eq!(BEAT_INTERVAL.as_millis(), interval);
        let ping = serde_json::to_string(&ClientFrame::Ping { id: 1 }).unwrap();
        let pong = serde_json::to_string(&ServerFrame::Pong { id: 1 }).unwrap();
        // Short frames have a header of 2 bytes, and those of a client a mask of 4 (RFC 6455 §5.2).
        assert_eq!(BEAT, ping.len() + 2 + 4);
        assert_eq!(ANSWER, pong.len() + 2);
    }

    #[test]
    fn a_plan_writes_to_groups_by_turns_and_never_past_the_last_socket() {
        let second = Duration::from_secs(1);
        let times = (0..9).map(|n| n * second);
        let plan = Plan::new(times, 10, 3, 100);
        assert_eq!(plan.arriving(), 27);
        assert!(plan.frames.iter().all(|(_, group)| (group + 1) * 3 <= 10));
        let of_first = plan.frames.iter().filter(|(_, group)| *group == 0).count();
        assert_eq!(of_first, 3);
        let all = Plan::new([second].into_iter(), 10, 99, 100);
        assert_eq!(all.recipients, 10);
    }
}
