//! Messages that were missed and will not be replayed.

use crate::frames::{client_id, created, epoch, hello, resume, welcome};
use crate::tab::{BEGIN, SECOND, Tab, messages_sent, sent};
use connection::{Effect, Event};
use protocol::Epoch;

fn offset(tab: &Tab) -> (Epoch, u64) {
    let resume = tab.state.resume().unwrap();
    (resume.epoch, resume.offset)
}

#[test]
fn a_fetch_that_is_lost_with_its_connection_is_asked_for_again_even_when_the_next_resumes() {
    let mut tab = Tab::handshaking();
    tab.welcome(false);
    tab.lose();
    tab.wait(SECOND);
    tab.opened();
    tab.send(0, 1);
    let effects = tab.welcome(true);
    assert!(effects.contains(&Effect::Resync));
    assert_eq!(messages_sent(&effects), [], "and it holds the outbox back");
    assert_eq!(messages_sent(&tab.take(Event::Resynced)), [client_id(1)]);
    tab.lose();
    tab.wait(2 * SECOND);
    tab.opened();
    assert!(!tab.welcome(true).contains(&Effect::Resync), "it is there");
}

#[test]
fn a_fetch_that_is_not_answered_is_asked_for_again_without_holding_up_what_is_sent() {
    let mut tab = Tab::handshaking();
    tab.welcome(false);
    for _ in 0..3 {
        let effects = tab.wait(10 * SECOND);
        let asked = effects.iter().filter(|it| **it == Effect::Resync).count();
        assert_eq!(asked, 1);
        tab.pong();
    }
    assert_eq!(messages_sent(&tab.send(0, 1)), [client_id(1)]);
    tab.take(Event::Resynced);
    assert!(!tab.wait(20 * SECOND).contains(&Effect::Resync));
}

#[test]
fn a_fetch_is_asked_for_again_at_its_time() {
    let mut tab = Tab::connecting();
    tab.settings.resync_timeout_ms = 7 * SECOND;
    tab.opened();
    tab.welcome(false);
    assert!(!tab.wait(7 * SECOND - 1).contains(&Effect::Resync));
    assert!(tab.wait(1).contains(&Effect::Resync));
}

#[test]
fn a_fetch_that_ends_while_the_connection_is_down_counts() {
    let mut tab = Tab::handshaking();
    tab.welcome(false);
    tab.lose();
    tab.take(Event::Resynced);
    tab.wait(SECOND);
    tab.opened();
    assert!(!tab.welcome(true).contains(&Effect::Resync));
}

#[test]
fn within_an_epoch_no_welcome_takes_the_offset_back() {
    for resumed in [true, false] {
        let mut tab = Tab::stable();
        tab.frame(created(9));
        tab.lose();
        tab.wait(SECOND);
        tab.opened();
        let late = welcome(epoch(0), 5, resumed);
        tab.take(Event::Frame(tab.generation(), late));
        assert_eq!(offset(&tab), (epoch(0), 9));
        assert_eq!(tab.frame(created(7)), [], "it has been applied");
    }
}

#[test]
fn a_new_epoch_starts_at_its_own_offset() {
    let mut tab = Tab::stable();
    tab.frame(created(9));
    tab.lose();
    tab.wait(SECOND);
    tab.opened();
    let other = welcome(epoch(1), 5, false);
    let effects = tab.take(Event::Frame(tab.generation(), other));
    assert!(effects.contains(&Effect::Resync));
    assert_eq!(offset(&tab), (epoch(1), 5));
    assert_eq!(tab.frame(created(6)), [Effect::Deliver(created(6))]);
}

#[test]
fn a_resume_names_the_last_message_applied() {
    let mut tab = Tab::stable();
    tab.frame(created(3));
    tab.frame(created(8));
    tab.lose();
    tab.wait(SECOND);
    let effects = tab.opened();
    let idle_ms = tab.now.monotonic_ms - BEGIN;
    assert_eq!(sent(&effects), [&hello(Some(resume(8)), idle_ms)]);
}
