//! The server is stopped, and a person watches the indicator.

use crate::tab::{SECOND, Tab, opens};
use connection::{Action, Announcement, Backoff, Effect, Event, Phase, Settings, Toast, Tone};

/// The waits before each attempt that a person sees, in seconds, and the tooltips meanwhile.
fn suffer(tab: &mut Tab) -> Vec<(u64, String)> {
    let mut seen = Vec::new();
    tab.lose();
    while let Phase::Backoff { retry_at, .. } = *tab.phase() {
        let wait = retry_at - tab.now.monotonic_ms;
        assert_eq!(tab.tone(), Tone::Connecting);
        seen.push((wait / SECOND, tab.view().tooltip));
        tab.wait(wait - 1);
        assert!(matches!(tab.phase(), Phase::Backoff { .. }), "not before");
        tab.wait(1);
        assert!(matches!(tab.phase(), Phase::Connecting { .. }), "but then");
        assert_eq!(tab.tone(), Tone::Connecting);
        // An error and a close, as browsers report a refused connection.
        let generation = tab.generation();
        tab.take(Event::Failed(generation));
        tab.take(Event::Closed(
            generation,
            protocol::CloseCode::ABNORMAL,
            String::new(),
        ));
    }
    seen
}

fn toasts(tab: &Tab) -> Vec<Toast> {
    tab.effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            Effect::Toast(toast) => Some(*toast),
            _ => None,
        })
        .collect()
}

fn announced(tab: &Tab) -> Vec<Announcement> {
    tab.effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            Effect::Announce(announcement) => Some(*announcement),
            _ => None,
        })
        .collect()
}

#[test]
fn a_stopped_server_is_tried_ten_times_with_growing_waits_told_in_the_tooltip() {
    let mut tab = Tab::stable();
    assert_eq!(tab.tone(), Tone::Connected);
    assert_eq!(tab.view().tooltip, "Real-time updates active");
    let seen = suffer(&mut tab);
    let expected = [
        (1, "Reconnecting... (attempt 1/10)"),
        (2, "Reconnecting... (attempt 2/10)"),
        (4, "Reconnecting... (attempt 3/10)"),
        (8, "Reconnecting... (attempt 4/10) · next try in 8 s"),
        (16, "Reconnecting... (attempt 5/10) · next try in 16 s"),
        (30, "Reconnecting... (attempt 6/10) · next try in 30 s"),
        (30, "Reconnecting... (attempt 7/10) · next try in 30 s"),
        (30, "Reconnecting... (attempt 8/10) · next try in 30 s"),
        (30, "Reconnecting... (attempt 9/10) · next try in 30 s"),
        (30, "Reconnecting... (attempt 10/10) · next try in 30 s"),
    ];
    let expected = expected.map(|(wait, tooltip)| (wait, tooltip.to_owned()));
    assert_eq!(seen, expected);
}

#[test]
fn when_attempts_run_out_the_dot_is_red_and_one_toast_says_so() {
    let mut tab = Tab::stable();
    suffer(&mut tab);
    assert_eq!(*tab.phase(), Phase::Exhausted);
    let view = tab.view();
    assert_eq!(view.tone, Tone::Disconnected);
    assert_eq!(view.tooltip, "Offline - click to reconnect");
    assert_eq!(view.action, Some(Action::Retry));
    assert_eq!(toasts(&tab), [Toast::GaveUp]);
    assert_eq!(
        Toast::GaveUp.text(),
        "Connection lost. Click the status indicator to retry."
    );
    assert_eq!(
        opens(&tab.wait(3_600 * SECOND)),
        [],
        "nothing is tried any more"
    );
    assert_eq!(toasts(&tab), [Toast::GaveUp], "exactly once");
}

