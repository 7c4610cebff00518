//! What news does to what a tab knows: frames of the server, and pages.

use super::Tab;
use crate::{
    api,
    page::{PeoplePage, WorkspacePage},
    state::{Outcome, Roster, Sidebar, Timeline, notify},
};
use connection::{Event, Tone};
use leptos::prelude::*;
use protocol::{
    Author, ChatId, FriendsSnapshot, Message, Notification, PresenceChange, PresenceEntry, Room,
    ServerFrame, UnreadNotifications,
};

/// Changes kept for a chat whose page is still on its way.
const RECENT_CHANGES: usize = 500;

impl Tab {
    /// Applies a frame of the server to what is shown.
    pub fn apply(&self, frame: ServerFrame) {
        match frame {
            ServerFrame::ConnectedUsers {
                chat_id,
                users,
                epoch,
                ..
            } => {
                if self.is_on_screen(chat_id) {
                    self.roster
                        .update(|roster| roster.apply_snapshot(&users, epoch));
                    self.is_live.set(true);
                }
            }
            ServerFrame::WorkspaceUsers { users, epoch, .. }
            | ServerFrame::DirectUsers { users, epoch, .. } => {
                self.people.update(|people| people.hear(&users, epoch));
            }
            ServerFrame::FriendsSnapshot(FriendsSnapshot { friends, epoch, .. }) => {
                self.people.update(|people| people.hear(&friends, epoch));
                self.friends.set(friends.iter().map(named).collect());
            }
            ServerFrame::Relations(relations) => self.relations.set(relations),
            ServerFrame::StatusChanged(status) => self.my_status.set(status),
            ServerFrame::NotificationCreated(notification) => self.notified(notification),
            ServerFrame::NotificationRead { ids } => {
                self.notifications.update(|bell| bell.apply_read(&ids));
            }
            ServerFrame::NotificationUnread(unread) => self.unread_changed(unread),
            ServerFrame::PresenceChanged(change) => self.apply_presence(&[change]),
            ServerFrame::PresenceBatch { changes } => self.apply_presence(&changes),
            ServerFrame::MessageCreated(message)
            | ServerFrame::MessageUpdated(message)
            | ServerFrame::MessageDeleted(message) => self.apply_message(message),
            ServerFrame::Read { chat_id, sequence } => {
                self.sidebar
                    .update(|sidebar| sidebar.read(chat_id, sequence));
            }
            ServerFrame::ChatUpdated { chat } => {
                if self.is_on_screen(chat.chat_id) {
                    self.chat.set(Some(chat.clone()));
                }
                self.sidebar.update(|sidebar| sidebar.chat_updated(chat));
            }
            ServerFrame::ChatRemoved { chat_id } => self.chat_removed(chat_id),
            ServerFrame::Refresh {} => self.reload_chats(),
            ServerFrame::Error {
                message,
                client_id: None,
                ..
            } => self.toast(message, None),
            // These are the connection's own, or kept by its driver.
            ServerFrame::Welcome(_)
            | ServerFrame::Pong { .. }
            | ServerFrame::MessageAck { .. }
            | ServerFrame::Typing { .. }
            | ServerFrame::Reconnect { .. }
            | ServerFrame::Error { .. } => {}
        }
    }

    fn apply_presence(&self, changes: &[PresenceChange]) {
        let mut is_snapshot_needed = false;
        self.roster.update(|roster| {
            for change in changes {
                is_snapshot_needed |= roster.apply_change(change) == Outcome::SnapshotNeeded;
            }
        });
        if is_snapshot_needed && let Some(chat_id) = self.chat_id() {
            self.dispatch(Event::Subscribe(Room::Chat(chat_id)));
        }
        let mut are_people_needed = false;
        self.people.update(|people| {
            for change in changes {
                are_people_needed |= people.apply_change(change) == Outcome::SnapshotNeeded;
            }
        });
        if are_people_needed {
            self.fetch_people();
        }
    }

    /// A notification has arrived: the bell has it, and a person who looks elsewhere is told.
    fn notified(&self, notification: Notification) {
        let path = self.path_here(notification.path.clone());
        self.my_status
            .with_untracked(|status| notify(&notification, status, path));
        self.notifications
            .update(|bell| bell.apply_created(notification));
    }

