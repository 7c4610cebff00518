//! What a person is called and shows of themselves.

use protocol::{LastSeenAudience, Timestamp, UserId};
use store::Person;

/// What a person is called and shows of themselves, as far as fan-out needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name that others see.
    pub display_name: String,
    /// What they say of themselves; may be empty.
    pub status_text: String,
    /// Who may know when they were last here.
    pub audience: LastSeenAudience,
    /// The version of these two.
    pub version: u64,
    /// When last seen, as far as the store knows; the directory knows better for whoever was here
    /// since this process started.
    pub last_seen: Option<Timestamp>,
}

/// A person of the store, by id.
#[must_use]
pub fn profile_of(person: Person) -> (UserId, Profile) {
    let profile = Profile {
        display_name: person.display_name,
        status_text: person.status_text,
        audience: person.audience,
        version: person.status_version,
        last_seen: person.last_seen,
    };
    (person.user_id, profile)
}
