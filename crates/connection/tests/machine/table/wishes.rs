//! What the page wants of the connection: subscriptions, read positions, typing.

use crate::frames::chat;
use crate::tab::{SECOND, Tab, sent};
use connection::Event;
use protocol::ClientFrame;

#[test]
fn a_chat_is_subscribed_to_on_every_connection_and_again_when_asked() {
    let mut tab = Tab::stable();
    let subscribe = ClientFrame::Subscribe { chat_id: chat(1) };
    for _ in 0..2 {
        let effects = tab.take(Event::Subscribe(chat(1)));
        assert_eq!(sent(&effects), [&subscribe], "a fresh answer may be needed");
    }
    tab.lose();
    tab.wait(SECOND);
    tab.opened();
    assert_eq!(sent(&tab.welcome(true)), [&subscribe]);
    let effects = tab.take(Event::Unsubscribe(chat(1)));
    assert_eq!(
        sent(&effects),
        [&ClientFrame::Unsubscribe { chat_id: chat(1) }]
    );
    tab.lose();
    tab.wait(2 * SECOND);
    tab.opened();
    assert_eq!(sent(&tab.welcome(true)).len(), 0);
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
