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

    /// Until all of a killed server are told to be offline.
    pub(crate) fn killed(&self) -> Duration {
        self.lease_ttl + self.gone() + self.reaper_interval
    }

    /// Not before this is any of them.
    pub(crate) fn killed_earliest(&self) -> Duration {
        self.lease_ttl - self.lease_renewal + self.offline_grace
    }

    /// Until somebody who closed their last connection is told to be offline.
    pub(crate) fn gone(&self) -> Duration {
        self.offline_grace + WINDOW
    }

    /// Until somebody is told to be offline who left while Redis was away, which has forgotten everything
    /// since: it cannot tell them from those of whom it is still to be told.
    pub(crate) fn forgotten(&self) -> Duration {
        FOUND_AGAIN + self.lease_ttl + self.gone() + LOOKED_AT
    }

    /// Until every view is right after a fault.
    pub(crate) fn healed(&self) -> Duration {
        self.lease_renewal + WINDOW
    }
}

/// Whether the numbers are those of an installation.
pub(crate) fn is_full() -> bool {
    env::var("ROLLCALL_DRILL").is_ok_and(|which| which == "full")
}

/// A server tries at least this often to reach a Redis that it has lost.
const FOUND_AGAIN: Duration = Duration::from_secs(2);

/// Some of what is shown, and all that is in doubt, is compared with Redis this often.
pub(crate) const LOOKED_AT: Duration = Duration::from_secs(1);

/// Changes travel together that happen within this.
pub(crate) const WINDOW: Duration = Duration::from_millis(50);

/// What a busy machine may take beyond what is promised.
pub(crate) const LATE: Duration = Duration::from_secs(3);
