//! How far the stream has been told.

use protocol::Message;
use std::collections::BTreeSet;

/// Offsets passed over that are remembered.
const REMEMBERED: u64 = 1_024;

/// How far the stream has been told, and what was passed over.
#[derive(Debug)]
pub(super) struct Told {
    until: u64,
    /// What was there had been changed again when it was looked for: it is told with a larger offset,
    /// and is new then all the same.
    passed: BTreeSet<u64>,
}

impl Told {
    /// Everything until here is known to whoever comes.
    pub(super) const fn until(until: u64) -> Self {
        Self {
            until,
            passed: BTreeSet::new(),
        }
    }

    /// Up to here everything has been told.
    pub(super) const fn offset(&self) -> u64 {
        self.until
    }

    /// Tells a message; gives since when those who are told know of its chat, as far as it is concerned.
    pub(super) fn tell(&mut self, message: &Message) -> u64 {
        let since = if self.passed.remove(&message.sequence) {
            message.sequence - 1
        } else {
            self.until
        };
        self.pass(message.offset - 1);
        self.until = self.until.max(message.offset);
        since
    }

    /// There is nothing to tell up to here.
    pub(super) fn pass(&mut self, until: u64) {
        let from = (self.until + 1).max(until.saturating_sub(REMEMBERED));
        self.passed.extend(from..=until);
        while self.passed.len() as u64 > REMEMBERED {
            self.passed.pop_first();
        }
        self.until = self.until.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::frame_of;
    use protocol::{Author, ChatId, ClientMessageId, MessageId, ServerFrame, Timestamp, UserId};
    use uuid::Uuid;

    fn message(sequence: u64, offset: u64) -> Message {
        Message {
            chat_id: ChatId::from_uuid(Uuid::nil()),
            id: MessageId::from_uuid(Uuid::nil()),
            client_id: ClientMessageId::from_uuid(Uuid::nil()),
            author: Author {
                user_id: UserId::from_uuid(Uuid::nil()),
                display_name: String::new(),
            },
            text: String::new(),
            sent_at: Timestamp::from_unix_millis(0),
            edited_at: None,
            deleted_at: None,
            sequence,
            offset,
        }
    }

    fn is_new(told: &mut Told, sequence: u64, offset: u64) -> bool {
        let message = message(sequence, offset);
        let since = told.tell(&message);
        matches!(frame_of(message, since), ServerFrame::MessageCreated(_))
    }

    #[test]
    fn a_message_is_new_once_and_then_changed() {
        let mut told = Told::until(4);
        assert!(is_new(&mut told, 5, 5));
        assert!(!is_new(&mut told, 5, 6));
        assert!(!is_new(&mut told, 3, 7));
        assert_eq!(told.offset(), 7);
    }

    /// It was written elsewhere at 5 and edited at 7; when 5 was looked for, only 7 was there.
    #[test]
    fn a_message_that_was_changed_before_anybody_told_of_it_is_new() {
        let mut told = Told::until(4);
        told.pass(5);
        assert!(is_new(&mut told, 6, 6));
        assert!(is_new(&mut told, 5, 7));
        assert!(!is_new(&mut told, 5, 8));
        // Likewise when it is passed over on the way to a later one.
        assert!(is_new(&mut told, 11, 11));
        assert!(is_new(&mut told, 9, 12));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut told = Told::until(0);
        told.pass(1_000_000);
        assert!(told.passed.len() as u64 <= REMEMBERED);
        assert_eq!(told.offset(), 1_000_000);
        assert!(is_new(&mut told, 999_999, 1_000_001));
    }
}
