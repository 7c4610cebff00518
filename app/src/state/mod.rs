//! What a tab knows: pure reducers, and the signals that hold them.

mod bell;
mod clock;
pub mod day;
pub mod mention;
mod notice;
mod outgoing;
mod people;
mod presence;
mod roster;
#[cfg(test)]
mod samples;
pub mod search;
mod sidebar;
mod status;
mod tab;
mod tie;
mod timeline;
mod toast;
mod typing_pace;

pub use bell::Bell;
pub use clock::Clock;
pub use notice::{Permission, Sentence, notify};
pub use outgoing::{Outgoing, OutgoingState, outgoing};
pub use people::People;
pub use presence::{DotShape, Outcome, Presence};
pub use roster::{Person, Roster};
pub use sidebar::Sidebar;
pub use status::{Lapse, own_shape};
pub use tab::Tab;
pub use tie::{Deed, Place, Tie};
pub use timeline::{Row, RowKey, Timeline};
pub use toast::{Toast, ToastAction};
pub use typing_pace::TypingPace;
