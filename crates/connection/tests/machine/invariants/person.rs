//! Invariants 7, 12 and 14: what the person sees and hears.

use crate::frames::me;
use crate::schedule::{life, live, settings};
use crate::tab::HOUR;
use connection::{Announcement, Effect, Event, Phase, Suspension, Toast, Tone, TypingSet};
use proptest::prelude::*;
use protocol::ServerFrame;
use std::collections::BTreeSet;

proptest! {
    /// Invariant 7.
    #[test]
    fn green_means_welcomed_and_heard_of_lately(settings in settings(), life in life()) {
        let mut welcomed = BTreeSet::new();
        let longest = settings.ping_interval_ms + settings.pong_timeout_ms;
        for step in live(settings.clone(), &life).1 {
            if let Event::Frame(generation, ServerFrame::Welcome(_)) = step.event {
                welcomed.insert(generation);
            }
            let now = step.now.monotonic_ms;
            if step.after.view(now, &settings).tone == Tone::Connected {
                let Phase::Online { generation, last_rx, .. } = *step.after.phase() else {
                    panic!("{:?} is green", step.after.phase())
                };
                prop_assert!(welcomed.contains(&generation));
                prop_assert!(now - last_rx < longest);
            }
            let later = step.after.view(now + longest, &settings);
            prop_assert_ne!(later.tone, Tone::Connected, "green without a tick for so long");
        }
    }

    /// Invariant 12.
    #[test]
    fn nobody_is_typing_unless_online_and_never_oneself(settings in settings(), life in life()) {
        let mut typing = TypingSet::default();
        for step in live(settings, &life).1 {
            let now = step.now.monotonic_ms;
            for effect in &step.effects {
                match effect {
                    Effect::Deliver(frame) => {
                        if let ServerFrame::Typing { user_id, .. } = frame {
                            prop_assert_ne!(*user_id, me());
                        }
                        typing.apply(frame, now, 3_000);
                    }
                    Effect::ClearTyping => typing.clear(),
                    _ => {}
                }
            }
            prop_assert!(typing.is_empty() || step.after.phase().is_online());
        }
    }

    /// Invariant 14: announcements.
    #[test]
    fn nothing_is_announced_twice_without_a_change_that_the_person_knows_of(
        settings in settings(), life in life(),
    ) {
        let mut last = None;
        for step in live(settings, &life).1 {
            // How the person's own try ends is news.
            if step.event == Event::Click && last != Some(Announcement::Restored) {
                last = last.min(Some(Announcement::Lost));
            }
            let said: Vec<_> = step.effects.iter()
                .filter_map(|effect| match effect {
                    Effect::Announce(announcement) => Some(*announcement),
                    _ => None,
                })
                .collect();
            prop_assert!(said.len() <= 1);
            let toasts = step.effects.contains(&Effect::Toast(Toast::GaveUp));
            prop_assert_eq!(toasts, said == [Announcement::GaveUp]);
            for announcement in said {
                prop_assert_ne!(Some(announcement), last);
                if announcement == Announcement::Restored {
                    prop_assert!(last.is_some(), "nothing was said to be lost");
                    prop_assert!(step.after.phase().is_online());
                }
                last = Some(announcement);
            }
        }
    }

    /// Invariant 14: the view.
    #[test]
    fn the_view_says_what_the_state_is_at_any_time(
        settings in settings(), life in life(), later in 0..HOUR,
    ) {
        for step in live(settings.clone(), &life).1 {
            for at in [0, step.now.monotonic_ms, step.now.monotonic_ms + later] {
                let view = step.after.view(at, &settings);
                prop_assert!(!view.tooltip.is_empty());
                let is_over = matches!(
                    step.after.phase(),
                    Phase::Exhausted
                        | Phase::Terminal(_)
                        | Phase::Suspended { why: Suspension::Offline, .. }
                );
                prop_assert_eq!(view.tone == Tone::Disconnected, is_over);
                prop_assert!(view.action.is_some() || !is_over, "red without a way out");
            }
        }
    }
}
