//! Invariants 1, 2 and 13: how many sockets are open, and who is heard.

use crate::frames::{created, epoch, welcome};
use crate::schedule::{life, live, settings};
use connection::{Effect, Event, Generation, step};
use proptest::prelude::*;
use protocol::CloseCode;
use std::collections::BTreeSet;

proptest! {
    /// Invariant 1.
    #[test]
    fn at_most_one_socket_is_open_or_two_while_one_replaces_the_other(
        settings in settings(), life in life(),
    ) {
        let mut open = BTreeSet::new();
        let mut newest = Generation(0);
        for step in live(settings, &life).1 {
            for effect in &step.effects {
                match effect {
                    Effect::Open(generation) => {
                        prop_assert!(*generation > newest, "a generation is used once");
                        newest = *generation;
                        open.insert(*generation);
                    }
                    Effect::Close(generation, _) => {
                        prop_assert!(open.remove(generation), "closed twice: {:?}", step.event);
                    }
                    Effect::Send(generation, _) => prop_assert!(open.contains(generation)),
                    _ => {}
                }
            }
            if let Event::Closed(generation, ..) | Event::Failed(generation) = step.event {
                open.remove(&generation);
            }
            let known: BTreeSet<_> = step.after.sockets().collect();
            prop_assert_eq!(&open, &known, "{:?}", step.event);
            let most = if step.after.phase().is_online() { 2 } else { 1 };
            prop_assert!(open.len() <= most);
        }
    }

    /// Invariant 1: what is shown comes from the current socket alone.
    #[test]
    fn only_the_current_socket_feeds_what_is_shown(settings in settings(), life in life()) {
        for step in live(settings, &life).1 {
            if step.effects.iter().any(|effect| matches!(effect, Effect::Deliver(_))) {
                let Event::Frame(generation, _) = step.event else {
                    panic!("{:?} delivers", step.event)
                };
                prop_assert!(step.before.phase().is_online());
                prop_assert_eq!(step.before.phase().generation(), Some(generation));
            }
        }
    }

    /// Invariant 2.
    #[test]
    fn whatever_an_old_socket_reports_changes_nothing_and_emits_nothing(
        settings in settings(), life in life(), code in 1000..5000_u16,
    ) {
        let mut newest = 0;
        for taken in live(settings.clone(), &life).1 {
            newest = taken.after.sockets().map(|it| it.0).max().unwrap_or(newest);
            let mut dead = (0..=newest)
                .map(Generation)
                .filter(|it| !taken.after.sockets().any(|socket| socket == *it));
            let Some(old) = dead.next_back() else { continue };
            for event in [
                Event::Opened(old),
                Event::Frame(old, welcome(epoch(98), 5, false)),
                Event::Frame(old, created(1_000)),
                Event::Received(old),
                Event::Closed(old, CloseCode(code), String::new()),
                Event::Failed(old),
            ] {
                let (after, effects) = step(taken.after.clone(), event, taken.now, 0.5, &settings);
                prop_assert_eq!(effects, []);
                prop_assert_eq!(&after, &taken.after);
            }
        }
    }

    /// Invariant 13: the end.
    #[test]
    fn stop_leaves_no_timer_and_no_socket_wherever_it_strikes(
        settings in settings(), life in life(),
    ) {
        for taken in live(settings.clone(), &life).1 {
            let (after, effects) =
                step(taken.after.clone(), Event::Stop, taken.now, 0.0, &settings);
            prop_assert_eq!(after.next_deadline(&settings), None);
            prop_assert_eq!(after.sockets().count(), 0);
            for socket in taken.after.sockets() {
                prop_assert!(effects.contains(&Effect::Close(socket, CloseCode::NORMAL)));
            }
        }
    }
}
