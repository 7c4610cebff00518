//! The nodes, the store between them, and the people.

mod end;
mod reading;

use crate::{
    fault::Fault,
    gate::Gate,
    judge::{Judge, Tab},
    schedule::{NODES, SESSIONS, Schedule, Step, USERS},
    store::{Link, Node, Store},
};
use presence::{
    Choice, CloseReason, ConnectionKey, Directory, OpenError, Registration, Settings,
    shared::SharedDirectory,
};
use protocol::{ConnectionId, Mode, NodeId, SessionId, Timestamp, UserId};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::{
    collections::BTreeMap,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{
    runtime::Builder,
    task::JoinSet,
    time::{Instant, sleep},
};
use uuid::Uuid;

/// What the nodes' own clocks show at the start, one each. They are an hour apart.
const CLOCKS: [i64; NODES] = [1_800_000_000_000, 1_800_003_600_000, 1_799_996_400_000];

pub(crate) const SETTINGS: Settings = Settings {
    ping_interval: Duration::from_secs(2),
    pong_timeout: Duration::from_secs(5),
    offline_grace: Duration::from_millis(1_500),
    lease_ttl: Duration::from_secs(12),
    lease_renewal: Duration::from_secs(4),
    away_after: Duration::from_secs(600),
    reaper_interval: Duration::from_secs(1),
};
/// How often tabs show that they live.
const BEAT: Duration = Duration::from_millis(500);

/// How often somebody looks at each node who is there.
const LISTED_EVERY: Duration = Duration::from_millis(500);

/// What everybody has chosen at first.
const FIRST: Choice = Choice {
    mode: Mode::Automatic,
    note: 0,
    version: 0,
};

struct World {
    fault: Fault,
    store: Store,
    nodes: Vec<Member>,
    judge: Arc<Mutex<Judge>>,
    next_tab: u128,
    next_node: u128,
    /// What users have chosen since.
    choices: BTreeMap<UserId, Choice>,
    /// Decides who is read.
    random: StdRng,
    seed: u64,
}

struct Member {
    id: NodeId,
    directory: Arc<SharedDirectory<Node>>,
    link: Arc<Link>,
    gate: Gate,
    is_cut: bool,
    _tasks: JoinSet<()>,
}

/// Runs a schedule to its end; what was violated first, if anything was.
pub(crate) fn run(schedule: &Schedule, fault: Fault) -> Result<(), String> {
    let (violation, _) = play(schedule, fault);
    violation.map_or(Ok(()), Err)
}

/// Everything that nodes announced while it ran.
pub(crate) fn course(schedule: &Schedule, fault: Fault) -> Vec<String> {
    play(schedule, fault).1
}

fn play(schedule: &Schedule, fault: Fault) -> (Option<String>, Vec<String>) {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let judge = runtime.block_on(async {
        let mut world = World::new(schedule.seed, fault);
        // Nodes have met the store before anything happens.
        world.wait(BEAT).await;
        for step in &schedule.steps {
            if world.judge().violation.is_some() {
                break;
            }
            world.read().await;
            world.take(*step).await;
        }
        if world.judge().violation.is_none() {
            world.settle().await;
            world.keep_the_bounds().await;
        }
        world.judge
    });
    drop(runtime);
    let mut judge = judge.lock().unwrap();
    let told = std::mem::take(&mut judge.told);
    (judge.violation.take(), told)
}

fn user(n: usize) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n as u128 + 1))
}

fn session(user: usize, n: usize) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128((user * SESSIONS + n + 1) as u128))
}

impl World {
    fn new(seed: u64, fault: Fault) -> Self {
        let mut world = Self {
            fault,
            store: Store::new(),
            nodes: Vec::new(),
            judge: Arc::new(Mutex::new(Judge::new())),
            next_tab: 0,
            next_node: 0,
            choices: BTreeMap::new(),
            random: StdRng::seed_from_u64(seed),
            seed,
        };
        match fault {
            Fault::BlindStore => world.store.go_blind(),
            Fault::WearingReads => world.store.wear_by_reading(),
            _ => {}
        }
        for n in 0..NODES {
            let member = world.join(n);
            world.nodes.push(member);
        }
        world
    }

