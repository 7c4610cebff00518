//! What the tests of several reducers are made of.

use protocol::{Epoch, PresenceChange, PresenceEntry, UserId};
use uuid::Uuid;

pub(super) const FIRST: Epoch = Epoch::from_uuid(Uuid::from_u128(1));
pub(super) const SECOND: Epoch = Epoch::from_uuid(Uuid::from_u128(2));

pub(super) fn user(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

pub(super) fn entry(n: u128, name: &str, is_online: bool, version: u64) -> PresenceEntry {
    PresenceEntry {
        user_id: user(n),
        display_name: name.into(),
        is_online,
        availability: None,
        status_text: String::new(),
        last_seen: None,
        is_hidden: false,
        as_of: None,
        version,
    }
}

pub(super) fn change(
    n: u128,
    name: &str,
    is_online: bool,
    epoch: Epoch,
    version: u64,
) -> PresenceChange {
    PresenceChange {
        user_id: user(n),
        display_name: name.into(),
        is_online,
        availability: None,
        status_text: String::new(),
        last_seen: None,
        epoch,
        version,
    }
}
