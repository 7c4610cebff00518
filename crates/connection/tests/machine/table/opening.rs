//! From the start to the welcome, and what goes wrong on the way.

use super::{is_suspended, retry_in};
use crate::frames::{chat_room, client_id, epoch, hello, resume, welcome};
use crate::tab::{SECOND, Tab, messages_sent, opens, sent};
use connection::{Effect, Environment, Event, Generation, Phase, State, Suspension, Tone};
use protocol::{ClientFrame, CloseCode};

#[test]
fn start_opens_a_socket() {
    let mut tab = Tab::new();
    assert_eq!(tab.take(Event::Start), [Effect::Open(Generation(1))]);
    assert!(tab.is_connecting(0));
    assert_eq!(tab.take(Event::Start), [], "once");
}

#[test]
fn an_open_socket_says_hello_with_the_resume_token() {
    let mut tab = Tab::connecting();
    let hello = hello(Some(resume(0)), 0);
    assert_eq!(tab.opened(), [Effect::Send(Generation(1), hello)]);
    assert!(matches!(tab.phase(), Phase::Handshaking { .. }));
}

#[test]
fn without_a_resume_token_hello_names_none_and_nothing_was_missed() {
    let mut tab = Tab::new();
    tab.state = State::new(tab.state.environment(), None);
    tab.take(Event::Start);
    let effects = tab.opened();
    assert_eq!(sent(&effects), [&hello(None, 0)]);
    let frame = welcome(epoch(3), 70, false);
    assert_eq!(tab.take(Event::Frame(tab.generation(), frame)), []);
    let learnt = tab.state.resume().unwrap();
    assert_eq!((learnt.epoch, learnt.offset), (epoch(3), 70));
}

#[test]
fn a_welcome_that_resumes_flushes_the_outbox() {
    let mut tab = Tab::connecting();
    tab.send(0, 1);
    tab.take(Event::Subscribe(chat_room(0)));
    assert_eq!(messages_sent(&tab.opened()), [], "not before the welcome");
    let effects = tab.welcome(true);
    assert!(!effects.contains(&Effect::Resync));
    assert!(matches!(
        sent(&effects)[..],
        [ClientFrame::Subscribe { .. }, ClientFrame::Send { .. }]
    ));
    assert_eq!(tab.tone(), Tone::Connected);
}

#[test]
fn a_welcome_that_does_not_resume_fetches_a_snapshot_before_it_flushes_the_outbox() {
    let mut tab = Tab::connecting();
    tab.send(0, 1);
    tab.opened();
    let frame = welcome(epoch(1), 70, false);
    let effects = tab.take(Event::Frame(tab.generation(), frame));
    assert_eq!(effects, [Effect::Resync]);
    assert_eq!(tab.state.resume().unwrap().epoch, epoch(1));
    assert_eq!(tab.state.resume().unwrap().offset, 70);
    assert_eq!(messages_sent(&tab.take(Event::Resynced)), [client_id(1)]);
    assert_eq!(messages_sent(&tab.take(Event::Resynced)), [], "once");
}

#[test]
fn a_snapshot_that_does_not_come_holds_the_outbox_back_no_longer_than_its_timeout() {
    let mut tab = Tab::handshaking();
    tab.send(0, 1);
    tab.welcome(false);
    assert_eq!(messages_sent(&tab.wait(10 * SECOND - 1)), []);
    assert_eq!(messages_sent(&tab.wait(1)), [client_id(1)]);
}

#[test]
fn a_socket_that_does_not_open_in_time_is_closed_and_counts_as_a_failure() {
    let mut tab = Tab::connecting();
    assert_eq!(tab.wait(10 * SECOND - 1), []);
    let close = Effect::Close(Generation(1), CloseCode::PROBE_FAILED);
    assert_eq!(tab.wait(1), [close]);
    assert_eq!(tab.phase().attempt(), 1);
    assert_eq!(retry_in(&tab), SECOND);
}

#[test]
fn a_socket_without_a_welcome_in_time_is_closed_and_counts_as_a_failure() {
    let mut tab = Tab::handshaking();
    assert_eq!(tab.wait(5 * SECOND - 1), []);
    let close = Effect::Close(Generation(1), CloseCode::PROBE_FAILED);
    assert_eq!(tab.wait(1), [close]);
    assert_eq!(retry_in(&tab), SECOND);
}

#[test]
fn a_socket_that_fails_or_closes_before_its_welcome_leads_to_the_next_wait() {
    for make in [Tab::connecting, Tab::handshaking] {
        for event in [
            Event::Failed(Generation(1)),
            Event::Closed(Generation(1), CloseCode::SERVICE_RESTART, String::new()),
        ] {
            let mut tab = make();
            assert_eq!(tab.take(event), []);
            assert_eq!(tab.phase().attempt(), 1);
            assert_eq!(retry_in(&tab), SECOND);
        }
    }
}

#[test]
fn the_failure_of_the_last_attempt_exhausts() {
    for last in [Event::Opened, Event::Failed] {
        let mut tab = Tab::backoff();
        while tab.phase().attempt() < 10 || !matches!(tab.phase(), Phase::Connecting { .. }) {
            tab.wait(SECOND);
            if tab.phase().attempt() < 10 && matches!(tab.phase(), Phase::Connecting { .. }) {
                tab.take(Event::Failed(tab.generation()));
            }
        }
        tab.take(last(tab.generation()));
        tab.wait(5 * SECOND);
        assert_eq!(*tab.phase(), Phase::Exhausted);
    }
}

#[test]
fn a_wait_ends_at_its_time_or_with_a_click() {
    let mut tab = Tab::backoff();
    assert_eq!(opens(&tab.wait(SECOND - 1)), []);
    assert_eq!(opens(&tab.wait(1)).len(), 1);
    assert!(tab.is_connecting(1));

    let mut tab = Tab::backoff();
    assert_eq!(opens(&tab.take(Event::Click)).len(), 1);
    assert!(tab.is_connecting(0));
}

#[test]
fn a_page_that_starts_offline_and_hidden_tries_once_and_then_polls() {
    let mut tab = Tab::new();
    let environment = Environment {
        has_network: false,
        is_visible: false,
    };
    tab.state = State::new(environment, None);
    assert_eq!(opens(&tab.take(Event::Start)).len(), 1);
    tab.take(Event::Failed(Generation(1)));
    assert!(is_suspended(&tab, Suspension::Offline));
    tab.take(Event::NetworkOnline);
    tab.wait(SECOND);
    tab.take(Event::Failed(Generation(2)));
    assert!(is_suspended(&tab, Suspension::Hidden));
}
