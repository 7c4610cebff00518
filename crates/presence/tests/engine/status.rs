//! Away, not to be disturbed, invisible: what others are shown of somebody who is connected.

use crate::world::{SECOND, World, socket, user};
use presence::{Choice, CloseReason, Event, Settings, Shown, TransitionReason};
use proptest::prelude::*;
use protocol::{Availability, Mode};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn world() -> World {
    World::new(Settings {
        pong_timeout: Duration::from_secs(24 * 60 * 60),
        ..Settings::default()
    })
}

/// Jane (0) with one page that she has just used.
fn jane_is_here() -> World {
    let mut world = world();
    world.open(socket(0, 0, 0)).unwrap();
    world.input(socket(0, 0, 0), Duration::ZERO);
    world
}

fn shown(world: &World) -> Shown {
    world.presence(0).shown
}

fn is_away(world: &World) -> bool {
    shown(world).availability == Some(Availability::Away)
}

#[test]
fn whoever_gives_no_input_for_five_minutes_is_away_and_back_with_the_next() {
    let mut world = jane_is_here();
    world.wait(5 * MINUTE - SECOND);
    assert!(!is_away(&world));
    world.wait(SECOND);
    assert!(is_away(&world) && world.presence(0).is_online());
    world.input(socket(0, 0, 0), Duration::ZERO);
    assert!(!is_away(&world));
    let reasons: Vec<_> = world
        .transitions()
        .iter()
        .map(|(_, it)| it.reason)
        .collect();
    let expected = [
        TransitionReason::Connected,
        TransitionReason::Idle,
        TransitionReason::Input,
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn input_on_any_device_keeps_a_person_here() {
    let mut world = jane_is_here();
    world.open(socket(0, 1, 0)).unwrap();
    world.input(socket(0, 1, 0), Duration::ZERO);
    for _ in 0..10 {
        world.wait(4 * MINUTE);
        world.input(socket(0, 1, 0), Duration::ZERO);
    }
    assert!(!is_away(&world));
    world.wait(5 * MINUTE);
    assert!(is_away(&world));
}

#[test]
fn closing_the_tab_in_use_beside_an_idle_one_makes_nobody_away() {
    let mut world = jane_is_here();
    world.wait(4 * MINUTE);
    world.open(socket(0, 0, 1)).unwrap();
    world.input(socket(0, 0, 1), Duration::ZERO);
    world.closed(socket(0, 0, 1));
    world.wait(4 * MINUTE);
    assert!(!is_away(&world));
    world.wait(MINUTE);
    assert!(is_away(&world));
}

#[test]
fn a_socket_that_comes_back_by_itself_brings_nobody_back() {
    let mut world = jane_is_here();
    world.wait(10 * MINUTE);
    let before = world.transitions().len();
    world.closed(socket(0, 0, 0));
    world.open(socket(0, 0, 1)).unwrap();
    world.wait(SECOND);
    world.input(socket(0, 0, 1), 10 * MINUTE + SECOND);
    assert!(is_away(&world));
    assert_eq!(world.transitions().len(), before);
}

#[test]
fn whoever_was_gone_and_comes_back_idle_is_away() {
    let mut world = jane_is_here();
    world.closed(socket(0, 0, 0));
    world.wait(10 * MINUTE);
    world.open(socket(0, 0, 1)).unwrap();
    world.input(socket(0, 0, 1), 20 * MINUTE);
    assert!(is_away(&world));
}

#[test]
fn a_program_that_reports_no_input_is_there_while_it_is_connected() {
    let mut world = jane_is_here();
    world.open(socket(0, 1, 0)).unwrap();
    world.send(Event::Input(socket(0, 1, 0).key(), None));
    world.wait(60 * MINUTE);
    assert!(!is_away(&world));
    world.closed(socket(0, 1, 0));
    world.wait(SECOND);
    assert!(is_away(&world), "her page was idle all the while");
}

#[test]
fn who_does_not_want_to_be_disturbed_is_shown_so_on_every_device_until_they_choose_again() {
    let mut world = jane_is_here();
    world.choose(0, Mode::Dnd, 1);
    assert_eq!(shown(&world).availability, Some(Availability::Dnd));
    world.wait(10 * MINUTE);
    assert_eq!(shown(&world).availability, Some(Availability::Dnd));
    world.choose(0, Mode::Automatic, 2);
    assert!(is_away(&world));
}

#[test]
fn the_invisible_look_exactly_like_somebody_who_left_when_they_chose_it() {
    let mut world = jane_is_here();
    world.wait(MINUTE);
    let chosen_at = world.at(world.now).wall;
    world.choose(0, Mode::Invisible, 1);
    let left = world.presence(0);
    assert_eq!((left.is_online(), left.last_seen), (false, Some(chosen_at)));

    let before = world.transitions().len();
    world.input(socket(0, 0, 0), Duration::ZERO);
    world.open(socket(0, 1, 0)).unwrap();
    world.wait(10 * MINUTE);
    world.closed(socket(0, 0, 0));
    world.closed(socket(0, 1, 0));
    world.wait(MINUTE);
    world.open(socket(0, 0, 2)).unwrap();
    assert_eq!(
        world.transitions().len(),
        before,
        "nothing that they do is told"
    );
    assert_eq!(world.presence(0), left);

    world.choose(0, Mode::Automatic, 2);
    assert!(world.presence(0).is_online());
}

#[test]
fn who_chose_to_be_invisible_before_connecting_is_never_shown_online() {
    let mut world = world();
    world.choose(0, Mode::Invisible, 1);
    world.open(socket(0, 0, 0)).unwrap();
    world.wait(MINUTE);
    world.closed(socket(0, 0, 0));
    world.wait(MINUTE);
    assert_eq!(world.transitions(), []);
    assert_eq!(world.presence(0).last_seen, None);
}

#[test]
fn an_older_choice_that_arrives_late_overwrites_nothing() {
    let mut world = jane_is_here();
    world.choose(0, Mode::Invisible, 2);
    world.choose(0, Mode::Automatic, 1);
    assert!(!world.presence(0).is_online());
}

#[test]
fn another_text_is_told_and_the_same_is_not() {
    let mut world = jane_is_here();
    let say = |note, version| {
        let mode = Mode::Automatic;
        Event::Choose(
            user(0),
            Choice {
                mode,
                note,
                version,
            },
        )
    };
    assert_eq!(world.send(say(7, 1)).len(), 1);
    assert_eq!(world.send(say(7, 2)).len(), 0);
    assert_eq!(world.send(say(0, 3)).len(), 1);
}

#[test]
fn diagnostics_tell_the_truth_about_the_invisible() {
    let mut world = jane_is_here();
    world.choose(0, Mode::Invisible, 1);
    let diagnostics = world.diagnostics(0);
    assert!(diagnostics.online && !diagnostics.shown.is_online);
    assert_eq!(diagnostics.mode, Mode::Invisible);
    assert!(
        diagnostics.rule.contains("invisible"),
        "{}",
        diagnostics.rule
    );
}

/// Going offline forgot when input had come: whoever came back on another device, untouched for longer,
/// was away at once.
#[test]
fn who_comes_back_on_another_device_is_away_by_the_newest_input_of_both() {
    let mut world = world();
    world.open(socket(0, 0, 0)).unwrap();
    world.wait(3 * MINUTE);
    world.input(socket(0, 0, 0), Duration::ZERO);
    world.closed(socket(0, 0, 0));
    world.wait(3 * MINUTE);
    world.open(socket(0, 1, 0)).unwrap();
    world.input(socket(0, 1, 0), 6 * MINUTE);
    assert_eq!(shown(&world).availability, None);
    world.wait(2 * MINUTE);
    assert_eq!(shown(&world).availability, Some(Availability::Away));
}

#[derive(Clone, Debug)]
enum Act {
    Open(u8),
    Closed(u8),
    Input(u8, Duration),
    Choose(Mode),
    Wait(Duration),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..3_u8).prop_map(Act::Open),
        (0..3_u8).prop_map(Act::Closed),
        (0..3_u8, 0..400_u32).prop_map(|(n, s)| Act::Input(n, s * SECOND)),
        prop_oneof![
            Just(Mode::Automatic),
            Just(Mode::Dnd),
            Just(Mode::Invisible)
        ]
        .prop_map(Act::Choose),
        (0..400_u32).prop_map(|s| Act::Wait(s * SECOND)),
    ]
}

