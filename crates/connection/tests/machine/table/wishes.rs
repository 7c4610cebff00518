//! What the page wants of the connection: subscriptions, read positions, typing.

use crate::frames::{INPUT_INTERVAL_MS, chat, chat_room, hello, pong, reconnect, workspace_room};
use crate::tab::{SECOND, Tab, sent};
use connection::{Effect, Event};
use protocol::ClientFrame;

#[test]
fn people_are_subscribed_to_on_every_connection_and_again_when_asked() {
    for room in [chat_room(1), workspace_room(1)] {
        let mut tab = Tab::stable();
        let subscribe = room.subscribe();
        for _ in 0..2 {
            let effects = tab.take(Event::Subscribe(room));
            assert_eq!(sent(&effects), [&subscribe], "a fresh answer may be needed");
        }
        tab.lose();
        tab.wait(SECOND);
        tab.opened();
        assert_eq!(sent(&tab.welcome(true)), [&subscribe]);
        let effects = tab.take(Event::Unsubscribe(room));
        assert_eq!(sent(&effects), [&room.unsubscribe()]);
        tab.lose();
        tab.wait(2 * SECOND);
        tab.opened();
        assert_eq!(sent(&tab.welcome(true)).len(), 0);
    }
}

/// How many effects tell of input.
fn inputs(effects: &[Effect]) -> usize {
    sent(effects)
        .into_iter()
        .filter(|frame| **frame == ClientFrame::Input {})
        .count()
}

/// Lets time pass on a connection that stays alive.
fn stay(tab: &mut Tab, time: u64) {
    tab.pass(time);
    tab.frame(pong());
}

#[test]
fn input_is_told_at_most_once_in_the_interval_and_the_hello_counts_as_once() {
    let mut tab = Tab::online();
    assert_eq!(inputs(&tab.take(Event::Input)), 0, "the hello said so");
    stay(&mut tab, INPUT_INTERVAL_MS - 1);
    assert_eq!(inputs(&tab.take(Event::Input)), 0);
    stay(&mut tab, 1);
    assert_eq!(inputs(&tab.take(Event::Input)), 1);
    assert_eq!(inputs(&tab.take(Event::Input)), 0);
    stay(&mut tab, INPUT_INTERVAL_MS);
    assert_eq!(inputs(&tab.take(Event::Input)), 1);
}

#[test]
fn nothing_is_told_of_input_that_there_was_not() {
    let mut tab = Tab::online();
    let effects = tab.wait(20 * SECOND);
    assert_eq!(inputs(&effects), 0);
}

#[test]
fn a_hello_says_how_long_ago_the_last_input_was() {
    let mut tab = Tab::stable();
    tab.take(Event::Input);
    tab.pass(2 * SECOND);
    tab.lose();
    tab.take(Event::Input);
    tab.wait(SECOND);
    let resume = tab.state.resume();
    assert_eq!(sent(&tab.opened()), [&hello(resume, SECOND)]);
}

#[test]
fn input_while_there_is_no_connection_is_not_told_after_the_welcome() {
    let mut tab = Tab::backoff();
    assert_eq!(tab.take(Event::Input), []);
    tab.wait(SECOND);
    tab.opened();
    assert_eq!(inputs(&tab.welcome(true)), 0);
}

#[test]
fn after_a_hello_of_a_person_who_was_away_the_first_input_is_told_at_once() {
    let mut tab = Tab::stable();
    tab.take(Event::PageHide);
    tab.pass(INPUT_INTERVAL_MS);
    tab.take(Event::PageShow);
    tab.opened();
    tab.welcome(true);
    assert_eq!(inputs(&tab.take(Event::Input)), 1);
}

#[test]
fn input_on_a_socket_that_is_being_replaced_does_not_count_for_the_new_one() {
    let mut tab = Tab::online();
    stay(&mut tab, INPUT_INTERVAL_MS);
    tab.frame(reconnect(0, 0));
    tab.wait(0);
    tab.opened();
    assert_eq!(inputs(&tab.take(Event::Input)), 1, "on the old one");
    tab.welcome(true);
    assert_eq!(inputs(&tab.take(Event::Input)), 1, "on the new one");
}

#[test]
fn time_asleep_is_time_without_input_although_the_monotonic_clock_stood_still() {
    let mut tab = Tab::stable();
    tab.take(Event::Input);
    tab.take(Event::PageHide);
    tab.now.wall_ms += 60_000;
    tab.take(Event::PageShow);
    tab.wait(SECOND);
    let resume = tab.state.resume();
    let effects = tab.opened();
    assert_eq!(sent(&effects), [&hello(resume, 61 * SECOND)]);
}

#[test]
fn what_was_read_while_away_is_told_once_with_the_newest_position() {
    let mut tab = Tab::backoff();
    for sequence in [3, 9, 5] {
        tab.take(Event::MarkRead {
            chat_id: chat(1),
            sequence,
        });
    }
    tab.wait(SECOND);
    tab.opened();
    let read = ClientFrame::Read {
        chat_id: chat(1),
        sequence: 9,
    };
    assert_eq!(sent(&tab.welcome(true)), [&read]);
    tab.lose();
    tab.wait(2 * SECOND);
    tab.opened();
    assert_eq!(sent(&tab.welcome(true)).len(), 0);
}

#[test]
fn typing_is_told_while_connected_and_never_queued() {
    let typing = Event::Typing {
        chat_id: chat(1),
        is_typing: true,
    };
    let mut tab = Tab::backoff();
    assert_eq!(tab.take(typing.clone()), []);
    tab.wait(SECOND);
    tab.opened();
    assert_eq!(sent(&tab.welcome(true)).len(), 0);
    assert_eq!(sent(&tab.take(typing)).len(), 1);
}
