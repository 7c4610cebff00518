//! While online: signs of life, stability, loss, and the change to a new socket.

use super::retry_in;
use crate::frames::{created, reconnect};
use crate::tab::{SECOND, Tab, opens, pings};
use connection::{Effect, Event, Generation, Phase, Terminal, Tone};
use protocol::CloseCode;

#[test]
fn any_frame_is_a_sign_of_life_and_a_message_advances_the_offset() {
    let mut tab = Tab::stable();
    tab.wait(24 * SECOND);
    let effects = tab.frame(created(5));
    assert_eq!(effects, [Effect::Deliver(created(5))]);
    assert_eq!(tab.state.resume().unwrap().offset, 5);
    assert_eq!(pings(&tab.wait(25 * SECOND - 1)), 0);
    assert_eq!(pings(&tab.wait(1)), 1);
    tab.take(Event::Received(tab.generation()));
    assert_eq!(tab.probe(), None, "even one that is not understood");
}

#[test]
fn a_message_at_an_offset_already_applied_is_not_applied_again() {
    let mut tab = Tab::stable();
    tab.frame(created(5));
    assert_eq!(tab.frame(created(5)), []);
    assert_eq!(tab.frame(created(4)), []);
    assert_eq!(tab.state.resume().unwrap().offset, 5);
}

#[test]
fn silence_is_answered_with_a_ping_that_has_a_deadline() {
    let mut tab = Tab::stable();
    assert_eq!(pings(&tab.wait(25 * SECOND - 1)), 0);
    assert_eq!(pings(&tab.wait(1)), 1);
    let probe = tab.probe().unwrap();
    assert_eq!(probe.deadline, tab.now.monotonic_ms + 10 * SECOND);
    assert_eq!(tab.tone(), Tone::Connected, "routine is no reason to doubt");
}

#[test]
fn an_overdue_probe_closes_the_socket_without_waiting_for_its_close() {
    let mut tab = Tab::stable();
    tab.wait(25 * SECOND);
    let live = tab.generation();
    assert_eq!(tab.wait(10 * SECOND - 1), []);
    let effects = tab.wait(1);
    assert_eq!(
        effects,
        [
            Effect::Close(live, CloseCode::PROBE_FAILED),
            Effect::PresenceStale,
            Effect::ClearTyping
        ]
    );
    assert_eq!(retry_in(&tab), SECOND);
    let late = Event::Closed(live, CloseCode::ABNORMAL, String::new());
    assert_eq!(tab.take(late), []);
    assert_eq!(
        tab.phase().attempt(),
        1,
        "the late close is no second failure"
    );
}

#[test]
fn attempts_are_forgotten_after_ten_seconds_and_one_pong_only() {
    let mut tab = Tab::backoff();
    tab.wait(SECOND);
    tab.opened();
    tab.welcome(true);
    tab.pong();
    tab.wait(9 * SECOND);
    assert_eq!(tab.phase().attempt(), 1, "a pong is not enough");
    tab.wait(SECOND);
    assert_eq!(tab.phase().attempt(), 0);

    let mut tab = Tab::backoff();
    tab.wait(SECOND);
    tab.opened();
    tab.welcome(true);
    assert_eq!(pings(&tab.wait(10 * SECOND)), 1, "the proof is asked for");
    assert_eq!(tab.phase().attempt(), 1, "time is not enough");
    tab.pong();
    assert_eq!(tab.phase().attempt(), 0);
}

#[test]
fn a_server_that_accepts_and_then_closes_runs_out_of_attempts() {
    let mut tab = Tab::backoff();
    let mut rounds = 0;
    while let Phase::Backoff { .. } = tab.phase() {
        tab.wait(retry_in(&tab));
        tab.opened();
        tab.welcome(true);
        tab.pong();
        tab.wait(SECOND);
        tab.lose();
        rounds += 1;
    }
    assert_eq!(*tab.phase(), Phase::Exhausted);
    assert_eq!(rounds, 10);
}

#[test]
fn a_retryable_close_leads_to_a_wait_with_typing_cleared_and_presence_stale() {
    for code in [
        1001, 1005, 1006, 1011, 1012, 1013, 1014, 4000, 4008, 4429, 4499,
    ] {
        let mut tab = Tab::stable();
        assert_eq!(
            tab.close(CloseCode(code)),
            [Effect::PresenceStale, Effect::ClearTyping],
            "{code}"
        );
        assert_eq!(retry_in(&tab), SECOND, "{code}");
    }
}

#[test]
fn too_many_connections_waits_as_long_as_the_server_asks() {
    let mut tab = Tab::stable();
    let reason = "retry_after_ms=7000".to_owned();
    tab.take(Event::Closed(tab.generation(), CloseCode::TOO_MANY, reason));
    assert_eq!(retry_in(&tab), 7 * SECOND);
}

