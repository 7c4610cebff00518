//! What waits to be written to one socket: bounded, and clear about what gives way.
//!
//! A slow reader holds nobody else back. When its queue is full, typing is dropped first, then all
//! waiting presence is dropped and replaced by one fresh snapshot when the reader has caught up (the
//! newest value is all that matters), and a reader for whom even that is not enough is closed with
//! [`CloseCode::SLOW_CONSUMER`]; what it missed is replayed when it comes back.

use axum::body::Bytes;
use protocol::{CloseCode, ServerFrame};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::{sync::Notify, time::Instant};
use tokio_tungstenite::tungstenite::protocol::frame::{
    Frame,
    coding::{Data, OpCode},
};

/// The longest header of a server's frame, in bytes.
const MAX_HEADER: usize = 10;

/// What a frame is, as far as giving way is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Must arrive.
    Reliable,
    /// Must arrive, once: a message at this offset of the stream.
    Message {
        /// The offset of its newest change.
        offset: u64,
    },
    /// May be replaced by a newer snapshot.
    Presence {
        /// When the oldest of the changes that it tells of was made.
        since: Instant,
    },
    /// May be dropped.
    Typing,
}

impl Kind {
    /// As metrics name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reliable => "other",
            Self::Message { .. } => "message",
            Self::Presence { .. } => "presence",
            Self::Typing => "typing",
        }
    }

    const fn is_presence(self) -> bool {
        matches!(self, Self::Presence { .. })
    }
}

/// A serialised frame, shared by all its recipients.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// How it gives way.
    pub kind: Kind,
    /// The whole frame as it goes over the wire (RFC 6455 §5.2), header included: a server's frames
    /// are the same for everybody.
    pub bytes: Bytes,
}

impl Outgoing {
    /// Serialises a frame, once for all its recipients.
    #[must_use]
    pub fn new(kind: Kind, frame: &ServerFrame) -> Self {
        let text =
            serde_json::to_vec(frame).expect("frames have string keys and no failing serialisers");
        let mut bytes = Vec::with_capacity(MAX_HEADER + text.len());
        Frame::message(text, OpCode::Data(Data::Text), true)
            .format(&mut bytes)
            .expect("a Vec takes whatever is written");
        Self {
            kind,
            bytes: bytes.into(),
        }
    }
}

/// Why and how a socket is to be closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The close code.
    pub code: CloseCode,
    /// The close reason, at most 123 bytes (RFC 6455 §5.5).
    pub reason: String,
}

/// Everything that waited.
#[derive(Debug, Default)]
pub struct Drained {
    /// In order.
    pub frames: VecDeque<Outgoing>,
    /// Presence was dropped: the socket's chats need a fresh snapshot.
    pub resync_presence: bool,
    /// The socket is to be closed after the frames.
    pub close: Option<Close>,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// It waits.
    Queued,
    /// It waits, and typing gave way to it.
    TypingDropped,
    /// Presence gave way: a snapshot will follow.
    PresenceReplaced,
    /// It was dropped, being typing.
    Dropped,
    /// The queue was full of what must arrive; the socket is being closed.
    SlowConsumer,
    /// The socket is already being closed.
    Closing,
}

impl Pushed {
    /// What gave way, as a stable name; nothing when there was room.
    #[must_use]
    pub const fn gave_way(self) -> Option<&'static str> {
        match self {
            Self::Queued | Self::Closing => None,
            Self::TypingDropped | Self::Dropped => Some("typing"),
            Self::PresenceReplaced => Some("presence"),
            Self::SlowConsumer => Some("connection"),
        }
    }
}

/// The queue of one socket.
#[derive(Debug)]
pub struct Queue {
    waiting: Mutex<Drained>,
    changed: Notify,
    closing: Notify,
    capacity: usize,
}

