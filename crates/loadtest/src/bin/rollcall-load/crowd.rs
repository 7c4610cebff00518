//! Everybody who is connected, and what they see.

use crate::{
    clock::Clock,
    lock::lock,
    observer::{Fault, Observer, Seats},
    script::{Course, Script},
    verdict::Verdict,
};
use connection::{Effect, Event, Settings};
use futures::{StreamExt as _, future::join_all, stream};
use loadtest::{ChatRoom, Client, ClientOptions, HttpError, People, Server, Traffic};
use protocol::Room;
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::{sync::mpsc, time::sleep};

/// Between two looks at whether all is done.
const LOOK: Duration = Duration::from_millis(200);
/// Longer than anything is on its way.
const QUIET: Duration = Duration::from_secs(1);
/// Longer than any storm takes.
const PATIENCE: Duration = Duration::from_secs(180);

/// Everybody who is connected.
pub(crate) struct Crowd {
    /// What everything is timed by.
    pub(crate) clock: Clock,
    /// The rooms that they have on screen.
    pub(crate) rooms: Vec<ChatRoom>,
    /// The connections.
    pub(crate) members: Vec<Arc<Member>>,
    /// People who have one, or several; connection `n` is that of person `n` modulo this.
    pub(crate) people: usize,
}

/// A connection.
pub(crate) struct Member {
    /// Whose.
    pub(crate) person: usize,
    /// The room that they have on screen.
    pub(crate) room: usize,
    clock: Clock,
    on_screen: Room,
    options: ClientOptions,
    observer: Arc<Mutex<Observer>>,
    client: Mutex<Option<Arc<Client>>>,
    /// What arrived at clients that have gone.
    arrived: Mutex<Traffic>,
}

impl Crowd {
    /// So many connections of so many people, if there are rooms for them; nobody is connected yet.
    pub(crate) fn new(
        server: &Server,
        people: &People,
        rooms: Vec<ChatRoom>,
        connections: usize,
        wanted: usize,
    ) -> Result<Self, HttpError> {
        let seated = rooms.last().map_or(0, |room| room.people.end);
        let count = wanted.min(seated).min(connections);
        let clock = Clock::start();
        let size = rooms.first().map_or(1, |room| room.people.len());
        let seats = |room: &ChatRoom| {
            let people = people.members[room.people.clone()].iter();
            Arc::new(
                people
                    .enumerate()
                    .map(|(seat, it)| (it.user_id, seat))
                    .collect(),
            )
        };
        let seats: Vec<Arc<Seats>> = rooms.iter().map(seats).collect();
        let mut members = Vec::with_capacity(connections);
        for n in 0..connections {
            let person = n % count;
            let room = person / size;
            let own = person % size;
            members.push(Arc::new(Member {
                person,
                room,
                clock,
                on_screen: Room::Chat(rooms[room].chat_id),
                options: ClientOptions {
                    server: server.clone(),
                    authorization: people.members[person].authorization()?,
                    settings: Settings::default(),
                    resume: None,
                },
                observer: Arc::new(Mutex::new(Observer::new(Arc::clone(&seats[room]), own))),
                client: Mutex::default(),
                arrived: Mutex::default(),
            }));
        }
        Ok(Self {
            clock,
            rooms,
            members,
            people: count,
        })
    }

    /// From now on everybody is to see this: what each person does of presence, and of typing.
    pub(crate) fn begin(
        &self,
        presence: impl Fn(usize) -> Course,
        typing: impl Fn(usize) -> Course,
    ) {
        let script = |room: &ChatRoom, course: &dyn Fn(usize) -> Course| {
            Arc::new(Script(room.people.clone().map(course).collect()))
        };
        let scripts: Vec<_> = self
            .rooms
            .iter()
            .map(|room| (script(room, &presence), script(room, &typing)))
            .collect();
        for member in &self.members {
            let (presence, typing) = scripts[member.room].clone();
            member.observer().begin(presence, typing, self.clock.now());
        }
    }

    /// Opens all connections, so many at the same time, and waits until they are welcome. Tells how many
    /// are.
    pub(crate) async fn open(&self, at_once: usize, told: impl Fn(usize)) {
        let opening = self.members.iter().map(|member| async {
            member.join().await;
            member.is_welcome().await;
        });
        let mut opened = stream::iter(opening).buffer_unordered(at_once).enumerate();
        while let Some((before, ())) = opened.next().await {
            told(before + 1);
        }
    }

    /// All leave with a goodbye.
    pub(crate) async fn leave(&self) {
        let leaving = self.members.iter().map(|member| member.leave());
        stream::iter(leaving).buffer_unordered(256).count().await;
    }

    /// All sockets break at once.
    pub(crate) async fn cut(&self) {
        join_all(self.members.iter().map(|member| member.cut())).await;
    }

    /// The connections of a person.
    pub(crate) fn of(&self, person: usize) -> impl Iterator<Item = &Arc<Member>> {
        self.members.iter().skip(person).step_by(self.people)
    }

    /// What has arrived until now.
    pub(crate) fn traffic(&self) -> Traffic {
        let mut sum = Traffic::default();
        for member in &self.members {
            sum += member.traffic();
        }
        sum
    }

