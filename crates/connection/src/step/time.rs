//! What time brings.

use super::Step;
use crate::{
    Effect, Generation, Phase, Probe, Suspension,
    state::{Missed, Planned},
};
use protocol::{ClientFrame, CloseCode};

impl Step<'_> {
    pub(super) fn tick(&mut self) {
        self.check_visibility();
        self.check_deadline();
        self.check_planned();
        self.check_missed();
        self.flush();
    }

    /// Whether this machine was asleep since the last step. A clock set back is no sleep; a hidden
    /// page's timers are slowed down by the browser and prove nothing.
    pub(super) fn has_slept(&mut self) -> bool {
        let Some(last) = self.state.last_now.replace(self.clock) else {
            return false;
        };
        let slowed = if self.state.environment.is_visible {
            0
        } else {
            self.settings.hidden_poll_ms
        };
        self.clock.since(last) >= self.settings.sleep_gap_ms.saturating_add(slowed)
    }

    /// The machine was asleep: what is open is doubted, and what waits is tried. An answer that fell
    /// due meanwhile says nothing about the server.
    pub(super) fn wake(&mut self) {
        if self.is_due() {
            match &mut self.state.phase {
                Phase::Connecting { attempt, .. } | Phase::Handshaking { attempt, .. } => {
                    let attempt = *attempt;
                    self.close_sockets(CloseCode::PROBE_FAILED);
                    self.open(attempt);
                }
                Phase::Online { probe, .. } => *probe = None,
                _ => {}
            }
        }
        self.doubt();
        self.look_again();
    }

    /// A page that was hidden a moment ago is now long hidden.
    fn check_visibility(&mut self) {
        if self.state.hides_at.is_none_or(|at| self.now < at) {
            return;
        }
        self.state.hides_at = None;
        if let Phase::Connecting { .. } | Phase::Handshaking { .. } | Phase::Backoff { .. } =
            self.state.phase
        {
            self.suspend(Suspension::Hidden);
        }
    }

    fn is_due(&self) -> bool {
        let deadline = self.state.phase.deadline(self.settings);
        deadline.is_some_and(|deadline| self.now >= deadline)
    }

    fn check_deadline(&mut self) {
        if !self.is_due() {
            return;
        }
        match self.state.phase {
            Phase::Connecting { generation, .. }
            | Phase::Handshaking { generation, .. }
            | Phase::Online {
                generation,
                probe: Some(_),
                ..
            } => self.abandon(generation),
            Phase::Online {
                last_rx, has_pong, ..
            } => {
                let is_silent = self.now >= last_rx + self.settings.ping_interval_ms;
                // Without a pong the connection cannot become stable.
                if is_silent || !has_pong {
                    self.probe(self.settings.pong_timeout_ms, false);
                }
                self.settle();
            }
            Phase::Backoff { attempt, .. } | Phase::Suspended { attempt, .. } => self.open(attempt),
            Phase::Idle | Phase::Exhausted | Phase::Terminal(_) => {}
        }
    }

    /// What was missed is asked for until it is there, but sending waits only once.
    fn check_missed(&mut self) {
        if self.state.phase.is_online()
            && let Some(missed) = &mut self.state.missed
            && self.now >= missed.ask_again_at
        {
            *missed = Missed {
                ask_again_at: self.now + self.settings.resync_timeout_ms,
                holds_sending: false,
            };
            self.effects.push(Effect::Resync);
        }
    }

    fn check_planned(&mut self) {
        let Some(planned) = self.state.planned.filter(|planned| self.now >= planned.at) else {
            return;
        };
        match planned.opening {
            None => {
                let opening = Some((self.new_generation(), false));
                let at = self.now + self.settings.connect_timeout_ms;
                self.state.planned = Some(Planned {
                    at,
                    opening,
                    ..planned
                });
            }
            Some((opening, _)) => {
                self.effects
                    .push(Effect::Close(opening, CloseCode::PROBE_FAILED));
                self.closed(opening, CloseCode::ABNORMAL, "");
            }
        }
    }

    /// Gives up on a socket that does not answer, without waiting for it to notice.
    fn abandon(&mut self, generation: Generation) {
        self.effects
            .push(Effect::Close(generation, CloseCode::PROBE_FAILED));
        self.closed(generation, CloseCode::ABNORMAL, "");
    }

    /// Asks the server for a sign of life. A doubt is never taken back by a later, milder probe.
    pub(super) fn probe(&mut self, within_ms: u64, is_doubtful: bool) {
        let Phase::Online { probe, .. } = &mut self.state.phase else {
            return;
        };
        let deadline = self.now + within_ms;
        let is_new = probe.is_none();
        *probe = Some(match *probe {
            None => Probe {
                deadline,
                is_doubtful,
            },
            Some(earlier) => Probe {
                deadline: earlier.deadline.min(deadline),
                is_doubtful: earlier.is_doubtful || is_doubtful,
            },
        });
        if is_new {
            let id = self.state.next_ping_id;
            self.state.next_ping_id += 1;
            self.send(ClientFrame::Ping { id });
        }
    }
}
