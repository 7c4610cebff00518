//! The numbers by which one user is decided about.

use crate::Settings;
use std::time::Duration;

/// The numbers by which one user is decided about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who renews leases.
    pub tenant: Tenant,
    /// How long a lease lasts after it was renewed.
    pub lease: Duration,
    /// How long the last close of a user is held back.
    pub offline_grace: Duration,
    /// How long a user without input is not yet away.
    pub away_after: Duration,
    /// Whether all connections are known. Where some may be told of in a moment, also the end of the
    /// last session that is known is held back.
    pub is_everything_known: bool,
}

/// Who renews leases, and so whose silence ends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenant {
    /// The socket, by what arrives from it.
    Socket,
    /// The node that holds the socket, and watches it itself.
    Node,
}

impl Rules {
    /// With one node nothing can outlive it: leases are about sockets.
    #[must_use]
    pub const fn of_one_node(settings: &Settings) -> Self {
        Self {
            tenant: Tenant::Socket,
            lease: settings.pong_timeout,
            offline_grace: settings.offline_grace,
            away_after: settings.away_after,
            is_everything_known: true,
        }
    }

    /// With many nodes each watches its sockets, and all watch the nodes.
    #[must_use]
    pub const fn of_many_nodes(settings: &Settings) -> Self {
        Self {
            tenant: Tenant::Node,
            lease: settings.lease_ttl,
            offline_grace: settings.offline_grace,
            away_after: settings.away_after,
            is_everything_known: true,
        }
    }
}
