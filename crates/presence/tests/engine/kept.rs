//! What nodes keep in a store that they share. Those of two versions share it while nodes are replaced
//! one by one: what is new in it is read by one version before the next one writes it.

use crate::world::{SECOND, session_of, socket, user};
use presence::{
    Choice, CloseReason, Event, Now, Settings,
    engine::{Rules, User},
};
use protocol::{Mode, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// As version 0.1 keeps it.
const FIRST: &str = include_str!("kept-0.1.json");

/// Somebody who has done a bit of everything.
fn somebody(settings: &Settings) -> User {
    let rules = Rules::of_many_nodes(settings);
    let mut user = User::default();
    let mut now = Duration::from_secs(1_700_000_000);
    let choice = Choice {
        mode: Mode::Dnd,
        note: 7,
        version: 2,
    };
    for event in [
        Event::Open(socket(1, 1, 1)),
        Event::Open(socket(1, 2, 2)),
        Event::Input(socket(1, 1, 1).key(), Some(SECOND)),
        Event::Input(socket(1, 2, 2).key(), None),
        Event::Choose(self::user(1), choice),
        Event::SessionEnded {
            user: self::user(1),
            session: session_of(1, 1),
        },
        Event::Closing(socket(1, 2, 2).key()),
        Event::Closed(socket(1, 2, 2).key(), CloseReason::ClientClosed),
        Event::Open(socket(1, 2, 3)),
        Event::Open(socket(1, 2, 4)),
        Event::Closing(socket(1, 2, 4).key()),
    ] {
        let wall = Timestamp::from_unix_millis(i64::try_from(now.as_millis()).unwrap());
        let monotonic = now;
        user.handle(self::user(1), event, Now { monotonic, wall }, &rules);
        now += SECOND / 2;
    }
    user
}

#[test]
fn what_the_first_version_keeps_is_understood_as_it_was_meant() {
    let kept: User = serde_json::from_str(FIRST).unwrap();
    assert_eq!(kept, somebody(&Settings::default()));
}

/// A version that keeps something new must have been preceded by one that reads it, and says so here.
#[test]
fn nothing_is_kept_that_the_first_version_would_not_understand() {
    let kept = serde_json::to_value(somebody(&Settings::default())).unwrap();
    let first: Value = serde_json::from_str(FIRST).unwrap();
    assert_eq!(kept, first, "{kept:#}");
}
