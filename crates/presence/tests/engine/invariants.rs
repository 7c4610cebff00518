//! The invariants of presence, each a property over random schedules with a punctual owner.

use crate::{
    model::{Model, ModelTransition, ticks},
    schedule::{Step, USERS, schedule, settings},
    world::{World, socket, user},
};
use presence::{CloseReason, ConnectionState, Effect, Event, Now, Settings, TransitionReason};
use proptest::prelude::*;
use protocol::Timestamp;
use std::{collections::BTreeMap, time::Duration};

proptest! {
    #[test]
    fn the_engine_agrees_with_the_reference(settings in settings(), schedule in schedule()) {
        let mut world = World::new(settings);
        let mut model = Model::new(&settings);
        for step in &schedule {
            world.take(step);
            model.take(step);
            for n in 0..USERS {
                let presence = world.presence(n);
                prop_assert_eq!(
                    world.diagnostics(n).active_connection_count, model.count(n), "{:?}", step
                );
                prop_assert_eq!(presence.is_online(), model.is_online(n), "{:?}", step);
                prop_assert_eq!(presence.version, model.version(n), "{:?}", step);
                let last_seen = model.last_seen(n).map(|at| wall(&world, at));
                prop_assert_eq!(presence.last_seen, last_seen, "{:?}", step);
            }
        }
        let told: Vec<_> = world
            .transitions()
            .into_iter()
            .map(|(at, transition)| ModelTransition {
                at: ticks(at),
                user: transition.user.as_uuid().as_bytes()[15],
                is_online: transition.is_online(),
                reason: transition.reason,
            })
            .collect();
        // Who goes offline in the same tick does so in no particular order.
        prop_assert_eq!(sorted(told), sorted(model.transitions));
    }

    /// Invariant 1.
    #[test]
    fn a_user_with_an_active_connection_is_online(
        settings in settings(), schedule in schedule(),
    ) {
        let mut world = World::new(settings);
        for step in &schedule {
            world.take(step);
            for n in 0..USERS {
                let diagnostics = world.diagnostics(n);
                prop_assert_eq!(
                    diagnostics.active_connection_count, diagnostics.connections.len()
                );
                if diagnostics.active_connection_count > 0 {
                    prop_assert!(diagnostics.online && world.presence(n).is_online());
                    prop_assert_eq!(diagnostics.pending_offline, None);
                }
            }
        }
    }

    /// Invariant 2: the waiting.
    #[test]
    fn offline_comes_after_a_whole_grace_of_zero_connections_and_no_later(
        settings in settings(), schedule in schedule(),
    ) {
        let mut world = World::new(settings);
        let mut zero_since: BTreeMap<u8, Duration> = BTreeMap::new();
        for step in flattened(&schedule) {
            let told_before = world.transitions().len();
            let counts_before: Vec<_> = (0..USERS).map(|n| count(&world, n)).collect();
            world.take(&step);
            for n in 0..USERS {
                match (counts_before[usize::from(n)], count(&world, n)) {
                    (1.., 0) => { zero_since.insert(n, world.now); }
                    (_, 1..) => { zero_since.remove(&n); }
                    (0, 0) => {}
                }
            }
            for (at, transition) in &world.transitions()[told_before..] {
                if transition.reason == TransitionReason::GraceExpired {
                    let n = transition.user.as_uuid().as_bytes()[15];
                    prop_assert_eq!(*at - zero_since[&n], settings.offline_grace);
                }
            }
        }
    }

    /// Invariant 2: the silence.
    #[test]
    fn connections_that_come_and_go_within_the_grace_are_heard_by_nobody(
        gaps in proptest::collection::vec((0..40_000_u64, 0..3_000_u64, any::<bool>()), 1..40),
    ) {
        let mut world = World::new(Settings::default());
        for (n, (up, down, is_handshaken)) in (0..).zip(gaps) {
            world.open(socket(0, 0, n)).unwrap();
            world.wait(Duration::from_millis(up));
            if is_handshaken {
                world.closing(socket(0, 0, n));
            }
            world.closed(socket(0, 0, n));
            world.wait(Duration::from_millis(down));
        }
        prop_assert_eq!(world.transitions().len(), 1, "only the very first is told");
    }

    /// Invariant 3.
    #[test]
    fn closing_an_older_socket_never_affects_a_newer_one(
        schedule in schedule(),
        late in proptest::collection::vec((0..4_u8, 0..2_u8, any::<bool>()), 0..40),
    ) {
        let mut world = World::new(Settings::default());
        for step in &schedule {
            world.take(step);
        }
        let newer = socket(0, 9, 9);
        world.open(newer).unwrap();
        let told = world.transitions().len();
        for (session, n, is_handshaken) in late {
            if is_handshaken {
                world.closing(socket(0, session, n));
            }
            world.closed(socket(0, session, n));
            let diagnostics = world.diagnostics(0);
            let found = diagnostics.connections.iter().find(|c| c.connection == newer.connection);
            prop_assert_eq!(found.map(|c| c.state), Some(ConnectionState::Open));
        }
        prop_assert_eq!(world.transitions().len(), told);
    }

    /// Invariant 5.
    #[test]
    fn a_silent_connection_is_given_up_after_the_pong_timeout_and_never_before(
        settings in settings(), schedule in schedule(),
    ) {
        let mut world = World::new(settings);
        let mut alive_at = BTreeMap::new();
        let last_wait = Step::Wait(settings.pong_timeout + settings.reaper_interval);
        for step in schedule.iter().chain([&last_wait]) {
            if let Step::Open(u, s, c) | Step::Activity(u, s, c) | Step::Closing(u, s, c) = *step {
                let key = socket(u, s, c).key();
                let renews = match state_of(&world, u, key.connection) {
                    None => matches!(step, Step::Open(..)),
                    Some(ConnectionState::Open) => !matches!(step, Step::Open(..)),
                    Some(ConnectionState::Closing) => false,
                };
                if renews {
                    alive_at.insert(key, world.now);
                }
            }
            let known = world.given_up().len();
            world.take(step);
            for (at, key, reason) in &world.given_up()[known..] {
                if *reason != CloseReason::SessionEnded {
                    prop_assert_eq!(*at - alive_at[key], settings.pong_timeout);
                }
            }
        }
        for n in 0..USERS {
            prop_assert_eq!(count(&world, n), 0, "nobody has shown any activity since");
        }
        world.wait(settings.offline_grace);
        prop_assert_eq!(world.engine.next_deadline(), None, "nothing is left to run out");
    }

    /// Invariant 8.
    #[test]
    fn transitions_of_a_user_alternate_and_their_versions_grow_by_one(
        settings in settings(), schedule in schedule(),
    ) {
        let mut world = World::new(settings);
        let mut told: BTreeMap<_, u64> = BTreeMap::new();
        for step in &schedule {
            world.take(step);
        }
        for (_, transition) in world.transitions() {
            let version = told.entry(transition.user).or_default();
            *version += 1;
            prop_assert_eq!(transition.version, *version);
            prop_assert_eq!(transition.is_online(), *version % 2 == 1);
        }
        for n in 0..USERS {
            let version = told.get(&user(n)).copied().unwrap_or_default();
            prop_assert_eq!(world.presence(n).version, version);
            prop_assert_eq!(world.presence(n).is_online(), version % 2 == 1);
        }
    }

    /// Invariant 11: clocks.
    #[test]
    fn a_wall_clock_that_jumps_changes_no_decision(
        schedule in schedule(), jumps in proptest::collection::vec(any::<i32>(), 80),
    ) {
        let mut steady = World::new(Settings::default());
        let mut jumping = World::new(Settings::default());
        for (step, jump) in schedule.iter().zip(jumps) {
            let (Some(event), now) = (step.event(), steady.now) else {
                steady.take(step);
                jumping.take(step);
                continue;
            };
            let wall = Timestamp::from_unix_millis(i64::from(jump) * 1_000);
            let expected = steady.send(event);
            let decided = jumping.engine.handle(event, Now { monotonic: now, wall });
            prop_assert_eq!(without_wall(&decided), without_wall(&expected));
            prop_assert_eq!(jumping.engine.next_deadline(), steady.engine.next_deadline());
        }
    }

    /// Invariant 11: clocks.
    #[test]
    fn monotonic_time_that_goes_back_counts_as_no_time(
        schedule in schedule(), back in proptest::collection::vec(0..100_000_u64, 80),
    ) {
        let mut forward = World::new(Settings::default());
        let mut wavering = World::new(Settings::default());
        for (step, back) in schedule.iter().zip(back) {
            let Some(event) = step.event() else {
                forward.take(step);
                wavering.take(step);
                continue;
            };
            // Time has been seen to be `now`; then an event claims an earlier one.
            let now = forward.at(forward.now);
            prop_assert_eq!(
                forward.engine.handle(Event::Sweep, now),
                wavering.engine.handle(Event::Sweep, now)
            );
            let earlier = Now {
                monotonic: now.monotonic.saturating_sub(Duration::from_millis(back)),
                ..now
            };
            prop_assert_eq!(
                forward.engine.handle(event, now),
                wavering.engine.handle(event, earlier)
            );
        }
    }

    #[test]
    fn reading_never_changes_anything(settings in settings(), schedule in schedule()) {
        let mut read = World::new(settings);
        let mut unread = World::new(settings);
        for step in &schedule {
            if !matches!(step, Step::Read(_)) {
                unread.take(step);
            }
            for n in 0..=USERS {
                prop_assert_eq!(read.diagnostics(n).online, read.presence(n).is_online());
            }
            read.take(step);
            prop_assert_eq!(&read.effects, &unread.effects);
            prop_assert_eq!(read.engine.next_deadline(), unread.engine.next_deadline());
        }
        for n in 0..USERS {
            prop_assert_eq!(read.diagnostics(n), unread.diagnostics(n));
        }
    }

    #[test]
    fn a_report_that_comes_twice_has_its_effect_once(
        settings in settings(), schedule in schedule(),
    ) {
        let mut world = World::new(settings);
        for step in &schedule {
            world.take(step);
            if let Some(event) = step.event() {
                let effects = world.send(event);
                let expected = usize::from(matches!(event, Event::Open(_)));
                prop_assert_eq!(effects.len(), expected, "an answer at most: {:?}", effects);
            }
        }
    }

    #[test]
    fn reports_about_what_never_opened_have_no_effect(schedule in schedule()) {
        let mut world = World::new(Settings::default());
        for step in &schedule {
            if !matches!(step, Step::Open(..)) {
                world.take(step);
            }
        }
        prop_assert_eq!(&world.effects, &[]);
        prop_assert_eq!(world.engine.next_deadline(), None);
    }
}

