//! Says why a user is, or is not, online.

use super::{Now, Rules, user::User};
use crate::{ConnectionDiagnostics, ConnectionState, TransitionReason, UserDiagnostics};
use protocol::{Mode, UserId};

impl User {
    /// Everything that decides about this user.
    #[must_use]
    pub fn diagnostics(&self, id: UserId, now: Now, rules: &Rules) -> UserDiagnostics {
        let presence = self.presence(id);
        let connections: Vec<_> = self
            .connections
            .iter()
            .map(|connection| ConnectionDiagnostics {
                connection: connection.registration.connection,
                session: connection.registration.session,
                node: connection.registration.node,
                state: connection.state,
                opened_at: connection.opened.wall,
                age: now.monotonic.saturating_sub(connection.opened.monotonic),
                since_activity: now.monotonic.saturating_sub(connection.lease.last_activity),
                lease_remaining: connection.lease.deadline.saturating_sub(now.monotonic),
            })
            .collect();
        let pending = self.grace.as_ref().map(|grace| grace.deadline);
        UserDiagnostics {
            user: id,
            online: self.is_online,
            shown: presence.shown,
            mode: self.choice.unwrap_or_default().mode,
            active_connection_count: connections.len(),
            connections,
            pending_offline: pending.map(|deadline| deadline.saturating_sub(now.monotonic)),
            version: presence.version,
            last_seen: presence.last_seen,
            rule: self.rule(now, rules) + self.said(),
        }
    }

    fn rule(&self, now: Now, rules: &Rules) -> String {
        let Some(decided_by) = self.decided_by else {
            return "Offline: no connection has opened since this directory started.".to_owned();
        };
        if let Some(grace) = &self.grace {
            return format!(
                "Online: the last connection went {:.1?} ago ({}), and the grace runs. Offline in \
                 {:.1?} unless a connection opens.",
                now.monotonic.saturating_sub(grace.since.monotonic),
                grace.reason,
                grace.deadline.saturating_sub(now.monotonic),
            );
        }
        let count_in = |state| {
            self.connections
                .iter()
                .filter(|connection| connection.state == state)
                .count()
        };
        match decided_by {
            TransitionReason::GraceExpired => format!(
                "Offline: no connection was active for the whole grace of {:?}.",
                rules.offline_grace,
            ),
            TransitionReason::SessionEnded => {
                "Offline: the last session ended, and for that there is no grace.".to_owned()
            }
            _ => format!(
                "Online: at least one connection is active ({} open, {} closing).",
                count_in(ConnectionState::Open),
                count_in(ConnectionState::Closing),
            ),
        }
    }

    /// How what others are shown differs from that.
    fn said(&self) -> &'static str {
        if !self.is_online {
            return "";
        }
        match self.choice.unwrap_or_default().mode {
            Mode::Invisible => " Others are shown offline: they chose to be invisible.",
            Mode::Dnd => " They chose not to be disturbed.",
            Mode::Automatic if self.is_away => {
                " Away: no input came from any connection for a while."
            }
            Mode::Automatic => "",
        }
    }
}
