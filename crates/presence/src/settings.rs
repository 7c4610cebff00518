//! The numbers of presence.

use std::time::Duration;

/// The numbers of presence.
///
/// What others may rely on, with W the window in which the consumer of
/// [`crate::Directory::next_changes`] gathers changes:
/// a clean close is told within `offline_grace` + W; a half-open socket's user is told offline within
/// `ping_interval` + `pong_timeout` + `offline_grace` + W and never before `pong_timeout`; a killed
/// node's users within `lease_ttl` + `offline_grace` + `reaper_interval` + W; a sign-out within W.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A node pings each of its connections this often.
    pub ping_interval: Duration,
    /// A connection without activity for this long no longer counts, and its socket is closed.
    pub pong_timeout: Duration,
    /// How long the last close of a user is held back. Zero tells it at once.
    pub offline_grace: Duration,
    /// How long a node's connections go on counting after the node was last heard of. With the
    /// memory directory there is no other node to count them.
    pub lease_ttl: Duration,
    /// A node renews the leases of its connections this often.
    pub lease_renewal: Duration,
    /// A user without input on any connection for this long is away. The connections report input
    /// now and then only, so it may take longer by the time between two reports.
    pub away_after: Duration,
    /// While connections count, what has run out is looked for at least this often.
    pub reaper_interval: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(30),
            pong_timeout: Duration::from_secs(60),
            offline_grace: Duration::from_secs(3),
            lease_ttl: Duration::from_secs(30),
            lease_renewal: Duration::from_secs(10),
            away_after: Duration::from_secs(5 * 60),
            reaper_interval: Duration::from_secs(5),
        }
    }
}

/// A value with which presence could not be kept true; the sentence names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSettings(String);

impl Settings {
    /// Whether presence can be kept true with these numbers.
    ///
    /// # Errors
    /// A sentence that names the first impossible value and says why it is impossible.
    pub fn validate(&self) -> Result<(), InvalidSettings> {
        const SHORTEST: Duration = Duration::from_millis(10);
        const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
        for (name, value, shortest) in [
            ("ping_interval", self.ping_interval, SHORTEST),
            ("pong_timeout", self.pong_timeout, SHORTEST),
            ("offline_grace", self.offline_grace, Duration::ZERO),
            ("lease_ttl", self.lease_ttl, SHORTEST),
            ("lease_renewal", self.lease_renewal, SHORTEST),
            ("away_after", self.away_after, SHORTEST),
            ("reaper_interval", self.reaper_interval, SHORTEST),
        ] {
            if !(shortest..=LONGEST).contains(&value) {
                return Err(InvalidSettings(format!(
                    "{name} is {value:?}, but must be between {shortest:?} and {LONGEST:?}"
                )));
            }
        }
        for (name, value, limit_name, limit, why) in [
            (
                "pong_timeout",
                self.pong_timeout,
                "ping_interval",
                self.ping_interval,
                "a connection that answers every ping would be closed",
            ),
            (
                "pong_timeout",
                self.pong_timeout,
                "reaper_interval",
                self.reaper_interval,
                "a silent connection would count for more than twice its time",
            ),
        ] {
            if value <= limit {
                return Err(InvalidSettings(format!(
                    "{name} is {value:?}, but must be longer than {limit_name} ({limit:?}): else {why}"
                )));
            }
        }
        let (lease, renewal) = (self.lease_ttl, self.lease_renewal);
        if lease < 2 * renewal {
            return Err(InvalidSettings(format!(
                "lease_ttl is {lease:?}, but must be at least twice lease_renewal ({renewal:?}): \
                 else one renewal that fails would take people offline"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.validate().unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_possible_and_so_is_no_grace_at_all() {
        assert_eq!(Settings::default().validate(), Ok(()));
        let settings = Settings {
            offline_grace: Duration::ZERO,
            ..Settings::default()
        };
        assert_eq!(settings.validate(), Ok(()));
    }

    #[test]
    fn an_impossible_value_is_named_with_the_reason() {
        assert_eq!(
            sentence(|s| s.pong_timeout = Duration::from_secs(30)),
            "pong_timeout is 30s, but must be longer than ping_interval (30s): \
             else a connection that answers every ping would be closed"
        );
        assert_eq!(
            sentence(|s| s.reaper_interval = Duration::from_secs(60)),
            "pong_timeout is 60s, but must be longer than reaper_interval (60s): \
             else a silent connection would count for more than twice its time"
        );
        assert_eq!(
            sentence(|s| s.lease_renewal = Duration::from_secs(16)),
            "lease_ttl is 30s, but must be at least twice lease_renewal (16s): \
             else one renewal that fails would take people offline"
        );
        assert_eq!(
            sentence(|s| s.reaper_interval = Duration::ZERO),
            "reaper_interval is 0ns, but must be between 10ms and 86400s"
        );
        assert_eq!(
            sentence(|s| s.offline_grace = Duration::MAX),
            "offline_grace is 18446744073709551615.999999999s, but must be between 0ns and 86400s"
        );
    }
}
