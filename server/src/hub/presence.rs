//! Who is online, as sockets, pages and REST are told.

use super::{
    Circle, Hub, Kind, Outgoing, Profile,
    circle::note,
    interest::{Audience, Showing},
    roster::{Exceptions, Roster, entry, snapshot_frame},
};
use ::presence::{Directory, DirectoryError, Transition, TransitionReason, UserPresence};
use protocol::{
    ConnectionId, ErrorCode, PresenceChange, PresenceSnapshot, Room, ServerFrame, UserId,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use store::StoreError;
use tokio::time::{Instant, sleep_until, timeout};

/// So long an announcement waits for what people say of themselves: who is online does not hang on the
/// database.
const TEXTS_WITHIN: Duration = Duration::from_millis(500);

/// For how many times as long as it took to show a room it is not shown again: up to the longest rest that
/// takes a ninth of the time, and the longer the rest is, the more readers share one frame.
const REST: u32 = 8;

/// The longest such rest: when reading is slow, everybody waits long enough.
const LONGEST_REST: Duration = Duration::from_millis(250);

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

impl Hub {
    /// Announces transitions for as long as the process lives, at most once per `window`.
    pub async fn run_announcements(self, window: Duration) {
        loop {
            let transitions = self.0.directory.next_changes().await;
            self.learn_new_texts(&transitions).await;
            self.announce(&transitions);
            tokio::time::sleep(window).await;
        }
    }

    /// Shows everybody anew what they have on screen, whenever what is known of those who are connected
    /// elsewhere stops or begins to be current; for as long as the process lives.
    pub async fn run_currency(self) {
        loop {
            let as_of = self.0.directory.next_currency().await;
            match as_of {
                Some(as_of) => tracing::warn!(%as_of, "presence_of_others_is_old"),
                None => tracing::info!("presence_of_others_is_current"),
            }
            self.show_all_anew().await;
        }
    }

    async fn show_all_anew(&self) {
        let (rooms, people) = {
            let interest = self.interest();
            let people: Vec<_> = interest.everybody().collect();
            (interest.rooms_on_screen(), people)
        };
        for room in rooms {
            self.show_room_to_all(room).await;
        }
        for person in people {
            match self.contacts_frames(person).await {
                Ok(frames) => frames.iter().for_each(|it| self.send_to_user(person, it)),
                Err(error) => tracing::warn!(%error, "snapshot_not_sent"),
            }
        }
    }

    /// Reads what people say of themselves where it is not what a transition was decided by: it was
    /// written at another server.
    async fn learn_new_texts(&self, transitions: &[Transition]) {
        let strange: Vec<_> = {
            let interest = self.interest();
            let is_strange = |it: &&Transition| {
                let profile = interest.profile(it.user);
                profile.is_some_and(|profile| note(&profile.status_text) != it.shown.note)
            };
            transitions
                .iter()
                .filter(is_strange)
                .map(|it| it.user)
                .collect()
        };
        if strange.is_empty() {
            return;
        }
        match timeout(TEXTS_WITHIN, self.learn_profiles(&strange)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "profiles_not_read"),
            Err(error) => tracing::warn!(%error, "profiles_not_read"),
        }
    }

    /// The presence of a room's people, as one of them may see it: one and the same for REST, server
    /// functions and sockets.
    ///
    /// # Errors
    /// When presence is switched off, or the members or the directory cannot be read.
    pub async fn presence_in(
        &self,
        reader: UserId,
        room: Room,
    ) -> Result<PresenceSnapshot, PresenceError> {
        let presences = self.read_room(room).await?;
        let circle = self.circle(reader).await?;
        Ok(self.view(&circle, &presences))
    }

    /// Queues the presence of a room's people for a socket that has it on screen, or that it could not be
    /// read.
    pub async fn show_room(&self, reader: ConnectionId, room: Room) {
        let showing = self.interest().ask(room, reader);
        self.show_to_all_who_ask(room, showing).await;
    }

    /// The presence of people whose profiles are known here, as somebody may see it.
    pub(super) async fn presence_of(
        &self,
        reader: &Circle,
        people: &HashSet<UserId>,
    ) -> Result<PresenceSnapshot, PresenceError> {
        let people: Vec<_> = people.iter().copied().collect();
        let presences = self.read_people(&people).await?;
        Ok(self.view(reader, &presences))
    }

    /// As [`Self::show_room`], for everybody who has it on screen.
    pub(super) async fn show_room_to_all(&self, room: Room) {
        let showing = self.interest().ask_for_all(room);
        self.show_to_all_who_ask(room, showing).await;
    }

    /// Shows a room to all who ask by then, in one's turn, unless somebody did so before: thousands who
    /// come into it at once are shown what is read and serialised for many of them at a time.
    async fn show_to_all_who_ask(&self, room: Room, showing: Option<Arc<Showing>>) {
        let Some(showing) = showing else { return };
        let mut from = showing.lock().await;
        if !self.interest().is_asked_for(room) {
            return;
        }
        if let Some(from) = *from {
            sleep_until(from).await;
        }
        let mut readers = self.interest().take_asking(room);
        let begun = Instant::now();
        while !readers.is_empty() {
            readers = self.show_to(room, readers).await;
        }
        let rest = (REST * begun.elapsed()).min(LONGEST_REST);
        *from = Some(Instant::now() + rest);
    }

    /// Shows a room as it is now. Gives those to whom it is to be shown anew, as [`Self::show_read`].
    async fn show_to(&self, room: Room, readers: HashSet<ConnectionId>) -> HashSet<ConnectionId> {
        match self.read_room(room).await {
            Ok(presences) => return self.show_read(room, readers, presences),
            Err(PresenceError::Disabled) => {}
            Err(error) => {
                tracing::warn!(?room, %error, "snapshot_not_sent");
                self.say_unread(room, &readers);
            }
        }
        HashSet::new()
    }

    /// Shows what was read of a room, serialised once for all readers who may know the same. Gives those
    /// whose circle has changed meanwhile: whoever was blocked is not told what they might have been told
    /// before. Whoever left is told nothing.
    fn show_read(
        &self,
        room: Room,
        readers: HashSet<ConnectionId>,
        presences: Vec<UserPresence>,
    ) -> HashSet<ConnectionId> {
        let mut groups: HashMap<Exceptions, Vec<(ConnectionId, Arc<Circle>)>> = HashMap::new();
        let (kept, profiles) = {
            let mut interest = self.interest();
            for id in readers {
                let watcher = interest.watcher(room, id);
                if let Some(circle) = watcher.and_then(|it| interest.circle(it.user)) {
                    let exceptions = Exceptions::of(&interest, &circle, &presences);
                    groups.entry(exceptions).or_default().push((id, circle));
                }
            }
            (interest.take_roster(room), interest.profiles_version())
        };
        let mut roster = kept
            .filter(|kept| kept.is_of(&presences, profiles))
            .unwrap_or_else(|| Roster::new(presences, profiles));
        let mut again = HashSet::new();
        for (exceptions, readers) in groups {
            let frame = roster.frame(&exceptions, |presences| {
                // Not by what one of them may know: somebody may since have chosen to show their friends more.
                let snapshot = self.view(&exceptions.circle(), presences);
                Outgoing::new(Kind::Reliable, &snapshot_frame(room, snapshot))
            });
            let interest = self.interest();
            for (id, circle) in readers {
                match interest.watcher(room, id) {
                    Some(watcher) if interest.is_circle(watcher.user, &circle) => {
                        self.push(&watcher.queue, frame.clone());
                    }
                    Some(_) => drop(again.insert(id)),
                    None => {}
                }
            }
        }
        self.interest().keep_roster(room, roster);
        again
    }

    /// Says that a room could not be read.
    fn say_unread(&self, room: Room, readers: &HashSet<ConnectionId>) {
        let frame = ServerFrame::Error {
            code: ErrorCode::Unavailable,
            message: "presence could not be read".to_owned(),
            client_id: None,
            chat_id: match room {
                Room::Chat(chat_id) => Some(chat_id),
                Room::Workspace(_) => None,
            },
        };
        let frame = Outgoing::new(Kind::Reliable, &frame);
        let interest = self.interest();
        for watcher in readers.iter().filter_map(|id| interest.watcher(room, *id)) {
            self.push(&watcher.queue, frame.clone());
        }
    }

    /// Sends each of a person's tabs what it has on screen anew.
    pub(super) async fn refresh_rooms_of(&self, user: UserId) {
        let showing = {
            let mut interest = self.interest();
            let sockets: Vec<_> = interest.sockets_of(user).map(|(id, _)| id).collect();
            let mut showing = HashMap::new();
            for id in sockets {
                for room in interest.watched(id) {
                    showing.insert(room, interest.ask(room, id));
                }
            }
            showing
        };
        for (room, showing) in showing {
            self.show_to_all_who_ask(room, showing).await;
        }
    }

    /// The presence of a room's people, whoever may see it.
    async fn read_room(&self, room: Room) -> Result<Vec<UserPresence>, PresenceError> {
        self.directory()?;
        let members = self.members(room).await?;
        let people: Vec<_> = members.ids().collect();
        self.read_people(&people).await
    }

    /// The presence of people. Changes of those whom somebody here is shown are heard of from before it
    /// is read: whoever is to hear of them is to be known before.
    async fn read_people(&self, people: &[UserId]) -> Result<Vec<UserPresence>, PresenceError> {
        let directory = self.directory()?;
        self.listen_to_people(people).await;
        Ok(directory.snapshot(people).await?)
    }

    /// Who is online, unless presence is switched off.
    fn directory(&self) -> Result<&dyn Directory, PresenceError> {
        if self.0.is_presence_enabled {
            Ok(&*self.0.directory)
        } else {
            Err(PresenceError::Disabled)
        }
    }

    /// What somebody may know of people, online first, then by name.
    fn view(&self, reader: &Circle, presences: &[UserPresence]) -> PresenceSnapshot {
        let mut users: Vec<_> = {
            let interest = self.interest();
            let seen = |presence: &UserPresence| {
                let profile = interest.profile(presence.user)?;
                let sight = reader.sight(presence.user, profile.audience);
                Some(entry(profile, presence, sight))
            };
            presences.iter().filter_map(seen).collect()
        };
        users.sort_by_cached_key(|entry| {
            let name = entry.display_name.to_lowercase();
            (!entry.is_online, name, entry.user_id)
        });
        PresenceSnapshot {
            epoch: self.0.directory.epoch(),
            version: users.iter().map(|entry| entry.version).max().unwrap_or(0),
            users,
        }
    }

    /// Announces transitions to those who are interested and may know: each change once to each
    /// connection, all of a window in one frame, serialised once for all who are told the same.
    fn announce(&self, transitions: &[Transition]) {
        self.measure(transitions);
        let gone = transitions
            .iter()
            .filter(|transition| transition.before.is_online && !transition.is_online());
        self.0
            .last_seen
            .record(gone.filter_map(|transition| Some((transition.user, transition.last_seen?))));
        if !self.0.is_presence_enabled {
            return;
        }
        let made: Vec<_> = transitions.iter().map(|it| self.made(it)).collect();
        let interest = self.interest();
        let people: Vec<_> = transitions.iter().map(|it| it.user).collect();
        for Audience { about, sockets } in interest.audiences(&people) {
            let since = about.keys().map(|place| made[*place]).min();
            let changes = about.into_iter().filter_map(|(place, sees_last_seen)| {
                let transition = &transitions[place];
                let profile = interest.profile(transition.user)?;
                Some(self.change(profile, transition, sees_last_seen))
            });
            if let Some((frame, since)) = frame_of(changes.collect()).zip(since) {
                let frame = Outgoing::new(Kind::Presence { since }, &frame);
                self.tell(sockets.into_iter(), &frame);
            }
        }
    }

    /// When a transition was made, wherever that was.
    fn made(&self, transition: &Transition) -> Instant {
        let now = Instant::now();
        let age = self.0.directory.age(transition.at);
        now.checked_sub(age).unwrap_or(now)
    }

    /// Counts what is announced, and how much of it is wrong: whoever has a socket here is online.
    fn measure(&self, transitions: &[Transition]) {
        let metrics = &self.0.metrics;
        for transition in transitions {
            let Transition {
                user,
                before,
                shown,
                reason,
                ..
            } = transition;
            metrics.transition(before, shown, reason.as_str());
            self.0.recent.note(*transition);
            let is_here = || {
                let interest = self.interest();
                interest.sockets_of(*user).any(|(_, it)| !it.is_closing)
            };
            if *reason == TransitionReason::GraceExpired && is_here() {
                tracing::error!(%user, version = transition.version, "false_offline");
                metrics.false_offline();
            }
        }
    }

    fn change(
        &self,
        profile: &Profile,
        transition: &Transition,
        sees_last_seen: bool,
    ) -> PresenceChange {
        PresenceChange {
            user_id: transition.user,
            display_name: profile.display_name.clone(),
            is_online: transition.shown.is_online,
            availability: transition.shown.availability,
            status_text: profile.status_text.clone(),
            last_seen: transition.last_seen.filter(|_| sees_last_seen),
            epoch: self.0.directory.epoch(),
            version: transition.version,
        }
    }
}

/// One frame for all changes of a window.
fn frame_of(mut changes: Vec<PresenceChange>) -> Option<ServerFrame> {
    match changes.len() {
        0 | 1 => changes.pop().map(ServerFrame::PresenceChanged),
        _ => Some(ServerFrame::PresenceBatch { changes }),
    }
}

#[cfg(test)]
mod tests;
