//! Who is typing, as far as this client was told lately.

use protocol::{Author, ChatId, ServerFrame, UserId};
use std::collections::BTreeMap;

/// Names told one by one; past it "several people" are typing.
const MAX_NAMES: usize = 3;

/// Who is typing where. Times are monotonic milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypingSet {
    typing: BTreeMap<(ChatId, UserId), Typist>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Typist {
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
                author,
                is_typing: true,
            } => {
                let Author {
                    user_id,
                    display_name,
                } = author.clone();
                let typist = Typist {
                    name: display_name,
                    until: now.saturating_add(timeout_ms),
                };
                self.typing.insert((*chat_id, user_id), typist);
            }
            ServerFrame::Typing {
                chat_id,
                author,
                is_typing: false,
            } => {
                self.typing.remove(&(*chat_id, author.user_id));
            }
            ServerFrame::MessageCreated(message) => {
                self.typing
                    .remove(&(message.chat_id, message.author.user_id));
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
        self.typing.retain(|_, typist| now < typist.until);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.typing.clear();
    }

    /// When something expires.
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        self.typing.values().map(|typist| typist.until).min()
    }

    /// Whether nobody is typing anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.typing.is_empty()
    }

    /// What to say of a chat; nothing when nobody is typing there.
    #[must_use]
    pub fn label(&self, chat: ChatId) -> Option<String> {
        let names: Vec<_> = self
            .typing
            .iter()
            .filter(|((typing_in, _), _)| *typing_in == chat)
            .map(|(_, typist)| typist.name.as_str())
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

    fn left(&mut self, user: UserId) {
        self.typing.retain(|(_, typist), _| *typist != user);
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
