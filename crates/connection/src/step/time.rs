//! What time brings.

use super::Step;
use crate::{Effect, Now, Phase, Probe, Suspension};
use protocol::{ClientFrame, CloseCode};

impl Step<'_> {
    pub(super) fn tick(&mut self) {
        self.check_deadline();
        self.check_planned();
        let is_trying = matches!(
            self.state.phase,
            Phase::Connecting { .. } | Phase::Handshaking { .. } | Phase::Backoff { .. }
        );
        if self.state.hides_at.is_some_and(|at| self.now >= at) {
            self.state.hides_at = None;
            if is_trying {
                self.suspend(Suspension::Hidden);
            }
        }
        if self
            .state
            .resyncing_until
            .is_some_and(|until| self.now >= until)
        {
            self.state.resyncing_until = None;
        }
        self.flush();
    }

    /// Whether this machine was asleep since the last step. A clock set back is no sleep; a hidden
    /// page's timers are slowed down by the browser and prove nothing.
    pub(super) fn has_slept(&mut self, now: Now) -> bool {
        let Some(last) = self.state.last_now.replace(now) else {
            return false;
        };
        let slowed = if self.state.environment.is_visible {
            0
        } else {
            self.settings.hidden_poll_ms
        };
        let gap = self.settings.sleep_gap_ms.saturating_add(slowed);
        let monotonic = now.monotonic_ms.saturating_sub(last.monotonic_ms);
        let wall = u64::try_from(now.wall_ms.saturating_sub(last.wall_ms)).unwrap_or(0);
        monotonic.max(wall) >= gap
    }

    /// The machine was asleep: what is open is doubted, and what waits is tried.
    pub(super) fn wake(&mut self) {
        self.doubt();
        self.look_again();
    }

    fn check_deadline(&mut self) {
        match self.state.phase {
            Phase::Connecting {
                generation, since, ..
            } if self.now >= since + self.settings.connect_timeout_ms => {
                self.abandon(generation);
            }
            Phase::Handshaking {
                generation, since, ..
            } if self.now >= since + self.settings.handshake_timeout_ms => {
                self.abandon(generation);
            }
            Phase::Online {
                generation,
                probe: Some(probe),
                ..
            } if self.now >= probe.deadline => {
                self.abandon(generation);
            }
            Phase::Online {
                probe: None,
                since,
                last_rx,
                has_pong,
                ..
            } => {
                let is_silent = self.now >= last_rx + self.settings.ping_interval_ms;
                let is_unproved = !has_pong && self.now >= since + self.settings.stable_ms;
                if is_silent || is_unproved {
                    self.probe(self.settings.pong_timeout_ms, false);
                }
                self.settle();
            }
            Phase::Backoff { attempt, retry_at } if self.now >= retry_at => self.open(attempt),
            Phase::Suspended {
                attempt,
                poll_at: Some(at),
                ..
            } if self.now >= at => {
                self.open(attempt);
            }
            _ => {}
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
                self.state.planned = Some(crate::state::Planned {
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
    fn abandon(&mut self, generation: crate::Generation) {
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
