//! Servers that share a Redis and a PostgreSQL, with people connected to them.

use crate::{
    node::Node,
    numbers::{LATE, Numbers},
    observer::Observer,
    people::{self, Person},
    support,
};
use connection::Event;
use loadtest::Client;
use protocol::{ChatId, ClientMessageId, UserId};
use std::{collections::HashMap, time::Duration};
use tempfile::TempDir;
use testbed::{Balancer, Redis};
use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use uuid::Uuid;

/// Servers behind one address, an observer at each, and somebody who writes all the time.
pub(crate) struct Cluster {
    pub(crate) redis: Redis,
    pub(crate) nodes: Vec<Node>,
    pub(crate) observers: Vec<Observer>,
    pub(crate) front: Balancer,
    pub(crate) numbers: Numbers,
    /// Those who are not observers.
    pub(crate) people: Vec<Person>,
    chat: ChatId,
    _folder: TempDir,
}

/// Somebody who writes all the time.
pub(crate) struct Writing {
    stop: oneshot::Sender<()>,
    written: JoinHandle<Vec<ClientMessageId>>,
}

impl Cluster {
    pub(crate) async fn start(nodes: usize) -> Self {
        Self::with(Numbers::get(), nodes).await
    }

    pub(crate) async fn with(numbers: Numbers, nodes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = support::schema_of(folder.path()).await;
        let database = database.expect("scripts/with-postgres.sh gives it one");
        let (mut people, chat) = people::make(&database, numbers.people + nodes + 1).await;
        let redis = Redis::start().await;
        let mut servers = Vec::new();
        for n in 0..nodes {
            let way = redis.socket();
            servers.push(Node::start(folder.path(), n, way, &database, numbers).await);
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

    /// Everybody but the one who writes is connected to the front.
    pub(crate) fn connect_everybody(&self) -> Vec<Client> {
        let address = self.front.address();
        let connect = |person: &Person| person.connect(address, &self.numbers);
        self.people[1..].iter().map(connect).collect()
    }

    pub(crate) fn everybody(&self) -> Vec<UserId> {
        self.people[1..].iter().map(|person| person.id).collect()
    }

    /// All observers are shown these so, in time.
    pub(crate) async fn until_shown(&self, people: &[UserId], is_online: bool, limit: Duration) {
        for observer in &self.observers {
            observer.until_shown(people, is_online, limit).await;
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
                let client_id = ClientMessageId::from_uuid(Uuid::now_v7());
                let text = written.len().to_string();
                let send = Event::Send {
                    chat_id,
                    client_id,
                    text,
                };
                client.dispatch(send).await;
                written.push(client_id);
                sleep(Duration::from_millis(100)).await;
            }
            let all = client.until(Duration::from_secs(60), |it| it.outbox().is_empty());
            all.await.expect("everything is acknowledged in the end");
            client.stop().await;
            written
        });
        Writing { stop, written }
    }

    /// What was written was told by each of these servers once, and in its order.
    pub(crate) async fn assert_all_told(&self, writing: Writing, nodes: &[usize]) -> usize {
        let Writing { stop, written } = writing;
        drop(stop);
        let written = written.await.unwrap();
        for n in nodes {
            let observer = &self.observers[*n];
            let told = || observer.log().messages.clone();
            let is_all = async {
                while told().len() < written.len() {
                    sleep(Duration::from_millis(20)).await;
                }
            };
            let _ = timeout(LATE + Duration::from_secs(5), is_all).await;
            let mut counts: HashMap<ClientMessageId, usize> = HashMap::new();
            for id in told() {
                *counts.entry(id).or_default() += 1;
            }
            let wrong: Vec<_> = written
                .iter()
                .enumerate()
                .filter_map(|(place, id)| match counts.get(id).copied().unwrap_or(0) {
                    1 => None,
                    count => Some((place, count)),
                })
                .collect();
            let all = written.len();
            assert!(
                wrong.is_empty(),
                "server {n}, of {all}, told so often: {wrong:?}"
            );
        }
        written.len()
    }

    /// What must hold whatever happened.
    pub(crate) fn assert_versions_grew(&self) {
        for observer in &self.observers {
            observer.assert_no_version_went_back();
        }
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

/// Lets time pass in which something is to go wrong.
pub(crate) async fn pass(time: Duration) -> Instant {
    sleep(time).await;
    Instant::now()
}
