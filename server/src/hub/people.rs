//! Whom people know, and what they have chosen: loaded with their first socket, and again whenever it
//! changes.

use super::{Circle, Hub, Kind, Outgoing, PresenceError, Profile, choice, profile_of};
use crate::nodes::Event;
use ::presence::{OpenError, Registration};
use protocol::{PresenceSnapshot, ServerFrame, User, UserId};
use std::sync::Arc;
use store::{OwnStatus, Person, StoreError};
use tokio::join;

/// Why a socket could not be opened to presence.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// Whom the person knows could not be read.
    #[error(transparent)]
    Unknown(#[from] PresenceError),
    /// Presence did not take the connection.
    #[error(transparent)]
    NotOpened(#[from] OpenError),
}

impl From<StoreError> for EnterError {
    fn from(error: StoreError) -> Self {
        Self::Unknown(error.into())
    }
}

impl Hub {
    /// Opens somebody's socket to presence once it is known what they have chosen, and makes known whom
    /// they know before anything is told to it: from its first moment nobody is told what is not for
    /// them. What other servers tell is waited for meanwhile: a slow Redis must not use up the grace of
    /// somebody who comes from one of them.
    ///
    /// # Errors
    /// When the store or the directory cannot be reached, or the connection may not count.
    pub async fn enter(&self, registration: Registration) -> Result<(), EnterError> {
        let (directory, user) = (&self.0.directory, registration.user);
        if self.interest().circle(user).is_some() {
            directory.open(registration).await?;
            return Ok(());
        }
        self.listen_to(user);
        let load = self.interest().begin_load();
        let (circle, own) = self.load_circle(user).await?;
        directory.expect(user, choice(&own));
        let get_to_know = async {
            if !self.hear_of(user).await? {
                self.interest().finish_circle(load, user, circle);
                return Ok(());
            }
            // What changed before it was heard of is read anew.
            self.get_to_know(user, own.version).await
        };
        let (opened, known) = join!(directory.open(registration), get_to_know);
        opened?;
        Ok(known?)
    }

    /// Whom somebody knows, of whom everything is heard; and what they have chosen, if they did so anew
    /// since it had this version.
    async fn get_to_know(&self, user: UserId, version: u64) -> Result<(), PresenceError> {
        let load = self.interest().begin_load();
        let (circle, own) = self.load_circle(user).await?;
        if own.version != version {
            self.0.directory.choose(user, choice(&own)).await?;
        }
        self.interest().finish_circle(load, user, circle);
        Ok(())
    }

    /// Whom a person knows and what they show.
    ///
    /// # Errors
    /// When they have no socket and the store cannot be read.
    pub async fn circle(&self, user: UserId) -> Result<Arc<Circle>, StoreError> {
        let known = self.interest().circle(user);
        match known {
            Some(circle) => Ok(circle),
            None => Ok(Arc::new(self.load_circle(user).await?.0)),
        }
    }

    /// Whom a person knows has changed, or to whom they show what: their tabs are told of it, and what
    /// they have on screen anew.
    ///
    /// # Errors
    /// When the store or the directory cannot be read; what has been told then stays told.
    pub async fn circle_changed(&self, user: UserId) -> Result<(), PresenceError> {
        self.0.nodes.tell(Event::CircleChanged(user));
        self.show_circle(user).await
    }

    pub(super) async fn show_circle(&self, user: UserId) -> Result<(), PresenceError> {
        if self.count_of(user) == 0 {
            return Ok(());
        }
        let load = self.interest().begin_load();
        let (circle, _) = self.load_circle(user).await?;
        let relations = self.0.store.relations(user).await?;
        if !self.interest().finish_circle(load, user, circle) {
            return Ok(());
        }
        let mut frames = vec![ServerFrame::Relations(relations)];
        frames.extend(self.contacts_frames(user).await?);
        {
            let interest = self.interest();
            // Whoever changed it meanwhile tells of it.
            if !interest.is_loaded_by(load, user) {
                return Ok(());
            }
            for frame in &frames {
                let frame = Outgoing::new(Kind::Reliable, frame);
                self.tell(interest.sockets_of(user), &frame);
            }
        }
        self.refresh_rooms_of(user).await;
        Ok(())
    }

    /// Friends and the people of direct chats, as somebody is told of them; nothing where presence is
    /// switched off.
    ///
    /// # Errors
    /// When the store or the directory cannot be read.
    pub async fn contacts_frames(&self, user: UserId) -> Result<Vec<ServerFrame>, PresenceError> {
        let friends = match self.friends_presence(user).await {
            Ok(friends) => ServerFrame::FriendsSnapshot(friends.into()),
            Err(PresenceError::Disabled) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let PresenceSnapshot {
            users,
            epoch,
            version,
        } = self.partners_presence(user).await?;
        let partners = ServerFrame::DirectUsers {
            users,
            epoch,
            version,
        };
        Ok(vec![friends, partners])
    }

    /// The presence of a person's friends.
    ///
    /// # Errors
    /// When presence is switched off, or the store or the directory cannot be read.
    pub async fn friends_presence(&self, user: UserId) -> Result<PresenceSnapshot, PresenceError> {
        let circle = self.circle(user).await?;
        self.presence_of(&circle, &circle.friends).await
    }

    /// The presence of the people of somebody's direct chats.
    ///
    /// # Errors
    /// As [`Self::friends_presence`].
    pub async fn partners_presence(&self, user: UserId) -> Result<PresenceSnapshot, PresenceError> {
        let circle = self.circle(user).await?;
        self.presence_of(&circle, &circle.partners).await
    }

    /// What a person shows of themselves has changed from `before` to `now`, as stored: others are
    /// shown it, and their own tabs told.
    ///
    /// # Errors
    /// When the store or the directory cannot be reached.
    pub async fn status_changed(
        &self,
        person: &User,
        before: Option<&OwnStatus>,
        now: &OwnStatus,
    ) -> Result<(), PresenceError> {
        let user = person.user_id;
        {
            let mut interest = self.interest();
            let last_seen = interest.profile(user).and_then(|known| known.last_seen);
            let profile = Profile {
                display_name: person.display_name.clone(),
                status_text: now.status.text.clone(),
                audience: now.audience,
                version: now.version,
                last_seen,
            };
            interest.learn([(user, profile)]);
            interest.choose(user, now);
        }
        // What is new in the directory is taken for what others have been shown already.
        for known in before.into_iter().chain([now]) {
            self.0.directory.choose(user, choice(known)).await?;
        }
        self.0.nodes.tell(Event::StatusChanged(user));
        self.0.nodes.tell(Event::ProfileChanged(user));
        let frame = ServerFrame::StatusChanged(now.status.clone());
        self.send_to_user(user, &frame);
        Ok(())
    }

    /// Somebody with sockets here has chosen what to show, elsewhere.
    pub(super) async fn show_status(&self, user: UserId) -> Result<(), PresenceError> {
        let own = self.0.store.status(user).await?;
        let own = own.ok_or(StoreError::NotFound)?;
        self.interest().choose(user, &own);
        self.0.directory.choose(user, choice(&own)).await?;
        self.send_to_user(user, &ServerFrame::StatusChanged(own.status));
        Ok(())
    }

    /// Reads whom a person knows, and what these are called and show.
    async fn load_circle(&self, user: UserId) -> Result<(Circle, OwnStatus), StoreError> {
        let store::Circle {
            friends,
            partners,
            blocked,
            own,
        } = self.0.store.circle(user).await?;
        let ids = |people: &[Person]| people.iter().map(|person| person.user_id).collect();
        let circle = Circle {
            friends: ids(&friends),
            partners: ids(&partners),
            blocked: blocked.into_iter().collect(),
            chosen: (&own).into(),
        };
        let contacts = friends.into_iter().chain(partners);
        self.interest().learn(contacts.map(profile_of));
        Ok((circle, own))
    }
}
