//! A tab, a network and a server that all misbehave, and a clock that jumps from event to event.

mod liveness;
mod server;
mod turn;

use crate::frames::{chat, client_id, reconnect};
use crate::tab::{SECOND, Tab};
use connection::{Effect, Event, Generation, Phase};
use protocol::{ClientFrame, ClientMessageId, CloseCode, ServerFrame};
use server::{Mood, Said, Server};
use std::collections::{BTreeMap, BTreeSet};

/// How long anything takes from one end to the other, in milliseconds.
const LATENCY: u64 = 400;

struct World {
    tab: Tab,
    server: Server,
    has_network: bool,
    /// Whether the sign-in holds, when somebody asks.
    is_signed_in: bool,
    /// What is on its way, by when it arrives and in which order it left.
    on_the_way: BTreeMap<(u64, u64), Arrival>,
    departures: u64,
    /// Frames that wait for a server that hangs.
    backlog: Vec<(Generation, ClientFrame)>,
    /// The messages that the page shows.
    screen: BTreeSet<ClientMessageId>,
    /// The messages that were delivered one by one.
    delivered: BTreeSet<ClientMessageId>,
    /// The messages that the person wrote, in order.
    written: Vec<ClientMessageId>,
    resyncs: usize,
    replacements: usize,
}

enum Arrival {
    /// Something that the tab notices of a socket.
    Tab(Event),
    /// An answer to a request of the tab.
    Answer(Event),
    Server(Generation, ClientFrame),
    Accept(Generation),
    /// What was missed has been fetched, if it can be.
    Fetched,
}

impl World {
    fn new() -> Self {
        Self {
            tab: Tab::new(),
            server: Server::new(),
            has_network: true,
            is_signed_in: true,
            on_the_way: BTreeMap::new(),
            departures: 0,
            backlog: Vec::new(),
            screen: BTreeSet::new(),
            delivered: BTreeSet::new(),
            written: Vec::new(),
            resyncs: 0,
            replacements: 0,
        }
    }

    fn take(&mut self, event: Event) {
        for effect in self.tab.take(event) {
            self.carry_out(effect);
        }
    }

    /// Lets time pass; whatever is due happens, in the order of its time.
    fn run(&mut self, time: u64) {
        let until = self.tab.now.monotonic_ms + time;
        loop {
            let arrival = self.on_the_way.keys().next().map(|(at, _)| *at);
            let deadline = self.tab.deadline();
            let Some(at) = arrival.into_iter().chain(deadline).min() else {
                break;
            };
            if at > until {
                break;
            }
            self.tab.pass(at.saturating_sub(self.tab.now.monotonic_ms));
            if arrival == Some(at) {
                self.arrive();
            } else {
                self.take(Event::Tick);
                let now = self.tab.now.monotonic_ms;
                let next = self.tab.deadline();
                assert!(
                    next.is_none_or(|next| next > now),
                    "a busy loop: {:?}",
                    self.tab.state
                );
            }
        }
        self.tab
            .pass(until.saturating_sub(self.tab.now.monotonic_ms));
    }

    fn write(&mut self, chat_n: u8, is_unwanted: bool) {
        let n = u64::try_from(self.written.len()).unwrap();
        let client_id = client_id(n);
        self.written.push(client_id);
        if is_unwanted {
            self.server.unwanted.insert(client_id);
        }
        self.take(Event::Send {
            chat_id: chat(chat_n),
            client_id,
            text: format!("message {n}"),
        });
    }

    fn others_write(&mut self) {
        // A server that hangs or is down stores nothing.
        if !matches!(self.server.mood, Mood::Hangs | Mood::Refuses) {
            let n = u64::try_from(self.server.history.len()).unwrap();
            let said = self.server.others_write(chat(0), client_id(1_000_000 + n));
            self.say(said);
        }
    }

    fn set_mood(&mut self, mood: Mood) {
        self.server.mood = mood;
        if mood != Mood::Hangs {
            for (generation, frame) in std::mem::take(&mut self.backlog) {
                let said = self.server.take(generation, frame);
                self.say(said);
            }
        }
        if mood == Mood::Refuses {
            self.restart();
        }
    }

    /// The server closes every socket.
    fn restart(&mut self) {
        for generation in self.cut() {
            let closed = Event::Closed(generation, CloseCode::SERVICE_RESTART, String::new());
            self.depart(LATENCY, Arrival::Tab(closed));
        }
    }

