//! The task that writes.

use super::{Author, Change, Command, Publisher, WriteError};
use crate::{clock::Clock, hub::Hub, metrics::Metrics};
use protocol::{Message, NotificationId};
use std::mem;
use store::{Appended, NewMessage, Store, StoreError};
use tokio::{select, sync::mpsc, time::Instant};
use uuid::Uuid;

/// Commands that share one transaction, and messages of other servers that are looked at together.
const BATCH: usize = 128;

pub(super) struct Task {
    pub(super) store: Store,
    pub(super) hub: Hub,
    pub(super) publisher: Publisher,
    pub(super) metrics: Metrics,
    pub(super) clock: Clock,
}

type Append = (NewMessage, Author);

impl Task {
    pub(super) async fn run(
        mut self,
        mut waiting: mpsc::Receiver<Command>,
        mut news: mpsc::Receiver<Message>,
    ) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut heard = Vec::with_capacity(BATCH);
        // Both end with the last writer; what waits to be written is written all the same.
        let mut is_told = true;
        loop {
            select! {
                count = waiting.recv_many(&mut batch, BATCH) => {
                    if count == 0 {
                        return;
                    }
                    self.obey(mem::take(&mut batch)).await;
                }
                count = news.recv_many(&mut heard, BATCH), if is_told => {
                    is_told = count > 0;
                    self.publisher.publish(heard.drain(..)).await;
                }
                () = self.publisher.time_to_look() => self.publisher.look().await,
            }
        }
    }

    async fn obey(&mut self, commands: Vec<Command>) {
        let mut appends: Vec<Append> = Vec::new();
        for command in commands {
            match command {
                Command::Append { message, author } => appends.push((message, author)),
                Command::Change { change, answer } => {
                    self.append(mem::take(&mut appends)).await;
                    let changed = self.apply(change).await;
                    // Whoever asked may have gone; what was written is published all the same.
                    let _ = answer.send(changed);
                }
            }
        }
        self.append(appends).await;
    }

    async fn append(&mut self, appends: Vec<Append>) {
        if appends.is_empty() {
            return;
        }
        let (messages, authors): (Vec<_>, Vec<_>) = appends.into_iter().unzip();
        let new_id = || NotificationId::from_uuid(Uuid::now_v7());
        let began = Instant::now();
        match self.store.append(messages, new_id).await {
            Ok(appended) => {
                self.metrics.messages_written(began.elapsed());
                for (appended, author) in appended.into_iter().zip(authors) {
                    let result = match appended {
                        Appended::Stored { message, noted } => {
                            self.metrics.message_stored();
                            self.publisher.publish_own(message.clone()).await;
                            self.hub.noted(noted);
                            Ok(message)
                        }
                        Appended::Duplicate(message) => Ok(message),
                        Appended::NotMember => Err(WriteError::NotMember),
                        Appended::NotInChat { display_name, .. } => {
                            Err(WriteError::NotInChat { display_name })
                        }
                        Appended::Blocked => Err(WriteError::Blocked),
                        Appended::BadValue => Err(StoreError::BadValue { what: "message" }.into()),
                    };
                    let _ = author.answer.send(result);
                }
            }
            Err(error) => {
                let beneath = std::error::Error::source(&error).map(ToString::to_string);
                for Author { answer, span } in authors {
                    // One cause, many senders: each is named, and may try again.
                    span.in_scope(
                        || tracing::error!(%error, cause = beneath, "message_not_stored"),
                    );
                    let cause = error.to_string().into();
                    let _ = answer.send(Err(StoreError::Unavailable { cause }.into()));
                }
            }
        }
    }

    async fn apply(&mut self, change: Change) -> Result<Option<Message>, WriteError> {
        let at = self.clock.now();
        let changed = match change {
            Change::Edit {
                chat,
                id,
                author,
                text,
            } => {
                let edited = self.store.edit_message(chat, id, author, &text, at);
                edited.await?
            }
            Change::Delete { chat, id, by } => self.store.delete_message(chat, id, by, at).await?,
        };
        if let Some(message) = &changed {
            self.publisher.publish_own(message.clone()).await;
        }
        Ok(changed)
    }
}
