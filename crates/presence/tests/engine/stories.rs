//! The bugs that gave rise to these rules, one test each, told by its comment.

use crate::world::{SECOND, World, socket, user};
use presence::{Announcements, Lifecycle, Settings};
use std::time::Duration;

// An administrator opened the diagnostics page of somebody who was just closing the only tab. The
// look-up found a connection that was not open, took it for a leftover and cleaned it up. The user
// was announced offline by being looked at; and when the tab turned out to be a refresh, online.
#[test]
fn diagnostics_of_a_user_whose_only_socket_is_closing_change_nothing() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.closing(socket(0, 0, 0));
    for _ in 0..3 {
        let diagnostics = world.diagnostics(0);
        assert!(diagnostics.online);
        assert_eq!(diagnostics.active_connection_count, 1);
        assert_eq!(
            diagnostics.rule,
            "Online: at least one connection is active (0 open, 1 closing)."
        );
        world.wait(SECOND);
    }
    world.closed(socket(0, 0, 0));
    world.open(socket(0, 0, 1)).unwrap();
    assert_eq!(world.transitions().len(), 1, "online, once");
}

// On a page refresh the browser closes the old socket first and opens the new one when the page has
// loaded again. For the half second between the two the count was 0, and everybody else saw the
// person go offline and come back.
#[test]
fn a_refresh_emits_no_transition() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    for n in 1..=10 {
        world.wait(20 * SECOND);
        world.closing(socket(0, 0, n - 1));
        world.closed(socket(0, 0, n - 1));
        world.wait(Duration::from_millis(500));
        assert!(world.presence(0).is_online());
        assert!(world.open(socket(0, 0, n)).unwrap().reconnected);
    }
    world.wait(20 * SECOND);
    assert_eq!(world.transitions().len(), 1, "online, once");
    assert_eq!(world.recorded(Lifecycle::UserReconnected), 10);
}

// Somebody had the chat open in two tabs and closed one. The handler of the close set the user
// offline without asking whether another socket was left.
#[test]
fn one_of_two_tabs_closed_leaves_the_user_online() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.open(socket(0, 0, 1)).unwrap();
    world.closed(socket(0, 0, 0));
    world.wait(10 * SECOND);
    assert!(world.presence(0).is_online());
    assert_eq!(world.diagnostics(0).active_connection_count, 1);
    assert_eq!(world.transitions().len(), 1);

    world.closed(socket(0, 0, 1));
    world.wait(3 * SECOND);
    assert!(
        !world.presence(0).is_online(),
        "the second tab was the last"
    );
}

// The network changed. The browser reconnected at once, while the server noticed only a minute later
// that the old socket was dead. The close of the old socket removed "the user's socket" by user id,
// which by then was the new one: online on screen, offline to everybody else.
#[test]
fn the_late_close_of_an_old_socket_leaves_the_new_one_alone() {
    let mut world = World::new(Settings::default());
    let (old, new) = (socket(0, 0, 0), socket(0, 0, 1));
    world.open(old).unwrap();
    world.wait(30 * SECOND);
    world.open(new).unwrap();
    world.wait(29 * SECOND);
    world.closing(old);
    world.closed(old);
    world.closed(old);
    world.wait(10 * SECOND);
    let diagnostics = world.diagnostics(0);
    assert!(diagnostics.online);
    assert_eq!(diagnostics.connections[0].connection, new.connection);
    assert_eq!(diagnostics.active_connection_count, 1);
    assert_eq!(world.transitions().len(), 1);
}

// Both the close handler and the clean-up job announced that somebody had gone offline, each with a
// check of its own. When both looked within the same moment, everybody was told twice, and the second
// telling sometimes arrived after the person was back.
#[test]
fn one_offline_is_announced_once_however_many_paths_report_it() {
    let mut world = World::new(Settings::default());
    let mut announcements = Announcements::default();
    world.open(socket(0, 0, 0)).unwrap();
    world.closing(socket(0, 0, 0));
    world.wait(60 * SECOND);
    world.closed(socket(0, 0, 0));
    world.wait(3 * SECOND);
    world.closed(socket(0, 0, 0));
    world.send(presence::Event::Sweep);
    world.end_session(0, 0);
    for (_, transition) in world.transitions() {
        if !transition.is_online() {
            announcements.note(transition);
        }
    }
    let offline = announcements.drain();
    assert_eq!(offline.len(), 1);
    assert_eq!(
        (offline[0].user, offline[0].is_online(), offline[0].version),
        (user(0), false, 2)
    );
    assert_eq!(world.transitions().len(), 2, "online once, offline once");
    assert_eq!(world.recorded(Lifecycle::PresenceOffline), 1);
    assert_eq!(world.recorded(Lifecycle::UserDisconnected), 1);
}

// A peer began its closing handshake and never finished it, but kept sending. Each frame renewed
// the lease, and a tab closed long ago was online for ever.
#[test]
fn a_closing_that_never_ends_is_given_up_whatever_still_arrives() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.closing(socket(0, 0, 0));
    for _ in 0..59 {
        world.wait(SECOND);
        world.send(presence::Event::Activity(socket(0, 0, 0).key()));
        assert!(world.presence(0).is_online());
    }
    world.wait(SECOND);
    let (at, key, reason) = world.given_up()[0];
    assert_eq!((at, key), (60 * SECOND, socket(0, 0, 0).key()));
    assert_eq!(reason, presence::CloseReason::CloseTimeout);
}

#[test]
fn the_rule_that_decided_is_told_in_a_sentence() {
    let mut world = World::new(Settings::default());
    let rule = |world: &World| world.diagnostics(0).rule;
    assert_eq!(
        rule(&world),
        "Offline: no connection has opened since this directory started."
    );
    world.open(socket(0, 0, 0)).unwrap();
    assert_eq!(
        rule(&world),
        "Online: at least one connection is active (1 open, 0 closing)."
    );
    world.closed(socket(0, 0, 0));
    world.wait(Duration::from_millis(1_200));
    assert_eq!(
        rule(&world),
        "Online: the last connection went 1.2s ago (client_closed), and the grace runs. Offline in \
         1.8s unless a connection opens."
    );
    assert_eq!(
        world.diagnostics(0).pending_offline,
        Some(Duration::from_millis(1_800))
    );
    world.wait(2 * SECOND);
    assert_eq!(
        rule(&world),
        "Offline: no connection was active for the whole grace of 3s."
    );
    world.open(socket(0, 0, 1)).unwrap();
    world.end_session(0, 0);
    assert_eq!(
        rule(&world),
        "Offline: the last session ended, and for that there is no grace."
    );
}
