//! How the connection behaves. The server sends these in its first page, so that an operator changes
//! them in one place. All times are in milliseconds.

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

/// How long to wait between attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "policy", rename_all = "snake_case")]
pub enum Backoff {
    /// `min(base · 2ⁿ, max)` plus a random part of `jitter`.
    Exponential {
        /// Before the first attempt.
        base_ms: u64,
        /// The longest wait, without jitter.
        max_ms: u64,
        /// The random part is less than this.
        jitter_ms: u64,
    },
    /// These delays in turn; the last repeats.
    Fixed {
        /// At least one.
        delays_ms: Vec<u64>,
    },
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

impl Backoff {
    fn validate(&self) -> Result<(), InvalidSettings> {
        match self {
            Self::Exponential {
                base_ms,
                max_ms,
                jitter_ms,
            } => {
                positive("base", *base_ms)?;
                limited("max", *max_ms)?;
                limited("jitter", *jitter_ms)?;
                if base_ms > max_ms {
                    return invalid("max", "must not be shorter than base");
                }
            }
            Self::Fixed { delays_ms } => {
                if delays_ms.is_empty() {
                    return invalid("fixed_delays", "must list at least one delay");
                }
                if delays_ms.contains(&0) {
                    return invalid("fixed_delays", "must not contain 0");
                }
                for delay in delays_ms {
                    limited("fixed_delays", *delay)?;
                }
            }
        }
        Ok(())
    }

    /// The wait before attempt `n + 1`, in milliseconds; `random` is in `0.0..1.0`.
    #[must_use]
    pub fn delay(&self, n: u32, random: f64) -> u64 {
        match self {
            Self::Exponential {
                base_ms,
                max_ms,
                jitter_ms,
            } => {
                let wait = base_ms.saturating_mul(1 << n.min(31)).min(*max_ms);
                wait.saturating_add(portion(*jitter_ms, random))
            }
            Self::Fixed { delays_ms } => {
                let n = usize::try_from(n).unwrap_or(usize::MAX);
                delays_ms.get(n).or(delays_ms.last()).copied().unwrap_or(0)
            }
        }
    }
}

fn positive(setting: &'static str, time: u64) -> Result<(), InvalidSettings> {
    if time == 0 {
        return invalid(setting, "must be longer than 0");
    }
    Ok(())
}

fn limited(setting: &'static str, time: u64) -> Result<(), InvalidSettings> {
    if time > LONGEST_MS {
        return invalid(setting, "must not be longer than a day");
    }
    Ok(())
}

fn invalid(setting: &'static str, problem: &'static str) -> Result<(), InvalidSettings> {
    Err(InvalidSettings { setting, problem })
}

/// A random part of `whole`: in `0..whole`, or 0 when there is none.
pub(crate) fn portion(whole: u64, random: f64) -> u64 {
    // Lossless for any span of time that a person could wait for.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss
    )]
    let part = (whole as f64 * random.clamp(0.0, 1.0)).floor() as u64;
    part.min(whole.saturating_sub(1))
}
