//! How long something took, many times.

use std::time::Duration;
use tokio::time::Instant;

/// How long something took, many times; sorted.
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// Does something `count` times after `warm_up` times that do not count.
    pub(crate) async fn take<E>(
        warm_up: usize,
        count: usize,
        mut what: impl AsyncFnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut samples = Vec::with_capacity(count);
        for round in 0..warm_up + count {
            let start = Instant::now();
            what().await?;
            if round >= warm_up {
                samples.push(start.elapsed());
            }
        }
        samples.sort_unstable();
        Ok(Self(samples))
    }

    /// The sample that `percent` of them do not exceed, in milliseconds.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let index = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0
            .get(index)
            .map_or(f64::NAN, |sample| sample.as_secs_f64() * 1_000.0)
    }
}
