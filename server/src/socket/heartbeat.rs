//! When to ping, and when silence means that nobody is there.

use std::time::Duration;
use tokio::time::Instant;

/// The heartbeat of one socket. Anything heard counts; a ping is only sent into silence.
#[derive(Clone, Debug)]
pub(super) struct Heartbeat {
    ping_interval: Duration,
    pong_timeout: Duration,
    last_heard: Instant,
    next_ping: Instant,
    /// When a ping was sent that has no answer yet.
    pinged: Option<Instant>,
}

/// What the heartbeat wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing yet.
    Wait,
    /// Send a ping.
    Ping,
    /// Nothing was heard for the pong timeout: close the socket.
    TimedOut,
}

impl Heartbeat {
    /// Starts with the socket's opening.
    #[must_use]
    pub(super) fn new(ping_interval: Duration, pong_timeout: Duration, now: Instant) -> Self {
        Self {
            ping_interval,
            pong_timeout,
            last_heard: now,
            next_ping: now + ping_interval,
            pinged: None,
        }
    }

    /// Something arrived.
    pub(super) fn heard(&mut self, now: Instant) {
        self.last_heard = now;
        self.next_ping = now + self.ping_interval;
    }

    /// A ping was answered; gives how long that took.
    pub(super) fn answered(&mut self, now: Instant) -> Option<Duration> {
        Some(now.saturating_duration_since(self.pinged.take()?))
    }

    /// For how long nothing has arrived.
    #[must_use]
    pub(super) fn silent_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.last_heard)
    }

    /// What is due. A ping is due once per interval.
    pub(super) fn beat(&mut self, now: Instant) -> Beat {
        if now >= self.times_out_at() {
            Beat::TimedOut
        } else if now >= self.next_ping {
            self.next_ping = now + self.ping_interval;
            self.pinged = Some(now);
            Beat::Ping
        } else {
            Beat::Wait
        }
    }

    /// When to ask again.
    #[must_use]
    pub(super) fn deadline(&self) -> Instant {
        self.next_ping.min(self.times_out_at())
    }

    /// When silence becomes a time-out.
    #[must_use]
    pub(super) fn times_out_at(&self) -> Instant {
        self.last_heard + self.pong_timeout
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: fn(u64) -> Duration = Duration::from_secs;

    #[tokio::test(start_paused = true)]
    async fn a_silent_socket_is_pinged_and_then_given_up_never_before_the_timeout() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(S(30), S(60), start);
        assert_eq!(heartbeat.deadline(), start + S(30));
        assert_eq!(heartbeat.beat(start + S(29)), Beat::Wait);
        assert_eq!(heartbeat.beat(start + S(30)), Beat::Ping);
        assert_eq!(heartbeat.beat(start + S(30)), Beat::Wait);
        assert_eq!(heartbeat.beat(start + S(59)), Beat::Wait);
        assert_eq!(heartbeat.beat(start + S(60)), Beat::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_round_trip_is_measured_once() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(S(30), S(60), start);
        assert_eq!(heartbeat.answered(start + S(1)), None, "nothing was asked");
        assert_eq!(heartbeat.beat(start + S(30)), Beat::Ping);
        assert_eq!(heartbeat.answered(start + S(32)), Some(S(2)));
        assert_eq!(heartbeat.answered(start + S(33)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_that_speaks_is_neither_pinged_nor_given_up() {
        let start = Instant::now();
        let mut heartbeat = Heartbeat::new(S(30), S(60), start);
        for beat in 1..20 {
            let now = start + S(25 * beat);
            assert_eq!(heartbeat.beat(now), Beat::Wait);
            heartbeat.heard(now);
        }
    }
}