    fn judge(&self) -> MutexGuard<'_, Judge> {
        self.judge.lock().unwrap()
    }

    /// A new node takes place `n`.
    fn join(&mut self, n: usize) -> Member {
        self.next_node += 1;
        let id = NodeId::from_uuid(Uuid::from_u128(self.next_node));
        let way = self.store.node();
        let link = way.link();
        let seed = self.seed ^ u64::try_from(self.next_node << 32).unwrap();
        let random = Mutex::new(StdRng::seed_from_u64(seed));
        let spread = move |time: Duration| {
            let part = random.lock().unwrap().random_range(0.0..=1.0);
            time.mul_f64(part)
        };
        let (settings, started) = (
            self.fault.settings(),
            Timestamp::from_unix_millis(CLOCKS[n]),
        );
        let directory = Arc::new(SharedDirectory::new(way, id, settings, started, spread));
        let gate = Gate::default();
        let mut tasks = JoinSet::new();
        let running = Arc::clone(&directory).run();
        let through = gate.clone();
        tasks.spawn(async move { match through.pass(running).await {} });
        let (telling, judge) = (Arc::clone(&directory), Arc::clone(&self.judge));
        let telling = async move {
            let everybody: Vec<_> = (0..USERS).map(user).collect();
            telling.watch(&everybody).await;
            loop {
                let changes = telling.next_changes().await;
                let mut judge = judge.lock().unwrap();
                for change in &changes {
                    judge.announced(n, change);
                }
            }
        };
        let (listing, judge) = (Arc::clone(&directory), Arc::clone(&self.judge));
        let ears = Arc::clone(&link);
        let listing = async move {
            let everybody: Vec<_> = (0..USERS).map(user).collect();
            listing.watch(&everybody).await;
            loop {
                let shown = listing.snapshot(&everybody).await.unwrap();
                // Whoever was never told of somebody, and does not know it, goes on to show them as they were.
                if !ears.was_deaf() {
                    let mut judge = judge.lock().unwrap();
                    shown.iter().for_each(|it| judge.listed(n, it));
                }
                sleep(LISTED_EVERY).await;
            }
        };
        let (closing, judge) = (Arc::clone(&directory), Arc::clone(&self.judge));
        let closing = async move {
            loop {
                for connection in closing.reaped().await {
                    judge.lock().unwrap().reaped(connection);
                }
            }
        };
        let through = gate.clone();
        tasks.spawn(async move { through.pass(telling).await });
        // Nobody looks in every other course: what looking mends must be mended without it. And where
        // reading wears, lists would leave nothing to find.
        if self.seed.is_multiple_of(2) && self.fault != Fault::WearingReads {
            let through = gate.clone();
            tasks.spawn(async move { through.pass(listing).await });
        }
        let through = gate.clone();
        tasks.spawn(async move { through.pass(closing).await });
        Member {
            id,
            directory,
            link,
            gate,
            is_cut: false,
            _tasks: tasks,
        }
    }

    async fn take(&mut self, step: Step) {
        if self.is_for_a_stopped_node(step) {
            return;
        }
        match step {
            Step::Open { node, user } => {
                let session = (self.next_tab % SESSIONS as u128) as usize;
                self.open(node, user, session).await;
            }
            Step::Close { pick } => {
                if let Some((id, tab)) = self.pick(pick) {
                    self.close(id, tab).await;
                }
            }
            Step::Vanish { pick } => {
                if let Some((id, _)) = self.pick(pick) {
                    self.judge().lost(id);
                }
            }
            Step::Move {
                pick,
                node,
                after_ms,
            } => {
                if let Some((id, tab)) = self.pick(pick) {
                    self.close(id, tab).await;
                    self.wait(Duration::from_millis(after_ms)).await;
                    self.reopen(node, tab).await;
                }
            }
            Step::Input { pick } => {
                if let Some((connection, tab)) = self.pick(pick) {
                    let key = ConnectionKey {
                        user: tab.user,
                        connection,
                    };
                    let directory = &self.nodes[tab.node].directory;
                    let told = directory.input(key, Some(Duration::ZERO));
                    self.meanwhile(told).await.unwrap();
                }
            }
            Step::Choose {
                node,
                user: n,
                mode,
            } => {
                let choice = self.choices.entry(user(n)).or_insert(FIRST);
                choice.mode = mode;
                choice.version += 1;
                let choice = *choice;
                let directory = &self.nodes[node].directory;
                let told = self.meanwhile(directory.choose(user(n), choice));
                told.await.unwrap();
            }
            Step::SignOut {
                node,
                user: n,
                session: s,
            } => self.sign_out(node, user(n), session(n, s)).await,
            Step::Cut { node } => {
                self.nodes[node].link.cut();
                self.nodes[node].is_cut = true;
                self.judge().away(node);
            }
            Step::Mend { node } => {
                self.nodes[node].link.mend();
                self.nodes[node].is_cut = false;
                self.look_for_touch(node);
            }
            Step::Stop { node } => {
                self.nodes[node].gate.shut();
                self.judge().away(node);
            }
            Step::Continue { node } => {
                self.nodes[node].gate.open();
                self.look_for_touch(node);
            }
            Step::LoseAnswer { node } => self.nodes[node].link.lose_an_answer(),
            Step::LoseNews { node } => self.nodes[node].link.lose_news(true),
            Step::Slow { node, by_ms } => {
                self.nodes[node].link.delay(Duration::from_millis(by_ms));
            }
            Step::Jumble { node, by_ms } => {
                let link = &self.nodes[node].link;
                link.delay_news(Duration::from_millis(by_ms));
            }
            Step::Recover { node } => self.nodes[node].link.recover(),
            Step::FlushPart { part } => {
                self.judge().store_lost();
                self.store.flush_part(part);
            }
            Step::SetForward { by_ms } => {
                let by = Duration::from_millis(by_ms);
                self.judge().clock_set(by, Duration::ZERO);
                self.store.set_forward(by);
            }
            Step::SetBack { by_ms } => {
                let by = Duration::from_millis(by_ms);
                self.judge().clock_set(Duration::ZERO, by);
                self.store.set_back(by);
            }
            Step::Flush => {
                self.judge().store_lost();
                self.store.flush();
            }
            Step::Save => self.store.save(),
            Step::Restore => {
                self.judge().store_lost();
                self.store.restore();
            }
            Step::Kill { node } => {
                let gone = self.judge().tabs_at(node);
                for id in gone {
                    self.judge().closed(id);
                }
                self.nodes[node].link.cut();
                self.nodes[node] = self.join(node);
                self.judge().replaced(node);
            }
            Step::Wait(millis) => self.wait(Duration::from_millis(millis)).await,
        }
    }

    async fn sign_out(&mut self, node: usize, user: UserId, session: SessionId) {
        let tabs = self.judge().living();
        self.judge().signed_out(user, session);
        if self.fault == Fault::DoubtedSignOut {
            for (id, tab) in tabs.into_iter().filter(|(_, tab)| tab.session == session) {
                self.close(id, tab).await;
            }
            return;
        }
        let directory = &self.nodes[node].directory;
        let ended = self.meanwhile(directory.end_session(user, session));
        ended.await.unwrap();
    }

    fn pick(&self, pick: usize) -> Option<(ConnectionId, Tab)> {
        let living = self.judge().living();
        (!living.is_empty()).then(|| living[pick % living.len()])
    }

    /// Nobody can do anything there.
    fn is_for_a_stopped_node(&self, step: Step) -> bool {
        let at = match step {
            Step::Open { node, .. } | Step::Choose { node, .. } | Step::SignOut { node, .. } => {
                Some(node)
            }
            Step::Close { pick } | Step::Move { pick, .. } | Step::Input { pick } => {
                self.pick(pick).map(|(_, tab)| tab.node)
            }
            _ => None,
        };
        at.is_some_and(|node| self.nodes[node].gate.is_shut())
    }

    /// A node is out of touch with the others while it is cut off, and while it is stopped.
    fn look_for_touch(&self, node: usize) {
        let Member { gate, is_cut, .. } = &self.nodes[node];
        if !gate.is_shut() && !is_cut {
            self.judge().back(node);
        }
    }

    async fn open(&mut self, node: usize, user_n: usize, session_n: usize) {
        let tab = Tab {
            node,
            user: user(user_n),
            session: session(user_n, session_n),
            opened: Instant::now(),
            is_lost: false,
        };
        self.reopen(node, tab).await;
    }

    async fn reopen(&mut self, node: usize, tab: Tab) {
        if self.judge().has_ended(tab.session) || self.nodes[node].gate.is_shut() {
            return;
        }
        self.next_tab += 1;
        let connection = ConnectionId::from_uuid(Uuid::from_u128(self.next_tab));
        let tab = Tab { node, ..tab };
        let member = &self.nodes[node];
        let choice = self.choices.get(&tab.user).copied();
        member.directory.expect(tab.user, choice.unwrap_or(FIRST));
        let registration = Registration {
            connection,
            user: tab.user,
            session: tab.session,
            node: member.id,
        };
        // It counts from when the server has accepted it.
        match self.meanwhile(member.directory.open(registration)).await {
            Ok(_) => {
                let opened = Instant::now();
                self.judge().opened(connection, Tab { opened, ..tab });
            }
            Err(OpenError::Refused(_)) => {
                self.judge()
                    .violate("a session that holds was refused".to_owned());
            }
            Err(OpenError::Directory(error)) => self.judge().violate(error.to_string()),
        }
    }

    async fn close(&mut self, id: ConnectionId, tab: Tab) {
        self.judge().closed(id);
        let key = ConnectionKey {
            user: tab.user,
            connection: id,
        };
        let directory = &self.nodes[tab.node].directory;
        self.meanwhile(directory.closing(key)).await.unwrap();
        let closed = directory.closed(key, CloseReason::ClientClosed);
        self.meanwhile(closed).await.unwrap();
    }

    /// Waits for something that a node does, while tabs that live show it.
    async fn meanwhile<T>(&self, act: impl Future<Output = T>) -> T {
        let mut act = pin!(act);
        loop {
            tokio::select! {
                biased;
                done = &mut act => return done,
                () = self.wait(BEAT) => {}
            }
        }
    }

    /// Time passes, and tabs that live show it.
    async fn wait(&self, time: Duration) {
        let until = Instant::now() + time;
        loop {
            let living = self.judge().living();
            for (connection, tab) in living {
                let key = ConnectionKey {
                    user: tab.user,
                    connection,
                };
                let Member {
                    directory, gate, ..
                } = &self.nodes[tab.node];
                if !gate.is_shut() {
                    directory.activity(&[key]).await.unwrap();
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            sleep(left.min(BEAT)).await;
        }
    }
}
