//! Invariants 3 and 13: something always comes next, and never too much of it.

use crate::schedule::{life, live, settings};
use crate::tab::{HOUR, SECOND, opens, pings};
use connection::{Effect, Event, Now, Phase, Suspension, Tone, step};
use proptest::prelude::*;

fn is_frozen(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::Suspended {
            why: Suspension::Frozen,
            ..
        }
    )
}

proptest! {
    /// Invariant 3.
    #[test]
    fn outside_idle_and_online_something_will_happen_or_it_is_over(
        settings in settings(), life in life(),
    ) {
        for step in live(settings.clone(), &life).1 {
            let now = step.now.monotonic_ms;
            let due = match step.after.phase() {
                Phase::Connecting { since, .. } => Some(since + settings.connect_timeout_ms),
                Phase::Handshaking { since, .. } => Some(since + settings.handshake_timeout_ms),
                Phase::Backoff { retry_at, .. } => {
                    prop_assert!(*retry_at <= now + 31 * SECOND);
                    Some(*retry_at)
                }
                phase @ Phase::Suspended { poll_at, .. } => {
                    prop_assert_eq!(poll_at.is_none(), is_frozen(phase));
                    *poll_at
                }
                Phase::Idle | Phase::Online { .. } | Phase::Exhausted | Phase::Terminal(_) => None,
            };
            let deadline = step.after.next_deadline(&settings);
            if let Some(due) = due {
                prop_assert!(deadline.is_some_and(|deadline| deadline <= due));
            }
            let is_yellow = step.after.view(now, &settings).tone == Tone::Connecting;
            if is_yellow && !is_frozen(step.after.phase()) {
                prop_assert!(deadline.is_some(), "yellow for ever");
            }
        }
    }

    #[test]
    fn a_tick_at_the_deadline_leaves_no_deadline_behind(settings in settings(), life in life()) {
        for taken in live(settings.clone(), &life).1 {
            let Some(deadline) = taken.after.next_deadline(&settings) else { continue };
            let late = deadline.saturating_sub(taken.now.monotonic_ms);
            let now = Now {
                monotonic_ms: taken.now.monotonic_ms + late,
                wall_ms: taken.now.wall_ms + i64::try_from(late).unwrap(),
            };
            let (after, _) = step(taken.after.clone(), Event::Tick, now, 0.0, &settings);
            let next = after.next_deadline(&settings);
            prop_assert!(next.is_none_or(|next| next > now.monotonic_ms), "{:?}", after);
        }
    }

    /// Invariant 13: the clock.
    #[test]
    fn setting_the_clock_causes_one_probe_or_one_attempt(
        settings in settings(), life in life(), is_forward: bool,
    ) {
        let (mut tab, _) = live(settings, &life);
        tab.take(Event::Tick);
        let hour = i64::try_from(HOUR).unwrap();
        tab.now.wall_ms += if is_forward { hour } else { -hour };
        let mut effects = Vec::new();
        for _ in 0..5 {
            effects.extend(tab.take(Event::Tick));
        }
        prop_assert!(opens(&effects).len() + pings(&effects) <= 1, "{:?}", effects);
        if !is_forward {
            prop_assert_eq!(effects, []);
        }
    }

    #[test]
    fn attempts_are_at_least_a_second_apart(settings in settings(), life in life()) {
        let (tab, _) = live(settings, &life);
        let attempts: Vec<_> = tab.effects.iter()
            .filter(|(_, effect)| matches!(effect, Effect::Open(_)))
            .map(|(at, _)| *at)
            .collect();
        for pair in attempts.windows(2) {
            prop_assert!(pair[1] >= pair[0] + SECOND, "{:?}", pair);
        }
    }
}
