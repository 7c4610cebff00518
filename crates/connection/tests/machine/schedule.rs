//! Random lives of a tab: what may happen in any order, with weights that reach Online often.

use crate::frames::{
    acknowledged, chat, chat_room, created, epoch, pong, reconnect, refused, typing, welcome,
    workspace_room,
};
use crate::tab::{HOUR, SECOND, Tab};
use connection::{Backoff, Effect, Event, Generation, Now, OutboxState, Phase, Settings, State};
use proptest::{collection::vec, prelude::*};
use protocol::{ClientMessageId, CloseCode, ErrorCode, Room};

/// One step of the machine, from both sides.
pub(crate) struct Step {
    pub(crate) before: State,
    pub(crate) event: Event,
    pub(crate) now: Now,
    pub(crate) effects: Vec<Effect>,
    pub(crate) after: State,
}

/// One thing that happens; what it means depends on where the tab stands.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Whatever brings the connection forward.
    Progress(Greeting),
    /// A socket that may be open breaks, and says so in these ways.
    Break { is_newest: bool, told: Vec<Told> },
    /// A socket of long ago reports something.
    Haunt(Told),
    /// The server says something on the live socket.
    Hear(Heard),
    /// The page or the person does something.
    Do(Event),
    /// The person writes a message.
    Write { chat: u8 },
    /// The person wants the nth message of the outbox sent again.
    Retry(usize),
    /// The person gives up on the nth message of the outbox.
    Discard(usize),
    /// Time passes, with ticks.
    Wait(u64),
    /// Time passes without ticks.
    Sleep(u64),
    /// The wall clock is set.
    SetClock(i64),
}

/// What a welcome says of what was missed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Greeting {
    Resumed,
    /// Newest is this much past what the client knows.
    Ahead(u64),
    /// Another history, which has this newest offset.
    NewEpoch(u64),
}

/// How a socket tells of its end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    Error,
    Close(u16),
    /// Nothing is told until every timeout is over.
    Silence,
}

#[derive(Clone, Debug)]
pub(crate) enum Heard {
    Pong,
    Unknown,
    /// A message this far past the newest known, or an old one again.
    Message(i64),
    Typing(u8, bool),
    Reconnect(u64, u64),
    /// The oldest message that was sent is on disk.
    Ack,
    /// The oldest message that was sent is refused.
    Refuse(ErrorCode),
    SecondWelcome,
}

pub(crate) type Life = Vec<(Act, f64)>;

pub(crate) fn life() -> impl Strategy<Value = Life> {
    vec((act(), 0.0..1.0), 1..120)
}

pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    let backoff = prop_oneof![
        3 => Just(Settings::default().backoff),
        1 => Just(Backoff::Fixed { delays_ms: vec![2_000, 5_000, 10_000] }),
    ];
    (
        backoff,
        prop_oneof![2 => Just(10_u32), 1 => 1..4_u32],
        2..5_usize,
    )
        .prop_map(|(backoff, attempts, outbox_capacity)| Settings {
            backoff,
            attempts,
            outbox_capacity,
            ..Settings::default()
        })
}

/// Lives a life, and returns every step of it.
pub(crate) fn live(settings: Settings, life: &Life) -> (Tab, Vec<Step>) {
    let mut tab = Tab::with(settings);
    tab.records = true;
    tab.take(Event::Start);
    for (act, random) in life {
        tab.random = *random;
        tab.act(act);
    }
    let steps = std::mem::take(&mut tab.steps);
    (tab, steps)
}

fn act() -> impl Strategy<Value = Act> {
    let greeting = prop_oneof![
        6 => Just(Greeting::Resumed),
        1 => (0..5_u64).prop_map(Greeting::Ahead),
        1 => (0..5_u64).prop_map(Greeting::NewEpoch),
    ];
    prop_oneof![
        60 => greeting.prop_map(Act::Progress),
        6 => (prop::bool::weighted(0.3), vec(told(), 1..4))
            .prop_map(|(is_newest, told)| Act::Break { is_newest, told }),
        3 => told().prop_map(Act::Haunt),
        16 => heard().prop_map(Act::Hear),
        12 => page().prop_map(Act::Do),
        8 => person(),
        10 => (0..2_u8).prop_map(|chat| Act::Write { chat }),
        8 => (0..15 * SECOND).prop_map(Act::Wait),
        2 => (0..200 * SECOND).prop_map(Act::Wait),
        2 => (0..2 * HOUR).prop_map(Act::Sleep),
        2 => prop_oneof![Just(3_600_000), Just(-3_600_000), -5_000..5_000_i64]
            .prop_map(Act::SetClock),
    ]
}

fn told() -> impl Strategy<Value = Told> {
    prop_oneof![
        4 => Just(Told::Error),
        4 => Just(Told::Close(1006)),
        2 => prop_oneof![Just(1012), Just(4008), Just(4429), Just(4401)].prop_map(Told::Close),
        1 => (1000..5000_u16).prop_map(Told::Close),
        2 => Just(Told::Silence),
    ]
}

fn heard() -> impl Strategy<Value = Heard> {
    prop_oneof![
        3 => Just(Heard::Pong),
        1 => Just(Heard::Unknown),
        4 => (-3..4_i64).prop_map(Heard::Message),
        2 => (0..3_u8, any::<bool>()).prop_map(|(n, is_typing)| Heard::Typing(n, is_typing)),
        2 => (0..5 * SECOND, 0..5 * SECOND).prop_map(|(after, spread)| Heard::Reconnect(after, spread)),
        6 => Just(Heard::Ack),
        2 => prop_oneof![
            Just(ErrorCode::Unavailable),
            Just(ErrorCode::RateLimited),
            Just(ErrorCode::TooLarge),
            Just(ErrorCode::Unknown),
        ]
        .prop_map(Heard::Refuse),
        1 => Just(Heard::SecondWelcome),
    ]
}

