//! What happens at other servers, as far as it concerns somebody with a socket here.

use super::{Hub, PresenceError, interest::Interest, members::Members, profile_of};
use crate::nodes::{Channel, Event};
use protocol::{Room, ServerFrame, Timestamp, UserId};
use std::{collections::BTreeMap, time::Duration};
use store::StoreError;

/// How often those are forgotten whom nobody here is shown any more.
const FORGET_EVERY: Duration = Duration::from_secs(60);

impl Hub {
    /// Shows what was done at another server; messages excepted, which have an order.
    ///
    /// # Errors
    /// When the store or the directory cannot be read; what has been told then stays told.
    pub async fn show(&self, event: Event) -> Result<(), PresenceError> {
        match event {
            Event::Typing {
                chat,
                typist,
                is_typing,
            } => self.show_typing(chat, &typist, is_typing),
            Event::ChatChanged(chat) | Event::Joined(chat, _) => self.show_chat(chat).await?,
            Event::ChatChangedFor(chat, user) => self.show_chat_to(chat, user).await?,
            Event::ChatListed(chat) => self.show_listed(*chat).await?,
            Event::WorkspaceChanged(workspace) | Event::Entered(workspace, _) => {
                self.show_workspace(workspace).await?;
            }
            Event::Left(chat, user) => self.drop_member(chat, user),
            Event::Tell(user, frames) => frames.iter().for_each(|it| self.send_to_user(user, it)),
            Event::CircleChanged(user) => self.show_circle(user).await?,
            Event::StatusChanged(user) => self.show_status(user).await?,
            Event::ProfileChanged(user) => self.learn_profiles(&[user]).await?,
            Event::SessionEnded(user, session) => self.close_session(user, session),
            Event::Closed(_, connection) => self.close_here_for_good(connection),
            Event::Message(_) | Event::Untold => {}
        }
        Ok(())
    }

    /// Looks at everything that may have changed unheard, and shows it: who belongs where, whom people
    /// know, what they have read and been notified of, and who is still signed in. Gives whether it could.
    pub async fn look_at_everything(&self, now: Timestamp) -> bool {
        let (rooms, people, shown) = {
            let mut interest = self.interest();
            interest.distrust_all();
            let people: Vec<_> = interest.everybody().collect();
            (
                interest.rooms_on_screen(),
                people,
                interest.listening.shown(),
            )
        };
        let mut failed = 0;
        if self.end_what_does_not_hold(now).await.is_err() {
            failed += 1;
        }
        if self.learn_profiles(&shown).await.is_err() {
            failed += 1;
        }
        for person in people {
            if let Err(error) = self.look_at(person).await {
                tracing::debug!(%person, %error, "not_looked_at");
                failed += 1;
            }
        }
        for room in rooms {
            match self.newest_members(room).await {
                Ok(_) => self.show_room_to_all(room).await,
                Err(_) => failed += 1,
            }
        }
        tracing::info!(failed, "looked_at_everything");
        failed == 0
    }