proptest! {
    #[test]
    fn what_is_shown_follows_from_connections_input_and_choice(
        acts in proptest::collection::vec(act(), 1..60),
    ) {
        let mut world = world();
        let (mut mode, mut choices) = (Mode::Automatic, 0);
        let mut last_input = Duration::ZERO;
        for act in acts {
            match act {
                Act::Open(n) => drop(world.open(socket(0, 0, n))),
                Act::Closed(n) => {
                    let reason = CloseReason::TransportLost;
                    world.send(Event::Closed(socket(0, 0, n).key(), reason));
                }
                Act::Input(n, idle) => {
                    let is_open = world.diagnostics(0).connections.iter()
                        .any(|it| it.connection == socket(0, 0, n).connection);
                    world.input(socket(0, 0, n), idle);
                    if is_open {
                        last_input = last_input.max(world.now.saturating_sub(idle));
                    }
                }
                Act::Choose(chosen) => {
                    (mode, choices) = (chosen, choices + 1);
                    world.choose(0, mode, choices);
                }
                Act::Wait(time) => world.wait(time),
            }
            let truth = world.diagnostics(0).online;
            let shown = shown(&world);
            prop_assert_eq!(shown.is_online, truth && mode != Mode::Invisible);
            if !shown.is_online {
                prop_assert_eq!(shown.availability, None);
            } else if mode == Mode::Dnd {
                prop_assert_eq!(shown.availability, Some(Availability::Dnd));
            } else if shown.availability.is_some() {
                prop_assert!(world.now >= last_input + 5 * MINUTE, "away too early");
            }
        }
        for (place, (_, transition)) in world.transitions().iter().enumerate() {
            prop_assert_eq!(transition.version, place as u64 + 1);
            prop_assert_ne!(transition.before, transition.shown);
        }
    }
}
