//! What happens to the machine, and what it wants done.

use crate::Announcement;
use protocol::{ChatId, ClientFrame, ClientMessageId, CloseCode, Room, ServerFrame};

/// The time, twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds that only grow; every deadline is one of these.
    pub monotonic_ms: u64,
    /// Milliseconds of the wall clock, only used to notice that the machine slept: on some systems
    /// the monotonic clock stands still meanwhile.
    pub wall_ms: i64,
}

impl Now {
    /// How much time passed since an earlier one, in milliseconds, by the clock that went further:
    /// the monotonic one may have stood still. A wall clock that was set back is no time.
    pub(crate) fn since(self, earlier: Self) -> u64 {
        let monotonic = self.monotonic_ms.saturating_sub(earlier.monotonic_ms);
        let wall = u64::try_from(self.wall_ms.saturating_sub(earlier.wall_ms)).unwrap_or(0);
        monotonic.max(wall)
    }
}

/// Numbers the sockets of a tab, so that an old one's late events change nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u64);

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Begin.
    Start,
    /// End for good.
    Stop,
    /// A deadline has come, or it is simply time to look.
    Tick,
    /// A socket opened.
    Opened(Generation),
    /// A frame arrived.
    Frame(Generation, ServerFrame),
    /// Something arrived that this client does not understand.
    Received(Generation),
    /// A socket closed, with the code and reason.
    Closed(Generation, CloseCode, String),
    /// A socket failed.
    Failed(Generation),
    /// The answer to [`Effect::RefreshSession`]: still signed in.
    SessionValid,
    /// The answer to [`Effect::RefreshSession`]: signed out.
    SessionInvalid,
    /// The answer to [`Effect::RefreshSession`]: nobody could tell.
    SessionUnknown,
    /// The answer to [`Effect::Resync`]: what was missed has been fetched. When that failed, nothing
    /// is to be said: it is asked for again.
    Resynced,
    /// The browser says that there is no network.
    Offline,
    /// The browser says that there is a network.
    NetworkOnline,
    /// The network changed.
    NetworkChanged,
    /// The page is no longer visible.
    Hidden,
    /// The page is visible.
    Visible,
    /// The page has the focus.
    Focus,
    /// The page goes away, perhaps into the back/forward cache.
    PageHide,
    /// The page is back.
    PageShow,
    /// The person clicked the indicator.
    Click,
    /// The person gave input of whatever kind: they are here.
    Input,
    /// The person sends a message.
    Send {
        /// Where.
        chat_id: ChatId,
        /// Made for this message alone.
        client_id: ClientMessageId,
        /// What.
        text: String,
    },
    /// The person wants a failed message sent again.
    Retry(ClientMessageId),
    /// The person gives up on a message that failed.
    Discard(ClientMessageId),
    /// The person types, or stopped.
    Typing {
        /// Where.
        chat_id: ChatId,
        /// Whether they do.
        is_typing: bool,
    },
    /// People came on screen.
    Subscribe(Room),
    /// People left the screen.
    Unsubscribe(Room),
    /// The person has read a chat up to a sequence.
    MarkRead {
        /// Which chat.
        chat_id: ChatId,
        /// The newest message read.
        sequence: u64,
    },
}

/// What the driver is to do, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Open a socket.
    Open(Generation),
    /// Send a frame.
    Send(Generation, ClientFrame),
    /// Close a socket; its later events are of no interest.
    Close(Generation, CloseCode),
    /// Apply a frame to what is shown.
    Deliver(ServerFrame),
    /// Messages were missed that will not be replayed: fetch what is on screen afresh, then say
    /// [`Event::Resynced`].
    Resync,
    /// What is shown of presence is from now on the last that is known.
    PresenceStale,
    /// Nobody is known to be typing.
    ClearTyping,
    /// Ask whether the sign-in still holds, and answer.
    RefreshSession,
    /// Tell people who cannot see the indicator.
    Announce(Announcement),
    /// Show what needs attention.
    Toast(Toast),
}

/// What needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toast {
    /// All attempts failed.
    GaveUp,
}

impl Toast {
    /// What it says.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::GaveUp => "Connection lost. Click the status indicator to retry.",
        }
    }
}
