//! Notifications, as a person's tabs are told of them.

use super::Hub;
use app::page::chat_path;
use protocol::{Notification, ServerFrame};
use store::{Cleared, Noted, StoredNotification};

impl Hub {
    /// Tells somebody's tabs of notifications that are new, or stand for one more message.
    pub fn noted(&self, noted: impl IntoIterator<Item = Noted>) {
        for Noted {
            user_id,
            notification: stored,
            unread,
        } in noted
        {
            let created = ServerFrame::NotificationCreated(notification(stored));
            self.tell_tabs(
                user_id,
                vec![created, ServerFrame::NotificationUnread(unread)],
            );
        }
    }

    /// Tells somebody's tabs of notifications that wait no longer.
    pub fn cleared(&self, cleared: impl IntoIterator<Item = Cleared>) {
        for Cleared {
            user_id,
            ids,
            unread,
        } in cleared
        {
            // The count first: a bell that leaves out what is being read would else show it for a
            // moment.
            let read = ServerFrame::NotificationRead { ids };
            self.tell_tabs(user_id, vec![ServerFrame::NotificationUnread(unread), read]);
        }
    }
}

/// A notification as it travels: with the address that it leads to.
#[must_use]
pub fn notification(stored: StoredNotification) -> Notification {
    let is_muted = stored.chat.as_ref().is_some_and(|chat| chat.is_muted);
    let (chat_id, chat_name, path) = match stored.chat {
        Some(chat) => {
            let path = chat_path(&chat.workspace_slug, &chat.slug);
            (Some(chat.chat_id), chat.name, path)
        }
        None => (None, String::new(), "/people".to_owned()),
    };
    Notification {
        id: stored.id,
        kind: stored.kind,
        actor: stored.actor,
        chat_id,
        chat_name,
        path,
        text: stored.text,
        count: stored.count,
        at: stored.at,
        is_read: stored.is_read,
        is_muted,
        version: stored.version,
    }
}
