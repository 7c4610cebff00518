//! Servers that share a Redis and a PostgreSQL, with people connected to them.

use crate::{
    node::Node,
    numbers::{LATE, Numbers, is_full},
    observer::Observer,
    people::{self, Person},
    support,
};
use connection::{Event, Phase, State};
use futures::future::try_join_all;
use loadtest::Client;
use protocol::{ChatId, ClientMessageId, UserId};
use std::{net::SocketAddr, time::Duration};
use tempfile::TempDir;
use testbed::{Balancer, Redis, WrongClock};
use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

/// Until everybody who came at once is welcome. Not what a drill is about.
const GATHERED: Duration = Duration::from_secs(60);

/// Messages that wait to be sent before somebody stops to write more: a tab holds 100.
const UNSENT: usize = 50;

/// Servers behind one address, an observer at each, and somebody who writes all the time.
pub(crate) struct Cluster {
    pub(crate) redis: Redis,
    pub(crate) nodes: Vec<Node>,
    pub(crate) observers: Vec<Observer>,
    pub(crate) front: Balancer,
    pub(crate) numbers: Numbers,
    /// Those who are not observers.
    pub(crate) people: Vec<Person>,
    pub(crate) chat: ChatId,
    _folder: TempDir,
}

/// People who are connected, and shown so.
pub(crate) struct Crowd {
    pub(crate) ids: Vec<UserId>,
    pub(crate) clients: Vec<Client>,
}

/// Somebody who writes all the time.
pub(crate) struct Writing {
    began: Instant,
    stop: oneshot::Sender<()>,
    written: JoinHandle<Vec<ClientMessageId>>,
}

impl Cluster {
    pub(crate) async fn start(nodes: usize) -> Self {
        Self::with(Numbers::get(), nodes).await
    }

    pub(crate) async fn with(numbers: Numbers, nodes: usize) -> Self {
        let clocks = (0..nodes).map(|_| None).collect();
        Self::made_of(numbers, Redis::start().await, clocks).await
    }

    /// As many servers as there are clocks.
    pub(crate) async fn made_of(
        numbers: Numbers,
        redis: Redis,
        clocks: Vec<Option<WrongClock>>,
    ) -> Self {
        let nodes = clocks.len();
        let folder = tempfile::tempdir().unwrap();
        let database = support::schema_of(folder.path()).await;
        let database = database.expect("scripts/with-postgres.sh gives it one");
        let (mut people, chat) = people::make(&database, numbers.people + nodes + 1).await;
        let mut servers = Vec::new();
        for (n, clock) in clocks.into_iter().enumerate() {
            let way = redis.socket();
            servers.push(Node::start(folder.path(), n, way, &database, numbers, clock).await);
        }
        let addresses: Vec<_> = servers.iter().map(|node| node.address).collect();
        let mut observers = Vec::new();
        for address in &addresses {
            let person = people.pop().unwrap();
            observers.push(Observer::start(&person, *address, chat, &numbers).await);
        }
        Self {
            front: Balancer::before(&addresses).await,
            redis,
            nodes: servers,
            observers,
            numbers,
            people,
            chat,
            _folder: folder,
        }
    }

    /// Everybody but the one who writes connects, each to where `address` says.
    pub(crate) async fn gather_at(&self, address: impl Fn(usize) -> SocketAddr) -> Crowd {
        let connect = |(n, person): (usize, &Person)| person.connect(address(n), &self.numbers);
        let people = &self.people[1..];
        let crowd = Crowd {
            ids: people.iter().map(|person| person.id).collect(),
            clients: people.iter().enumerate().map(connect).collect(),
        };
        let settled = crowd
            .clients
            .iter()
            .map(|client| client.until(GATHERED, is_settled));
        try_join_all(settled).await.expect("everybody is welcome");
        self.until_online(&crowd.ids).await;
        crowd
    }

    /// Everybody but the one who writes connects to the front.
    pub(crate) async fn gather(&self) -> Crowd {
        let address = self.front.address();
        self.gather_at(|_| address).await
    }

    /// All observers are shown these so, in time.
    pub(crate) async fn until_shown(&self, people: &[UserId], is_online: bool, limit: Duration) {
        for observer in &self.observers {
            observer.until_shown(people, is_online, limit).await;
        }
    }

