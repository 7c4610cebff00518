//! The one place where messages are written, and where sockets are told of them.
//!
//! One task takes whatever waits, stores it in one transaction (group commit: many senders share one
//! write to disk), and only then answers and publishes, in the order of the offsets. So what is
//! acknowledged is on disk, and no socket ever sees offsets out of order, also of what other servers
//! have written.

mod publisher;
mod task;
mod told;

use crate::{
    clock::Clock,
    hub::Hub,
    metrics::{FullQueue, Metrics},
    nodes::Nodes,
};
use protocol::{ChatId, Message, MessageId, ServerFrame, UserId};
use publisher::Publisher;
use store::{NewMessage, Store, StoreError};
use task::Task;
use tokio::sync::{mpsc, oneshot};
use tracing::Span;

/// Messages of other servers that may wait; past it they are found in the store.
const HEARD: usize = 1_024;

/// Commands that may wait; past it senders are told that the server is busy.
const QUEUE: usize = 1_024;

/// Hands messages to the writer task; cheap to clone.
#[derive(Clone, Debug)]
pub struct Writer {
    commands: mpsc::Sender<Command>,
    heard: mpsc::Sender<Message>,
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
        author: Author,
    },
    Change {
        change: Change,
        answer: oneshot::Sender<Result<Option<Message>, WriteError>>,
    },
}

/// Who waits for a message to be stored.
#[derive(Debug)]
struct Author {
    answer: oneshot::Sender<Result<Message, WriteError>>,
    /// What names their request in the log.
    span: Span,
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
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn new(
        store: Store,
        hub: Hub,
        nodes: Nodes,
        metrics: Metrics,
        clock: Clock,
    ) -> Result<(Self, impl Future<Output = ()> + Send), StoreError> {
        let (commands, waiting) = mpsc::channel(QUEUE);
        let (heard, news) = mpsc::channel(HEARD);
        let publisher = Publisher::new(store.clone(), hub.clone(), nodes).await?;
        let writer = Self {
            commands,
            heard,
            metrics: metrics.clone(),
        };
        let task = Task {
            store,
            hub,
            publisher,
            metrics,
            clock,
        };
        Ok((writer, task.run(waiting, news)))
    }

    /// Another server has told of a message. One that is lost on the way is found in the store.
    pub fn hear(&self, message: Message) {
        drop(self.heard.try_send(message));
    }

    /// Stores a message and publishes it. One that was stored before under the same author and
    /// client id is returned as it is, and nothing is published.
    ///
    /// # Errors
    /// When the author is not in the chat, too much waits, or the store fails. Nothing is stored then.
    ///
    /// The message takes its place in the order when this is called, not when the answer is awaited; and
    /// what the log says of it bears the name of the request in which it is called.
    pub fn append(
        &self,
        message: NewMessage,
    ) -> impl Future<Output = Result<Message, WriteError>> + Send + use<> {
        let span = Span::current();
        let answered = self.submit(|answer| Command::Append {
            message,
            author: Author { answer, span },
        });
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

/// A message as the frame by which those are told who know all changes up to `since`: only the newest
/// form matters.
#[must_use]
pub fn frame_of(message: Message, since: u64) -> ServerFrame {
    if message.deleted_at.is_some() {
        ServerFrame::MessageDeleted(message)
    } else if message.sequence > since {
        ServerFrame::MessageCreated(message)
    } else {
        ServerFrame::MessageUpdated(message)
    }
}