/// The schedule with each wait cut at every tick, so that the world is seen at each.
fn flattened(schedule: &[Step]) -> impl Iterator<Item = Step> + '_ {
    use crate::schedule::TICK;
    schedule.iter().flat_map(|step| match step {
        // Past this nothing is left to run out.
        Step::Wait(time) => vec![Step::Wait(TICK); ticks(*time).min(1_600) as usize],
        step => vec![step.clone()],
    })
}

fn count(world: &World, n: u8) -> usize {
    world.diagnostics(n).active_connection_count
}

fn state_of(world: &World, n: u8, connection: protocol::ConnectionId) -> Option<ConnectionState> {
    let diagnostics = world.diagnostics(n);
    let found = diagnostics
        .connections
        .iter()
        .find(|c| c.connection == connection);
    found.map(|c| c.state)
}

fn wall(world: &World, tick: u128) -> Timestamp {
    let millis = u64::try_from(tick).unwrap() * 100;
    world.at(Duration::from_millis(millis)).wall
}

fn sorted(mut transitions: Vec<ModelTransition>) -> Vec<ModelTransition> {
    transitions.sort_by_key(|transition| (transition.at, transition.user));
    transitions
}

fn without_wall(effects: &[Effect]) -> Vec<Effect> {
    let mut effects = effects.to_vec();
    for effect in &mut effects {
        if let Effect::Transition(transition) = effect {
            transition.at = Timestamp::from_unix_millis(0);
            transition.last_seen = transition.last_seen.map(|_| transition.at);
        }
    }
    effects
}
