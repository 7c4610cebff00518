//! What the person does.

use super::Step;
use crate::{Phase, Suspension, Terminal};
use protocol::{ChatId, ClientFrame, ClientMessageId, CloseCode};

impl Step<'_> {
    pub(super) fn start(&mut self) {
        // Whoever opens a page is here.
        self.input();
        if self.state.phase == Phase::Idle {
            self.open(0);
        }
    }

    pub(super) fn stop(&mut self) {
        if !matches!(self.state.phase, Phase::Terminal(_)) {
            self.end(Terminal::Closed, Some(CloseCode::NORMAL));
        }
    }

    /// The only way out of a terminal phase.
    pub(super) fn click(&mut self) {
        self.state.announcer.forget();
        if let Phase::Terminal(_) = self.state.phase {
            self.state.auth_retry_used = false;
            self.open_soon(0);
        } else {
            self.try_anew();
        }
    }

    /// The person is here: said at once or not at all, for the next hello says it too.
    pub(super) fn input(&mut self) {
        self.state.input.given(self.clock);
        if self.state.phase.is_online() && self.state.input.is_news(self.now) {
            self.send(ClientFrame::Input {});
        }
    }

    /// What waits is tried at once, with all attempts before it.
    pub(super) fn try_anew(&mut self) {
        match self.state.phase {
            Phase::Suspended {
                why: Suspension::Frozen,
                ..
            } => {}
            Phase::Suspended { .. } | Phase::Backoff { .. } | Phase::Exhausted => self.open_soon(0),
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
        self.state.outbox.retry(client_id, self.now, self.settings);
        self.flush();
    }
}
