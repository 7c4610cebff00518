//! How many frames a connection may send: a token bucket.

use std::time::Duration;
use tokio::time::Instant;

/// A token bucket: `burst` frames at once, `per_second` in the long run.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    per_second: f64,
    burst: f64,
    tokens: f64,
    filled_at: Instant,
    refused: u32,
}

/// Whether a frame may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It may.
    Granted,
    /// It may not; the sender is told.
    Refused,
    /// The sender was told `burst` times in a row and goes on: close the connection.
    Abuse,
}

impl Budget {
    /// A full bucket.
    #[must_use]
    pub(super) fn new(per_second: u32, burst: u32, now: Instant) -> Self {
        Self {
            per_second: f64::from(per_second),
            burst: f64::from(burst),
            tokens: f64::from(burst),
            filled_at: now,
            refused: 0,
        }
    }

    /// Takes one token.
    pub(super) fn spend(&mut self, now: Instant) -> Admission {
        let elapsed = now.saturating_duration_since(self.filled_at);
        self.filled_at = now;
        self.tokens = (self.tokens + elapsed.as_secs_f64() * self.per_second).min(self.burst);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            self.refused = 0;
            return Admission::Granted;
        }
        self.refused += 1;
        if f64::from(self.refused) > self.burst {
            Admission::Abuse
        } else {
            Admission::Refused
        }
    }

    /// How long until the bucket is full again.
    #[must_use]
    pub(super) fn recovers_in(&self) -> Duration {
        Duration::from_secs_f64((self.burst - self.tokens).max(0.0) / self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_a_flood_is_refused_and_then_closed() {
        let now = Instant::now();
        let mut budget = Budget::new(1, 3, now);
        assert!((0..3).all(|_| budget.spend(now) == Admission::Granted));
        assert!((0..3).all(|_| budget.spend(now) == Admission::Refused));
        assert_eq!(budget.spend(now), Admission::Abuse);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_slows_down_is_forgiven() {
        let now = Instant::now();
        let mut budget = Budget::new(1, 1, now);
        assert_eq!(budget.spend(now), Admission::Granted);
        assert_eq!(budget.spend(now), Admission::Refused);
        assert_eq!(budget.recovers_in(), Duration::from_secs(1));
        assert_eq!(
            budget.spend(now + Duration::from_secs(1)),
            Admission::Granted
        );
    }
}
