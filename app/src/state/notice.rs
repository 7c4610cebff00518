//! What a notification says, and whether it is shown outside the page.

use crate::browser;
use protocol::{Mode, Notification, NotificationKind, Status, Timestamp};
use std::fmt;

/// Who did what, and where, if that is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The name that others see.
    pub who: String,
    /// What they did.
    pub what: String,
    /// Where.
    pub place: Option<String>,
}

impl Sentence {
    /// What a notification says.
    #[must_use]
    pub fn of(notification: &Notification) -> Self {
        let place = || Some(format!("#{}", notification.chat_name));
        let (what, place) = match (notification.kind, notification.count) {
            (NotificationKind::Mention, _) if notification.chat_name.is_empty() => {
                ("mentioned you".to_owned(), None)
            }
            (NotificationKind::Mention, _) => ("mentioned you in".to_owned(), place()),
            (NotificationKind::DirectMessage, 0 | 1) => ("sent a message".to_owned(), None),
            (NotificationKind::DirectMessage, count) => (format!("sent {count} messages"), None),
            (NotificationKind::FriendRequest, _) => ("asks to be friends".to_owned(), None),
            (NotificationKind::FriendAccepted, _) => ("is now your friend".to_owned(), None),
            (NotificationKind::Invitation, _) => ("added you to".to_owned(), place()),
        };
        Self {
            who: notification.actor.display_name.clone(),
            what,
            place,
        }
    }
}

/// As plain text. Names stand within isolates (Unicode UAX #9), so that one written from right to
/// left does not turn the sentence round.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\u{2068}{}\u{2069} {}", self.who, self.what)?;
        match &self.place {
            Some(place) => write!(f, " \u{2068}{place}\u{2069}"),
            None => Ok(()),
        }
    }
}

/// Whether the browser shows notifications outside the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// It does.
    Granted,
    /// The person has not been asked yet.
    Unasked,
    /// The person has said no, or the browser does for them.
    Denied,
    /// It never does.
    Unsupported,
}

/// What decides whether a notification is shown outside the page.
struct Circumstances<'a> {
    /// Whether the browser would.
    permission: Permission,
    /// Whether the person sees the page, which shows it by itself.
    is_visible: bool,
    /// What the person has chosen to show of themselves.
    status: &'a Status,
    /// Whether the person wants no attention drawn to the chat.
    is_muted: bool,
    /// The time.
    now: Timestamp,
}

impl Circumstances<'_> {
    /// Whether a notification that has arrived is shown outside the page.
    fn call_for_attention(&self) -> bool {
        let is_left_alone = self.status.mode == Mode::Dnd
            && self.status.mode_until.is_none_or(|until| until > self.now);
        self.permission == Permission::Granted
            && !self.is_visible
            && !self.is_muted
            && !is_left_alone
    }
}

/// Shows a notification that has arrived outside the page, if it is one to be. A click on it leads
/// to what it is about. Of several tabs the last to show it replaces the others'.
pub fn notify(notification: &Notification, status: &Status, path: String) {
    let circumstances = Circumstances {
        permission: browser::notification_permission(),
        is_visible: browser::is_visible(),
        status,
        is_muted: notification.is_muted,
        now: browser::now(),
    };
    if circumstances.call_for_attention() {
        browser::show_notification(
            &Sentence::of(notification).to_string(),
            &notification.text,
            &notification.id.to_string(),
            path,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Author, NotificationId, UserId};
    use uuid::Uuid;

    fn says(kind: NotificationKind, count: u64) -> String {
        let notification = Notification {
            id: NotificationId::from_uuid(Uuid::from_u128(1)),
            kind,
            actor: Author {
                user_id: UserId::from_uuid(Uuid::from_u128(1)),
                display_name: "Jane Doe".into(),
            },
            chat_id: None,
            chat_name: "design".into(),
            path: String::new(),
            text: String::new(),
            count,
            at: Timestamp::from_unix_millis(0),
            is_read: false,
            is_muted: false,
            version: 1,
        };
        Sentence::of(&notification)
            .to_string()
            .replace(['\u{2068}', '\u{2069}'], "")
    }

    #[test]
    fn a_notification_says_who_did_what_in_one_sentence() {
        use NotificationKind::{DirectMessage, FriendAccepted, FriendRequest, Invitation, Mention};
        for (kind, count, sentence) in [
            (Mention, 1, "Jane Doe mentioned you in #design"),
            (DirectMessage, 1, "Jane Doe sent a message"),
            (DirectMessage, 3, "Jane Doe sent 3 messages"),
            (FriendRequest, 1, "Jane Doe asks to be friends"),
            (FriendAccepted, 1, "Jane Doe is now your friend"),
            (Invitation, 1, "Jane Doe added you to #design"),
        ] {
            assert_eq!(says(kind, count), sentence);
        }
    }

    static AUTOMATIC: Status = Status {
        mode: Mode::Automatic,
        mode_until: None,
        text: String::new(),
        text_until: None,
    };

    /// The page is hidden, the browser allows it, and nothing speaks against it.
    fn circumstances(status: &Status) -> Circumstances<'_> {
        Circumstances {
            permission: Permission::Granted,
            is_visible: false,
            status,
            is_muted: false,
            now: Timestamp::from_unix_millis(1_000),
        }
    }

    #[test]
    fn attention_is_called_for_while_the_page_is_hidden_and_the_browser_allows_it() {
        assert!(circumstances(&AUTOMATIC).call_for_attention());
    }

    #[test]
    fn each_reason_alone_keeps_it_quiet() {
        use Permission::{Denied, Unasked, Unsupported};
        for permission in [Denied, Unasked, Unsupported] {
            let quiet = Circumstances {
                permission,
                ..circumstances(&AUTOMATIC)
            };
            assert!(!quiet.call_for_attention(), "{permission:?}");
        }
        let visible = Circumstances {
            is_visible: true,
            ..circumstances(&AUTOMATIC)
        };
        let muted = Circumstances {
            is_muted: true,
            ..circumstances(&AUTOMATIC)
        };
        assert!(!visible.call_for_attention() && !muted.call_for_attention());
    }

    #[test]
    fn who_is_not_to_be_disturbed_is_not_until_the_end_of_that() {
        let dnd = |until: Option<i64>| Status {
            mode: Mode::Dnd,
            mode_until: until.map(Timestamp::from_unix_millis),
            ..Status::default()
        };
        assert!(!circumstances(&dnd(None)).call_for_attention());
        assert!(!circumstances(&dnd(Some(1_001))).call_for_attention());
        assert!(circumstances(&dnd(Some(1_000))).call_for_attention());
    }
}
