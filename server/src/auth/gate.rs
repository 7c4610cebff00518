//! The throttle on this machine's clock, shared by all who let people in.

use super::throttle::{Attempt, Limits, Throttle};
use crate::{
    config::SignIn,
    error::Error,
    metrics::{Limit, Metrics},
};
use std::{
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::time::Instant;

/// Who may try a password, or make an account, now.
#[derive(Debug)]
pub struct Gate {
    throttle: Mutex<Throttle>,
    started: Instant,
    metrics: Metrics,
}

impl Gate {
    /// Nobody has tried yet.
    #[must_use]
    pub fn new(config: &SignIn, metrics: Metrics) -> Self {
        let remembered = NonZeroUsize::new(config.remembered).unwrap_or(NonZeroUsize::MIN);
        Self {
            throttle: Mutex::new(Throttle::new(Limits::from(config), remembered)),
            started: Instant::now(),
            metrics,
        }
    }

    /// Charges an attempt.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when it must wait.
    pub fn charge(&self, account: &str, address: IpAddr) -> Result<Attempt, Error> {
        let now = self.started.elapsed();
        let charged = self.throttle().charge(account, address, now);
        charged.map_err(|retry_after| {
            let wait_ms = retry_after.as_millis();
            // The account is not told: what was typed may be no account, but a password.
            tracing::info!(%address, wait_ms, "sign_in_throttled");
            self.metrics.limited(Limit::SignIn);
            Error::RateLimited { retry_after }
        })
    }

    /// Charges an attempt to make an account.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when it must wait.
    pub fn charge_sign_up(&self, address: IpAddr) -> Result<(), Error> {
        let now = self.started.elapsed();
        let charged = self.throttle().charge_sign_up(address, now);
        charged.map_err(|retry_after| {
            let wait_ms = retry_after.as_millis();
            tracing::info!(%address, wait_ms, "sign_up_throttled");
            self.metrics.limited(Limit::SignUp);
            Error::RateLimited { retry_after }
        })
    }

    /// The attempt was right.
    pub fn forgive(&self, attempt: &Attempt) {
        self.throttle().forgive(attempt);
    }

    /// The attempt was not looked at.
    pub fn take_back(&self, attempt: &Attempt) {
        self.throttle().take_back(attempt);
    }

    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