#[test]
fn the_countdown_counts_down_and_ends_below_five_seconds() {
    let mut tab = Tab::stable();
    tab.lose();
    while !matches!(tab.phase(), Phase::Backoff { attempt: 4, .. }) {
        let Phase::Backoff { retry_at, .. } = *tab.phase() else {
            panic!("{:?}", tab.phase())
        };
        tab.wait(retry_at - tab.now.monotonic_ms);
        tab.take(Event::Failed(tab.generation()));
    }
    let mut seen = Vec::new();
    for _ in 0..8 {
        seen.push(
            tab.view()
                .tooltip
                .rsplit_once(" · ")
                .map(|it| it.1.to_owned()),
        );
        tab.wait(SECOND);
    }
    let told = ["8 s", "7 s", "6 s", "5 s"].map(|wait| Some(format!("next try in {wait}")));
    assert_eq!(seen[..4], told);
    assert_eq!(seen[4..], [None, None, None, None]);
}

#[test]
fn a_click_on_red_tries_at_once_and_ten_times_anew() {
    let mut tab = Tab::exhausted();
    tab.wait(2 * SECOND);
    let effects = tab.take(Event::Click);
    assert_eq!(opens(&effects).len(), 1);
    assert!(tab.is_connecting(0));
    assert_eq!(suffer(&mut tab).len(), 10);
    assert_eq!(
        toasts(&tab).len(),
        2,
        "how the person's own try ended is news"
    );
}

#[test]
fn a_click_on_yellow_tries_at_once_and_starts_the_waits_again() {
    let mut tab = Tab::stable();
    tab.lose();
    for _ in 0..3 {
        let Phase::Backoff { retry_at, .. } = *tab.phase() else {
            panic!("{:?}", tab.phase())
        };
        tab.wait(retry_at - tab.now.monotonic_ms);
        tab.take(Event::Failed(tab.generation()));
    }
    assert!(matches!(tab.phase(), Phase::Backoff { attempt: 4, .. }));
    assert_eq!(tab.view().action, Some(Action::Retry));
    tab.wait(SECOND);
    assert_eq!(opens(&tab.take(Event::Click)).len(), 1);
    assert_eq!(suffer(&mut tab)[0].0, 1);
}

#[test]
fn the_server_returns_and_the_dot_is_green_by_itself() {
    let mut tab = Tab::stable();
    tab.lose();
    tab.wait(SECOND);
    tab.take(Event::Failed(tab.generation()));
    tab.wait(2 * SECOND);
    tab.opened();
    tab.welcome(true);
    assert_eq!(tab.tone(), Tone::Connected);
    assert_eq!(
        announced(&tab),
        [Announcement::Lost, Announcement::Restored]
    );
    assert_eq!(toasts(&tab), []);
}

#[test]
fn the_fixed_policy_waits_as_listed_and_repeats_its_last_delay() {
    let mut tab = Tab::with(Settings {
        backoff: Backoff::Fixed {
            delays_ms: vec![2_000, 5_000, 10_000],
        },
        attempts: 5,
        ..Settings::default()
    });
    tab.take(Event::Start);
    tab.opened();
    tab.welcome(true);
    tab.settle();
    let expected = [
        (2, "Reconnecting... (attempt 1/5)"),
        (5, "Reconnecting... (attempt 2/5) · next try in 5 s"),
        (10, "Reconnecting... (attempt 3/5) · next try in 10 s"),
        (10, "Reconnecting... (attempt 4/5) · next try in 10 s"),
        (10, "Reconnecting... (attempt 5/5) · next try in 10 s"),
    ];
    let expected = expected.map(|(wait, tooltip)| (wait, tooltip.to_owned()));
    assert_eq!(suffer(&mut tab), expected);
    assert_eq!(tab.view().tooltip, "Offline - click to reconnect");
    assert_eq!(toasts(&tab), [Toast::GaveUp]);
}

#[test]
fn a_first_connection_that_fails_has_ten_more_attempts() {
    let mut tab = Tab::connecting();
    assert_eq!(tab.view().tooltip, "Connecting…");
    assert_eq!(suffer(&mut tab).len(), 10);
}

#[test]
fn the_jitter_of_a_wait_is_less_than_configured() {
    let mut tab = Tab::stable();
    tab.random = 0.999_999;
    tab.lose();
    let Phase::Backoff { retry_at, .. } = *tab.phase() else {
        panic!("{:?}", tab.phase())
    };
    assert_eq!(retry_at, tab.now.monotonic_ms + 1_999);
}
