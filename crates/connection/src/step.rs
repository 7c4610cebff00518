//! One step of the machine: what happened becomes the next state and what is to be done.

mod page;
mod person;
mod socket;
mod time;

use crate::{
    Announcement, Effect, Event, Generation, Now, Phase, Settings, State, Suspension, Terminal,
    Toast,
};
use protocol::{ChatId, ClientFrame, CloseCode, Room};

/// Takes one step. `random` is uniform in `0.0..1.0` and used at most once.
#[must_use]
pub fn step(
    state: State,
    event: Event,
    now: Now,
    random: f64,
    settings: &Settings,
) -> (State, Vec<Effect>) {
    let was_online = state.phase.is_online();
    let mut step = Step {
        state,
        clock: now,
        now: now.monotonic_ms,
        random,
        settings,
        effects: Vec::new(),
    };
    step.state.outbox.expire(step.now, settings);
    if step.has_slept() {
        step.wake();
    }
    step.take(event);
    step.finish(was_online)
}

struct Step<'a> {
    state: State,
    clock: Now,
    /// The monotonic part of the clock.
    now: u64,
    random: f64,
    settings: &'a Settings,
    effects: Vec<Effect>,
}

impl Step<'_> {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start => self.start(),
            Event::Stop => self.stop(),
            Event::Tick => self.tick(),
            Event::Opened(generation) => self.opened(generation),
            Event::Frame(generation, frame) => self.frame(generation, frame),
            Event::Received(generation) => drop(self.received(generation)),
            Event::Closed(generation, code, reason) => self.closed(generation, code, &reason),
            Event::Failed(generation) => self.closed(generation, CloseCode::ABNORMAL, ""),
            Event::SessionValid => self.session_checked(Some(true)),
            Event::SessionInvalid => self.session_checked(Some(false)),
            Event::SessionUnknown => self.session_checked(None),
            Event::Resynced => self.resynced(),
            Event::Offline => self.offline(),
            Event::NetworkOnline => self.network_online(),
            Event::NetworkChanged => self.doubt(),
            Event::Hidden => self.hidden(),
            Event::Visible => self.visible(),
            Event::Focus => self.look_again(),
            Event::PageHide => self.page_hide(),
            Event::PageShow => self.page_show(),
            Event::Click => self.click(),
            Event::Input => self.input(),
            Event::Send {
                chat_id,
                client_id,
                text,
            } => self.send_message(chat_id, client_id, text),
            Event::Retry(client_id) => self.retry_message(client_id),
            Event::Discard(client_id) => self.state.outbox.discard(client_id),
            Event::Typing { chat_id, is_typing } => {
                self.send(ClientFrame::Typing { chat_id, is_typing });
            }
            Event::Subscribe(room) => self.subscribe(room),
            Event::Unsubscribe(room) => self.unsubscribe(room),
            Event::MarkRead { chat_id, sequence } => self.mark_read(chat_id, sequence),
        }
    }

    /// What follows from a change of phase, whatever caused it.
    fn finish(mut self, was_online: bool) -> (State, Vec<Effect>) {
        if was_online && !self.state.phase.is_online() {
            self.state.outbox.unsend();
            self.effects
                .extend([Effect::PresenceStale, Effect::ClearTyping]);
        }
        if matches!(self.state.phase, Phase::Terminal(_)) {
            self.state.outbox.give_up("The connection has ended.");
        }
        let said = self
            .state
            .announcer
            .update(&self.state.phase, self.now, self.settings);
        if said == Some(Announcement::GaveUp) {
            self.effects.push(Effect::Toast(Toast::GaveUp));
        }
        self.effects.extend(said.map(Effect::Announce));
        (self.state, self.effects)
    }

    /// Opens a socket.
    fn open(&mut self, attempt: u32) {
        let generation = self.new_generation();
        self.state.phase = Phase::Connecting {
            generation,
            attempt,
            since: self.now,
        };
    }

    fn new_generation(&mut self) -> Generation {
        let generation = Generation(self.state.next_generation);
        self.state.next_generation += 1;
        self.state.last_attempt_at = Some(self.now);
        self.effects.push(Effect::Open(generation));
        generation
    }

    /// Opens a socket now, or as soon as two attempts would not be too close together.
    fn open_soon(&mut self, attempt: u32) {
        let mut retry_at = self.next_attempt_at();
        if self.now >= retry_at {
            return self.open(attempt);
        }
        if let Phase::Backoff { retry_at: at, .. } = self.state.phase {
            retry_at = retry_at.min(at);
        }
        self.state.phase = Phase::Backoff { attempt, retry_at };
    }

    /// When another attempt would not be too close to the last.
    fn next_attempt_at(&self) -> u64 {
        self.state
            .last_attempt_at
            .map_or(0, |last| last + self.settings.attempt_gap_ms)
    }

    /// An attempt, or the connection, failed: what comes next. `at_least` is a delay that the server
    /// asked for.
    fn fail(&mut self, at_least: u64) {
        let attempt = self.state.phase.attempt();
        let now = self.now;
        let suspend = |why, poll: u64| Phase::Suspended {
            attempt,
            why,
            poll_at: Some(now + poll),
        };
        self.state.phase = if !self.state.environment.has_network {
            suspend(Suspension::Offline, self.settings.offline_poll_ms)
        } else if self.is_long_hidden() {
            suspend(Suspension::Hidden, self.settings.hidden_poll_ms)
        } else if attempt >= self.settings.attempts {
            Phase::Exhausted
        } else {
            let delay = self
                .settings
                .backoff
                .delay(attempt, self.random)
                .max(at_least);
            Phase::Backoff {
                attempt: attempt + 1,
                retry_at: now.saturating_add(delay),
            }
        };
    }

    /// Ends for good: every socket is closed and no timer is left.
    fn end(&mut self, why: Terminal, close: Option<CloseCode>) {
        if let Some(code) = close {
            self.close_sockets(code);
        }
        self.state.planned = None;
        self.state.phase = Phase::Terminal(why);
    }

    fn close_sockets(&mut self, code: CloseCode) {
        self.effects.extend(
            self.state
                .sockets()
                .map(|generation| Effect::Close(generation, code)),
        );
        self.state.planned = None;
    }

    /// Sends a frame if the server has said welcome; otherwise it is not sent at all.
    fn send(&mut self, frame: ClientFrame) {
        if let Phase::Online { generation, .. } = self.state.phase {
            self.effects.push(Effect::Send(generation, frame));
        }
    }

    fn subscribe(&mut self, room: Room) {
        // Asked for again, it brings a fresh snapshot.
        if !self.state.subscriptions.contains(&room) {
            self.state.subscriptions.push(room);
        }
        self.send(room.subscribe());
    }

    fn unsubscribe(&mut self, room: Room) {
        let subscriptions = &mut self.state.subscriptions;
        if let Some(at) = subscriptions.iter().position(|it| *it == room) {
            subscriptions.remove(at);
            self.send(room.unsubscribe());
        }
    }

    fn mark_read(&mut self, chat_id: ChatId, sequence: u64) {
        if self.state.phase.is_online() {
            self.send(ClientFrame::Read { chat_id, sequence });
        } else {
            let marks = &mut self.state.unread_marks;
            match marks.iter_mut().find(|(chat, _)| *chat == chat_id) {
                Some((_, newest)) => *newest = sequence.max(*newest),
                None => marks.push((chat_id, sequence)),
            }
        }
    }

    /// Whether the page has been hidden for so long that trying stops.
    fn is_long_hidden(&self) -> bool {
        !self.state.environment.is_visible && self.state.hides_at.is_none_or(|at| self.now >= at)
    }
}
