//! Invariants 5, 6, 8 and 9: what counts as an attempt, and what is final.

use crate::schedule::{Step, life, live, settings};
use connection::{Event, Generation, Phase};
use proptest::prelude::*;

/// The socket that ended with this step, if one did.
fn ended(step: &Step) -> Option<Generation> {
    let live = step.before.phase().generation()?;
    (!step.after.sockets().any(|socket| socket == live)).then_some(live)
}

proptest! {
    /// Invariant 5.
    #[test]
    fn one_failure_is_one_attempt_however_often_it_is_told(
        settings in settings(), life in life(),
    ) {
        for step in live(settings, &life).1 {
            let (before, after) = (step.before.phase(), step.after.phase());
            if *before != Phase::Exhausted && after.attempt() > before.attempt() {
                prop_assert_eq!(after.attempt(), before.attempt() + 1);
                prop_assert!(ended(&step).is_some(), "{:?}: {:?}", step.event, before);
            }
        }
    }

    /// Invariant 6.
    #[test]
    fn attempts_are_forgotten_by_stability_the_person_or_a_real_change_only(
        settings in settings(), life in life(),
    ) {
        for step in live(settings.clone(), &life).1 {
            let (before, after) = (step.before.phase(), step.after.phase());
            let has_cause = match step.event {
                Event::Click => true,
                Event::NetworkOnline => !step.before.environment().has_network,
                _ => matches!(after, Phase::Online { is_stable: true, .. }),
            };
            match (before, after) {
                (_, Phase::Terminal(_)) | (Phase::Terminal(_) | Phase::Idle, _) => {}
                (Phase::Exhausted, Phase::Exhausted) => {}
                (_, Phase::Exhausted) => {
                    prop_assert_eq!(before.attempt(), settings.attempts, "{:?}", step.event);
                }
                (Phase::Exhausted, _) => {
                    prop_assert!(has_cause || after.attempt() == settings.attempts);
                }
                _ => prop_assert!(
                    has_cause || after.attempt() >= before.attempt(), "{:?}", step.event
                ),
            }
        }
    }

    /// Invariant 8.
    #[test]
    fn an_end_is_left_by_a_click_only(settings in settings(), life in life()) {
        for step in live(settings, &life).1 {
            if matches!(step.before.phase(), Phase::Terminal(_)) && step.event != Event::Click {
                prop_assert_eq!(step.after.phase(), step.before.phase(), "{:?}", step.event);
                prop_assert_eq!(step.effects, []);
            }
        }
    }

    /// Invariant 9.
    #[test]
    fn time_hidden_or_offline_uses_up_no_attempt(settings in settings(), life in life()) {
        let mut hidden_since = None;
        for step in live(settings.clone(), &life).1 {
            let environment = step.after.environment();
            if environment.is_visible {
                hidden_since = None;
            } else {
                hidden_since.get_or_insert(step.now.monotonic_ms);
            }
            let is_long_hidden = hidden_since
                .is_some_and(|since| step.now.monotonic_ms >= since + settings.hidden_after_ms);
            let (before, after) = (step.before.phase(), step.after.phase());
            if (is_long_hidden || !environment.has_network) && *before != Phase::Exhausted {
                prop_assert!(after.attempt() <= before.attempt(), "{:?}", step.event);
                prop_assert_ne!(after, &Phase::Exhausted);
            }
        }
    }
}
