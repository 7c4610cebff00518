//! How the connection behaves. The server sends these in its first page, so that an operator changes
//! them in one place. All times are in milliseconds.

use crate::Backoff;
use serde::{Deserialize, Serialize};

/// No time may be longer. Browsers take a timer of more than 24 days for one that is due at once.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1_000;

/// How the connection behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// Attempts after a loss before giving up.
    pub attempts: u32,
    /// A socket that has not opened by then has failed.
    pub connect_timeout_ms: u64,
    /// A socket without a welcome by then has failed.
    pub handshake_timeout_ms: u64,
    /// After this much silence the server is asked for a sign of life.
    pub ping_interval_ms: u64,
    /// How long that sign may take.
    pub pong_timeout_ms: u64,
    /// How long it may take after a wake-up or a change of network.
    pub wake_probe_ms: u64,
    /// A connection that lasted this long, with one pong, has proved itself.
    pub stable_ms: u64,
    /// How often time is looked at, to notice that the machine slept.
    pub watchdog_ms: u64,
    /// A gap in time this long means that the machine slept.
    pub sleep_gap_ms: u64,
    /// How often to try although the browser says that there is no network.
    pub offline_poll_ms: u64,
    /// A page hidden for this long stops trying.
    pub hidden_after_ms: u64,
    /// How often a hidden page tries all the same.
    pub hidden_poll_ms: u64,
    /// Nothing is announced before this much downtime.
    pub announce_after_ms: u64,
    /// Waits of at least this are told in seconds.
    pub countdown_from_ms: u64,
    /// Attempts that something other than the timer asks for are at least this far apart.
    pub attempt_gap_ms: u64,
    /// How long sending rests after the server said that it is busy.
    pub busy_pause_ms: u64,
    /// Sending waits this long at most for missed messages to be fetched.
    pub resync_timeout_ms: u64,
    /// Messages that may wait to be sent.
    pub outbox_capacity: usize,
    /// How long a message may wait to be sent.
    pub outbox_max_age_ms: u64,
}

/// A setting has a value that cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {problem}")]
pub struct InvalidSettings {
    /// Which setting.
    pub setting: &'static str,
    /// What is wrong, to follow its name.
    pub problem: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            backoff: Backoff::Exponential {
                base_ms: 1_000,
                max_ms: 30_000,
                jitter_ms: 1_000,
            },
            attempts: 10,
            connect_timeout_ms: 10_000,
            handshake_timeout_ms: 5_000,
            ping_interval_ms: 25_000,
            pong_timeout_ms: 10_000,
            wake_probe_ms: 3_000,
            stable_ms: 10_000,
            watchdog_ms: 5_000,
            sleep_gap_ms: 20_000,
            offline_poll_ms: 30_000,
            hidden_after_ms: 5_000,
            hidden_poll_ms: 60_000,
            announce_after_ms: 2_000,
            countdown_from_ms: 5_000,
            attempt_gap_ms: 1_000,
            busy_pause_ms: 2_000,
            resync_timeout_ms: 10_000,
            outbox_capacity: 100,
            outbox_max_age_ms: 300_000,
        }
    }
}

impl Settings {
    /// Checks that the values can work together.
    ///
    /// # Errors
    /// The first setting that cannot, and why.
    pub fn validate(&self) -> Result<(), InvalidSettings> {
        self.backoff.validate()?;
        for (setting, time) in [
            ("connect_timeout", self.connect_timeout_ms),
            ("handshake_timeout", self.handshake_timeout_ms),
            ("ping_interval", self.ping_interval_ms),
            ("pong_timeout", self.pong_timeout_ms),
            ("wake_probe", self.wake_probe_ms),
            ("watchdog", self.watchdog_ms),
            ("offline_poll", self.offline_poll_ms),
            ("hidden_poll", self.hidden_poll_ms),
            ("busy_pause", self.busy_pause_ms),
            ("resync_timeout", self.resync_timeout_ms),
            ("outbox_max_age", self.outbox_max_age_ms),
        ] {
            positive(setting, time)?;
            limited(setting, time)?;
        }
        for (setting, time) in [
            ("stable", self.stable_ms),
            ("sleep_gap", self.sleep_gap_ms),
            ("hidden_after", self.hidden_after_ms),
            ("announce_after", self.announce_after_ms),
            ("countdown_from", self.countdown_from_ms),
            ("attempt_gap", self.attempt_gap_ms),
        ] {
            limited(setting, time)?;
        }
        if self.attempts == 0 {
            return invalid("attempts", "must be at least 1");
        }
        if self.sleep_gap_ms <= self.watchdog_ms {
            return invalid("sleep_gap", "must be longer than watchdog");
        }
        if self.outbox_capacity == 0 {
            return invalid("outbox_capacity", "must be at least 1");
        }
        Ok(())
    }
}

pub(crate) fn positive(setting: &'static str, time: u64) -> Result<(), InvalidSettings> {
    if time == 0 {
        return invalid(setting, "must be longer than 0");
    }
    Ok(())
}

pub(crate) fn limited(setting: &'static str, time: u64) -> Result<(), InvalidSettings> {
    if time > LONGEST_MS {
        return invalid(setting, "must not be longer than a day");
    }
    Ok(())
}

pub(crate) fn invalid(setting: &'static str, problem: &'static str) -> Result<(), InvalidSettings> {
    Err(InvalidSettings { setting, problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong once a change is made to the defaults.
    fn problem(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.validate().unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_valid_and_survive_the_wire() {
        let settings = Settings::default();
        assert_eq!(settings.validate(), Ok(()));
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
    }

    #[test]
    fn a_setting_that_cannot_work_is_named_with_what_is_wrong() {
        let fixed = |delays_ms: &[u64]| Backoff::Fixed {
            delays_ms: delays_ms.to_vec(),
        };
        let exponential = |base_ms, max_ms, jitter_ms| Backoff::Exponential {
            base_ms,
            max_ms,
            jitter_ms,
        };
        let cases = [
            (exponential(0, 9, 0), "base must be longer than 0"),
            (exponential(9, 8, 0), "max must not be shorter than base"),
            (
                exponential(9, u64::MAX, 0),
                "max must not be longer than a day",
            ),
            (
                exponential(9, 9, u64::MAX),
                "jitter must not be longer than a day",
            ),
            (fixed(&[]), "fixed_delays must list at least one delay"),
            (fixed(&[5, 0]), "fixed_delays must not contain 0"),
            (
                fixed(&[5, u64::MAX]),
                "fixed_delays must not be longer than a day",
            ),
        ];
        for (backoff, expected) in cases {
            assert_eq!(problem(|it| it.backoff = backoff), expected);
        }
        assert_eq!(problem(|it| it.attempts = 0), "attempts must be at least 1");
        assert_eq!(
            problem(|it| it.pong_timeout_ms = 0),
            "pong_timeout must be longer than 0"
        );
        assert_eq!(
            problem(|it| it.stable_ms = LONGEST_MS + 1),
            "stable must not be longer than a day"
        );
        assert_eq!(
            problem(|it| it.sleep_gap_ms = it.watchdog_ms),
            "sleep_gap must be longer than watchdog"
        );
        assert_eq!(
            problem(|it| it.outbox_capacity = 0),
            "outbox_capacity must be at least 1"
        );
    }
}
