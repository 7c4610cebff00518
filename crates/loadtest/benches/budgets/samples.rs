//! How long something took, many times.

use loadtest::Latencies;
use tokio::time::Instant;

/// How long something took, many times.
pub(crate) struct Samples(Latencies);

impl Samples {
    /// Does something `count` times after `warm_up` times that do not count.
    pub(crate) async fn take<E>(
        warm_up: usize,
        count: usize,
        mut what: impl AsyncFnMut() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut samples = Latencies::default();
        for round in 0..warm_up + count {
            let start = Instant::now();
            what().await?;
            if round >= warm_up {
                samples.add(start.elapsed());
            }
        }
        Ok(Self(samples))
    }

    /// The sample that `percent` of them do not exceed, in milliseconds.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        self.0
            .per_mille(percent * 10)
            .map_or(f64::NAN, |sample| sample.as_secs_f64() * 1_000.0)
    }
}
