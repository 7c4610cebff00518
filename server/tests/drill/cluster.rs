//! Servers that share a Redis and a PostgreSQL, with people connected to them.

use crate::{
    movers::{MOVERS, Movers},
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
    time::{Instant, sleep},
};
use uuid::Uuid;

/// Until everybody who came at once is welcome. Not what a drill is about.
pub(crate) const GATHERED: Duration = Duration::from_secs(60);

/// People who write, and are not part of the crowd.
const WRITERS: usize = 4;

/// Messages that wait to be sent before somebody stops to write more: a tab holds 100.
const UNSENT: usize = 50;

/// Servers behind one address, an observer at each, and somebody who writes all the time.
pub(crate) struct Cluster {
    pub(crate) redis: Redis,
    pub(crate) nodes: Vec<Node>,
    pub(crate) observers: Vec<Observer>,
    pub(crate) front: Balancer,
    pub(crate) numbers: Numbers,
    /// Those who are not observers: the first few write, the last few move.
    pub(crate) people: Vec<Person>,
    pub(crate) chat: ChatId,
    _folder: TempDir,
}

/// People who are connected, and shown so.
pub(crate) struct Crowd {
    pub(crate) ids: Vec<UserId>,
    pub(crate) clients: Vec<Client>,
}

/// People who write all the time.
pub(crate) struct Writing {
    pub(crate) began: Instant,
    writers: Vec<Writer>,
}

struct Writer {
    id: UserId,
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
        let count = WRITERS + numbers.people + MOVERS + nodes;
        let (mut people, chat) = people::make(&database, count).await;
        let mut servers = Vec::new();
        for (n, clock) in clocks.into_iter().enumerate() {
            let way = redis.socket();
            servers.push(Node::start(folder.path(), n, way, &database, numbers, clock).await);
        }
        let addresses: Vec<_> = servers.iter().map(|node| node.address).collect();
        let mut observers = Vec::new();
        for address in &addresses {
            let person = people.pop().unwrap();
            observers.push(Observer::start(&person, *address, chat));
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

    /// Everybody but those who write and move connects, each to where `address` says.
    pub(crate) async fn gather_at(&self, address: impl Fn(usize) -> SocketAddr) -> Crowd {
        let connect = |(n, person): (usize, &Person)| person.connect(address(n), &self.numbers);
        let people = &self.people[WRITERS..][..self.numbers.people];
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

    /// Everybody but those who write and move connects to the front.
    pub(crate) async fn gather(&self) -> Crowd {
        let address = self.front.address();
        self.gather_at(|_| address).await
    }

    /// Those who will move connect.
    pub(crate) async fn gather_movers(&self) -> Movers {
        let movers = &self.people[WRITERS + self.numbers.people..];
        Movers::gather(self, movers).await
    }

    /// All observers are shown these so, as is promised.
    pub(crate) async fn until_shown(&self, people: &[UserId], is_online: bool, promised: Duration) {
        for observer in &self.observers {
            observer.until_shown(people, is_online, promised).await;
        }
    }

    /// All observers are shown these online, as soon as every view must be right.
    pub(crate) async fn until_online(&self, people: &[UserId]) {
        self.until_shown(people, true, self.numbers.healed()).await;
    }

    /// From now on all of these must be shown online in time.
    pub(crate) async fn assert_heals(&self, what: &str, people: &[UserId]) {
        let healed = Instant::now();
        self.until_online(people).await;
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
        self.write_as(1)
    }

    /// So many begin to write and to type, each at whichever server they reach.
    pub(crate) fn write_as(&self, writers: usize) -> Writing {
        let begin = |person: &Person| {
            let client = person.connect(self.front.address(), &self.numbers);
            let (stop, stopped) = oneshot::channel();
            Writer {
                id: person.id,
                stop,
                written: tokio::spawn(write(client, self.chat, stopped)),
            }
        };
        assert!(writers <= WRITERS);
        Writing {
            began: Instant::now(),
            writers: self.people[..writers].iter().map(begin).collect(),
        }
    }

    /// What was written was told by these observers once, and what one person wrote in its order; and what
    /// must hold whatever happened does. Gives how much it was.
    pub(crate) async fn assert_all_told(&self, writing: Writing, observers: &[Observer]) -> usize {
        let mut count = 0;
        for writer in writing.writers {
            drop(writer.stop);
            let written = writer.written.await.unwrap();
            let last = *written.last().unwrap();
            for observer in observers {
                observer
                    .until_told(last, LATE + Duration::from_secs(5))
                    .await;
                assert_eq!(observer.messages_of(writer.id), written);
            }
            count += written.len();
        }
        for observer in &self.observers {
            observer.assert_no_version_went_back();
        }
        count
    }

    /// Since somebody began to write nobody of these was told to come or go, and all are online.
    pub(crate) async fn assert_unnoticed(&self, what: &str, writing: Writing, people: &[UserId]) {
        let began = writing.began;
        for observer in &self.observers {
            observer.assert_quiet(began, people);
        }
        self.until_online(people).await;
        let written = self.assert_all_told(writing, &self.observers).await;
        note(&format!(
            "{what}: within {:.0} s none of {} people was told to come or go at any of {} servers; \
             {written} messages arrived once each",
            began.elapsed().as_secs_f64(),
            people.len(),
            self.observers.len(),
        ));
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

/// Writes and types until told to stop; then, once all of that is acknowledged, a last message, which
/// comes after whatever is told of the others. Gives all of them.
async fn write(
    client: Client,
    chat_id: ChatId,
    mut stopped: oneshot::Receiver<()>,
) -> Vec<ClientMessageId> {
    let send = async |written: &mut Vec<ClientMessageId>| {
        let client_id = ClientMessageId::from_uuid(Uuid::now_v7());
        let text = written.len().to_string();
        let send = Event::Send {
            chat_id,
            client_id,
            text,
        };
        client.dispatch(send).await;
        written.push(client_id);
    };
    let acknowledged = async || {
        let all = client.until(GATHERED, |it| it.outbox().is_empty());
        all.await.expect("everything is acknowledged in the end");
    };
    let mut written = Vec::new();
    while stopped.try_recv() == Err(TryRecvError::Empty) {
        let is_typing = written.len() % 10 < 5;
        client.dispatch(Event::Typing { chat_id, is_typing }).await;
        sleep(Duration::from_millis(100)).await;
        if client.state().outbox().items().len() < UNSENT {
            send(&mut written).await;
        }
    }
    acknowledged().await;
    send(&mut written).await;
    acknowledged().await;
    client.stop().await;
    written
}

/// Prints what was measured beside what is promised, which a busy machine may exceed a little.
pub(crate) fn report(what: &str, measured: Duration, promised: Duration) {
    note(&format!(
        "{what}: promised {:.2} s + {:.0} s allowed for this machine; measured {:.2} s",
        promised.as_secs_f64(),
        LATE.as_secs_f64(),
        measured.as_secs_f64(),
    ));
    assert!(measured <= promised + LATE, "{what}");
}

/// Prints what was seen.
#[expect(clippy::print_stdout, reason = "a drill is there to be read")]
pub(crate) fn note(what: &str) {
    println!("  {what}");
}
