//! The thin driver of the tab's connection: carries out what the machine decides, and decides
//! nothing itself.

pub mod early;

#[cfg(feature = "hydrate")]
mod driver;
#[cfg(feature = "hydrate")]
mod page_events;
#[cfg(feature = "hydrate")]
mod socket;

#[cfg(feature = "hydrate")]
pub use driver::start;
