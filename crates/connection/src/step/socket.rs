//! What sockets report.

use super::Step;
use crate::{
    Effect, Generation, Phase, Terminal,
    backoff::portion,
    state::{Missed, Planned},
};
use protocol::{
    ClientFrame, CloseCode, ErrorCode, PROTOCOL_VERSION, Reconnect, Resume, ServerFrame, Welcome,
};

impl Step<'_> {
    pub(super) fn opened(&mut self, generation: Generation) {
        match (&self.state.phase, &mut self.state.planned) {
            (
                Phase::Connecting {
                    generation: current,
                    attempt,
                    ..
                },
                _,
            ) if *current == generation => {
                let (attempt, since) = (*attempt, self.now);
                self.state.phase = Phase::Handshaking {
                    generation,
                    attempt,
                    since,
                };
            }
            (
                _,
                Some(Planned {
                    opening: Some((opening, said_hello @ false)),
                    at,
                    ..
                }),
            ) if *opening == generation => {
                *said_hello = true;
                *at = self.now + self.settings.handshake_timeout_ms;
            }
            _ => return,
        }
        let hello = ClientFrame::Hello {
            resume: self.state.resume,
            protocol: PROTOCOL_VERSION,
            idle_ms: self.state.input.hello(self.clock),
        };
        self.effects.push(Effect::Send(generation, hello));
    }

    pub(super) fn frame(&mut self, generation: Generation, frame: ServerFrame) {
        if let ServerFrame::Welcome(welcome) = frame {
            return self.welcome(generation, &welcome);
        }
        if !self.received(generation) {
            return;
        }
        match frame {
            ServerFrame::Pong { .. } => self.pong(),
            ServerFrame::Reconnect {
                after_ms,
                spread_ms,
                ..
            } => self.plan(after_ms, spread_ms),
            ServerFrame::MessageAck { client_id, .. } => {
                self.state.outbox.acknowledge(client_id);
                self.flush();
            }
            ServerFrame::Error {
                client_id: Some(client_id),
                code,
                message,
                ..
            } => {
                if matches!(code, ErrorCode::Unavailable | ErrorCode::RateLimited) {
                    let until = self.now + self.settings.busy_pause_ms;
                    self.state.outbox.postpone(client_id, until);
                } else {
                    self.state.outbox.fail(client_id, message);
                    self.flush();
                }
            }
            frame => self.deliver(frame),
        }
    }

    /// Something arrived; true when it came from the live socket.
    pub(super) fn received(&mut self, generation: Generation) -> bool {
        match &mut self.state.phase {
            Phase::Online {
                generation: current,
                last_rx,
                probe,
                ..
            } if *current == generation => {
                *last_rx = self.now;
                *probe = None;
                true
            }
            _ => false,
        }
    }

    pub(super) fn closed(&mut self, generation: Generation, code: CloseCode, reason: &str) {
        if self.state.phase.generation() == Some(generation) {
            return self.lost(code, reason);
        }
        if let Some(planned) = &mut self.state.planned
            && planned
                .opening
                .is_some_and(|(opening, _)| opening == generation)
        {
            // The old socket still lives; the change to a new one is tried again, at no charge.
            let delay = self.settings.backoff.delay(planned.failures, self.random);
            planned.failures = planned.failures.saturating_add(1);
            planned.at = self.now.saturating_add(delay);
            planned.opening = None;
        }
    }

    pub(super) fn session_checked(&mut self, is_valid: Option<bool>) {
        // The answer to a question that a welcome or an end has settled since is of no interest.
        if !self.state.auth_retry_used || matches!(self.state.phase, Phase::Terminal(_)) {
            return;
        }
        match (is_valid, &self.state.phase) {
            (Some(true), Phase::Backoff { attempt, .. }) => self.open_soon(*attempt),
            (Some(false), _) => self.end(Terminal::SignedOut, Some(CloseCode::NORMAL)),
            _ => {}
        }
    }

    pub(super) fn resynced(&mut self) {
        if self.state.missed.take().is_some() {
            self.flush();
        }
    }

    /// Sends what may be sent.
    pub(super) fn flush(&mut self) {
        if !self.state.may_flush() {
            return;
        }
        for item in self.state.outbox.take_due(self.now) {
            let (chat_id, client_id, text) = (item.chat_id, item.client_id, item.text);
            self.send(ClientFrame::Send {
                chat_id,
                client_id,
                text,
            });
        }
    }

    fn welcome(&mut self, generation: Generation, welcome: &Welcome) {
        let attempt = match self.state.phase {
            Phase::Handshaking {
                generation: current,
                attempt,
                ..
            } if current == generation => attempt,
            Phase::Online {
                generation: old,
                attempt,
                ..
            } if self
                .state
                .planned
                .is_some_and(|planned| planned.opening == Some((generation, true))) =>
            {
                self.effects.push(Effect::Close(old, CloseCode::REPLACED));
                attempt
            }
            _ => return,
        };
        let now = self.now;
        self.state.planned = None;
        self.state.auth_retry_used = false;
        self.state.me = Some(welcome.user.user_id);
        self.state.phase = Phase::Online {
            generation,
            attempt,
            since: now,
            last_rx: now,
            probe: None,
            has_pong: false,
            is_stable: false,
        };
        self.state.input.welcome(welcome.timers.input_interval_ms);
        self.catch_up(welcome);
        for room in self.state.subscriptions.clone() {
            self.send(room.subscribe());
        }
        for (chat_id, sequence) in std::mem::take(&mut self.state.unread_marks) {
            self.send(ClientFrame::Read { chat_id, sequence });
        }
        self.state.outbox.unsend();
        self.flush();
    }

    /// Goes on from where the server does. Without a history nothing was missed; and what is still
    /// missing from before the last loss is not part of a replay.
    fn catch_up(&mut self, welcome: &Welcome) {
        let before = self.state.resume;
        let offset = match before.filter(|before| before.epoch == welcome.epoch) {
            Some(applied) if welcome.resumed => applied.offset,
            Some(applied) => applied.offset.max(welcome.offset),
            None => welcome.offset,
        };
        self.state.resume = Some(Resume {
            session: welcome.session,
            epoch: welcome.epoch,
            offset,
        });
        if before.is_some() && !welcome.resumed || self.state.missed.is_some() {
            self.state.missed = Some(Missed {
                ask_again_at: self.now + self.settings.resync_timeout_ms,
                holds_sending: true,
            });
            self.effects.push(Effect::Resync);
        }
    }

    fn pong(&mut self) {
        if let Phase::Online { has_pong, .. } = &mut self.state.phase {
            *has_pong = true;
        }
        self.settle();
    }

    /// A connection that has lasted, and has answered, is stable: earlier attempts are forgotten.
    pub(super) fn settle(&mut self) {
        if let Phase::Online {
            attempt,
            since,
            has_pong: true,
            is_stable,
            ..
        } = &mut self.state.phase
            && self.now >= *since + self.settings.stable_ms
        {
            *attempt = 0;
            *is_stable = true;
        }
    }

    fn plan(&mut self, after_ms: u64, spread_ms: u64) {
        if self.state.planned.is_none() {
            let wait = after_ms.saturating_add(portion(spread_ms, self.random));
            let at = self.now.saturating_add(wait).max(self.next_attempt_at());
            self.state.planned = Some(Planned {
                at,
                opening: None,
                failures: 0,
            });
        }
    }

    /// Hands a frame on, unless it is old news or about this person's own typing. Offsets only grow
    /// within an epoch and the server sends in their order, so whatever is not past the largest one
    /// applied has been applied.
    fn deliver(&mut self, frame: ServerFrame) {
        match &frame {
            ServerFrame::MessageCreated(message)
            | ServerFrame::MessageUpdated(message)
            | ServerFrame::MessageDeleted(message) => {
                let Some(resume) = &mut self.state.resume else {
                    return;
                };
                if message.offset <= resume.offset {
                    return;
                }
                resume.offset = message.offset;
            }
            ServerFrame::Typing { user_id, .. } if Some(*user_id) == self.state.me => return,
            _ => {}
        }
        self.effects.push(Effect::Deliver(frame));
    }

    fn lost(&mut self, code: CloseCode, reason: &str) {
        // A new socket that is on its way already takes the place of the lost one.
        if let Some(Planned {
            opening: Some((generation, said_hello)),
            ..
        }) = self.state.planned
            && code.advice() == Reconnect::Retry
        {
            let (attempt, since) = (self.state.phase.attempt(), self.now);
            self.state.planned = None;
            self.state.phase = if said_hello {
                Phase::Handshaking {
                    generation,
                    attempt,
                    since,
                }
            } else {
                Phase::Connecting {
                    generation,
                    attempt,
                    since,
                }
            };
            return;
        }
        match code.advice() {
            Reconnect::Retry => {
                self.state.planned = None;
                self.fail(retry_after(reason));
            }
            Reconnect::RefreshSession if self.state.auth_retry_used => {
                self.end_beside(Terminal::SignedOut);
            }
            Reconnect::RefreshSession => {
                self.state.auth_retry_used = true;
                self.close_planned();
                self.fail(0);
                self.effects.push(Effect::RefreshSession);
            }
            Reconnect::Never => self.end_beside(match code {
                CloseCode::UNSUPPORTED_VERSION => Terminal::Version,
                CloseCode::FORBIDDEN_ORIGIN => Terminal::Forbidden,
                _ => Terminal::Closed,
            }),
        }
    }

    /// Ends although a second socket may be opening; the first is gone already.
    fn end_beside(&mut self, why: Terminal) {
        self.close_planned();
        self.end(why, None);
    }

    fn close_planned(&mut self) {
        if let Some((opening, _)) = self
            .state
            .planned
            .take()
            .and_then(|planned| planned.opening)
        {
            self.effects
                .push(Effect::Close(opening, CloseCode::REPLACED));
        }
    }
}

/// The delay that a close reason asks for, in milliseconds.
fn retry_after(reason: &str) -> u64 {
    reason
        .strip_prefix("retry_after_ms=")
        .and_then(|delay| delay.parse().ok())
        .unwrap_or(0)
}
