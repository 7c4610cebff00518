//! Invariant 4: signing out closes that session's sockets and, if none of the user's sessions is
//! left, takes the user offline at once.

use crate::{
    schedule::{Step, schedule, settings},
    world::{SECOND, World, session_of, socket},
};
use presence::{CloseReason, Effect, OpenRefused, Settings, TransitionReason};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_sign_out_closes_exactly_the_sockets_of_that_session(
        settings in settings(), schedule in schedule(), session in 0..4_u8,
    ) {
        let mut world = World::new(settings);
        for step in &schedule {
            world.take(step);
        }
        let ended = session_of(0, session);
        let (of_session, others): (Vec<_>, Vec<_>) = world
            .diagnostics(0)
            .connections
            .iter()
            .map(|c| (c.connection, c.session))
            .partition(|(_, session)| *session == ended);
        let closed: Vec<_> = world
            .end_session(0, session)
            .iter()
            .filter_map(|effect| match effect {
                Effect::CloseConnection { key, reason } => {
                    assert_eq!(*reason, CloseReason::SessionEnded);
                    Some((key.connection, ended))
                }
                _ => None,
            })
            .collect();
        prop_assert_eq!(closed, of_session);
        let left: Vec<_> = world
            .diagnostics(0)
            .connections
            .iter()
            .map(|c| (c.connection, c.session))
            .collect();
        prop_assert_eq!(left, others);
    }

    #[test]
    fn a_sign_out_of_every_session_is_offline_at_once(
        settings in settings(), schedule in schedule(),
    ) {
        let mut world = World::new(settings);
        for step in &schedule {
            world.take(step);
        }
        let was_online = world.presence(0).is_online();
        let told = world.transitions().len();
        for session in 0..4 {
            world.end_session(0, session);
        }
        prop_assert!(!world.presence(0).is_online());
        prop_assert_eq!(world.transitions().len() - told, usize::from(was_online));
    }

    #[test]
    fn no_connection_of_an_ended_session_opens_for_as_long_as_one_can_be_on_its_way(
        settings in settings(), schedule in schedule(), seconds in 0..600_u32,
    ) {
        let mut world = World::new(settings);
        world.end_session(0, 0);
        for step in &schedule {
            if !matches!(step, Step::Wait(_)) {
                world.take(step);
            }
        }
        world.wait(seconds * SECOND);
        prop_assert_eq!(world.open(socket(0, 0, 7)), Err(OpenRefused::SessionEnded));
        prop_assert!(world.diagnostics(0).connections.iter().all(|c| c.session != session_of(0, 0)));
    }
}

#[test]
fn a_sign_out_is_offline_at_once_although_the_grace_is_long() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.open(socket(0, 0, 1)).unwrap();
    world.wait(10 * SECOND);
    world.end_session(0, 0);
    let (at, transition) = world.transitions()[1];
    assert_eq!(at, 10 * SECOND);
    assert!(!transition.is_online());
    assert_eq!(transition.reason, TransitionReason::SessionEnded);
    assert_eq!(transition.last_seen, Some(world.at(10 * SECOND).wall));
}

#[test]
fn a_sign_out_within_the_sessions_own_grace_ends_the_grace() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.wait(SECOND);
    world.closed(socket(0, 0, 0));
    world.wait(SECOND);
    world.end_session(0, 0);
    let (at, transition) = world.transitions()[1];
    assert_eq!(at, 2 * SECOND);
    assert_eq!(transition.last_seen, Some(world.at(SECOND).wall));
}

#[test]
fn a_sign_out_beside_another_device_is_heard_by_nobody() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.open(socket(0, 1, 0)).unwrap();
    world.end_session(0, 0);
    world.wait(10 * SECOND);
    assert!(world.presence(0).is_online());
    assert_eq!(world.transitions().len(), 1);
}

#[test]
fn a_sign_out_while_another_device_refreshes_its_page_waits_for_that_page() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.open(socket(0, 1, 0)).unwrap();
    world.closed(socket(0, 1, 0));
    world.wait(SECOND);
    world.end_session(0, 0);
    assert!(
        world.presence(0).is_online(),
        "the other page is on its way"
    );
    world.wait(SECOND);
    assert!(world.open(socket(0, 1, 1)).unwrap().reconnected);
    world.wait(10 * SECOND);
    assert_eq!(world.transitions().len(), 1);
}

#[test]
fn a_sign_out_after_another_device_left_for_good_does_not_wait_for_it() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.open(socket(0, 1, 0)).unwrap();
    world.closed(socket(0, 1, 0));
    world.wait(3 * SECOND);
    world.end_session(0, 0);
    assert!(!world.presence(0).is_online());
}

#[test]
fn a_sign_out_within_the_grace_does_not_wait_for_a_device_that_left_longer_ago() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.open(socket(0, 1, 0)).unwrap();
    world.closed(socket(0, 1, 0));
    world.wait(2 * SECOND);
    world.closed(socket(0, 0, 0));
    world.wait(2 * SECOND);
    assert!(world.presence(0).is_online(), "the grace runs");
    world.end_session(0, 0);
    assert!(!world.presence(0).is_online());
}

#[test]
fn the_end_of_a_session_that_is_not_connected_changes_nothing_for_the_others() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    assert_eq!(world.end_session(0, 5), []);
    world.closed(socket(0, 0, 0));
    world.wait(SECOND);
    assert_eq!(world.end_session(0, 6), [], "the page may be on its way");
    assert!(world.open(socket(0, 0, 1)).unwrap().reconnected);
}
