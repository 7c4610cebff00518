//! The sign-in, the ends, and what comes too late.

use super::{frozen, retry_in, suspended_hidden, suspended_offline};
use crate::frames::{created, epoch, reconnect, welcome};
use crate::tab::{HOUR, SECOND, Tab, opens};
use connection::{Effect, Event, Generation, OutboxState, Phase, Terminal, Tone};
use protocol::CloseCode;

#[test]
fn an_expired_sign_in_is_checked_once_and_comes_back_if_it_holds() {
    let mut tab = Tab::stable();
    let effects = tab.close(CloseCode::SESSION_EXPIRED);
    assert!(effects.contains(&Effect::RefreshSession));
    assert_eq!(opens(&tab.take(Event::SessionValid)).len(), 1);
    tab.opened();
    let effects = tab.close(CloseCode::SESSION_EXPIRED);
    assert!(!effects.contains(&Effect::RefreshSession));
    assert_eq!(*tab.phase(), Phase::Terminal(Terminal::SignedOut));
}

#[test]
fn a_sign_in_that_does_not_hold_ends_the_connection_whatever_it_is_doing() {
    let trying = |tab: &mut Tab| {
        tab.take(Event::Click);
    };
    let offline = |tab: &mut Tab| {
        tab.take(Event::Offline);
    };
    let waiting = |_: &mut Tab| {};
    for meanwhile in [trying, offline, waiting] {
        let mut tab = Tab::stable();
        tab.close(CloseCode::SESSION_EXPIRED);
        meanwhile(&mut tab);
        tab.take(Event::SessionInvalid);
        assert_eq!(*tab.phase(), Phase::Terminal(Terminal::SignedOut));
        assert_eq!(tab.state.sockets().count(), 0);
        assert_eq!(tab.view().tooltip, "Signed out - sign in");
    }
}

#[test]
fn signing_out_elsewhere_ends_a_hidden_tab_at_once() {
    let mut tab = Tab::stable();
    tab.take(Event::Hidden);
    tab.wait(10 * SECOND);
    tab.close(CloseCode::SESSION_EXPIRED);
    tab.take(Event::SessionInvalid);
    assert_eq!(*tab.phase(), Phase::Terminal(Terminal::SignedOut));
}

#[test]
fn an_answer_about_the_sign_in_that_nobody_waits_for_changes_nothing() {
    let mut tab = Tab::stable();
    tab.close(CloseCode::SESSION_EXPIRED);
    tab.take(Event::Click);
    tab.opened();
    tab.welcome(true);
    tab.lose();
    for event in [
        Event::SessionInvalid,
        Event::SessionValid,
        Event::SessionUnknown,
    ] {
        assert_eq!(tab.take(event), []);
        assert!(matches!(tab.phase(), Phase::Backoff { .. }));
    }
}

#[test]
fn a_sign_in_that_nobody_could_check_is_tried_after_the_usual_wait() {
    let mut tab = Tab::stable();
    tab.close(CloseCode::SESSION_EXPIRED);
    tab.take(Event::SessionUnknown);
    assert_eq!(retry_in(&tab), SECOND);
}

#[test]
fn a_terminal_close_ends_the_connection_and_leaves_no_timer() {
    let cases = [
        (1000, Terminal::Closed, "Offline - click to reconnect"),
        (1002, Terminal::Closed, "Offline - click to reconnect"),
        (1009, Terminal::Closed, "Offline - click to reconnect"),
        (4500, Terminal::Version, "Update available - reload"),
        (4501, Terminal::Closed, "Offline - click to reconnect"),
        (4503, Terminal::Forbidden, "Offline - click to reconnect"),
        (4999, Terminal::Closed, "Offline - click to reconnect"),
    ];
    for make in [Tab::connecting, Tab::handshaking, Tab::online, Tab::stable] {
        for (code, why, tooltip) in cases {
            let mut tab = make();
            tab.close(CloseCode(code));
            assert_eq!(*tab.phase(), Phase::Terminal(why), "{code}");
            assert_eq!(tab.deadline(), None);
            assert_eq!(tab.tone(), Tone::Disconnected);
            assert_eq!(tab.view().tooltip, tooltip);
        }
    }
}

#[test]
fn stop_ends_every_phase_closes_every_socket_and_leaves_no_timer() {
    let draining = || {
        let mut tab = Tab::stable();
        tab.frame(reconnect(0, 0));
        tab.wait(0);
        tab
    };
    for make in [
        Tab::new,
        Tab::connecting,
        Tab::handshaking,
        Tab::online,
        Tab::stable,
        Tab::backoff,
        Tab::exhausted,
        suspended_offline,
        suspended_hidden,
        frozen,
        draining,
    ] {
        let mut tab = make();
        tab.send(0, 1);
        let live: Vec<_> = tab.state.sockets().collect();
        let effects = tab.take(Event::Stop);
        for live in live {
            assert!(effects.contains(&Effect::Close(live, CloseCode::NORMAL)));
        }
        assert_eq!(*tab.phase(), Phase::Terminal(Terminal::Closed));
        assert_eq!(tab.state.sockets().count(), 0);
        assert_eq!(tab.deadline(), None);
        let items = tab.outbox().items();
        assert!(
            items
                .iter()
                .all(|item| matches!(item.state, OutboxState::Failed { .. }))
        );
        for event in [
            Event::Visible,
            Event::Focus,
            Event::NetworkOnline,
            Event::PageShow,
            Event::Start,
            Event::Tick,
        ] {
            tab.pass(HOUR);
            assert_eq!(tab.take(event), [], "only the person revives it");
        }
        assert_eq!(opens(&tab.take(Event::Click)).len(), 1);
    }
}

#[test]
fn being_signed_out_is_not_made_less_clear_by_a_stop() {
    let mut tab = Tab::stable();
    tab.close(CloseCode::SESSION_EXPIRED);
    tab.take(Event::SessionInvalid);
    tab.take(Event::Stop);
    assert_eq!(*tab.phase(), Phase::Terminal(Terminal::SignedOut));
}

#[test]
fn an_event_of_an_older_socket_changes_nothing() {
    for make in [Tab::backoff, suspended_offline, frozen, Tab::exhausted] {
        let mut tab = make();
        let before = tab.state.clone();
        for event in [
            Event::Opened(Generation(1)),
            Event::Frame(Generation(1), created(9)),
            Event::Frame(Generation(1), welcome(epoch(9), 9, false)),
            Event::Received(Generation(1)),
            Event::Closed(Generation(1), CloseCode::CLOSED_BY_ADMIN, String::new()),
            Event::Failed(Generation(1)),
        ] {
            assert_eq!(tab.take(event), []);
            assert_eq!(tab.state, before);
        }
    }
}
