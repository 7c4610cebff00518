//! What things are called in Redis.

use protocol::UserId;

/// So many groups of users, each of which lies on one machine of a cluster. Never to be changed: the
/// nodes of two versions would not find each other's users.
const BUCKETS: u8 = 16;

/// The names of an installation's keys and channels.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: String,
}

/// Users whose keys lie together, so that one script may touch several of them: what is between the
/// braces decides where a key lies (Redis Cluster's hash tags).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bucket(u8);

impl Bucket {
    pub(super) fn of(user: UserId) -> Self {
        let [.., last] = user.as_uuid().into_bytes();
        Self(last % BUCKETS)
    }

    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..BUCKETS).map(Self)
    }
}

impl Keys {
    pub(super) fn new(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
        }
    }

    pub(super) fn born(&self, bucket: Bucket) -> String {
        self.within(bucket, "born")
    }

    pub(super) fn due(&self, bucket: Bucket) -> String {
        self.within(bucket, "due")
    }

    pub(super) fn state(&self, user: UserId) -> String {
        self.within(Bucket::of(user), &format!("user:{user}"))
    }

    pub(super) fn last_seen(&self, user: UserId) -> String {
        self.within(Bucket::of(user), &format!("ws:last_seen:{user}"))
    }

    pub(super) fn channel(&self, user: UserId) -> String {
        format!("{}:presence:{user}", self.prefix)
    }

    pub(super) fn user_of(&self, channel: &str) -> Option<UserId> {
        let rest = channel.strip_prefix(&self.prefix)?;
        rest.strip_prefix(":presence:")?.parse().ok()
    }

    fn within(&self, Bucket(bucket): Bucket, name: &str) -> String {
        format!("{{{}:{bucket:02}}}:{name}", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn all_keys_of_a_user_lie_together_and_the_channel_names_them() {
        let keys = Keys::new("rollcall");
        let user = UserId::from_uuid(Uuid::from_u128(0x2f));
        let bucket = Bucket::of(user);
        for (key, name) in [
            (keys.born(bucket), "born"),
            (keys.due(bucket), "due"),
            (
                keys.state(user),
                "user:00000000-0000-0000-0000-00000000002f",
            ),
            (
                keys.last_seen(user),
                "ws:last_seen:00000000-0000-0000-0000-00000000002f",
            ),
        ] {
            assert_eq!(key, format!("{{rollcall:15}}:{name}"));
        }
        assert_eq!(keys.user_of(&keys.channel(user)), Some(user));
        let other = Keys::new("rollcall:other");
        assert_eq!(keys.user_of(&other.channel(user)), None);
        assert_eq!(Bucket::all().count(), 16);
    }
}
