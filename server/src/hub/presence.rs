//! Who is online, as sockets, pages and REST are told.

use super::{ChatMembers, Hub, Kind, Outgoing, interest::Audience};
use ::presence::{DirectoryError, Transition, UserPresence};
use protocol::{ChatId, PresenceChange, PresenceEntry, PresenceSnapshot, ServerFrame};
use std::time::Duration;
use store::StoreError;

/// Why presence cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// Switched off by configuration.
    #[error("presence is switched off")]
    Disabled,
    /// The members could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory could not be read.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

/// The frame that carries a chat's snapshot.
#[must_use]
pub fn connected_users(chat_id: ChatId, snapshot: PresenceSnapshot) -> ServerFrame {
    let PresenceSnapshot {
        users,
        epoch,
        version,
    } = snapshot;
    ServerFrame::ConnectedUsers {
        chat_id,
        users,
        epoch,
        version,
    }
}

impl Hub {
    /// Announces transitions for as long as the process lives, at most once per `window`.
    pub async fn run_announcements(self, window: Duration) {
        loop {
            let transitions = self.0.directory.next_changes().await;
            self.announce(&transitions);
            tokio::time::sleep(window).await;
        }
    }

    /// The presence of a chat's members: one and the same for REST, server functions and sockets.
    ///
    /// # Errors
    /// When presence is switched off, or the members or the directory cannot be read.
    pub async fn chat_presence(&self, chat: ChatId) -> Result<PresenceSnapshot, PresenceError> {
        if !self.0.is_presence_enabled {
            return Err(PresenceError::Disabled);
        }
        let members = self.chat_members(chat).await?;
        let ids: Vec<_> = members.ids().collect();
        let presences = self.0.directory.snapshot(&ids).await?.into_iter();
        let mut users: Vec<_> = presences.filter_map(|it| entry(&members, &it)).collect();
        users.sort_by_cached_key(|entry| {
            let name = entry.display_name.to_lowercase();
            (!entry.is_online, name, entry.user_id)
        });
        Ok(PresenceSnapshot {
            epoch: self.0.directory.epoch(),
            version: users.iter().map(|entry| entry.version).max().unwrap_or(0),
            users,
        })
    }

    /// Sends a chat's snapshot to everybody who has it on screen.
    pub(super) async fn send_snapshot(&self, chat: ChatId) {
        let frame = match self.chat_presence(chat).await {
            Ok(snapshot) => connected_users(chat, snapshot),
            Err(PresenceError::Disabled) => return,
            Err(error) => {
                tracing::warn!(%chat, %error, "snapshot_not_sent");
                return;
            }
        };
        let frame = Outgoing::new(Kind::Reliable, &frame);
        self.tell(self.interest().watchers(chat), &frame);
    }

    /// Announces transitions to those who have one of the person's chats on screen: each change once
    /// to each connection, all of a window in one frame, serialised once for all who are told the same.
    fn announce(&self, transitions: &[Transition]) {
        for transition in transitions {
            let reason = transition.reason.as_str();
            self.0.metrics.transition(transition.is_online, reason);
        }
        let gone = transitions
            .iter()
            .filter(|transition| !transition.is_online);
        self.0
            .last_seen
            .record(gone.filter_map(|transition| Some((transition.user, transition.last_seen?))));
        if !self.0.is_presence_enabled {
            return;
        }
        let interest = self.interest();
        let people: Vec<_> = transitions.iter().map(|it| it.user).collect();
        for Audience { about, sockets } in interest.audiences(&people) {
            let changes = about.into_iter().filter_map(|place| {
                let transition = &transitions[place];
                Some(self.change(interest.name_of(transition.user)?, transition))
            });
            if let Some(frame) = frame_of(changes.collect()) {
                let frame = Outgoing::new(Kind::Presence, &frame);
                self.tell(sockets.into_iter(), &frame);
            }
        }
    }

    fn change(&self, display_name: String, transition: &Transition) -> PresenceChange {
        PresenceChange {
            user_id: transition.user,
            display_name,
            is_online: transition.is_online,
            last_seen: transition.last_seen,
            epoch: self.0.directory.epoch(),
            version: transition.version,
        }
    }
}

fn entry(members: &ChatMembers, presence: &UserPresence) -> Option<PresenceEntry> {
    let member = members.get(presence.user)?;
    let last_seen = presence.last_seen.or(member.last_seen);
    Some(PresenceEntry {
        user_id: presence.user,
        display_name: member.display_name.clone(),
        is_online: presence.is_online,
        last_seen: last_seen.filter(|_| !presence.is_online),
        version: presence.version,
    })
}

/// One frame for all changes of a window.
fn frame_of(mut changes: Vec<PresenceChange>) -> Option<ServerFrame> {
    match changes.len() {
        0 | 1 => changes.pop().map(ServerFrame::PresenceChanged),
        _ => Some(ServerFrame::PresenceBatch { changes }),
    }
}
