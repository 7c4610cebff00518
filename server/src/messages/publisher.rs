//! Tells sockets of messages, in the order of the offsets.
//!
//! What others have written is heard of as they tell it, at best in order, at worst not at all. So
//! each offset is told only when all smaller ones are known: where one is missing, the store is asked.
//! It has them all, because a larger offset stands there only after every smaller one.

use super::{frame_of, told::Told};
use crate::{
    hub::Hub,
    nodes::{Event, Nodes},
};
use protocol::{ChatId, Message, Room};
use std::{collections::BTreeMap, future::pending, time::Duration};
use store::{Store, StoreError};
use tokio::time::{Instant, sleep_until};

/// How often the store is asked for what nobody has told.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Messages that wait for their turn; past it all of them are read from the store.
const EARLY: usize = 4_096;
/// Changes that are read at once.
const AT_ONCE: usize = 1_000;

/// Tells sockets of messages, in the order of the offsets.
pub(super) struct Publisher {
    store: Store,
    hub: Hub,
    nodes: Nodes,
    told: Told,
    /// Messages heard of before their turn.
    early: BTreeMap<u64, Message>,
    look_at: Instant,
    /// Something could not be told yet.
    is_behind: bool,
}

impl Publisher {
    /// Sockets that come later know everything until now.
    pub(super) async fn new(store: Store, hub: Hub, nodes: Nodes) -> Result<Self, StoreError> {
        Ok(Self {
            told: Told::until(store.newest_offset().await?),
            store,
            hub,
            nodes,
            early: BTreeMap::new(),
            look_at: Instant::now() + LOOK_EVERY,
            is_behind: false,
        })
    }

    /// This server has stored a change.
    pub(super) async fn publish_own(&mut self, message: Message) {
        self.nodes.tell(Event::Message(Box::new(message.clone())));
        self.publish([message]).await;
    }

    /// When the store is to be asked; never, as long as nothing can be missing.
    pub(super) async fn time_to_look(&self) {
        if self.is_behind || self.nodes.are_possible() {
            sleep_until(self.look_at).await;
        } else {
            pending::<()>().await;
        }
    }

    /// Tells what the store has and nobody has told.
    pub(super) async fn look(&mut self) {
        self.look_at = Instant::now() + LOOK_EVERY;
        let caught_up = match self.store.newest_offset().await {
            Ok(newest) => self.tell_until(newest).await,
            Err(error) => Err(error),
        };
        self.note(caught_up);
    }

    /// Changes are known, in any order and perhaps not all.
    pub(super) async fn publish(&mut self, messages: impl IntoIterator<Item = Message>) {
        if self.early.len() >= EARLY {
            // They are in the store, which does not answer.
            self.early.clear();
        }
        let told = self.told.offset();
        let messages = messages.into_iter().filter(|it| it.offset > told);
        self.early.extend(messages.map(|it| (it.offset, it)));
        let Some((&newest, _)) = self.early.last_key_value() else {
            return;
        };
        let caught_up = self.tell_until(newest).await;
        self.note(caught_up);
    }

    async fn tell_until(&mut self, newest: u64) -> Result<(), StoreError> {
        while self.told.offset() < newest {
            let next = self.told.offset() + 1;
            if let Some(message) = self.early.get(&next).cloned() {
                self.tell(message).await?;
                continue;
            }
            let until = self
                .early
                .first_key_value()
                .map_or(newest, |(at, _)| at - 1);
            let missing = self
                .store
                .changes_between(self.told.offset(), until, AT_ONCE)
                .await?;
            let is_all = missing.len() < AT_ONCE;
            for (offset, chat) in missing {
                self.tell_missing(offset, chat).await?;
            }
            if is_all {
                self.pass(until);
            }
        }
        Ok(())
    }

    async fn tell_missing(&mut self, offset: u64, chat: ChatId) -> Result<(), StoreError> {
        if self.nodes.are_possible() && !self.hub.hears(Room::Chat(chat)) {
            self.pass(offset);
            return Ok(());
        }
        // What is known here may be older than the message.
        let members = self.hub.newest_members(Room::Chat(chat)).await?;
        if self.hub.has_sockets_of(&members)
            && let Some(message) = self.store.change_at(offset).await?
        {
            return self.tell(message).await;
        }
        self.pass(offset);
        Ok(())
    }

    async fn tell(&mut self, message: Message) -> Result<(), StoreError> {
        let members = self.hub.members(Room::Chat(message.chat_id)).await?;
        let since = self.told.tell(&message);
        let frame = frame_of(message.clone(), since);
        self.hub.publish(&members, &message, &frame);
        self.forget_told();
        Ok(())
    }

    fn pass(&mut self, until: u64) {
        self.told.pass(until);
        self.forget_told();
    }

    fn forget_told(&mut self) {
        self.early = self.early.split_off(&(self.told.offset() + 1));
    }

    /// What could not be told is told when the store answers again: nothing after it is told before.
    fn note(&mut self, caught_up: Result<(), StoreError>) {
        let was_behind = self.is_behind;
        self.is_behind = caught_up.is_err();
        match caught_up {
            Err(error) if !was_behind => tracing::error!(%error, "messages_not_published"),
            Err(_) => {}
            Ok(()) if was_behind => tracing::info!("messages_published_again"),
            Ok(()) => {}
        }
    }
}