    /// All observers are shown these online, as soon as every view must be right.
    pub(crate) async fn until_online(&self, people: &[UserId]) {
        self.until_shown(people, true, self.numbers.healed()).await;
    }

    /// From now on everything must become right in time.
    pub(crate) async fn assert_heals(&self, what: &str, crowd: &Crowd) {
        let healed = Instant::now();
        self.until_online(&crowd.ids).await;
        report(what, healed.elapsed(), self.numbers.healed());
    }

    /// The metrics of all servers come to say so.
    pub(crate) async fn until_measured(&self, line: &str) {
        for node in &self.nodes {
            node.until_measured(line).await;
        }
    }

    /// New connections go to these servers.
    pub(crate) fn lead_to(&self, nodes: &[usize]) {
        let addresses: Vec<_> = nodes.iter().map(|n| self.nodes[*n].address).collect();
        self.front.set(&addresses);
    }

    /// Somebody begins to write, at whichever server they reach.
    pub(crate) fn write(&self) -> Writing {
        let client = self.people[0].connect(self.front.address(), &self.numbers);
        let chat_id = self.chat;
        let (stop, mut stopped) = oneshot::channel();
        let written = tokio::spawn(async move {
            let mut written = Vec::new();
            while stopped.try_recv() == Err(TryRecvError::Empty) {
                sleep(Duration::from_millis(100)).await;
                if client.state().outbox().items().len() >= UNSENT {
                    continue;
                }
                let client_id = ClientMessageId::from_uuid(Uuid::now_v7());
                let text = written.len().to_string();
                let send = Event::Send {
                    chat_id,
                    client_id,
                    text,
                };
                client.dispatch(send).await;
                written.push(client_id);
            }
            let all = client.until(Duration::from_secs(60), |it| it.outbox().is_empty());
            all.await.expect("everything is acknowledged in the end");
            client.stop().await;
            written
        });
        Writing {
            began: Instant::now(),
            stop,
            written,
        }
    }

    /// What was written was told by these observers once, and in its order; and what must hold whatever
    /// happened does.
    pub(crate) async fn assert_all_told(&self, writing: Writing, observers: &[Observer]) -> usize {
        drop(writing.stop);
        let written = writing.written.await.unwrap();
        for observer in observers {
            let told = || observer.log().messages.clone();
            let is_all = async {
                while told().len() < written.len() {
                    sleep(Duration::from_millis(20)).await;
                }
            };
            let _ = timeout(LATE + Duration::from_secs(5), is_all).await;
            assert_eq!(told(), written);
        }
        for observer in &self.observers {
            observer.assert_no_version_went_back();
        }
        written.len()
    }

    /// Since somebody began to write nobody of these was told to come or go, and all are online.
    pub(crate) async fn assert_unnoticed(&self, what: &str, writing: Writing, people: &[UserId]) {
        let began = writing.began;
        for observer in &self.observers {
            observer.assert_quiet(began, people);
        }
        self.until_online(people).await;
        let written = self.assert_all_told(writing, &self.observers).await;
        #[expect(clippy::print_stdout, reason = "a drill is there to be read")]
        {
            println!(
                "  {what}: within {:.0} s none of {} people was told to come or go at any of {} servers; \
                 {written} messages arrived once each",
                began.elapsed().as_secs_f64(),
                people.len(),
                self.observers.len(),
            );
        }
    }
}

/// Whether somebody is welcome; and, with the numbers of an installation, has been for a while, as its
/// people are: a new connection is doubted sooner.
fn is_settled(state: &State) -> bool {
    match state.phase() {
        Phase::Online { is_stable, .. } => *is_stable || !is_full(),
        _ => false,
    }
}

/// Prints what was measured beside what is promised.
pub(crate) fn report(what: &str, measured: Duration, promised: Duration) {
    #[expect(clippy::print_stdout, reason = "a drill is there to be read")]
    {
        println!(
            "  {what}: {:.2} s (at most {:.2} s)",
            measured.as_secs_f64(),
            promised.as_secs_f64()
        );
    }
    assert!(measured <= promised, "{what}");
}
