//! Sessions that ended lately: a connection of theirs may still be on its way here.

use protocol::SessionId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Far longer than a connection is on its way between its sign-in check and its registration.
const REMEMBERED_FOR: Duration = Duration::from_secs(10 * 60);
/// The oldest give way: one person does not sign out more often within an upgrade's time.
const REMEMBERED: usize = 64;

/// Those of one user, by when they ended, monotonic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EndedSessions(Vec<Ended>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    session: SessionId,
    #[serde(with = "super::micros")]
    at: Duration,
}

impl EndedSessions {
    pub(super) fn insert(&mut self, session: SessionId, now: Duration) {
        self.0.retain(|ended| now < ended.at + REMEMBERED_FOR);
        if self.contains(session, now) {
            return;
        }
        if self.0.len() == REMEMBERED {
            self.0.remove(0);
        }
        self.0.push(Ended { session, at: now });
    }

    /// Whether it is remembered at all.
    pub(super) fn has(&self, session: SessionId) -> bool {
        self.0.iter().any(|ended| ended.session == session)
    }

    pub(super) fn contains(&self, session: SessionId, now: Duration) -> bool {
        self.0
            .iter()
            .any(|ended| ended.session == session && now < ended.at + REMEMBERED_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn session(n: usize) -> SessionId {
        SessionId::from_uuid(Uuid::from_u128(n as u128))
    }

    #[test]
    fn an_ended_session_is_remembered_for_ten_minutes() {
        let mut ended = EndedSessions::default();
        ended.insert(session(1), Duration::from_secs(5));
        ended.insert(session(1), Duration::from_secs(6));
        assert!(ended.contains(session(1), Duration::from_secs(604)));
        assert!(!ended.contains(session(2), Duration::from_secs(604)));
        assert!(!ended.contains(session(1), Duration::from_secs(605)));
        ended.insert(session(3), Duration::from_secs(605));
        assert_eq!(ended.0.len(), 1, "the forgotten takes no memory");
    }

    #[test]
    fn any_number_of_sign_outs_takes_a_bounded_memory() {
        let mut ended = EndedSessions::default();
        for n in 0..3 * REMEMBERED {
            ended.insert(session(n), Duration::ZERO);
            assert!(ended.0.len() <= REMEMBERED);
        }
        assert!(ended.contains(session(3 * REMEMBERED - 1), Duration::ZERO));
        assert!(!ended.contains(session(0), Duration::ZERO));
    }
}
