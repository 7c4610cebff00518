//! What the person does.

use super::Step;
use crate::{Phase, Suspension};
use protocol::{ChatId, ClientMessageId};

impl Step<'_> {
    pub(super) fn start(&mut self) {
        if self.state.phase == Phase::Idle {
            self.open(0);
        }
    }

    /// The only way out of a terminal phase.
    pub(super) fn click(&mut self) {
        self.state.announcer.forget();
        match self.state.phase {
            Phase::Suspended {
                why: Suspension::Frozen,
                ..
            } => {}
            Phase::Suspended { .. } | Phase::Backoff { .. } | Phase::Exhausted => self.open_soon(0),
            Phase::Terminal(_) => {
                self.state.auth_retry_used = false;
                self.open_soon(0);
            }
            _ => {}
        }
    }

    pub(super) fn send_message(
        &mut self,
        chat_id: ChatId,
        client_id: ClientMessageId,
        text: String,
    ) {
        self.state
            .outbox
            .add(chat_id, client_id, text, self.now, self.settings);
        self.flush();
    }

    pub(super) fn retry_message(&mut self, client_id: ClientMessageId) {
        self.state.outbox.retry(client_id, self.now);
        self.flush();
    }
}