    /// Who belongs where may have changed unheard: it is read anew, of rooms on screen now, of others when
    /// it is needed next; whoever left is told nothing more, and the others are shown it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn look_at_members(&self) -> Result<(), StoreError> {
        let rooms = {
            let mut interest = self.interest();
            interest.distrust_all();
            interest.rooms_on_screen()
        };
        for room in rooms {
            let before = self.interest().members(room);
            let now = self.newest_members(room).await?;
            let Some(before) = before.filter(|before| *before != now) else {
                continue;
            };
            if let Room::Chat(chat) = room {
                let gone = before.ids().filter(|user| !now.contains(*user));
                gone.for_each(|user| self.drop_member(chat, user));
            }
            self.show_room_to_all(room).await;
        }
        Ok(())
    }

    /// Closes the sockets of sign-ins that were ended, of which nothing was heard.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn end_what_does_not_hold(&self, now: Timestamp) -> Result<(), StoreError> {
        let here: BTreeMap<_, _> = {
            let interest = self.interest();
            let sockets = interest.all();
            sockets.map(|(_, it)| (it.session, it.user)).collect()
        };
        let sessions: Vec<_> = here.keys().copied().collect();
        for session in self.0.store.sessions_that_ended(&sessions, now).await? {
            if let Some(user) = here.get(&session) {
                self.end_session(*user, session).await;
            }
        }
        Ok(())
    }

    /// Whether what concerns this room is heard from other servers: one of its members has a socket here.
    #[must_use]
    pub fn hears(&self, room: Room) -> bool {
        self.interest().listening.hears(room)
    }

    async fn look_at(&self, user: UserId) -> Result<(), PresenceError> {
        self.listen_to_rooms_of(user).await?;
        self.show_status(user).await?;
        self.show_circle(user).await?;
        let standing = self.0.store.standing(user).await?;
        for (chat_id, sequence) in standing.read {
            self.send_to_user(user, &ServerFrame::Read { chat_id, sequence });
        }
        self.send_to_user(user, &ServerFrame::NotificationUnread(standing.unread));
        self.send_to_user(user, &ServerFrame::Refresh {});
        Ok(())
    }

    /// Forgets those whom nobody here is shown any more, for as long as the process lives.
    pub async fn run_forgetting(self) {
        loop {
            tokio::time::sleep(FORGET_EVERY).await;
            let mut interest = self.interest();
            let forgotten = interest.hide_people();
            self.0.directory.unwatch(&forgotten);
            let channels: Vec<_> = forgotten.into_iter().map(Channel::Profile).collect();
            self.0.nodes.listen_no_more(&channels);
        }
    }

    /// Begins to listen to what concerns somebody who opens their first socket here.
    pub(super) fn listen_to(&self, user: UserId) {
        if self.0.nodes.are_possible() {
            let channels = self.interest().listening.enter(user);
            self.0.nodes.listen(&channels);
        }
    }

    /// Waits until everything that concerns somebody who is listened to is heard; false when there is
    /// nobody from whom anything could be heard.
    pub(super) async fn hear_of(&self, user: UserId) -> Result<bool, StoreError> {
        if !self.0.nodes.are_possible() {
            return Ok(false);
        }
        // Into which room they come from now on, they are told themselves.
        self.0.nodes.all_ears().await;
        self.listen_to_rooms_of(user).await?;
        Ok(true)
    }

    async fn listen_to_rooms_of(&self, user: UserId) -> Result<(), StoreError> {
        let store = &self.0.store;
        let chats = store.chats_joined(user).await?.into_iter().map(Room::Chat);
        let workspaces = store.workspaces_of(user).await?.into_iter();
        let workspaces = workspaces.map(|it| Room::Workspace(it.workspace_id));
        let new: Vec<_> = {
            let mut interest = self.interest();
            let mut is_new = |room: &Room| interest.listening.join(*room, user);
            let new: Vec<_> = chats.chain(workspaces).filter(&mut is_new).collect();
            let channels: Vec<_> = new.iter().copied().map(Channel::Room).collect();
            self.0.nodes.listen(&channels);
            new
        };
        if !new.is_empty() {
            self.0.nodes.all_ears().await;
            let mut interest = self.interest();
            for room in new {
                interest.distrust(room);
            }
        }
        Ok(())
    }

    /// Hears of a room while one of its members has a socket here; gives whether that is new.
    pub(super) fn listen_to_members(
        &self,
        interest: &mut Interest,
        room: Room,
        members: &Members,
    ) -> bool {
        let nodes = &self.0.nodes;
        if !nodes.are_possible() {
            return false;
        }
        let is_member = |user| members.contains(user);
        let (is_new, is_over) = interest
            .listening
            .set_members(room, is_member, members.ids());
        if is_new {
            nodes.listen(&[Channel::Room(room)]);
        }
        if is_over {
            nodes.listen_no_more(&[Channel::Room(room)]);
        }
        is_new
    }

    /// Hears of those among these people whom somebody here is shown, and what they show meanwhile.
    pub(super) async fn listen_to_people(&self, people: &[UserId]) {
        if !self.0.nodes.are_possible() {
            return;
        }
        let (shown, new) = {
            let mut interest = self.interest();
            let shown: Vec<_> = people
                .iter()
                .copied()
                .filter(|user| interest.is_shown(*user))
                .collect();
            let new = interest.listening.show(&shown);
            let channels: Vec<_> = new.iter().copied().map(Channel::Profile).collect();
            self.0.nodes.listen(&channels);
            (shown, new)
        };
        self.0.directory.watch(&shown).await;
        if !new.is_empty() {
            self.0.nodes.all_ears().await;
            if let Err(error) = self.learn_profiles(&new).await {
                tracing::warn!(%error, "profiles_not_read");
            }
        }
    }

    /// Reads what people are called and show.
    pub(super) async fn learn_profiles(&self, people: &[UserId]) -> Result<(), StoreError> {
        let people = self.0.store.people(people).await?;
        self.interest().learn(people.into_iter().map(profile_of));
        Ok(())
    }
}
