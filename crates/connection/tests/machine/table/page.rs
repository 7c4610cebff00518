//! What the browser says of page and network.

use super::{is_suspended, poll_in, retry_in, suspended_hidden, suspended_offline};
use crate::frames::{created, hello, resume};
use crate::tab::{BEGIN, HOUR, SECOND, Tab, opens, pings, sent};
use connection::{Effect, Event, Generation, Phase, Suspension, Tone};
use protocol::CloseCode;

#[test]
fn going_offline_while_trying_suspends_without_charge_and_polls_every_thirty_seconds() {
    let handshaking = || {
        let mut tab = Tab::backoff();
        tab.wait(SECOND);
        tab.opened();
        tab
    };
    let connecting = || {
        let mut tab = Tab::backoff();
        tab.wait(SECOND);
        tab
    };
    for make in [Tab::backoff, connecting, handshaking] {
        let mut tab = make();
        let live: Vec<_> = tab.state.sockets().collect();
        let effects = tab.take(Event::Offline);
        let closes = live
            .iter()
            .map(|live| Effect::Close(*live, CloseCode::FROZEN));
        assert_eq!(effects[..live.len()], closes.collect::<Vec<_>>());
        assert!(is_suspended(&tab, Suspension::Offline));
        assert_eq!(tab.tone(), Tone::Disconnected);
        assert_eq!(tab.view().tooltip, "You are offline");
        for _ in 0..20 {
            assert_eq!(poll_in(&tab), Some(30 * SECOND));
            assert_eq!(opens(&tab.wait(30 * SECOND)).len(), 1, "onLine lies");
            assert!(tab.is_connecting(1), "{:?}", tab.phase());
            tab.take(Event::Failed(tab.generation()));
        }
    }
}

#[test]
fn going_offline_while_online_is_a_hint_that_is_probed_within_three_seconds() {
    let mut tab = Tab::stable();
    assert_eq!(pings(&tab.take(Event::Offline)), 1);
    assert_eq!(
        tab.probe().unwrap().deadline,
        tab.now.monotonic_ms + 3 * SECOND
    );
    assert_eq!(tab.tone(), Tone::Connecting);
    tab.pong();
    assert_eq!(tab.tone(), Tone::Connected, "the hint was wrong");

    let mut tab = Tab::stable();
    tab.take(Event::Offline);
    tab.wait(3 * SECOND);
    assert!(
        is_suspended(&tab, Suspension::Offline),
        "the hint was right"
    );
}

#[test]
fn a_page_hidden_for_five_seconds_stops_trying_and_polls_every_minute() {
    let mut tab = Tab::backoff();
    tab.wait(SECOND);
    tab.take(Event::Hidden);
    let close = Effect::Close(tab.generation(), CloseCode::FROZEN);
    assert!(!tab.wait(5 * SECOND - 1).contains(&close));
    assert_eq!(tab.wait(1), [close]);
    assert!(is_suspended(&tab, Suspension::Hidden));
    for _ in 0..20 {
        assert_eq!(poll_in(&tab), Some(60 * SECOND));
        assert_eq!(opens(&tab.wait(60 * SECOND)).len(), 1);
        assert!(tab.is_connecting(1), "at no charge");
        tab.take(Event::Failed(tab.generation()));
    }
}

#[test]
fn an_attempt_that_begins_while_hidden_still_stops_after_five_seconds() {
    let mut tab = Tab::backoff();
    tab.take(Event::Hidden);
    tab.wait(SECOND);
    assert!(tab.is_connecting(1));
    tab.wait(4 * SECOND);
    assert!(is_suspended(&tab, Suspension::Hidden), "{:?}", tab.phase());
}

#[test]
fn a_page_hidden_for_a_moment_goes_on_trying() {
    let mut tab = Tab::connecting();
    tab.take(Event::Hidden);
    tab.wait(4 * SECOND);
    tab.take(Event::Visible);
    tab.wait(4 * SECOND);
    assert!(tab.is_connecting(0));
}

#[test]
fn whatever_brings_the_person_back_tries_at_once() {
    for make in [
        Tab::backoff,
        suspended_offline,
        suspended_hidden,
        Tab::exhausted,
    ] {
        for event in [
            Event::Visible,
            Event::Focus,
            Event::NetworkOnline,
            Event::Click,
        ] {
            let mut tab = make();
            tab.wait(900);
            tab.pass(100);
            let effects = tab.take(event.clone());
            assert_eq!(opens(&effects).len(), 1, "{event:?}: {:?}", tab.phase());
            assert!(matches!(tab.phase(), Phase::Connecting { .. }));
        }
    }
}

#[test]
fn a_wake_from_sleep_tries_at_once() {
    for make in [
        Tab::backoff,
        suspended_offline,
        suspended_hidden,
        Tab::exhausted,
    ] {
        let mut tab = make();
        tab.pass(HOUR);
        assert_eq!(opens(&tab.take(Event::Tick)).len(), 1, "{:?}", tab.phase());
        assert!(matches!(tab.phase(), Phase::Connecting { .. }));
    }
}