    /// How many sockets each person has opened until now, also those that came to nothing.
    pub(crate) fn opened(&self) -> Vec<u64> {
        let mut opened = vec![0; self.people];
        for member in &self.members {
            opened[member.person] += member.traffic().sockets;
        }
        opened
    }

    /// How many sockets a person has opened since then beyond one for each of their connections.
    pub(crate) fn opened_again(&self, before: &[u64], now: &[u64], person: usize) -> u64 {
        let opened = |by: &[u64]| by.get(person).copied().unwrap_or_default();
        let needed = self.of(person).count() as u64;
        (opened(now) - opened(before)).saturating_sub(needed)
    }

    /// Waits until everybody has seen all, or for longer than it may take, and judges what they saw.
    /// Latencies of welcomes count from `meant`.
    pub(crate) async fn judge(&self, meant: Duration) -> Verdict {
        let late = self.clock.now() + PATIENCE;
        while self.clock.now() < late && !self.members.iter().all(|it| it.observer().is_done()) {
            sleep(LOOK).await;
        }
        // What should not have been told may still be on its way, and what nobody waited for.
        sleep(QUIET).await;
        let mut verdict = Verdict::default();
        for (n, member) in self.members.iter().enumerate() {
            let mut observer = member.observer();
            observer.end(self.clock.now());
            let seen = observer.seen();
            verdict.add(n, seen, meant);
        }
        verdict
    }

    /// When each person was first welcome again.
    pub(crate) fn first_welcomes(&self) -> Vec<Option<Duration>> {
        let mut welcomes = vec![None::<Duration>; self.people];
        for member in &self.members {
            let first = &mut welcomes[member.person];
            let welcome = member.observer().first_welcome();
            *first = [*first, welcome].into_iter().flatten().min();
        }
        welcomes
    }

    /// Whom a connection sees at a seat of its room.
    pub(crate) fn person_at(&self, connection: usize, seat: usize) -> usize {
        self.rooms[self.members[connection].room].people.start + seat
    }

    /// A fault, in words.
    pub(crate) fn describe(&self, (n, fault): &(usize, Fault)) -> String {
        let member = &self.members[*n];
        let whom = match fault.seat {
            Some(seat) => format!("person {}", self.person_at(*n, seat)),
            None => "its room".to_owned(),
        };
        format!(
            "connection {n} of person {} in room {}: {whom}: {} at {:.3} s",
            member.person,
            member.room,
            fault.kind,
            fault.at.as_secs_f64()
        )
    }
}

impl Member {
    /// Connects, with the room on screen; does not wait until it is welcome.
    pub(crate) async fn join(&self) {
        let (client, updates) = Client::start(self.options.clone());
        tokio::spawn(watch(updates, Arc::clone(&self.observer), self.clock));
        let client = Arc::new(client);
        *lock(&self.client) = Some(Arc::clone(&client));
        client.dispatch(Event::Subscribe(self.on_screen)).await;
    }

    /// Waits until the server says welcome, or for longer than that may take.
    pub(crate) async fn is_welcome(&self) -> bool {
        let Some(client) = self.client() else {
            return false;
        };
        client
            .until(PATIENCE, |state| state.phase().is_online())
            .await
            .is_ok()
    }

    /// Leaves with a goodbye.
    pub(crate) async fn leave(&self) {
        let Some(client) = lock(&self.client).take() else {
            return;
        };
        *lock(&self.arrived) += client.traffic();
        // Whoever uses it at this very moment drops it a moment later, without a goodbye.
        if let Some(client) = Arc::into_inner(client) {
            client.stop().await;
        }
    }

    /// The socket breaks.
    pub(crate) async fn cut(&self) {
        let Some(client) = self.client() else {
            return;
        };
        if let Some(generation) = client.state().phase().generation() {
            client.dispatch(Event::Failed(generation)).await;
        }
    }

    /// Asks for the room's snapshot anew.
    pub(crate) async fn ask(&self, meant: Duration) {
        self.observer().asks(meant);
        self.dispatch(Event::Subscribe(self.on_screen)).await;
    }

    /// Begins to type, or ends.
    pub(crate) async fn signs(&self, is_typing: bool) {
        let Room::Chat(chat_id) = self.on_screen else {
            return;
        };
        self.dispatch(Event::Typing { chat_id, is_typing }).await;
    }

    /// What it sees.
    pub(crate) fn observer(&self) -> MutexGuard<'_, Observer> {
        lock(&self.observer)
    }

    async fn dispatch(&self, event: Event) {
        if let Some(client) = self.client() {
            client.dispatch(event).await;
        }
    }

    fn client(&self) -> Option<Arc<Client>> {
        lock(&self.client).clone()
    }

    fn traffic(&self) -> Traffic {
        let mut sum = *lock(&self.arrived);
        if let Some(client) = self.client() {
            sum += client.traffic();
        }
        sum
    }
}

async fn watch(mut updates: mpsc::Receiver<Effect>, observer: Arc<Mutex<Observer>>, clock: Clock) {
    while let Some(update) = updates.recv().await {
        if let Effect::Deliver(frame) = update {
            lock(&observer).take(&frame, clock.now());
        }
    }
}
