//! A tab: the machine, a clock, and everything that it ever wanted done.

use crate::{
    frames::{chat, client_id, pong, resume, welcome},
    schedule::Step,
};
use connection::{
    Effect, Environment, Event, Generation, Now, Outbox, Phase, Probe, Settings, State, Tone, View,
    step,
};
use protocol::{ClientFrame, ClientMessageId, CloseCode, ServerFrame};

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const HOUR: u64 = 3_600 * SECOND;
/// The monotonic clock does not begin at zero, so that nothing takes zero for "never".
pub(crate) const BEGIN: u64 = 1_000_000;

pub(crate) struct Tab {
    pub(crate) state: State,
    pub(crate) settings: Settings,
    pub(crate) now: Now,
    pub(crate) random: f64,
    /// Everything so far, with its time.
    pub(crate) effects: Vec<(u64, Effect)>,
    /// Every step so far, if the tab records them.
    pub(crate) steps: Vec<Step>,
    pub(crate) records: bool,
    /// Messages written by a random life.
    pub(crate) written: u64,
    /// Histories that a server has begun in a random life.
    pub(crate) epochs: u64,
}

impl Tab {
    /// Visible, with a network, rendered at offset 0; no jitter.
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        settings.validate().unwrap();
        let environment = Environment {
            has_network: true,
            is_visible: true,
        };
        Self {
            state: State::new(environment, Some(resume(0))),
            settings,
            now: Now {
                monotonic_ms: BEGIN,
                wall_ms: 1_700_000_000_000,
            },
            random: 0.0,
            effects: Vec::new(),
            steps: Vec::new(),
            records: false,
            written: 0,
            epochs: 0,
        }
    }

    pub(crate) fn connecting() -> Self {
        let mut tab = Self::new();
        tab.take(Event::Start);
        tab
    }

    pub(crate) fn handshaking() -> Self {
        let mut tab = Self::connecting();
        tab.opened();
        tab
    }

    pub(crate) fn online() -> Self {
        let mut tab = Self::handshaking();
        tab.welcome(true);
        tab
    }

    /// Online, and proved by time and a pong.
    pub(crate) fn stable() -> Self {
        let mut tab = Self::online();
        tab.settle();
        tab
    }

    /// Waiting for the first attempt after a loss.
    pub(crate) fn backoff() -> Self {
        let mut tab = Self::stable();
        tab.lose();
        tab
    }

    pub(crate) fn exhausted() -> Self {
        let mut tab = Self::backoff();
        tab.exhaust();
        tab
    }

    /// Takes a step now, and returns what it wants done.
    pub(crate) fn take(&mut self, event: Event) -> Vec<Effect> {
        let before = self.state.clone();
        let (state, effects) = step(
            before.clone(),
            event.clone(),
            self.now,
            self.random,
            &self.settings,
        );
        self.state = state;
        if self.records {
            self.steps.push(Step {
                before,
                event,
                now: self.now,
                effects: effects.clone(),
                after: self.state.clone(),
            });
        }
        let at = self.now.monotonic_ms;
        self.effects
            .extend(effects.iter().map(|effect| (at, effect.clone())));
        effects
    }

    /// Lets time pass, with a tick at each deadline on the way, and returns what that gave rise to.
    pub(crate) fn wait(&mut self, time: u64) -> Vec<Effect> {
        let before = self.effects.len();
        let until = self.now.monotonic_ms + time;
        while let Some(deadline) = self.deadline().filter(|deadline| *deadline <= until) {
            self.pass(deadline.saturating_sub(self.now.monotonic_ms));
            self.take(Event::Tick);
            assert!(
                self.deadline()
                    .is_none_or(|deadline| deadline > self.now.monotonic_ms),
                "after a tick a deadline is not ahead: {:?}",
                self.state
            );
        }
        self.pass(until - self.now.monotonic_ms);
        self.effects[before..]
            .iter()
            .map(|(_, effect)| effect.clone())
            .collect()
    }

    /// Lets time pass without a tick, as when the machine sleeps.
    pub(crate) fn pass(&mut self, time: u64) {
        self.now.monotonic_ms += time;
        self.now.wall_ms += i64::try_from(time).unwrap();
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        self.state.next_deadline(&self.settings)
    }

    pub(crate) fn phase(&self) -> &Phase {
        self.state.phase()
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        self.state.outbox()
    }

    pub(crate) fn view(&self) -> View {
        self.state.view(self.now.monotonic_ms, &self.settings)
    }

    pub(crate) fn tone(&self) -> Tone {
        self.view().tone
    }

    /// The socket that the phase is about.
    pub(crate) fn generation(&self) -> Generation {
        self.phase().generation().unwrap()
    }

    /// The newest socket that may be open.
    pub(crate) fn newest(&self) -> Generation {
        self.state.sockets().max().unwrap()
    }

    pub(crate) fn probe(&self) -> Option<Probe> {
        match self.phase() {
            Phase::Online { probe, .. } => *probe,
            phase => panic!("not online: {phase:?}"),
        }
    }

    pub(crate) fn opened(&mut self) -> Vec<Effect> {
        self.take(Event::Opened(self.newest()))
    }

    /// A welcome to the newest socket, at the offset that the client named.
    pub(crate) fn welcome(&mut self, resumed: bool) -> Vec<Effect> {
        let resume = self.state.resume().unwrap_or(resume(0));
        let frame = welcome(resume.epoch, resume.offset, resumed);
        self.take(Event::Frame(self.newest(), frame))
    }

    pub(crate) fn frame(&mut self, frame: ServerFrame) -> Vec<Effect> {
        self.take(Event::Frame(self.generation(), frame))
    }

    pub(crate) fn pong(&mut self) -> Vec<Effect> {
        self.frame(pong())
    }

    /// Ten seconds and a pong.
    pub(crate) fn settle(&mut self) {
        self.wait(self.settings.stable_ms);
        self.pong();
        assert!(
            matches!(
                self.phase(),
                Phase::Online {
                    is_stable: true,
                    ..
                }
            ),
            "{:?}",
            self.phase()
        );
    }

    pub(crate) fn close(&mut self, code: CloseCode) -> Vec<Effect> {
        self.take(Event::Closed(self.generation(), code, String::new()))
    }

    pub(crate) fn lose(&mut self) -> Vec<Effect> {
        self.close(CloseCode::ABNORMAL)
    }

    /// Lets every attempt fail, until there are no more.
    pub(crate) fn exhaust(&mut self) {
        while let Phase::Backoff { retry_at, .. } = *self.phase() {
            self.wait(retry_at.saturating_sub(self.now.monotonic_ms));
            self.take(Event::Failed(self.generation()));
        }
        assert_eq!(*self.phase(), Phase::Exhausted);
    }

    pub(crate) fn send(&mut self, chat_n: u8, n: u64) -> Vec<Effect> {
        self.take(Event::Send {
            chat_id: chat(chat_n),
            client_id: client_id(n),
            text: format!("message {n}"),
        })
    }

    pub(crate) fn is_connecting(&self, expected: u32) -> bool {
        matches!(self.phase(), Phase::Connecting { attempt, .. } if *attempt == expected)
    }
}

/// The sockets that these effects open.
pub(crate) fn opens(effects: &[Effect]) -> Vec<Generation> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Open(generation) => Some(*generation),
            _ => None,
        })
        .collect()
}

/// The frames that these effects send.
pub(crate) fn sent(effects: &[Effect]) -> Vec<&ClientFrame> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, frame) => Some(frame),
            _ => None,
        })
        .collect()
}

/// The messages that these effects send, by number.
pub(crate) fn messages_sent(effects: &[Effect]) -> Vec<ClientMessageId> {
    sent(effects)
        .into_iter()
        .filter_map(|frame| match frame {
            ClientFrame::Send { client_id, .. } => Some(*client_id),
            _ => None,
        })
        .collect()
}

pub(crate) fn pings(effects: &[Effect]) -> usize {
    sent(effects)
        .into_iter()
        .filter(|frame| matches!(frame, ClientFrame::Ping { .. }))
        .count()
}