#[test]
fn returning_again_and_again_makes_at_most_one_attempt_a_second() {
    let mut tab = Tab::exhausted();
    let before = tab.now.monotonic_ms;
    let mut attempts = 0;
    while tab.now.monotonic_ms < before + 10 * SECOND {
        for event in [
            Event::Focus,
            Event::Visible,
            Event::Click,
            Event::Offline,
            Event::NetworkOnline,
        ] {
            attempts += opens(&tab.take(event)).len();
        }
        if let Some(live) = tab.phase().generation() {
            tab.take(Event::Failed(live));
        }
        attempts += opens(&tab.wait(100)).len();
    }
    assert!((9..=10).contains(&attempts), "{attempts}");
}

#[test]
fn returning_never_makes_the_next_attempt_later() {
    let mut tab = Tab::new();
    tab.settings.backoff = connection::Backoff::Fixed {
        delays_ms: vec![100],
    };
    tab.take(Event::Start);
    tab.take(Event::Failed(Generation(1)));
    tab.take(Event::Focus);
    assert_eq!(retry_in(&tab), 100);
}

#[test]
fn a_return_while_online_is_probed_at_once() {
    for event in [Event::Visible, Event::NetworkChanged, Event::NetworkOnline] {
        let mut tab = Tab::stable();
        tab.wait(20 * SECOND);
        assert_eq!(pings(&tab.take(event.clone())), 1, "{event:?}");
        assert_eq!(
            tab.probe().unwrap().deadline,
            tab.now.monotonic_ms + 3 * SECOND
        );
    }
    let mut tab = Tab::stable();
    tab.pass(HOUR);
    assert_eq!(pings(&tab.take(Event::Tick)), 1);
    assert_eq!(
        tab.tone(),
        Tone::Connecting,
        "not called connected before the answer"
    );
    tab.pong();
    assert_eq!(tab.tone(), Tone::Connected);
}

#[test]
fn looking_at_a_page_that_was_heard_of_lately_does_not_make_it_yellow() {
    let mut tab = Tab::stable();
    tab.take(Event::Hidden);
    tab.wait(10 * SECOND);
    tab.take(Event::Visible);
    assert_eq!(tab.tone(), Tone::Connected);
}

#[test]
fn a_probe_that_fell_due_in_sleep_is_asked_again() {
    let mut tab = Tab::stable();
    tab.wait(25 * SECOND);
    tab.pass(HOUR);
    assert_eq!(pings(&tab.take(Event::Tick)), 1);
    assert_eq!(
        tab.probe().unwrap().deadline,
        tab.now.monotonic_ms + 3 * SECOND
    );
}

#[test]
fn an_attempt_that_fell_due_in_sleep_is_made_anew_at_no_charge() {
    for make in [Tab::connecting, Tab::handshaking] {
        let mut tab = make();
        tab.pass(HOUR);
        let effects = tab.take(Event::Tick);
        let close = Effect::Close(Generation(1), CloseCode::PROBE_FAILED);
        assert_eq!(effects, [close, Effect::Open(Generation(2))]);
        assert!(tab.is_connecting(0));
    }
}

#[test]
fn a_page_that_goes_away_is_frozen_whatever_it_did_and_keeps_its_session() {
    for make in [
        Tab::connecting,
        Tab::handshaking,
        Tab::online,
        Tab::stable,
        Tab::backoff,
        suspended_offline,
        suspended_hidden,
    ] {
        let mut tab = make();
        let live: Vec<_> = tab.state.sockets().collect();
        let effects = tab.take(Event::PageHide);
        let closes = live
            .iter()
            .map(|live| Effect::Close(*live, CloseCode::FROZEN));
        assert_eq!(effects[..live.len()], closes.collect::<Vec<_>>());
        assert!(is_suspended(&tab, Suspension::Frozen));
        assert_eq!(tab.deadline(), None, "a frozen page has no timers");
        assert!(tab.state.resume().is_some());
    }
}

#[test]
fn a_frozen_page_that_is_shown_connects_with_its_resume_token() {
    let mut tab = Tab::stable();
    tab.frame(created(7));
    tab.take(Event::PageHide);
    for event in [
        Event::Visible,
        Event::Focus,
        Event::NetworkOnline,
        Event::Click,
        Event::Tick,
    ] {
        assert_eq!(tab.take(event), [], "frozen is frozen");
    }
    tab.pass(HOUR);
    assert_eq!(opens(&tab.take(Event::PageShow)).len(), 1);
    let effects = tab.opened();
    let idle_ms = tab.now.monotonic_ms - BEGIN;
    assert_eq!(sent(&effects), [&hello(Some(resume(7)), idle_ms)]);
}

#[test]
fn being_told_twice_that_the_page_is_hidden_does_not_stop_its_poll() {
    let mut tab = suspended_hidden();
    tab.wait(60 * SECOND);
    tab.take(Event::Hidden);
    tab.wait(6 * SECOND);
    assert!(tab.is_connecting(0), "{:?}", tab.phase());
}

#[test]
fn the_slowed_timers_of_a_hidden_page_are_no_sleep() {
    let mut tab = Tab::stable();
    tab.take(Event::Hidden);
    tab.wait(10 * SECOND);
    tab.pass(60 * SECOND);
    tab.take(Event::Tick);
    assert!(!tab.probe().unwrap().is_doubtful, "a routine question");
    tab.pong();
    tab.pass(HOUR);
    tab.take(Event::Tick);
    assert!(tab.probe().unwrap().is_doubtful, "an hour is one");
}
