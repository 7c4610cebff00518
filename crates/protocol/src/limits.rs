//! Sizes that both sides agree on.

/// The largest `message.send` frame, in bytes.
pub const MAX_SEND_FRAME_BYTES: usize = 64 * 1024;
/// The largest frame of any other type, in bytes.
pub const MAX_FRAME_BYTES: usize = 4 * 1024;
/// The longest message, in Unicode scalar values.
pub const MAX_MESSAGE_CHARS: usize = 8_000;
/// The longest chat or workspace name, in Unicode scalar values.
pub const MAX_NAME_CHARS: usize = 80;
/// The longest topic, in Unicode scalar values.
pub const MAX_TOPIC_CHARS: usize = 250;
/// The longest display name, in Unicode scalar values.
pub const MAX_DISPLAY_NAME_CHARS: usize = 80;
/// The longest username, in ASCII characters.
pub const MAX_USERNAME_CHARS: usize = 32;
/// The shortest password, in Unicode scalar values (NIST SP 800-63B §5.1.1.2).
pub const MIN_PASSWORD_CHARS: usize = 8;
/// The longest password, in bytes: hashing cost is bounded (OWASP Password Storage).
pub const MAX_PASSWORD_BYTES: usize = 1_024;
/// The longest text that a person says of themselves, in Unicode scalar values.
pub const MAX_STATUS_CHARS: usize = 80;
/// The most people that one message can mention.
pub const MAX_MENTIONS: usize = 50;
/// The most people in a direct chat, its founder included.
pub const MAX_DIRECT_PEOPLE: usize = 9;
/// Notifications kept for one person; past it the oldest are forgotten.
pub const MAX_NOTIFICATIONS: usize = 1_000;
/// Notifications in one page of the list.
pub const NOTIFICATIONS_PAGE: u32 = 30;
/// The most friends, and the most requests of one person that wait for an answer.
pub const MAX_FRIENDS: usize = 1_000;
/// Messages in one page of history, unless asked for fewer.
pub const HISTORY_PAGE: u32 = 50;
/// The largest page of history.
pub const MAX_HISTORY_PAGE: u32 = 200;
/// The largest number of missed messages replayed on resume; past it, the client fetches afresh.
pub const MAX_REPLAY: usize = 1_000;