#[test]
fn a_planned_reconnect_opens_the_next_socket_within_the_spread_while_the_old_one_lives() {
    let mut tab = Tab::stable();
    tab.random = 0.5;
    let old = tab.generation();
    tab.frame(reconnect(2_000, 4_000));
    assert_eq!(opens(&tab.wait(4 * SECOND - 1)), []);
    assert_eq!(opens(&tab.wait(1)), [Generation(2)]);
    assert_eq!(tab.generation(), old);
    assert_eq!(tab.tone(), Tone::Connected);
    tab.opened();
    assert_eq!(
        tab.take(Event::Frame(old, created(1))),
        [Effect::Deliver(created(1))],
        "the old one feeds until the welcome"
    );
    assert_eq!(
        tab.take(Event::Frame(Generation(2), created(2))),
        [],
        "the new one does not"
    );
    let effects = tab.welcome(true);
    assert_eq!(effects, [Effect::Close(old, CloseCode::REPLACED)]);
    assert_eq!(tab.generation(), Generation(2));
    assert_eq!(tab.phase().attempt(), 0, "it cost no attempt");
    assert_eq!(
        tab.take(Event::Frame(old, created(3))),
        [],
        "from then on the new one"
    );
}

#[test]
fn a_planned_socket_that_fails_is_tried_again_at_no_charge_while_the_old_one_lives() {
    let mut tab = Tab::stable();
    tab.frame(reconnect(0, 0));
    for wait in [SECOND, 2 * SECOND, 4 * SECOND] {
        tab.wait(0);
        tab.take(Event::Failed(tab.newest()));
        assert_eq!(opens(&tab.wait(wait - 1)), []);
        assert_eq!(opens(&tab.wait(1)).len(), 1);
    }
    assert_eq!(tab.tone(), Tone::Connected);
    assert_eq!(tab.phase().attempt(), 0);
}

#[test]
fn a_planned_socket_that_does_not_answer_is_closed() {
    let mut tab = Tab::stable();
    tab.frame(reconnect(0, 0));
    tab.wait(0);
    let close = Effect::Close(tab.newest(), CloseCode::PROBE_FAILED);
    assert_eq!(tab.wait(10 * SECOND), [close]);
}

#[test]
fn a_planned_socket_takes_the_place_of_an_old_one_that_is_lost() {
    for says_hello in [false, true] {
        let mut tab = Tab::stable();
        let old = tab.generation();
        tab.frame(reconnect(0, 0));
        tab.wait(0);
        if says_hello {
            tab.opened();
        }
        let effects = tab.take(Event::Closed(
            old,
            CloseCode::SERVICE_RESTART,
            String::new(),
        ));
        assert_eq!(opens(&effects), [], "the new one is on its way");
        assert_eq!(tab.generation(), Generation(2));
        if !says_hello {
            tab.opened();
        }
        tab.welcome(true);
        assert_eq!(tab.tone(), Tone::Connected);
        assert_eq!(tab.phase().attempt(), 0);
    }
}

#[test]
fn going_away_during_a_planned_reconnect_closes_both_sockets() {
    let mut tab = Tab::stable();
    tab.frame(reconnect(0, 0));
    tab.wait(0);
    let effects = tab.take(Event::PageHide);
    for generation in [Generation(1), Generation(2)] {
        assert!(effects.contains(&Effect::Close(generation, CloseCode::FROZEN)));
    }
}

#[test]
fn a_final_close_during_a_planned_reconnect_ends_the_new_socket_too() {
    let mut tab = Tab::stable();
    tab.frame(reconnect(0, 0));
    tab.wait(0);
    let new = tab.newest();
    let effects = tab.close(CloseCode::CLOSED_BY_ADMIN);
    assert!(effects.contains(&Effect::Close(new, CloseCode::REPLACED)));
    assert_eq!(*tab.phase(), Phase::Terminal(Terminal::Closed));
    assert_eq!(tab.state.sockets().count(), 0);
}

#[test]
fn an_expired_sign_in_during_a_planned_reconnect_closes_the_new_socket_too() {
    let mut tab = Tab::stable();
    tab.frame(reconnect(0, 0));
    tab.wait(0);
    let new = tab.newest();
    let effects = tab.close(CloseCode::SESSION_EXPIRED);
    assert!(effects.contains(&Effect::Close(new, CloseCode::REPLACED)));
    assert!(effects.contains(&Effect::RefreshSession));
    assert_eq!(retry_in(&tab), SECOND);
}

#[test]
fn a_doubt_is_neither_taken_back_nor_put_off_by_another_question() {
    let mut tab = Tab::stable();
    tab.take(Event::NetworkChanged);
    let deadline = tab.probe().unwrap().deadline;
    tab.wait(SECOND);
    for event in [Event::Visible, Event::NetworkChanged] {
        assert_eq!(pings(&tab.take(event)), 0, "one question is open already");
        assert_eq!(tab.probe().unwrap().deadline, deadline);
        assert_eq!(tab.tone(), Tone::Connecting);
    }
}
