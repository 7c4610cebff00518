//! Other servers: what they are told, and what is heard of them.
//!
//! What is told goes only to servers that listen, and these listen to what concerns somebody with a
//! socket there. Nothing that must arrive rests on it: messages lie in the database, where each
//! server looks as well, and whoever may have missed something looks at all.

mod deaf;
mod event;
mod hear;
mod witness;

pub use deaf::run as run_deaf;
pub use event::{Channel, Event};
pub use hear::run as run_hearing;
pub use witness::run as run_witness;

use ::redis_link::{Link, Unreachable, redis};
use protocol::NodeId;
use serde::{Deserialize, Serialize};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::mpsc;

/// What may wait to be told; past it others are told that they have missed something.
const WAITING: usize = 8_192;
/// So much travels in one request.
const AT_ONCE: usize = 128;

/// The way to other servers, if there may be any; cheap to clone.
#[derive(Clone, Debug)]
pub struct Nodes(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    link: Arc<Link>,
    prefix: String,
    me: NodeId,
    outbox: mpsc::Sender<Event>,
    /// Something was not told.
    is_untold: AtomicBool,
}

/// What is heard of other servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// One has told something.
    Event(Event),
    /// Something may have been missed.
    Gap,
}

/// What one server hears of another, as it travels.
#[derive(Debug, Deserialize)]
pub struct Received {
    /// Who tells it.
    pub from: NodeId,
    /// What.
    pub event: Event,
}

#[derive(Serialize)]
struct Sent<'a> {
    from: NodeId,
    event: &'a Event,
}

impl Nodes {
    /// This server is the only one.
    #[must_use]
    pub const fn alone() -> Self {
        Self(None)
    }

    /// There may be others at the end of this link; and the task that tells them, to be spawned by the
    /// caller. `prefix` tells installations apart.
    pub fn at(
        link: Arc<Link>,
        prefix: String,
        me: NodeId,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (outbox, waiting) = mpsc::channel(WAITING);
        let inner = Arc::new(Inner {
            link,
            prefix,
            me,
            outbox,
            is_untold: AtomicBool::new(false),
        });
        let nodes = Self(Some(Arc::clone(&inner)));
        nodes.listen(&[Channel::All]);
        (nodes, inner.run(waiting))
    }

    /// Whether there may be others.
    #[must_use]
    pub const fn are_possible(&self) -> bool {
        self.0.is_some()
    }

    /// Tells others. Never waits: what cannot be told, others find when they look.
    pub fn tell(&self, event: Event) {
        if let Some(inner) = &self.0
            && inner.outbox.try_send(event).is_err()
        {
            inner.is_untold.store(true, Ordering::Relaxed);
        }
    }

    /// From now on hears what is told there. Does not wait for anything.
    pub fn listen(&self, channels: &[Channel]) {
        if let Some(inner) = &self.0 {
            inner.link.subscribe(&inner.names(channels));
        }
    }

    /// Hears no more of what is told there.
    pub fn listen_no_more(&self, channels: &[Channel]) {
        if let Some(inner) = &self.0 {
            inner.link.unsubscribe(&inner.names(channels));
        }
    }

    /// Waits until all that is to be heard is heard. When others cannot be reached, what they tell
    /// meanwhile is found later.
    pub async fn all_ears(&self) {
        if let Some(inner) = &self.0 {
            let _: Result<(), Unreachable> = inner.link.subscribed().await;
        }
    }

    /// Waits for what is heard next; for ever, when alone. For one consumer.
    pub async fn heard(&self) -> Heard {
        let Some(inner) = &self.0 else {
            return std::future::pending().await;
        };
        loop {
            match inner.link.heard().await {
                redis_link::Heard::Gap => return Heard::Gap,
                redis_link::Heard::Message { payload, .. } => {
                    match serde_json::from_slice::<Received>(&payload) {
                        Ok(Received { from, .. }) if from == inner.me => {}
                        Ok(Received {
                            event: Event::Untold,
                            ..
                        }) => return Heard::Gap,
                        Ok(Received { event, .. }) => return Heard::Event(event),
                        // Of another version, which may mean anything.
                        Err(error) => {
                            tracing::warn!(%error, "not_understood");
                            return Heard::Gap;
                        }
                    }
                }
            }
        }
    }

    /// Others are told, once they can be reached, if they have missed something of this server.
    pub fn own_up(&self) {
        if let Some(inner) = &self.0
            && inner.is_untold.swap(false, Ordering::Relaxed)
        {
            self.tell(Event::Untold);
        }
    }

    /// The link to the others, if there may be any.
    #[must_use]
    pub fn link(&self) -> Option<&Arc<Link>> {
        Some(&self.0.as_ref()?.link)
    }
}

impl Inner {
    async fn run(self: Arc<Self>, mut waiting: mpsc::Receiver<Event>) {
        let mut batch = Vec::with_capacity(AT_ONCE);
        while waiting.recv_many(&mut batch, AT_ONCE).await > 0 {
            if self.is_untold.swap(false, Ordering::Relaxed) {
                batch.push(Event::Untold);
            }
            let mut questions = redis::pipe();
            for event in &batch {
                self.publish(&mut questions, event);
            }
            batch.clear();
            if self.link.ask(&questions).await.is_err() {
                self.is_untold.store(true, Ordering::Relaxed);
            }
        }
    }

    fn publish(&self, questions: &mut redis::Pipeline, event: &Event) {
        let sent = Sent {
            from: self.me,
            event,
        };
        let payload =
            serde_json::to_vec(&sent).expect("events have string keys and no failing serialisers");
        questions
            .cmd("PUBLISH")
            .arg(event.channel().name(&self.prefix))
            .arg(payload);
    }

    fn names(&self, channels: &[Channel]) -> Vec<String> {
        let name = |channel: &Channel| channel.name(&self.prefix);
        channels.iter().map(name).collect()
    }
}
