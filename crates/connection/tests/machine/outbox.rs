//! Messages on their way.

use crate::frames::{ack, client_id, reconnect, refused};
use crate::tab::{SECOND, Tab, messages_sent};
use connection::{Effect, Event, OutboxState};
use protocol::{CloseCode, ErrorCode};

fn states(tab: &Tab) -> Vec<OutboxState> {
    tab.outbox()
        .items()
        .iter()
        .map(|item| item.state.clone())
        .collect()
}

fn failed(reason: &str) -> OutboxState {
    OutboxState::Failed {
        reason: reason.into(),
    }
}

#[test]
fn the_messages_of_a_chat_go_one_after_the_other_and_chats_do_not_wait_for_each_other() {
    let mut tab = Tab::backoff();
    for (chat, n) in [(0, 1), (0, 2), (1, 3), (1, 4)] {
        tab.send(chat, n);
    }
    tab.wait(SECOND);
    tab.opened();
    let first = messages_sent(&tab.welcome(true));
    assert_eq!(first, [client_id(1), client_id(3)]);
    assert_eq!(messages_sent(&tab.frame(ack(3))), [client_id(4)]);
    assert_eq!(messages_sent(&tab.frame(ack(1))), [client_id(2)]);
    tab.frame(ack(4));
    tab.frame(ack(2));
    assert!(tab.outbox().is_empty());
}

#[test]
fn a_message_written_while_offline_is_pending_and_goes_on_return() {
    let mut tab = Tab::backoff();
    assert_eq!(tab.send(0, 1), []);
    assert_eq!(states(&tab), [OutboxState::Queued]);
    tab.wait(SECOND);
    tab.opened();
    assert_eq!(messages_sent(&tab.welcome(true)), [client_id(1)]);
    assert_eq!(states(&tab), [OutboxState::Sent]);
}

#[test]
fn a_message_without_an_answer_goes_again_under_its_name_on_the_next_connection() {
    let mut tab = Tab::stable();
    tab.send(0, 1);
    tab.lose();
    assert_eq!(states(&tab), [OutboxState::Queued]);
    tab.wait(SECOND);
    tab.opened();
    assert_eq!(messages_sent(&tab.welcome(true)), [client_id(1)]);
}

#[test]
fn a_message_without_an_answer_goes_again_on_the_socket_that_replaces_the_old_one() {
    let mut tab = Tab::stable();
    tab.send(0, 1);
    tab.frame(reconnect(0, 0));
    tab.wait(0);
    tab.opened();
    let new = tab.newest();
    let effects = tab.welcome(true);
    assert!(
        effects
            .iter()
            .all(|effect| !matches!(effect, Effect::Send(generation, _) if *generation != new))
    );
    assert_eq!(messages_sent(&effects), [client_id(1)]);
}

#[test]
fn a_message_that_is_refused_fails_with_the_reason_and_the_next_one_goes() {
    let mut tab = Tab::stable();
    tab.send(0, 1);
    tab.send(0, 2);
    let effects = tab.frame(refused(client_id(1), ErrorCode::TooLarge));
    assert_eq!(messages_sent(&effects), [client_id(2)]);
    assert_eq!(states(&tab), [failed("No."), OutboxState::Sent]);
}

#[test]
fn a_busy_server_is_left_alone_for_two_seconds_and_no_message_overtakes() {
    for code in [ErrorCode::Unavailable, ErrorCode::RateLimited] {
        let mut tab = Tab::stable();
        tab.send(0, 1);
        tab.send(0, 2);
        assert_eq!(messages_sent(&tab.frame(refused(client_id(1), code))), []);
        assert_eq!(messages_sent(&tab.send(1, 3)), []);
        assert_eq!(messages_sent(&tab.wait(2 * SECOND - 1)), []);
        let sent = messages_sent(&tab.wait(1));
        assert_eq!(sent, [client_id(1), client_id(3)]);
    }
}

#[test]
fn the_hundred_and_first_message_that_waits_fails_at_once() {
    let mut tab = Tab::backoff();
    for n in 0..=100 {
        tab.send(0, n);
    }
    let too_many = failed("Too many messages are waiting to be sent.");
    assert_eq!(states(&tab)[99], OutboxState::Queued);
    assert_eq!(states(&tab)[100], too_many);
    tab.take(Event::Retry(client_id(100)));
    assert_eq!(states(&tab)[100], too_many, "there is still no room");
    tab.wait(SECOND);
    tab.opened();
    tab.welcome(true);
    tab.frame(ack(0));
    tab.take(Event::Retry(client_id(100)));
    assert_eq!(states(&tab)[99], OutboxState::Queued);
}

#[test]
fn a_message_that_cannot_be_sent_for_five_minutes_fails_and_the_next_one_goes() {
    const LATE: &str = "It could not be sent in time.";

    let mut tab = Tab::backoff();
    tab.send(0, 1);
    tab.take(Event::Offline);
    tab.wait(300 * SECOND - 1);
    assert_eq!(states(&tab), [OutboxState::Queued]);
    tab.wait(1);
    assert_eq!(states(&tab), [failed(LATE)]);

    let mut tab = Tab::stable();
    tab.send(0, 1);
    tab.send(0, 2);
    let mut sent = Vec::new();
    for _ in 0..30 {
        sent.extend(messages_sent(&tab.wait(10 * SECOND)));
        tab.pong();
    }
    assert_eq!(
        states(&tab),
        [failed(LATE), failed(LATE)],
        "the server does not answer"
    );
    assert_eq!(sent, []);
}

#[test]
fn an_answer_that_comes_after_all_takes_a_late_message_away() {
    let mut tab = Tab::stable();
    tab.send(0, 1);
    for _ in 0..30 {
        tab.wait(10 * SECOND);
        tab.pong();
    }
    assert_ne!(states(&tab), []);
    tab.frame(ack(1));
    assert_eq!(states(&tab), []);
}

#[test]
fn a_failed_message_can_be_sent_again_or_given_up() {
    let mut tab = Tab::stable();
    tab.send(0, 1);
    tab.frame(refused(client_id(1), ErrorCode::Internal));
    let again = tab.take(Event::Retry(client_id(1)));
    assert_eq!(messages_sent(&again), [client_id(1)]);
    tab.take(Event::Discard(client_id(1)));
    assert_eq!(states(&tab), [OutboxState::Sent], "it may have arrived");
    tab.frame(refused(client_id(1), ErrorCode::Internal));
    tab.take(Event::Discard(client_id(1)));
    assert!(tab.outbox().is_empty());
}

#[test]
fn two_messages_of_one_name_are_one() {
    let mut tab = Tab::backoff();
    tab.send(0, 1);
    tab.send(0, 1);
    assert_eq!(states(&tab).len(), 1);
}

#[test]
fn what_waits_when_the_connection_ends_fails_and_is_kept_for_another_try() {
    const ENDED: &str = "The connection has ended.";

    let mut tab = Tab::stable();
    tab.send(0, 1);
    tab.close(CloseCode::CLOSED_BY_ADMIN);
    assert_eq!(states(&tab), [failed(ENDED)]);
    tab.send(0, 2);
    tab.take(Event::Retry(client_id(1)));
    assert_eq!(states(&tab), [failed(ENDED), failed(ENDED)]);
    tab.wait(SECOND);
    tab.take(Event::Click);
    tab.take(Event::Retry(client_id(1)));
    tab.opened();
    assert_eq!(messages_sent(&tab.welcome(true)), [client_id(1)]);
}