impl Queue {
    /// An empty queue that holds at most `capacity` frames.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            changed: Notify::new(),
            closing: Notify::new(),
            capacity,
        }
    }

    /// Adds a frame; never waits.
    pub fn push(&self, frame: Outgoing) -> Pushed {
        let pushed = Self::admit(&mut self.waiting(), self.capacity, frame);
        match pushed {
            Pushed::Dropped | Pushed::Closing => {}
            Pushed::SlowConsumer => self.notify_closing(),
            Pushed::Queued | Pushed::TypingDropped | Pushed::PresenceReplaced => {
                self.changed.notify_one();
            }
        }
        pushed
    }

    /// Closes the socket once what waits has been written. The first reason counts.
    pub fn close(&self, code: CloseCode, reason: impl Into<String>) {
        self.waiting().close.get_or_insert_with(|| Close {
            code,
            reason: reason.into(),
        });
        self.notify_closing();
    }

    /// Takes everything that waits. Once a close has been taken nothing more is admitted.
    pub fn take(&self) -> Drained {
        let mut waiting = self.waiting();
        let emptied = Drained {
            close: waiting.close.clone(),
            ..Drained::default()
        };
        std::mem::replace(&mut *waiting, emptied)
    }

    /// Frames that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting().frames.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Resolves when something was pushed or a close was asked for since the last call.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Resolves when a close was asked for.
    pub async fn closing(&self) {
        while self.waiting().close.is_none() {
            self.closing.notified().await;
        }
    }

    fn notify_closing(&self) {
        self.changed.notify_one();
        self.closing.notify_one();
    }

    fn admit(waiting: &mut Drained, capacity: usize, frame: Outgoing) -> Pushed {
        if waiting.close.is_some() {
            return Pushed::Closing;
        }
        if waiting.frames.len() < capacity {
            waiting.frames.push_back(frame);
            return Pushed::Queued;
        }
        if frame.kind == Kind::Typing {
            return Pushed::Dropped;
        }
        if let Some(typing) = waiting.frames.iter().position(|f| f.kind == Kind::Typing) {
            waiting.frames.remove(typing);
            waiting.frames.push_back(frame);
            return Pushed::TypingDropped;
        }
        let before = waiting.frames.len();
        waiting.frames.retain(|f| !f.kind.is_presence());
        let made_room = waiting.frames.len() < before;
        if frame.kind.is_presence() {
            waiting.resync_presence = true;
            return Pushed::PresenceReplaced;
        }
        if made_room {
            waiting.resync_presence = true;
            waiting.frames.push_back(frame);
            return Pushed::PresenceReplaced;
        }
        waiting.frames.clear();
        waiting.close = Some(Close {
            code: CloseCode::SLOW_CONSUMER,
            reason: "the connection reads slower than its messages arrive".into(),
        });
        Pushed::SlowConsumer
    }

    fn waiting(&self) -> MutexGuard<'_, Drained> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;

    fn frame(kind: Kind) -> Outgoing {
        Outgoing {
            kind,
            bytes: Bytes::new(),
        }
    }

    fn presence() -> Kind {
        Kind::Presence {
            since: Instant::now(),
        }
    }

    fn full_of(kind: Kind) -> Queue {
        let queue = Queue::new(2);
        assert_eq!(queue.push(frame(kind)), Pushed::Queued);
        assert_eq!(queue.push(frame(kind)), Pushed::Queued);
        queue
    }

    #[test]
    fn a_frame_is_serialised_with_the_header_that_its_length_needs() {
        for (length, header) in [(125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let empty = ServerFrame::Error {
                code: protocol::ErrorCode::Internal,
                message: String::new(),
                client_id: None,
                chat_id: None,
            };
            let overhead = serde_json::to_string(&empty).unwrap().len();
            let mut frame = empty;
            if let ServerFrame::Error { message, .. } = &mut frame {
                *message = "x".repeat(length - overhead);
            }
            let bytes = Outgoing::new(Kind::Reliable, &frame).bytes;
            let parsed = FrameHeader::parse(&mut std::io::Cursor::new(&bytes)).unwrap();
            let (parsed, announced) = parsed.expect("a whole header");
            assert_eq!(
                (announced, bytes.len()),
                (length as u64, header + length),
                "{parsed:?}"
            );
            assert!(parsed.is_final && parsed.mask.is_none());
            let text = std::str::from_utf8(&bytes[header..]).unwrap();
            let text: ServerFrame = text.parse().unwrap();
            assert_eq!(text, frame);
        }
    }

    #[test]
    fn typing_is_dropped_first() {
        let queue = full_of(Kind::Typing);
        assert_eq!(queue.push(frame(Kind::Typing)), Pushed::Dropped);
        let presence = presence();
        assert_eq!(queue.push(frame(presence)), Pushed::TypingDropped);
        assert_eq!(queue.push(frame(Kind::Reliable)), Pushed::TypingDropped);
        let kinds: Vec<_> = queue.take().frames.iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [presence, Kind::Reliable]);
    }

    #[test]
    fn presence_that_does_not_fit_becomes_one_fresh_snapshot() {
        let queue = full_of(presence());
        assert_eq!(queue.push(frame(presence())), Pushed::PresenceReplaced);
        assert_eq!(
            queue.push(frame(Kind::Message { offset: 1 })),
            Pushed::Queued
        );
        let drained = queue.take();
        assert!(drained.resync_presence);
        assert_eq!(drained.frames.len(), 1);
        assert!(!queue.take().resync_presence, "asked for once");
    }

    #[test]
    fn a_message_makes_presence_give_way() {
        let queue = full_of(presence());
        assert_eq!(
            queue.push(frame(Kind::Message { offset: 1 })),
            Pushed::PresenceReplaced
        );
        let drained = queue.take();
        assert!(drained.resync_presence && drained.close.is_none());
    }

    #[test]
    fn a_reader_too_slow_for_its_messages_is_closed_and_holds_no_memory() {
        let queue = full_of(Kind::Message { offset: 1 });
        assert_eq!(queue.push(frame(presence())), Pushed::PresenceReplaced);
        assert_eq!(
            queue.push(frame(Kind::Message { offset: 2 })),
            Pushed::SlowConsumer
        );
        assert_eq!(queue.push(frame(Kind::Reliable)), Pushed::Closing);
        let drained = queue.take();
        assert!(drained.frames.is_empty());
        assert_eq!(drained.close.unwrap().code, CloseCode::SLOW_CONSUMER);
    }

    #[test]
    fn the_first_reason_to_close_counts_and_stays() {
        let queue = Queue::new(1);
        queue.close(CloseCode::SESSION_EXPIRED, "signed out");
        queue.close(CloseCode::SERVICE_RESTART, "restart");
        assert_eq!(queue.take().close.unwrap().code, CloseCode::SESSION_EXPIRED);
        assert_eq!(queue.push(frame(Kind::Reliable)), Pushed::Closing);
    }

    #[tokio::test]
    async fn whoever_waits_for_the_close_takes_no_news_from_the_writer() {
        let queue = Queue::new(1);
        queue.push(frame(Kind::Reliable));
        assert!(queue.closing().now_or_never().is_none());
        queue.changed().await;
        queue.close(CloseCode::SERVICE_RESTART, "restart");
        queue.closing().await;
    }

    #[tokio::test]
    async fn a_push_wakes_the_writer_even_when_it_came_first() {
        let queue = Queue::new(1);
        queue.push(frame(Kind::Reliable));
        queue.changed().await;
        assert_eq!(queue.take().frames.len(), 1);
    }
}
