//! What the judge must find out, or a course without a violation says nothing.

use crate::world::SETTINGS;
use presence::Settings;
use std::time::Duration;

/// What is wrong on purpose, to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    /// Users are offline long before the grace is over.
    HastyGrace,
    /// Leases run out before they are renewed.
    ShortLease,
    /// Living tabs are given up.
    ShortPatience,
    /// Nobody looks for leases that ran out.
    NoReaper,
    /// The store writes over states that were not read.
    BlindStore,
    /// Whoever is read is gone.
    WearingReads,
    /// Who signs out is taken for somebody who may come back.
    DoubtedSignOut,
    /// Nodes that were cut off find too late that they are not any more.
    LateMend,
}

impl Fault {
    /// The settings of nodes that have it.
    pub(crate) const fn settings(self) -> Settings {
        let mut settings = SETTINGS;
        match self {
            Self::Nothing
            | Self::BlindStore
            | Self::WearingReads
            | Self::DoubtedSignOut
            | Self::LateMend => {}
            Self::HastyGrace => settings.offline_grace = Duration::from_millis(200),
            Self::ShortLease => settings.lease_ttl = Duration::from_secs(2),
            Self::ShortPatience => settings.pong_timeout = Duration::from_millis(400),
            Self::NoReaper => settings.reaper_interval = Duration::from_secs(3_600),
        }
        settings
    }
}