    /// Where a path of a notification leads from here: the page of people is that of the workspace on
    /// screen, to which the connection need not end.
    #[must_use]
    pub fn path_here(&self, path: String) -> String {
        match (path.as_str(), self.slug()) {
            ("/people", Some(slug)) => format!("/w/{slug}/people"),
            _ => path,
        }
    }

    /// Fetches the presence of friends and of the workspace, whose snapshots are sent after a
    /// welcome only.
    fn fetch_people(&self) {
        let Some(slug) = self.slug() else { return };
        if self.is_fetching_people.get_value() {
            return;
        }
        self.is_fetching_people.set_value(true);
        let tab = *self;
        leptos::task::spawn_local(async move {
            let page = api::load_people(slug).await;
            tab.is_fetching_people.set_value(false);
            // After a failure the next change asks again.
            if let Ok(page) = page {
                tab.open_people(&page);
            }
        });
    }

    /// Of what several pages and frames say, the newest counts.
    fn unread_changed(&self, unread: UnreadNotifications) {
        let is_news = self
            .unread_notifications
            .with_untracked(|known| unread.version > known.version);
        if is_news {
            self.unread_notifications.set(unread);
        }
    }

    /// Takes what a workspace's page says of chats and people.
    pub(super) fn learn(&self, page: &WorkspacePage) {
        let direct = &page.direct_users;
        self.sidebar.set(Sidebar::new(page));
        self.unread_changed(page.unread_notifications);
        self.people
            .update(|people| people.apply_snapshot(&direct.users, direct.epoch));
        if !self.hears() {
            self.relations.set(page.relations.clone());
            self.my_status.set(page.status.clone());
        }
    }

    /// Takes what a workspace's page says after a break, with what has come since it was made.
    pub(super) fn catch_up(&self, page: &WorkspacePage) {
        if self.slug().as_ref() != Some(&page.workspace.slug) {
            return;
        }
        self.learn(page);
        self.recent.with_value(|recent| {
            self.sidebar.update(|sidebar| {
                for change in recent {
                    sidebar.message_changed(change);
                }
            });
        });
        let Some(chat_id) = self.chat_id() else {
            return;
        };
        match self
            .sidebar
            .with_untracked(|sidebar| sidebar.find(chat_id).cloned())
        {
            Some(chat) => self.chat.set(Some(chat)),
            None => self.chat_removed(chat_id),
        }
    }

    /// Shows the people of a workspace.
    pub fn open_people(&self, page: &PeoplePage) {
        let (friends, everybody) = (&page.friends, &page.presence);
        self.people.update(|people| {
            people.apply_snapshot(&friends.friends, friends.epoch);
            people.apply_snapshot(&everybody.users, everybody.epoch);
        });
        if !self.hears() {
            self.friends
                .set(friends.friends.iter().map(named).collect());
            self.relations.set(page.relations.clone());
        }
    }

    /// Whether the connection tells of what is without a version by itself: then a page, which may
    /// have been long on its way, is the older news.
    fn hears(&self) -> bool {
        self.status
            .with_untracked(|status| status.tone == Tone::Connected)
    }

    fn apply_message(&self, message: Message) {
        self.recent.update_value(|recent| {
            if recent.len() >= RECENT_CHANGES {
                recent.pop_front();
            }
            recent.push_back(message.clone());
        });
        self.sidebar
            .update(|sidebar| sidebar.message_changed(&message));
        if self.is_on_screen(message.chat_id) {
            self.timeline.update(|timeline| {
                timeline.upsert(message);
            });
        }
    }

    fn chat_removed(&self, chat_id: ChatId) {
        self.sidebar.update(|sidebar| sidebar.chat_removed(chat_id));
        if !self.is_on_screen(chat_id) {
            return;
        }
        let is_private = self
            .chat
            .with_untracked(|chat| chat.as_ref().is_some_and(|chat| chat.is_private));
        self.roster.update(|roster| match self.my_id() {
            Some(me) if !is_private => roster.left_by(me),
            _ => *roster = Roster::default(),
        });
        if is_private {
            self.timeline.set(Timeline::default());
        }
        self.chat.update(|chat| {
            if let Some(chat) = chat {
                chat.role = None;
            }
        });
    }
}

fn named(entry: &PresenceEntry) -> Author {
    Author {
        user_id: entry.user_id,
        display_name: entry.display_name.clone(),
    }
}