    /// The network loses every connection, without a word; returns them.
    fn cut(&mut self) -> Vec<Generation> {
        self.on_the_way
            .retain(|_, arrival| matches!(arrival, Arrival::Answer(_) | Arrival::Fetched));
        self.backlog.clear();
        self.server.forget_all()
    }

    fn drain(&mut self, after: u64, spread: u64) {
        let links: Vec<_> = self.tab.state.sockets().collect();
        for generation in links {
            let event = Event::Frame(generation, reconnect(after, spread));
            self.depart(LATENCY, Arrival::Tab(event));
        }
    }

    fn depart(&mut self, after: u64, arrival: Arrival) {
        self.departures += 1;
        let at = self.tab.now.monotonic_ms + after;
        self.on_the_way.insert((at, self.departures), arrival);
    }

    fn arrive(&mut self) {
        match self.on_the_way.pop_first().unwrap().1 {
            Arrival::Tab(event) | Arrival::Answer(event) => self.take(event),
            Arrival::Accept(generation) => self.server.accept(generation),
            Arrival::Server(generation, frame) if self.server.mood == Mood::Hangs => {
                self.backlog.push((generation, frame));
            }
            Arrival::Server(generation, frame) => {
                let said = self.server.take(generation, frame);
                self.say(said);
            }
            Arrival::Fetched => {
                if self.has_network && self.server.mood == Mood::Good {
                    let stored = self.server.history.iter();
                    self.screen.extend(stored.map(|stored| stored.client_id));
                    self.take(Event::Resynced);
                }
            }
        }
    }

    fn say(&mut self, said: Vec<(Generation, Said)>) {
        for (generation, said) in said {
            let event = match said {
                Said::Frame(frame) => Event::Frame(generation, frame),
                Said::Close(code) => Event::Closed(generation, code, String::new()),
            };
            self.depart(LATENCY, Arrival::Tab(event));
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Open(generation) => self.open(generation),
            Effect::Send(generation, frame) => {
                self.depart(LATENCY, Arrival::Server(generation, frame));
            }
            Effect::Close(generation, code) => {
                self.replacements += usize::from(code == CloseCode::REPLACED);
                self.server.forget(generation);
            }
            Effect::Deliver(frame) => {
                if let ServerFrame::MessageCreated(message) = frame {
                    assert!(
                        self.delivered.insert(message.client_id),
                        "delivered twice: {message:?}"
                    );
                    self.screen.insert(message.client_id);
                }
            }
            Effect::Resync => {
                self.resyncs += 1;
                self.depart(3 * LATENCY, Arrival::Fetched);
            }
            Effect::RefreshSession => {
                let answer = match (self.has_network, self.is_signed_in) {
                    (false, _) => Event::SessionUnknown,
                    (true, true) => Event::SessionValid,
                    (true, false) => Event::SessionInvalid,
                };
                self.depart(2 * LATENCY, Arrival::Answer(answer));
            }
            Effect::PresenceStale
            | Effect::ClearTyping
            | Effect::Announce(_)
            | Effect::Toast(_) => {}
        }
    }

    fn open(&mut self, generation: Generation) {
        match self.server.mood {
            _ if !self.has_network => self.fail_to_open(generation),
            Mood::Refuses => self.fail_to_open(generation),
            Mood::Hangs => {}
            Mood::Good | Mood::IsDeaf | Mood::Closes(_) => {
                self.depart(LATENCY, Arrival::Accept(generation));
                let opened = Event::Opened(generation);
                self.depart(2 * LATENCY, Arrival::Tab(opened));
            }
        }
    }

    /// As a browser tells of it: an error, then a close that says nothing.
    fn fail_to_open(&mut self, generation: Generation) {
        let closed = Event::Closed(generation, CloseCode::ABNORMAL, String::new());
        for event in [Event::Failed(generation), closed] {
            self.depart(LATENCY, Arrival::Tab(event));
        }
    }

    /// From now on network and server are good, and the person looks at the page. Nobody tells the
    /// tab more than it has to know.
    fn mend(&mut self) {
        self.set_mood(Mood::Good);
        self.server.is_busy = false;
        self.has_network = true;
        if !self.tab.state.environment().is_visible {
            self.take(Event::Visible);
        }
        if self.tab.deadline().is_none() {
            self.take(Event::PageShow);
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.tab.phase(), Phase::Exhausted | Phase::Terminal(_))
    }
}

/// The longest that it may take to be online once all is well: a dead connection that was heard of a
/// moment ago is noticed, the socket that was to replace it does not open, and the longest wait
/// begins, or the poll of a page that thinks itself offline.
const BOUND: u64 = (25 + 10 + 10 + 31 + 2) * SECOND;
