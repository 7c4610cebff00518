//! Sessions that ended lately: a connection of theirs may still be on its way here.

use protocol::SessionId;
use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    time::Duration,
};

/// Far longer than a connection is on its way between its sign-in check and its registration.
const REMEMBERED_FOR: Duration = Duration::from_secs(10 * 60);
/// The oldest give way: more sign-outs than this within an upgrade's time do not happen.
const REMEMBERED: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct EndedSessions {
    ended_at: HashMap<SessionId, Duration>,
    by_age: VecDeque<SessionId>,
}

impl EndedSessions {
    pub(super) fn insert(&mut self, session: SessionId, now: Duration) {
        while let Some(oldest) = self.by_age.front()
            && (!self.contains(*oldest, now) || self.by_age.len() >= REMEMBERED)
        {
            self.ended_at.remove(oldest);
            self.by_age.pop_front();
        }
        if let Entry::Vacant(entry) = self.ended_at.entry(session) {
            entry.insert(now);
            self.by_age.push_back(session);
        }
    }

    pub(super) fn contains(&self, session: SessionId, now: Duration) -> bool {
        self.ended_at
            .get(&session)
            .is_some_and(|ended_at| now < *ended_at + REMEMBERED_FOR)
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
        assert_eq!(ended.by_age, [session(3)], "the forgotten takes no memory");
    }

    #[test]
    fn any_number_of_sign_outs_takes_a_bounded_memory() {
        let mut ended = EndedSessions::default();
        for n in 0..3 * REMEMBERED {
            ended.insert(session(n), Duration::ZERO);
            assert!(ended.by_age.len() <= REMEMBERED);
            assert_eq!(ended.ended_at.len(), ended.by_age.len());
        }
        assert!(ended.contains(session(3 * REMEMBERED - 1), Duration::ZERO));
        assert!(!ended.contains(session(0), Duration::ZERO));
    }
}
