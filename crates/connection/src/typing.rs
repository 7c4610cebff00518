//! Who is typing, as far as this client was told lately.

use protocol::{ChatId, ServerFrame, UserId};

/// Names told one by one; past it "several people" are typing.
const MAX_NAMES: usize = 3;

/// Who is typing where. Times are monotonic milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypingSet {
    /// In the order in which they began.
    typists: Vec<Typist>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Typist {
    chat_id: ChatId,
    user_id: UserId,
    name: String,
    until: u64,
}

impl TypingSet {
    /// Learns from a frame: somebody types or stopped, sent a message, or went offline. Each sign of
    /// typing is believed for `timeout_ms`.
    pub fn apply(&mut self, frame: &ServerFrame, now: u64, timeout_ms: u64) {
        match frame {
            ServerFrame::Typing {
                chat_id,
                user_id,
                display_name,
                is_typing: true,
            } => {
                let until = now.saturating_add(timeout_ms);
                match self.find(*chat_id, *user_id) {
                    Some(typist) => typist.until = until,
                    None => self.typists.push(Typist {
                        chat_id: *chat_id,
                        user_id: *user_id,
                        name: display_name.clone(),
                        until,
                    }),
                }
            }
            ServerFrame::Typing {
                chat_id,
                user_id,
                is_typing: false,
                ..
            } => {
                self.stopped(*chat_id, *user_id);
            }
            ServerFrame::MessageCreated(message) => {
                self.stopped(message.chat_id, message.author.user_id);
            }
            ServerFrame::PresenceChanged(change) if !change.is_online => self.left(change.user_id),
            ServerFrame::PresenceBatch { changes } => {
                for change in changes.iter().filter(|change| !change.is_online) {
                    self.left(change.user_id);
                }
            }
            _ => {}
        }
    }

    /// Forgets what is no longer to be believed.
    pub fn expire(&mut self, now: u64) {
        self.typists.retain(|typist| now < typist.until);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.typists.clear();
    }

    /// When something expires.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        self.typists.iter().map(|typist| typist.until).min()
    }

    /// Whether nobody is typing anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.typists.is_empty()
    }

    /// What to say of a chat; nothing when nobody is typing there.
    #[must_use]
    pub fn label(&self, chat: ChatId) -> Option<String> {
        let names: Vec<_> = self
            .typists
            .iter()
            .filter(|typist| typist.chat_id == chat)
            .map(|typist| typist.name.as_str())
            .collect();
        if names.len() > MAX_NAMES {
            return Some("Several people are typing…".into());
        }
        let (last, others) = names.split_last()?;
        let call = |name| call(name, &names);
        Some(if others.is_empty() {
            format!("{} is typing…", call(last))
        } else {
            let others: Vec<_> = others.iter().map(|name| call(name)).collect();
            format!("{} and {} are typing…", others.join(", "), call(last))
        })
    }

    fn find(&mut self, chat: ChatId, user: UserId) -> Option<&mut Typist> {
        self.typists
            .iter_mut()
            .find(|typist| (typist.chat_id, typist.user_id) == (chat, user))
    }

    fn stopped(&mut self, chat: ChatId, user: UserId) {
        self.typists
            .retain(|typist| (typist.chat_id, typist.user_id) != (chat, user));
    }

    fn left(&mut self, user: UserId) {
        self.typists.retain(|typist| typist.user_id != user);
    }
}

/// The first name, unless two of those who type share it.
fn call<'a>(name: &'a str, names: &[&str]) -> &'a str {
    let first = |name: &'a str| name.split_whitespace().next().unwrap_or(name);
    let mine = first(name);
    let is_shared = names
        .iter()
        .filter(|other| other.split_whitespace().next() == Some(mine))
        .count()
        > 1;
    if is_shared { name } else { mine }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::PresenceChange;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    fn chat(n: u128) -> ChatId {
        ChatId::from_uuid(Uuid::from_u128(n))
    }

    fn typing(n: u128, name: &str, is_typing: bool) -> ServerFrame {
        ServerFrame::Typing {
            chat_id: chat(1),
            user_id: user(n),
            display_name: name.into(),
            is_typing,
        }
    }

    fn set(names: &[&str]) -> TypingSet {
        let mut set = TypingSet::default();
        for (n, name) in (1..).zip(names) {
            set.apply(&typing(n, name, true), 0, 3_000);
        }
        set
    }

    fn label(names: &[&str]) -> Option<String> {
        set(names).label(chat(1))
    }

    #[test]
    fn up_to_three_are_told_by_their_first_names() {
        assert_eq!(label(&[]), None);
        assert_eq!(label(&["Jane Doe"]).unwrap(), "Jane is typing…");
        assert_eq!(
            label(&["Jane Doe", "John Smith"]).unwrap(),
            "Jane and John are typing…"
        );
        assert_eq!(
            label(&["Jane Doe", "John Smith", "Bob Wilson"]).unwrap(),
            "Jane, John and Bob are typing…"
        );
        assert_eq!(
            label(&["Jane", "John", "Bob", "Eve"]).unwrap(),
            "Several people are typing…"
        );
    }

    #[test]
    fn those_who_share_a_first_name_are_told_by_their_whole_name() {
        assert_eq!(
            label(&["Jane Doe", "Jane Roe", "Bob Wilson"]).unwrap(),
            "Jane Doe, Jane Roe and Bob are typing…"
        );
    }

    #[test]
    fn a_name_of_nothing_but_spaces_is_told_as_it_is() {
        assert_eq!(label(&["  "]).unwrap(), "   is typing…");
    }

    #[test]
    fn another_chat_has_its_own_typing() {
        assert_eq!(set(&["Jane"]).label(chat(2)), None);
    }

    #[test]
    fn typing_ends_by_itself_unless_it_goes_on() {
        let mut set = set(&["Jane", "John"]);
        set.apply(&typing(1, "Jane", true), 2_000, 3_000);
        assert_eq!(set.next_deadline(), Some(3_000));
        set.expire(2_999);
        assert_eq!(set.label(chat(1)).unwrap(), "Jane and John are typing…");
        set.expire(3_000);
        assert_eq!(set.label(chat(1)).unwrap(), "Jane is typing…");
        set.expire(5_000);
        assert!(set.is_empty());
        assert_eq!(set.next_deadline(), None);
    }

    #[test]
    fn typing_ends_with_a_stop_or_with_going_offline() {
        let mut stopped = set(&["Jane"]);
        stopped.apply(&typing(1, "Jane", false), 0, 3_000);
        assert!(stopped.is_empty());

        let change = |n, is_online| PresenceChange {
            user_id: user(n),
            display_name: String::new(),
            is_online,
            availability: None,
            status_text: String::new(),
            last_seen: None,
            epoch: protocol::Epoch::from_uuid(Uuid::nil()),
            version: 1,
        };
        let mut left = set(&["Jane", "John"]);
        left.apply(&ServerFrame::PresenceChanged(change(1, false)), 0, 3_000);
        assert_eq!(left.label(chat(1)).unwrap(), "John is typing…");
        let changes = vec![change(1, true), change(2, false)];
        left.apply(&ServerFrame::PresenceBatch { changes }, 0, 3_000);
        assert!(left.is_empty());
    }
}
