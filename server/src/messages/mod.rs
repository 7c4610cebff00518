//! The one place where messages are written.
//!
//! One task takes whatever waits, stores it in one transaction (group commit: many senders share one
//! write to disk), and only then answers and publishes, in the order of the offsets. So what is
//! acknowledged is on disk, and no socket ever sees offsets out of order.

use crate::{
    clock::Clock,
    hub::Hub,
    metrics::{FullQueue, Metrics},
};
use protocol::{ChatId, CloseCode, Message, MessageId, NotificationId, Room, ServerFrame, UserId};
use store::{Appended, NewMessage, Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Commands that may wait; past it senders are told that the server is busy.
const QUEUE: usize = 1_024;
/// Commands that share one transaction.
const BATCH: usize = 128;

/// Hands messages to the writer task; cheap to clone.
#[derive(Clone, Debug)]
pub struct Writer {
    commands: mpsc::Sender<Command>,
    metrics: Metrics,
}

/// Why a message was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The author does not belong to the chat, or there is none of that id.
    #[error("there is no such chat")]
    NotMember,
    /// It mentions somebody of the workspace who would not see it.
    #[error(
        "{display_name} is not in this chat. Add them first, or write their name without the @."
    )]
    NotInChat {
        /// What they are called.
        display_name: String,
    },
    /// It is for one person, and one has blocked the other.
    #[error("This message cannot be delivered: one of you has blocked the other.")]
    Blocked,
    /// Too much waits to be written.
    #[error("the server is busy; try again in a moment")]
    Busy,
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug)]
enum Command {
    Append {
        message: NewMessage,
        answer: oneshot::Sender<Result<Message, WriteError>>,
    },
    Change {
        change: Change,
        answer: oneshot::Sender<Result<Option<Message>, WriteError>>,
    },
}

#[derive(Debug)]
enum Change {
    Edit {
        chat: ChatId,
        id: MessageId,
        author: UserId,
        text: String,
    },
    Delete {
        chat: ChatId,
        id: MessageId,
        by: UserId,
    },
}

impl Writer {
    /// A writer and the task that does the writing, to be spawned by the caller. The task ends when
    /// every clone of the writer is gone and all that waited is written.
    pub fn new(
        store: Store,
        hub: Hub,
        metrics: Metrics,
        clock: Clock,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (commands, waiting) = mpsc::channel(QUEUE);
        (
            Self {
                commands,
                metrics: metrics.clone(),
            },
            Task {
                store,
                hub,
                metrics,
                clock,
            }
            .run(waiting),
        )
    }

    /// Stores a message and publishes it. One that was stored before under the same author and
    /// client id is returned as it is, and nothing is published.
    ///
    /// # Errors
    /// When the author is not in the chat, too much waits, or the store fails. Nothing is stored then.
    ///
    /// The message takes its place in the order when this is called, not when the answer is awaited.
    pub fn append(
        &self,
        message: NewMessage,
    ) -> impl Future<Output = Result<Message, WriteError>> + Send + use<> {
        let answered = self.submit(|answer| Command::Append { message, answer });
        async { answered?.await.map_err(|_| WriteError::Busy)? }
    }

    /// Changes the text of the author's own message; nothing when there is no such message.
    ///
    /// # Errors
    /// When too much waits or the store fails.
    pub async fn edit(
        &self,
        chat: ChatId,
        id: MessageId,
        author: UserId,
        text: String,
    ) -> Result<Option<Message>, WriteError> {
        self.change(Change::Edit {
            chat,
            id,
            author,
            text,
        })
        .await
    }

    /// Deletes one's own message; nothing when there is no such message.
    ///
    /// # Errors
    /// When too much waits or the store fails.
    pub async fn delete(
        &self,
        chat: ChatId,
        id: MessageId,
        by: UserId,
    ) -> Result<Option<Message>, WriteError> {
        self.change(Change::Delete { chat, id, by }).await
    }

    async fn change(&self, change: Change) -> Result<Option<Message>, WriteError> {
        self.submit(|answer| Command::Change { change, answer })?
            .await
            .map_err(|_| WriteError::Busy)?
    }

    fn submit<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<T>) -> Command,
    ) -> Result<oneshot::Receiver<T>, WriteError> {
        let (answer, answered) = oneshot::channel();
        self.commands.try_send(command(answer)).map_err(|_| {
            self.metrics.refused(FullQueue::Messages);
            WriteError::Busy
        })?;
        Ok(answered)
    }
}

struct Task {
    store: Store,
    hub: Hub,
    metrics: Metrics,
    clock: Clock,
}

type Append = (NewMessage, oneshot::Sender<Result<Message, WriteError>>);

impl Task {
    async fn run(self, mut waiting: mpsc::Receiver<Command>) {
        let mut batch = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut batch, BATCH).await > 0 {
            let mut appends: Vec<Append> = Vec::new();
            for command in batch.drain(..) {
                match command {
                    Command::Append { message, answer } => appends.push((message, answer)),
                    Command::Change { change, answer } => {
                        self.append(std::mem::take(&mut appends)).await;
                        let changed = self.apply(change).await;
                        // Whoever asked may have gone; what was written is published all the same.
                        let _ = answer.send(changed);
                    }
                }
            }
            self.append(appends).await;
        }
    }

    async fn append(&self, appends: Vec<Append>) {
        if appends.is_empty() {
            return;
        }
        let (messages, answers): (Vec<_>, Vec<_>) = appends.into_iter().unzip();
        let new_id = || NotificationId::from_uuid(Uuid::now_v7());
        match self.store.append(messages, new_id).await {
            Ok(appended) => {
                for (appended, answer) in appended.into_iter().zip(answers) {
                    let result = match appended {
                        Appended::Stored { message, noted } => {
                            self.metrics.message_stored();
                            self.publish(&message, ServerFrame::MessageCreated).await;
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
                    let _ = answer.send(result);
                }
            }
            Err(error) => {
                tracing::error!(%error, messages = answers.len(), "messages_not_stored");
                for answer in answers {
                    // One cause, many senders: each may try again.
                    let cause = error.to_string().into();
                    let _ = answer.send(Err(StoreError::Unavailable { cause }.into()));
                }
            }
        }
    }

    async fn apply(&self, change: Change) -> Result<Option<Message>, WriteError> {
        let at = self.clock.now();
        let (changed, frame): (_, fn(Message) -> ServerFrame) = match change {
            Change::Edit {
                chat,
                id,
                author,
                text,
            } => (
                self.store.edit_message(chat, id, author, &text, at).await?,
                ServerFrame::MessageUpdated,
            ),
            Change::Delete { chat, id, by } => (
                self.store.delete_message(chat, id, by, at).await?,
                ServerFrame::MessageDeleted,
            ),
        };
        if let Some(message) = &changed {
            self.publish(message, frame).await;
        }
        Ok(changed)
    }

    async fn publish(&self, message: &Message, frame: fn(Message) -> ServerFrame) {
        match self.hub.members(Room::Chat(message.chat_id)).await {
            Ok(members) => self.hub.publish(&members, message, &frame(message.clone())),
            // On disk but untold. A later offset would hide the gap, so every socket starts over
            // from the last one that it has.
            Err(error) => {
                tracing::error!(%error, message = %message.id, "message_not_published");
                self.hub.close_all(
                    CloseCode::TRY_AGAIN_LATER,
                    "a message could not be delivered",
                );
            }
        }
    }
}
