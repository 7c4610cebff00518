//! Says why a user is, or is not, online.

use super::{Engine, Now, user::User};
use crate::{ConnectionDiagnostics, ConnectionState, TransitionReason, UserDiagnostics};
use protocol::{Mode, UserId};

impl Engine {
    /// Everything that decides about one user.
    #[must_use]
    pub fn diagnostics(&self, user: UserId, now: Now) -> UserDiagnostics {
        let presence = self.presence(user);
        let known = self.users.get(&user);
        let connections: Vec<_> = known
            .into_iter()
            .flat_map(|user| &user.connections)
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
        UserDiagnostics {
            user,
            online: known.is_some_and(|user| user.is_online),
            shown: presence.shown,
            mode: known.and_then(|user| user.choice).unwrap_or_default().mode,
            active_connection_count: connections.len(),
            connections,
            pending_offline: known
                .and_then(|user| user.grace.as_ref())
                .map(|grace| grace.deadline.saturating_sub(now.monotonic)),
            version: presence.version,
            last_seen: presence.last_seen,
            rule: self.rule(known, now) + said_of(known),
        }
    }

    fn rule(&self, known: Option<&User>, now: Now) -> String {
        let Some((user, decided_by)) = known.and_then(|user| Some((user, user.decided_by?))) else {
            return "Offline: no connection has opened since this directory started.".to_owned();
        };
        if let Some(grace) = &user.grace {
            return format!(
                "Online: the last connection went {:.1?} ago ({}), and the grace runs. Offline in \
                 {:.1?} unless a connection opens.",
                now.monotonic.saturating_sub(grace.since.monotonic),
                grace.reason,
                grace.deadline.saturating_sub(now.monotonic),
            );
        }
        let count_in = |state| {
            user.connections
                .iter()
                .filter(|connection| connection.state == state)
                .count()
        };
        match decided_by {
            TransitionReason::GraceExpired => format!(
                "Offline: no connection was active for the whole grace of {:?}.",
                self.settings.offline_grace,
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
}

/// How what others are shown differs from that.
fn said_of(known: Option<&User>) -> &'static str {
    let Some(user) = known.filter(|user| user.is_online) else {
        return "";
    };
    match user.choice.unwrap_or_default().mode {
        Mode::Invisible => " Others are shown offline: they chose to be invisible.",
        Mode::Dnd => " They chose not to be disturbed.",
        Mode::Automatic if user.is_away => " Away: no input came from any connection for a while.",
        Mode::Automatic => "",
    }
}
