//! The phase table, row by row.

mod ending;
mod live;
mod opening;
mod page;
mod wishes;

use crate::tab::{SECOND, Tab};
use connection::{Event, Phase, Suspension};

fn retry_in(tab: &Tab) -> u64 {
    match tab.phase() {
        Phase::Backoff { retry_at, .. } => retry_at - tab.now.monotonic_ms,
        phase => panic!("not waiting: {phase:?}"),
    }
}

fn poll_in(tab: &Tab) -> Option<u64> {
    match tab.phase() {
        Phase::Suspended { poll_at, .. } => poll_at.map(|at| at - tab.now.monotonic_ms),
        phase => panic!("not suspended: {phase:?}"),
    }
}

fn is_suspended(tab: &Tab, expected: Suspension) -> bool {
    matches!(tab.phase(), Phase::Suspended { why, .. } if *why == expected)
}

fn suspended_offline() -> Tab {
    let mut tab = Tab::backoff();
    tab.take(Event::Offline);
    tab
}

fn suspended_hidden() -> Tab {
    let mut tab = Tab::stable();
    tab.take(Event::Hidden);
    tab.wait(5 * SECOND);
    tab.lose();
    assert!(is_suspended(&tab, Suspension::Hidden));
    tab
}

fn frozen() -> Tab {
    let mut tab = Tab::stable();
    tab.take(Event::PageHide);
    tab
}
