//! What the browser says of the page and the network.

use super::Step;
use crate::{Phase, Suspension};
use protocol::CloseCode;

impl Step<'_> {
    pub(super) fn offline(&mut self) {
        self.state.environment.has_network = false;
        match self.state.phase {
            Phase::Connecting { .. } | Phase::Handshaking { .. } | Phase::Backoff { .. } => {
                self.suspend(Suspension::Offline);
            }
            Phase::Online { .. } => self.doubt(),
            _ => {}
        }
    }

    pub(super) fn network_online(&mut self) {
        if std::mem::replace(&mut self.state.environment.has_network, true) {
            self.look_again();
        } else {
            // The environment really changed: earlier attempts say nothing about it.
            self.try_anew();
        }
        self.doubt();
    }

    pub(super) fn hidden(&mut self) {
        if std::mem::replace(&mut self.state.environment.is_visible, false) {
            self.state.hides_at = Some(self.now + self.settings.hidden_after_ms);
        }
    }

    pub(super) fn visible(&mut self) {
        self.state.environment.is_visible = true;
        self.state.hides_at = None;
        if let Phase::Online { last_rx, .. } = self.state.phase {
            let is_doubtful = self.now >= last_rx + self.settings.ping_interval_ms;
            self.probe(self.settings.wake_probe_ms, is_doubtful);
        }
        self.look_again();
    }

    /// Somebody is there: what waits is tried at once.
    pub(super) fn look_again(&mut self) {
        match self.state.phase {
            Phase::Suspended {
                why: Suspension::Frozen,
                ..
            } => {}
            Phase::Suspended { attempt, .. } | Phase::Backoff { attempt, .. } => {
                self.open_soon(attempt);
            }
            // One more attempt: a failure leads straight back.
            Phase::Exhausted => self.open_soon(self.settings.attempts),
            _ => {}
        }
    }

    pub(super) fn page_hide(&mut self) {
        match self.state.phase {
            Phase::Idle | Phase::Exhausted | Phase::Terminal(_) => {}
            _ => self.suspend(Suspension::Frozen),
        }
    }

    pub(super) fn page_show(&mut self) {
        if let Phase::Suspended {
            why: Suspension::Frozen,
            attempt,
            ..
        } = self.state.phase
        {
            self.open_soon(attempt);
        }
    }

    /// There is a reason to doubt the connection: ask at once, and call it connected again when the
    /// answer is there.
    pub(super) fn doubt(&mut self) {
        self.probe(self.settings.wake_probe_ms, true);
    }

    pub(super) fn suspend(&mut self, why: Suspension) {
        let attempt = self.state.phase.attempt();
        self.close_sockets(CloseCode::FROZEN);
        let poll_at = match why {
            Suspension::Offline => Some(self.now + self.settings.offline_poll_ms),
            Suspension::Hidden => Some(self.now + self.settings.hidden_poll_ms),
            Suspension::Frozen => None,
        };
        self.state.phase = Phase::Suspended {
            attempt,
            why,
            poll_at,
        };
    }
}
