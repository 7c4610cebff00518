//! People who come back, move on, or leave for good while something fails.

use crate::{
    cluster::{Cluster, GATHERED, report},
    numbers::LATE,
    people::Person,
};
use futures::future::join_all;
use loadtest::Client;
use presence::{redis::RedisStore, shared::SharedStore as _};
use protocol::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use testbed::{Balancer, Redis};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

/// How many there are: at each of two servers one who loads the page anew, one who moves to another server,
/// and one who leaves.
pub(crate) const MOVERS: usize = 6;

/// For so long a page that is loaded anew has no socket.
const LOADING: Duration = Duration::from_millis(200);

/// How often it is looked how many connections somebody has.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// People who come back, move on, or leave for good, and when these did.
pub(crate) struct Movers {
    movers: Vec<Mover>,
    left: Option<Instant>,
}

/// Somebody with a way to the servers of their own.
struct Mover {
    id: UserId,
    person: Person,
    habit: Habit,
    /// At which server.
    at: usize,
    way: Balancer,
    client: Option<Client>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    Reloads,
    MovesOn,
    Leaves,
}

impl Movers {
    pub(crate) async fn gather(cluster: &Cluster, people: &[Person]) -> Self {
        let habits = [Habit::Reloads, Habit::MovesOn, Habit::Leaves];
        let mut movers = Vec::new();
        for (n, person) in people.iter().enumerate() {
            let at = n / habits.len();
            let mut mover = Mover {
                id: person.id,
                person: person.clone(),
                habit: habits[n % habits.len()],
                at,
                way: Balancer::before(&[cluster.nodes[at].address]).await,
                client: None,
            };
            mover.come(cluster).await;
            movers.push(mover);
        }
        let movers = Self { movers, left: None };
        let everybody: Vec<_> = movers.movers.iter().map(|it| it.id).collect();
        cluster.until_online(&everybody).await;
        movers
    }

    /// Those who do not leave.
    pub(crate) fn staying(&self) -> Vec<UserId> {
        self.ids(|habit| habit != Habit::Leaves)
    }

    fn leaving(&self) -> Vec<UserId> {
        self.ids(|habit| habit == Habit::Leaves)
    }

    fn ids(&self, is_meant: impl Fn(Habit) -> bool) -> Vec<UserId> {
        let meant = self.movers.iter().filter(|it| is_meant(it.habit));
        meant.map(|it| it.id).collect()
    }

    /// Everybody does what they do, once.
    pub(crate) async fn move_about(&mut self, cluster: &Cluster) {
        self.left.get_or_insert_with(Instant::now);
        join_all(self.movers.iter_mut().map(|it| it.move_about(cluster))).await;
    }

    /// Whoever has to come again does so at one of these servers.
    pub(crate) fn lead_to(&self, cluster: &Cluster, nodes: &[usize]) {
        let addresses: Vec<_> = nodes.iter().map(|n| cluster.nodes[*n].address).collect();
        for mover in &self.movers {
            mover.way.set(&addresses);
        }
    }

    /// Whoever left is told offline by all observers, once, not before the grace was over, and in time
    /// after `since`: when they left, or when it could be told again.
    pub(crate) async fn assert_gone(
        &self,
        cluster: &Cluster,
        what: &str,
        since: Option<Instant>,
        promised: Duration,
    ) {
        let (leaving, left) = (self.leaving(), self.left.unwrap());
        let since = since.unwrap_or(left);
        let mut last = since;
        let waits = (since + promised).saturating_duration_since(Instant::now());
        for observer in &cluster.observers {
            observer.until_shown(&leaving, false, waits).await;
            let told = observer.offline_since(left, &leaving);
            assert_eq!(told.len(), leaving.len(), "each once");
            let early = told.iter().map(|at| *at - left).min().unwrap();
            assert!(early >= cluster.numbers.offline_grace, "{early:?}");
            last = last.max(*told.iter().max().unwrap());
        }
        let what = format!("{what}, whoever left meanwhile told offline");
        report(&what, last - since, promised);
    }
}

impl Mover {
    async fn move_about(&mut self, cluster: &Cluster) {
        let Some(client) = self.client.take() else {
            return;
        };
        client.stop().await;
        if self.habit == Habit::Leaves {
            return;
        }
        sleep(LOADING).await;
        if self.habit == Habit::MovesOn {
            self.at = (self.at + 1) % cluster.nodes.len();
            self.way.set(&[cluster.nodes[self.at].address]);
        }
        self.come(cluster).await;
    }

    async fn come(&mut self, cluster: &Cluster) {
        let client = self.person.connect(self.way.address(), &cluster.numbers);
        let welcome = client.until(GATHERED, |state| state.phase().is_online());
        welcome.await.expect("they are welcome");
        self.client = Some(client);
    }
}

/// For how long people had no connection that counts, at most: as Redis says, which is asked directly, however
/// slow the servers' ways to it are.
pub(crate) struct Absences {
    longest: Arc<Mutex<Duration>>,
    _looking: JoinSet<()>,
}

impl Absences {
    pub(crate) async fn of(redis: &Redis, people: Vec<UserId>) -> Self {
        let store = RedisStore::new(&redis.address(), "drill", LATE, |time| time / 2).unwrap();
        let link = Arc::clone(store.link());
        let longest = Arc::new(Mutex::new(Duration::ZERO));
        let mut tasks = JoinSet::new();
        let linking = Arc::clone(&link).run();
        tasks.spawn(async move { match linking.await {} });
        link.until_up(true).await;
        let noted = Arc::clone(&longest);
        tasks.spawn(async move {
            let mut absent_since: HashMap<UserId, Duration> = HashMap::new();
            loop {
                let answer = store.read(&people).await.unwrap();
                for (user, kept) in people.iter().zip(answer.value) {
                    let stored = kept.unwrap().unwrap();
                    if stored.user.registrations().next().is_none() {
                        absent_since.entry(*user).or_insert(answer.times.now);
                    } else if let Some(since) = absent_since.remove(user) {
                        let absent = answer.times.now - since;
                        let mut longest = noted.lock().unwrap();
                        *longest = absent.max(*longest);
                    }
                }
                sleep(LOOK_EVERY).await;
            }
        });
        Self {
            longest,
            _looking: tasks,
        }
    }

    /// The longest of anybody.
    pub(crate) fn longest(&self) -> Duration {
        *self.longest.lock().unwrap()
    }
}
