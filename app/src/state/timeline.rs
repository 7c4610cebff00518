//! The messages of the chat on screen.

use super::day::Day;
use crate::page::HistoryPage;
use protocol::{Chat, ClientMessageId, Message, Timestamp, UserId};
use std::sync::Arc;

/// Messages of one author this close together, in milliseconds, stand under one name.
const GROUP_MILLIS: i64 = 5 * 60 * 1_000;

/// The messages of one chat, oldest first, without gaps from the oldest loaded to the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Ascending by `sequence`.
    messages: Vec<Arc<Message>>,
    has_more: bool,
    reader: Option<UserId>,
    /// What others wrote after this sequence is new to the reader.
    read_up_to: Option<u64>,
}

/// A message and how it stands among its neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The message in its newest form.
    pub message: Arc<Message>,
    /// The day begins with this message.
    pub starts_day: bool,
    /// What the reader has not read begins with this message.
    pub starts_unread: bool,
    /// The message before it is by the same author and a few minutes old: no name is repeated.
    pub is_continuation: bool,
}

/// Tells rows apart: one whose key is unchanged is drawn the same.
pub type RowKey = (protocol::MessageId, u64, bool, bool, bool);

impl Timeline {
    /// The newest messages of a chat, with the line drawn where its reader left off.
    #[must_use]
    pub fn open(reader: UserId, chat: &Chat, history: HistoryPage) -> Self {
        let mut timeline = Self {
            reader: Some(reader),
            read_up_to: (chat.unread > 0).then_some(chat.read_offset),
            ..Self::default()
        };
        timeline.replace(history);
        timeline
    }

    /// Whether older messages can be loaded.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more
    }

    /// Whether nothing was ever said here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The place of the oldest message loaded.
    #[must_use]
    pub fn oldest(&self) -> Option<u64> {
        self.messages.first().map(|message| message.sequence)
    }

    /// The place of the newest message.
    #[must_use]
    pub fn newest(&self) -> Option<u64> {
        self.messages.last().map(|message| message.sequence)
    }

    /// Whether the reader's message of this name has arrived.
    #[must_use]
    pub fn has_arrived(&self, client_id: ClientMessageId) -> bool {
        self.messages.iter().rev().any(|message| {
            message.client_id == client_id && Some(message.author.user_id) == self.reader
        })
    }

    /// The reader's newest message that can still be edited.
    #[must_use]
    pub fn last_own(&self) -> Option<&Arc<Message>> {
        self.messages.iter().rev().find(|message| {
            Some(message.author.user_id) == self.reader && message.deleted_at.is_none()
        })
    }

    /// Whether a message that the reader writes `now` stands under the name of the one before it.
    #[must_use]
    pub fn continues_own(&self, now: Timestamp) -> bool {
        self.messages.last().is_some_and(|last| {
            Some(last.author.user_id) == self.reader
                && now.unix_millis() - last.sent_at.unix_millis() < GROUP_MILLIS
        })
    }

    /// How many messages others have written after a sequence.
    #[must_use]
    pub fn count_after(&self, sequence: u64) -> usize {
        let newer = self
            .messages
            .iter()
            .rev()
            .take_while(|message| message.sequence > sequence);
        newer
            .filter(|message| {
                Some(message.author.user_id) != self.reader && message.deleted_at.is_none()
            })
            .count()
    }

    /// A message was written, edited or deleted. What is older than what is loaded is left for the
    /// page that will bring it; of two forms of a message the one with the larger offset stays.
    /// Tells whether this is a message that was not there.
    pub fn upsert(&mut self, message: Message) -> bool {
        match self
            .messages
            .binary_search_by_key(&message.sequence, |known| known.sequence)
        {
            Ok(place) => {
                if message.offset > self.messages[place].offset {
                    self.messages[place] = Arc::new(message);
                }
                false
            }
            Err(0) if self.has_more => false,
            Err(place) => {
                self.messages.insert(place, Arc::new(message));
                true
            }
        }
    }

    /// Older messages have been loaded.
    pub fn prepend(&mut self, page: HistoryPage) {
        let is_older = |sequence| self.oldest().is_none_or(|oldest| sequence < oldest);
        let mut older: Vec<_> = page
            .messages
            .into_iter()
            .filter(|message| is_older(message.sequence))
            .map(Arc::new)
            .collect();
        older.append(&mut self.messages);
        self.messages = older;
        self.has_more = page.has_more;
    }

    /// The newest messages, fetched afresh after something may have been missed. What they join
    /// without a gap stays.
    pub fn refresh(&mut self, page: HistoryPage) {
        let joins = !page.has_more
            || page
                .messages
                .first()
                .is_some_and(|first| self.newest().is_some_and(|newest| first.sequence <= newest));
        if joins {
            // A page without older ones reaches down to the beginning.
            self.has_more &= page.has_more;
            for message in page.messages {
                self.upsert(message);
            }
        } else {
            self.replace(page);
        }
    }

    /// From now on what others write is new: the reader looks away.
    pub fn draw_line(&mut self) {
        self.read_up_to = self.newest();
    }

    /// The reader has answered: nothing is new any more.
    pub fn erase_line(&mut self) {
        self.read_up_to = None;
    }

    /// The messages as they are drawn, for a reader whose clock is `zone` minutes ahead of UTC at
    /// a given time.
    #[must_use]
    pub fn rows(&self, zone: impl Fn(Timestamp) -> i32) -> Vec<Row> {
        let mut before: Option<(&Message, Day)> = None;
        let mut is_unread_seen = false;
        self.messages
            .iter()
            .map(|message| {
                let day = Day::of(message.sent_at, zone(message.sent_at));
                let starts_day = before.is_none_or(|(_, earlier)| earlier != day);
                let starts_unread = !is_unread_seen && self.is_unread(message);
                is_unread_seen |= starts_unread;
                let is_continuation = !starts_day
                    && !starts_unread
                    && before.is_some_and(|(earlier, _)| continues(earlier, message));
                before = Some((message, day));
                Row {
                    message: Arc::clone(message),
                    starts_day,
                    starts_unread,
                    is_continuation,
                }
            })
            .collect()
    }

    fn replace(&mut self, page: HistoryPage) {
        self.messages = page.messages.into_iter().map(Arc::new).collect();
        self.has_more = page.has_more;
    }

    fn is_unread(&self, message: &Message) -> bool {
        self.read_up_to.is_some_and(|read| message.sequence > read)
            && Some(message.author.user_id) != self.reader
    }
}

