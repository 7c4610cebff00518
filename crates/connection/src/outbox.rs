//! Messages on their way: queued, sent, then acknowledged or failed. Nothing that a person wrote is
//! dropped in silence.

use crate::Settings;
use protocol::{ChatId, ClientMessageId};

/// Messages that are not acknowledged yet, in the order in which they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    items: Vec<OutboxItem>,
    /// The server said that it is busy.
    paused_until: Option<u64>,
}

/// A message that is not acknowledged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxItem {
    /// Where it goes.
    pub chat_id: ChatId,
    /// Its name; sending again under it stores nothing new.
    pub client_id: ClientMessageId,
    /// What it says.
    pub text: String,
    /// How far it got.
    pub state: OutboxState,
    queued_at: u64,
}

/// How far a message got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// It waits.
    Queued,
    /// It was sent; the answer is awaited.
    Sent,
    /// It was not stored.
    Failed {
        /// Why, for people.
        reason: String,
    },
}

impl Outbox {
    /// The messages, oldest first.
    #[must_use]
    pub fn items(&self) -> &[OutboxItem] {
        &self.items
    }

    /// Whether nothing waits or failed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn add(
        &mut self,
        chat_id: ChatId,
        client_id: ClientMessageId,
        text: String,
        now: u64,
        settings: &Settings,
    ) {
        if self.items.iter().any(|item| item.client_id == client_id) {
            return;
        }
        let state = self.admission(settings);
        self.items.push(OutboxItem {
            chat_id,
            client_id,
            text,
            state,
            queued_at: now,
        });
    }

    /// The messages to send now. One at a time per chat, so that a refused one is never overtaken.
    pub(crate) fn take_due(&mut self, now: u64) -> Vec<OutboxItem> {
        if self.paused_until.is_some_and(|until| now < until) {
            return Vec::new();
        }
        self.paused_until = None;
        let in_flight = self
            .items
            .iter()
            .filter(|item| item.state == OutboxState::Sent);
        let mut busy: Vec<_> = in_flight.map(|item| item.chat_id).collect();
        let mut due = Vec::new();
        for item in &mut self.items {
            if item.state == OutboxState::Queued && !busy.contains(&item.chat_id) {
                busy.push(item.chat_id);
                item.state = OutboxState::Sent;
                due.push(item.clone());
            }
        }
        due
    }

    pub(crate) fn acknowledge(&mut self, client_id: ClientMessageId) {
        self.items.retain(|item| item.client_id != client_id);
    }

    pub(crate) fn fail(&mut self, client_id: ClientMessageId, reason: String) {
        if let Some(item) = self.find(client_id) {
            item.state = OutboxState::Failed { reason };
        }
    }

    /// The server is busy: this message waits, and so does sending.
    pub(crate) fn postpone(&mut self, client_id: ClientMessageId, until: u64) {
        if let Some(item) = self.find(client_id).filter(|item| item.is_waiting()) {
            item.state = OutboxState::Queued;
            self.paused_until = Some(until);
        }
    }

    pub(crate) fn retry(&mut self, client_id: ClientMessageId, now: u64, settings: &Settings) {
        let state = self.admission(settings);
        if let Some(item) = self.find(client_id).filter(|item| !item.is_waiting()) {
            item.state = state;
            item.queued_at = now;
        }
    }

    pub(crate) fn discard(&mut self, client_id: ClientMessageId) {
        self.items
            .retain(|item| item.client_id != client_id || item.is_waiting());
    }

    /// The connection is gone: what was sent is not known to have arrived.
    pub(crate) fn unsend(&mut self) {
        for item in self
            .items
            .iter_mut()
            .filter(|item| item.state == OutboxState::Sent)
        {
            item.state = OutboxState::Queued;
        }
    }

    /// Fails whatever has waited too long.
    pub(crate) fn expire(&mut self, now: u64, settings: &Settings) {
        self.fail_where("It could not be sent in time.", |item| {
            now >= item.queued_at.saturating_add(settings.outbox_max_age_ms)
        });
    }

    /// Fails everything that waits.
    pub(crate) fn give_up(&mut self, reason: &str) {
        self.fail_where(reason, |_| true);
    }

    /// When to look again: something expires, or sending goes on.
    pub(crate) fn next_deadline(&self, may_send: bool, settings: &Settings) -> Option<u64> {
        let waiting = self.items.iter().filter(|item| item.is_waiting());
        let expires = waiting.map(|item| item.queued_at.saturating_add(settings.outbox_max_age_ms));
        expires.chain(self.paused_until.filter(|_| may_send)).min()
    }

    /// How one more message begins.
    fn admission(&self, settings: &Settings) -> OutboxState {
        let waiting = self.items.iter().filter(|item| item.is_waiting()).count();
        if waiting < settings.outbox_capacity {
            OutboxState::Queued
        } else {
            OutboxState::Failed {
                reason: "Too many messages are waiting to be sent.".into(),
            }
        }
    }

    fn fail_where(&mut self, reason: &str, is_over: impl Fn(&OutboxItem) -> bool) {
        for item in self
            .items
            .iter_mut()
            .filter(|item| item.is_waiting() && is_over(item))
        {
            item.state = OutboxState::Failed {
                reason: reason.into(),
            };
        }
    }

    fn find(&mut self, client_id: ClientMessageId) -> Option<&mut OutboxItem> {
        self.items
            .iter_mut()
            .find(|item| item.client_id == client_id)
    }
}

impl OutboxItem {
    fn is_waiting(&self) -> bool {
        matches!(self.state, OutboxState::Queued | OutboxState::Sent)
    }
}
