//! What sockets report.

use super::Step;
use crate::{Effect, Generation, Phase, Terminal, settings::portion, state::Planned};
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
        let Phase::Backoff { attempt, .. } = self.state.phase else {
            return;
        };
        match is_valid {
            Some(true) => self.open_soon(attempt),
            Some(false) => self.end(Terminal::SignedOut, None),
            None => {}
        }
    }

    pub(super) fn resynced(&mut self) {
        if self.state.resyncing_until.take().is_some() {
            self.flush();
        }
    }

    /// Sends what may be sent.
    pub(super) fn flush(&mut self) {
        if !self.state.phase.is_online() || self.state.resyncing_until.is_some() {
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
        let had_history = self.state.resume.is_some();
        if !welcome.resumed || !had_history {
            let (session, epoch, offset) = (welcome.session, welcome.epoch, welcome.offset);
            self.state.resume = Some(Resume {
                session,
                epoch,
                offset,
            });
        }
        if had_history && !welcome.resumed {
            self.state.resyncing_until = Some(now + self.settings.resync_timeout_ms);
            self.effects.push(Effect::Resync);
        }
        for chat_id in self.state.subscriptions.clone() {
            self.send(ClientFrame::Subscribe { chat_id });
        }
        for (chat_id, sequence) in std::mem::take(&mut self.state.unread_marks) {
            self.send(ClientFrame::Read { chat_id, sequence });
        }
        self.state.outbox.unsend();
        self.flush();
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
            let at = self.now.saturating_add(after_ms);
            let at = at.saturating_add(portion(spread_ms, self.random));
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
            ServerFrame::Typing { author, .. } if Some(author.user_id) == self.state.me => return,
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
