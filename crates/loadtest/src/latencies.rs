//! How long something took, many times.

use std::time::Duration;

/// How long something took, many times. Every sample is kept, so percentiles are exact.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    /// In microseconds: a load of an hour has millions of them.
    micros: Vec<u32>,
}

impl Latencies {
    /// Adds a sample.
    pub fn add(&mut self, took: Duration) {
        self.micros
            .push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    /// Adds the samples of another.
    pub fn append(&mut self, mut other: Self) {
        self.micros.append(&mut other.micros);
    }

    /// How many samples there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.micros.len()
    }

    /// The smallest sample that so many in a thousand do not exceed (the nearest rank); `None` without
    /// samples.
    #[must_use]
    pub fn per_mille(&self, per_mille: usize) -> Option<Duration> {
        let rank = (self.micros.len() * per_mille).div_ceil(1_000);
        let index = rank.checked_sub(1)?;
        let mut micros = self.micros.clone();
        let (_, found, _) = micros.select_nth_unstable(index.min(self.micros.len() - 1));
        Some(Duration::from_micros(u64::from(*found)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: impl IntoIterator<Item = u64>) -> Latencies {
        let mut latencies = Latencies::default();
        for it in micros {
            latencies.add(Duration::from_micros(it));
        }
        latencies
    }

    fn micros(latencies: &Latencies, per_mille: usize) -> u128 {
        latencies.per_mille(per_mille).unwrap().as_micros()
    }

    #[test]
    fn a_percentile_is_the_sample_of_the_nearest_rank_whatever_the_order() {
        let latencies = of((1..=1_000).rev());
        assert_eq!(micros(&latencies, 500), 500);
        assert_eq!(micros(&latencies, 990), 990);
        assert_eq!(micros(&latencies, 999), 999);
        assert_eq!(micros(&latencies, 1_000), 1_000);
    }

    #[test]
    fn the_slowest_of_few_is_not_hidden_by_a_high_percentile() {
        let latencies = of([1, 1, 1, 9_000]);
        assert_eq!(micros(&latencies, 500), 1);
        assert_eq!(micros(&latencies, 990), 9_000);
    }

    #[test]
    fn samples_of_two_are_one_distribution() {
        let mut latencies = of([1, 2]);
        latencies.append(of([3, 4]));
        assert_eq!(latencies.count(), 4);
        assert_eq!(micros(&latencies, 1_000), 4);
    }

    #[test]
    fn without_samples_there_is_no_percentile() {
        assert_eq!(Latencies::default().per_mille(500), None);
    }
}
