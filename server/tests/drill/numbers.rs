//! How much, and how long.

use std::{env, time::Duration};

/// How much, and how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers {
    /// People who are connected.
    pub(crate) people: usize,
    pub(crate) ping_interval: Duration,
    pub(crate) pong_timeout: Duration,
    pub(crate) offline_grace: Duration,
    pub(crate) lease_ttl: Duration,
    pub(crate) lease_renewal: Duration,
    pub(crate) reaper_interval: Duration,
    /// The first wait of a client before it comes back, and the random part of it.
    pub(crate) client_wait: Duration,
}

impl Numbers {
    /// As the environment says.
    pub(crate) fn get() -> Self {
        let seconds = Duration::from_secs;
        if is_full() {
            return Self {
                people: 500,
                ping_interval: seconds(30),
                pong_timeout: seconds(60),
                offline_grace: seconds(3),
                lease_ttl: seconds(30),
                lease_renewal: seconds(10),
                reaper_interval: seconds(5),
                client_wait: seconds(1),
            };
        }
        Self {
            people: 30,
            ping_interval: seconds(2),
            pong_timeout: seconds(6),
            offline_grace: Duration::from_millis(1_500),
            lease_ttl: seconds(6),
            lease_renewal: seconds(2),
            reaper_interval: seconds(1),
            client_wait: Duration::from_millis(300),
        }
    }

    /// Until all of a killed server are told to be offline. The coalescing window, and what a busy
    /// machine takes, come on top.
    pub(crate) fn killed(&self) -> Duration {
        self.lease_ttl + self.offline_grace + self.reaper_interval + LATE
    }

    /// Until every view is right after a fault.
    pub(crate) fn healed(&self) -> Duration {
        self.lease_renewal + LATE
    }
}

/// Whether the numbers are those of an installation.
pub(crate) fn is_full() -> bool {
    env::var("ROLLCALL_DRILL").is_ok_and(|which| which == "full")
}

/// The coalescing window, and what a busy machine takes.
pub(crate) const LATE: Duration = Duration::from_secs(3);
