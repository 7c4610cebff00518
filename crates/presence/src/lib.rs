//! Who is online, and how that stays true.
//!
//! How presence is decided, in ten lines:
//!
//! 1. A **connection** is one socket. It is open, then closing, then gone; open and closing ones are
//!    active, and while a user has an active one the user is online.
//! 2. An active connection holds a **lease**: the right to count. Activity renews it; without any for
//!    the pong timeout it runs out, and the connection is removed and its socket closed.
//! 3. When the last active connection goes, a **grace** starts. The user stays online during it. A
//!    connection that opens within it ends it, and nobody hears anything.
//! 4. A grace that runs to its end makes the user offline, last seen when it began.
//! 5. A **session** that ends takes its connections along. If none of the user's sessions is left,
//!    connected or within its own grace, the user is offline at once.
//! 6. Every removal names the connection that it removes; what is already gone is removed in vain.
//! 7. Without **input** on any connection for a while the user is away; and a user **chooses**: not to
//!    be disturbed, or to be invisible, which is to be shown offline whatever they do.
//! 8. A **transition** is a change of what others are shown. It is made in one place, carries a
//!    version that grows by one per user, and is announced from one place.
//! 9. Our own lateness is nobody's absence: after a stop of this process every running grace starts
//!    anew, and every lease lasts long enough to read what has arrived meanwhile.
//! 10. Reading never changes any of this.
//!
//! [`engine`] decides: events and the time go in, effects come out. It has no clock, no randomness,
//! no runtime and no log. A [`Directory`] holds engines (or, for many nodes, leases in a shared
//! store) and is what a server talks to; [`MemoryDirectory`] is the one for a single node,
//! [`SharedDirectory`](shared::SharedDirectory) one of many, over a store such as
//! [`RedisStore`](redis::RedisStore). None of them knows of HTTP, WebSocket or SQL.

#![forbid(unsafe_code)]

pub mod announcements;
pub mod connection;
pub mod diagnostics;
pub mod directory;
pub mod engine;
mod log;
pub mod memory;
pub mod record;
pub mod redis;
pub mod settings;
pub mod shared;
mod tally;
pub mod transition;
mod wait;

pub use announcements::Announcements;
pub use connection::{CloseReason, ConnectionKey, ConnectionState, Registration};
pub use diagnostics::{ConnectionDiagnostics, UserDiagnostics};
pub use directory::{Directory, DirectoryError, OpenError};
pub use engine::{Effect, Engine, Event, Now, OpenRefused, Opened};
pub use memory::MemoryDirectory;
pub use record::{Lifecycle, Record};
pub use settings::{InvalidSettings, Settings};
pub use tally::Counts;
pub use transition::{Choice, Shown, Transition, TransitionReason, UserPresence};
