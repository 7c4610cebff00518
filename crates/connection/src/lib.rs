//! The connection of one tab, as a pure machine.
//!
//! [`step`] takes what happened, the time and a random number, and returns the next state and what is
//! to be done. It has no clock, no randomness, no socket and no DOM; a thin driver feeds it events,
//! carries out its [`Effect`]s and sleeps until [`State::next_deadline`]. The same machine drives the
//! browser and native clients. What a person sees of it is [`State::view`], a total function.

#![forbid(unsafe_code)]

mod announce;
mod backoff;
mod event;
mod input;
mod outbox;
mod phase;
mod settings;
mod state;
mod step;
mod typing;
mod view;

pub use announce::Announcement;
pub use backoff::Backoff;
pub use event::{Effect, Event, Generation, Now, Toast};
pub use outbox::{Outbox, OutboxItem, OutboxState};
pub use phase::{Phase, Probe, Suspension, Terminal};
pub use settings::{InvalidSettings, Settings};
pub use state::{Environment, State};
pub use step::step;
pub use typing::TypingSet;
pub use view::{Action, Tone, View};
