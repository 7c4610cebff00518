//! How long to wait between attempts.

use crate::settings::{InvalidSettings, invalid, limited, positive};
use serde::{Deserialize, Serialize};

/// How long to wait between attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Backoff {
    pub(crate) fn validate(&self) -> Result<(), InvalidSettings> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exponential(base_ms: u64, max_ms: u64, jitter_ms: u64) -> Backoff {
        Backoff::Exponential {
            base_ms,
            max_ms,
            jitter_ms,
        }
    }

    #[test]
    fn exponential_waits_double_up_to_the_longest() {
        let backoff = exponential(1_000, 30_000, 1_000);
        let waits: Vec<_> = (0..7).map(|n| backoff.delay(n, 0.0)).collect();
        assert_eq!(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(backoff.delay(0, 0.5), 1_500);
    }

    #[test]
    fn fixed_waits_follow_their_list_and_repeat_its_last() {
        let backoff = Backoff::Fixed {
            delays_ms: vec![2_000, 5_000, 10_000],
        };
        let waits: Vec<_> = [0, 1, 2, 3, u32::MAX].map(|n| backoff.delay(n, 0.9)).into();
        assert_eq!(waits, [2_000, 5_000, 10_000, 10_000, 10_000]);
    }

    proptest! {
        /// Invariant 4.
        #[test]
        fn a_wait_is_at_least_the_doubled_base_and_less_than_a_jitter_more(
            base in 1..=u64::MAX,
            max in 1..=u64::MAX,
            jitter in 0..=86_400_000_u64,
            n in prop_oneof![0..40_u32, Just(u32::MAX)],
            random in 0.0..1.0,
        ) {
            let wait = exponential(base, max, jitter).delay(n, random);
            let least = u64::try_from((u128::from(base) << n.min(31)).min(max.into())).unwrap();
            prop_assert!(wait >= least);
            prop_assert!(wait <= least.saturating_add(jitter.saturating_sub(1)));
        }

        #[test]
        fn whatever_number_is_passed_as_random_the_jitter_stays_within_its_bounds(
            jitter in 0..=86_400_000_u64, random in proptest::num::f64::ANY,
        ) {
            let wait = exponential(1, 1, jitter).delay(0, random);
            prop_assert!((1..=jitter.max(1)).contains(&wait), "{wait}");
        }
    }
}