fn page() -> impl Strategy<Value = Event> {
    prop::sample::select(vec![
        Event::Offline,
        Event::NetworkOnline,
        Event::NetworkOnline,
        Event::NetworkChanged,
        Event::Hidden,
        Event::Visible,
        Event::Visible,
        Event::Focus,
        Event::PageHide,
        Event::PageShow,
        Event::PageShow,
        Event::SessionValid,
        Event::SessionInvalid,
        Event::SessionUnknown,
        Event::Resynced,
        Event::Resynced,
    ])
}

fn person() -> impl Strategy<Value = Act> {
    let event = prop_oneof![
        4 => Just(Event::Click),
        1 => any::<bool>().prop_map(|is_typing| Event::Typing { chat_id: chat(0), is_typing }),
        2 => Just(Event::Input),
        1 => room().prop_map(Event::Subscribe),
        1 => room().prop_map(Event::Unsubscribe),
        1 => (0..3_u8, 0..9_u64)
            .prop_map(|(n, sequence)| Event::MarkRead { chat_id: chat(n), sequence }),
        1 => prop::sample::select(vec![Event::Stop, Event::Start, Event::Tick, Event::Tick]),
    ];
    prop_oneof![
        6 => event.prop_map(Act::Do),
        2 => (0..5_usize).prop_map(Act::Retry),
        1 => (0..5_usize).prop_map(Act::Discard),
    ]
}

fn room() -> impl Strategy<Value = Room> {
    prop_oneof![
        2 => (0..3_u8).prop_map(chat_room),
        1 => (0..2_u8).prop_map(workspace_room),
    ]
}

impl Tab {
    pub(crate) fn act(&mut self, act: &Act) {
        match act {
            Act::Progress(greeting) => self.progress(*greeting),
            Act::Break { is_newest, told } => {
                let sockets = self.state.sockets();
                let broken = if *is_newest {
                    sockets.max()
                } else {
                    sockets.min()
                };
                if let Some(broken) = broken {
                    for told in told {
                        self.tell(broken, *told);
                    }
                }
            }
            Act::Haunt(told) => self.tell(Generation(0), *told),
            Act::Hear(heard) => {
                if let Some(event) = self.heard(heard) {
                    self.take(event);
                }
            }
            Act::Do(event) => drop(self.take(event.clone())),
            Act::Write { chat } => {
                self.written += 1;
                self.send(*chat, self.written);
            }
            Act::Retry(n) => drop(self.nth(*n).map(|it| self.take(Event::Retry(it)))),
            Act::Discard(n) => drop(self.nth(*n).map(|it| self.take(Event::Discard(it)))),
            Act::Wait(time) => drop(self.wait(*time)),
            Act::Sleep(time) => self.pass(*time),
            Act::SetClock(by) => self.now.wall_ms += by,
        }
    }

    fn progress(&mut self, greeting: Greeting) {
        let now = self.now.monotonic_ms;
        match *self.phase() {
            Phase::Online { generation, .. } if self.newest() == generation => drop(self.pong()),
            // The new socket of a planned change may or may not be open yet.
            Phase::Online { .. } => {
                self.opened();
                self.greet(greeting);
            }
            Phase::Connecting { .. } => drop(self.opened()),
            Phase::Handshaking { .. } => self.greet(greeting),
            Phase::Backoff { retry_at: at, .. }
            | Phase::Suspended {
                poll_at: Some(at), ..
            } => drop(self.wait(at.saturating_sub(now))),
            Phase::Suspended { poll_at: None, .. } => drop(self.take(Event::PageShow)),
            Phase::Idle | Phase::Exhausted | Phase::Terminal(_) => drop(self.wait(SECOND)),
        }
    }

    fn greet(&mut self, greeting: Greeting) {
        let known = self.state.resume().unwrap();
        let frame = match greeting {
            Greeting::Resumed => welcome(known.epoch, known.offset, true),
            Greeting::Ahead(by) => welcome(known.epoch, known.offset + by, false),
            Greeting::NewEpoch(offset) => {
                self.epochs += 1;
                welcome(epoch(self.epochs), offset, false)
            }
        };
        self.take(Event::Frame(self.newest(), frame));
    }

    fn tell(&mut self, generation: Generation, told: Told) {
        match told {
            Told::Error => drop(self.take(Event::Failed(generation))),
            Told::Close(code) => {
                let reason = "retry_after_ms=3000".to_owned();
                self.take(Event::Closed(generation, CloseCode(code), reason));
            }
            Told::Silence => drop(self.wait(40 * SECOND)),
        }
    }

    fn nth(&self, n: usize) -> Option<ClientMessageId> {
        self.outbox().items().get(n).map(|item| item.client_id)
    }

    fn heard(&self, heard: &Heard) -> Option<Event> {
        let live = self.phase().generation()?;
        let known = self.state.resume()?.offset;
        let in_flight = || {
            let mut items = self.outbox().items().iter();
            let sent = items.find(|item| item.state == OutboxState::Sent);
            sent.map(|item| item.client_id)
        };
        let frame = match heard {
            Heard::Pong => pong(),
            Heard::Unknown => return Some(Event::Received(live)),
            Heard::Message(by) => created(known.checked_add_signed(*by)?),
            Heard::Typing(n, is_typing) => typing(*n, *is_typing),
            Heard::Reconnect(after, spread) => reconnect(*after, *spread),
            Heard::Ack => acknowledged(in_flight()?),
            Heard::Refuse(code) => refused(in_flight()?, *code),
            Heard::SecondWelcome => welcome(epoch(99), 0, false),
        };
        Some(Event::Frame(live, frame))
    }
}
