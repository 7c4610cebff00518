//! What a tab knows: pure reducers, and the signals that hold them.

mod clock;
pub mod day;
mod outgoing;
mod roster;
mod sidebar;
mod tab;
mod timeline;
mod toast;
mod typing_pace;

pub use clock::Clock;
pub use outgoing::{Outgoing, OutgoingState, outgoing};
pub use roster::{Outcome, Person, Presence, Roster};
pub use sidebar::Sidebar;
pub use tab::Tab;
pub use timeline::{Row, RowKey, Timeline};
pub use toast::{Toast, ToastAction};
pub use typing_pace::TypingPace;
