//! Users, sessions and connections by number.

use presence::Registration;
use protocol::{ConnectionId, Epoch, NodeId, SessionId, UserId};
use uuid::Uuid;

pub(crate) fn user(n: usize) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n as u128))
}

pub(crate) fn epoch() -> Epoch {
    Epoch::from_uuid(Uuid::from_u128(7))
}

/// Session `n` of a user.
pub(crate) fn session(user: usize, n: usize) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128((user * 1_000 + n) as u128))
}

/// Connection `n` of a user, in that session of theirs.
pub(crate) fn socket(user_n: usize, session_n: usize, n: usize) -> Registration {
    Registration {
        connection: ConnectionId::from_uuid(Uuid::from_u128((user_n * 1_000_000 + n) as u128)),
        user: user(user_n),
        session: session(user_n, session_n),
        node: node(1),
    }
}

pub(crate) fn node(n: u128) -> NodeId {
    NodeId::from_uuid(Uuid::from_u128(n))
}