impl Row {
    /// See [`RowKey`].
    #[must_use]
    pub fn key(&self) -> RowKey {
        let message = &self.message;
        (
            message.id,
            message.offset,
            self.starts_day,
            self.starts_unread,
            self.is_continuation,
        )
    }
}

fn continues(earlier: &Message, later: &Message) -> bool {
    earlier.author.user_id == later.author.user_id
        && later.sent_at.unix_millis() - earlier.sent_at.unix_millis() < GROUP_MILLIS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::samples::user;
    use proptest::prelude::*;
    use protocol::{Author, ChatId, ChatKind, MessageId, WorkspaceId};
    use uuid::Uuid;

    const MINUTE: i64 = 60_000;

    /// By user 1, unless told otherwise; its sequence is its id and client id.
    fn message(sequence: u64) -> Message {
        Message {
            chat_id: ChatId::from_uuid(Uuid::nil()),
            id: MessageId::from_uuid(Uuid::from_u128(u128::from(sequence))),
            client_id: ClientMessageId::from_uuid(Uuid::from_u128(u128::from(sequence))),
            author: Author {
                user_id: user(1),
                display_name: "Jane".into(),
            },
            text: format!("text {sequence}"),
            sent_at: Timestamp::from_unix_millis(0),
            edited_at: None,
            deleted_at: None,
            sequence,
            offset: sequence,
        }
    }

    fn by(author: u128, sequence: u64, minute: i64) -> Message {
        Message {
            author: Author {
                user_id: user(author),
                display_name: format!("user {author}"),
            },
            sent_at: Timestamp::from_unix_millis(minute * MINUTE),
            ..message(sequence)
        }
    }

    fn page(sequences: impl IntoIterator<Item = u64>, has_more: bool) -> HistoryPage {
        HistoryPage {
            messages: sequences.into_iter().map(message).collect(),
            has_more,
        }
    }

    fn chat(read_offset: u64, unread: u64) -> Chat {
        Chat {
            chat_id: ChatId::from_uuid(Uuid::nil()),
            workspace_id: WorkspaceId::from_uuid(Uuid::nil()),
            slug: "general".into(),
            kind: ChatKind::Channel,
            name: "general".into(),
            topic: String::new(),
            is_private: false,
            people: Vec::new(),
            role: None,
            read_offset,
            unread,
            is_muted: false,
        }
    }

    /// Read by user 9, who has written nothing.
    fn timeline(history: HistoryPage) -> Timeline {
        Timeline::open(user(9), &chat(0, 0), history)
    }

    fn sequences(timeline: &Timeline) -> Vec<u64> {
        timeline
            .rows(|_| 0)
            .iter()
            .map(|row| row.message.sequence)
            .collect()
    }

    fn unread_line(timeline: &Timeline) -> Vec<u64> {
        let rows = timeline.rows(|_| 0);
        rows.iter()
            .filter(|row| row.starts_unread)
            .map(|row| row.message.sequence)
            .collect()
    }

    #[test]
    fn a_message_that_arrives_twice_is_shown_once() {
        let mut timeline = timeline(page([1, 2], false));
        assert!(timeline.upsert(message(3)));
        assert!(!timeline.upsert(message(3)));
        assert_eq!(sequences(&timeline), [1, 2, 3]);
    }

    #[test]
    fn messages_stand_in_the_order_of_their_sequence_however_they_arrive() {
        let mut timeline = timeline(page([1], false));
        timeline.upsert(message(4));
        timeline.upsert(message(2));
        assert_eq!(sequences(&timeline), [1, 2, 4]);
    }

    #[test]
    fn an_edit_replaces_the_text_and_an_older_form_never_comes_back() {
        let mut timeline = timeline(page([1], false));
        let edited = Message {
            text: "better".into(),
            offset: 7,
            ..message(1)
        };
        timeline.upsert(edited);
        timeline.upsert(message(1));
        assert_eq!(timeline.rows(|_| 0)[0].message.text, "better");
    }

    #[test]
    fn a_deleted_message_keeps_its_place() {
        let mut timeline = timeline(page([1, 2, 3], false));
        let deleted_at = Some(Timestamp::from_unix_millis(1));
        timeline.upsert(Message {
            text: String::new(),
            deleted_at,
            offset: 9,
            ..message(2)
        });
        assert_eq!(sequences(&timeline), [1, 2, 3]);
        assert_eq!(timeline.rows(|_| 0)[1].message.deleted_at, deleted_at);
    }

    #[test]
    fn an_edit_of_a_message_that_is_not_loaded_leaves_no_hole_in_the_history() {
        let mut timeline = timeline(page([10, 11], true));
        timeline.upsert(Message {
            offset: 99,
            ..message(3)
        });
        assert_eq!(sequences(&timeline), [10, 11]);
        timeline.prepend(page([8, 9, 10], true));
        assert_eq!(sequences(&timeline), [8, 9, 10, 11]);
    }

    #[test]
    fn an_older_page_says_whether_there_is_more() {
        let mut timeline = timeline(page([10], true));
        timeline.prepend(page([1, 2], false));
        assert!(!timeline.has_more());
        assert_eq!(timeline.oldest(), Some(1));
    }

    #[test]
    fn a_fresh_page_that_overlaps_keeps_what_was_scrolled_up() {
        let mut timeline = timeline(page([1, 2, 3], true));
        timeline.refresh(page([3, 4, 5], true));
        assert_eq!(sequences(&timeline), [1, 2, 3, 4, 5]);
        assert!(timeline.has_more());
    }

    #[test]
    fn a_fresh_page_beyond_a_gap_replaces_everything() {
        let mut timeline = timeline(page([1, 2], false));
        timeline.refresh(page([8, 9], true));
        assert_eq!(sequences(&timeline), [8, 9]);
        assert!(timeline.has_more());
    }

    #[test]
    fn a_fresh_page_of_the_whole_history_has_no_gap() {
        let mut timeline = timeline(page([], false));
        timeline.refresh(page([1, 2], false));
        assert_eq!(sequences(&timeline), [1, 2]);
        assert!(!timeline.has_more());
    }

    #[test]
    fn the_unread_line_stays_where_it_was_at_opening() {
        let mut timeline = Timeline::open(user(9), &chat(2, 1), page([1, 2, 3], false));
        assert_eq!(unread_line(&timeline), [3]);
        timeline.upsert(message(4));
        assert_eq!(unread_line(&timeline), [3]);
        timeline.erase_line();
        assert_eq!(unread_line(&timeline), [0; 0]);
    }

    #[test]
    fn what_arrives_before_the_reader_looks_away_is_never_marked_new() {
        let mut timeline = timeline(page([1], false));
        timeline.upsert(message(2));
        assert_eq!(unread_line(&timeline), [0; 0]);
        timeline.draw_line();
        timeline.upsert(message(3));
        assert_eq!(unread_line(&timeline), [3]);
    }

    #[test]
    fn ones_own_message_is_never_unread() {
        let history = HistoryPage {
            messages: vec![by(9, 1, 0), by(9, 2, 0), by(1, 3, 0)],
            has_more: false,
        };
        let timeline = Timeline::open(user(9), &chat(1, 1), history);
        assert_eq!(unread_line(&timeline), [3]);
    }

    #[test]
    fn messages_of_one_author_within_five_minutes_stand_under_one_name() {
        let history = HistoryPage {
            messages: vec![
                by(1, 1, 0),
                by(1, 2, 4),
                by(1, 3, 9),
                by(2, 4, 9),
                by(1, 5, 9),
            ],
            has_more: false,
        };
        let rows = timeline(history).rows(|_| 0);
        let grouped: Vec<_> = rows.iter().map(|row| row.is_continuation).collect();
        assert_eq!(grouped, [false, true, false, false, false]);
    }

    #[test]
    fn a_day_begins_at_the_readers_midnight() {
        let before_midnight_utc = 24 * 60 - 2;
        let history = HistoryPage {
            messages: vec![
                by(1, 1, before_midnight_utc),
                by(1, 2, before_midnight_utc + 4),
            ],
            has_more: false,
        };
        let timeline = timeline(history);
        let days = |zone: i32| -> Vec<bool> {
            timeline
                .rows(|_| zone)
                .iter()
                .map(|row| row.starts_day)
                .collect()
        };
        assert_eq!(days(0), [true, true]);
        assert_eq!(days(60), [true, false]);
    }

    #[test]
    fn what_others_wrote_below_the_screen_is_counted() {
        let history = HistoryPage {
            messages: vec![by(1, 1, 0), by(1, 2, 0), by(9, 3, 0), by(2, 4, 0)],
            has_more: false,
        };
        let timeline = timeline(history);
        assert_eq!(timeline.count_after(1), 2);
        assert_eq!(timeline.count_after(4), 0);
    }

    #[test]
    fn ones_next_message_stands_under_ones_name_for_a_few_minutes() {
        let history = HistoryPage {
            messages: vec![by(9, 1, 0)],
            has_more: false,
        };
        let timeline = timeline(history);
        assert!(timeline.continues_own(Timestamp::from_unix_millis(4 * MINUTE)));
        assert!(!timeline.continues_own(Timestamp::from_unix_millis(5 * MINUTE)));
    }

    #[test]
    fn a_line_between_two_messages_repeats_the_name() {
        let rows = Timeline::open(user(9), &chat(1, 1), page([1, 2], false)).rows(|_| 0);
        assert!(rows[1].starts_unread);
        assert!(!rows[1].is_continuation);
    }

    #[test]
    fn ones_own_message_has_arrived_when_it_comes_back_under_its_client_id() {
        let mut timeline = Timeline::open(user(1), &chat(0, 0), page([], false));
        let client_id = message(1).client_id;
        assert!(!timeline.has_arrived(client_id));
        timeline.upsert(message(1));
        assert!(timeline.has_arrived(client_id));
    }

    #[test]
    fn a_strangers_message_under_my_client_id_is_not_mine() {
        let mut timeline = Timeline::open(user(1), &chat(0, 0), page([], false));
        timeline.upsert(by(2, 1, 0));
        assert!(!timeline.has_arrived(message(1).client_id));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn whatever_arrives_in_whatever_order_each_message_is_there_once_in_its_newest_form(
            changes in prop::collection::vec((1..20_u64, 0..5_u64), 0..60)
        ) {
            let mut timeline = timeline(HistoryPage::default());
            let mut newest = std::collections::BTreeMap::new();
            for (sequence, edit) in changes {
                let offset = sequence + edit * 100;
                timeline.upsert(Message { offset, ..message(sequence) });
                let known = newest.entry(sequence).or_insert(offset);
                *known = offset.max(*known);
            }
            let shown: Vec<_> = timeline
                .rows(|_| 0)
                .iter()
                .map(|row| (row.message.sequence, row.message.offset))
                .collect();
            prop_assert_eq!(shown, newest.into_iter().collect::<Vec<_>>());
        }
    }
}
