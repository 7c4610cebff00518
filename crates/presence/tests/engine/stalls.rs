//! Invariant 11: our own lateness makes nobody offline.
//!
//! Live clients ping and refresh their pages while the process is stopped again and again. What
//! happens during a stop is delivered after it, and only after the overdue sweep: the worst order.

use crate::world::{SECOND, World, socket};
use presence::{CloseReason, Event, Settings};
use proptest::prelude::*;
use std::time::Duration;

/// Longest time from a resumption until all that arrived meanwhile has been read.
const READING: Duration = Duration::from_millis(500);
const PING: Duration = Duration::from_secs(25);

/// What one client does, in milliseconds: how long each page lives, and how long its refresh takes.
/// Half the grace is what a refresh is promised to stay under.
fn pages() -> impl Strategy<Value = Vec<(u64, u64)>> {
    proptest::collection::vec((0..60_000_u64, 0..1_500_u64), 1..8)
}

/// Stops of the process: how long after the last, and for how long, in milliseconds.
fn stops() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let length = prop_oneof![1..1_000_u64, 1_000..8_000_u64, 8_000..200_000_u64];
    proptest::collection::vec((5_000..60_000_u64, length), 1..6)
}

/// All events of one client, by the time at which they reach this machine.
fn life(client: u8, pages: &[(u64, u64)], until: Duration) -> Vec<(Duration, Event)> {
    let mut events = Vec::new();
    let mut now = Duration::ZERO;
    for (n, page) in (0..).zip(pages.iter().map(Some).chain([None])) {
        let socket = socket(client, 0, n);
        events.push((now, Event::Open(socket)));
        let closes = page.map_or(until, |(lives, _)| now + Duration::from_millis(*lives));
        let mut ping = now + PING;
        while ping < closes {
            events.push((ping, Event::Activity(socket.key())));
            ping += PING;
        }
        if let Some((_, refresh)) = page {
            let closed = Event::Closed(socket.key(), CloseReason::TransportLost);
            events.push((closes, closed));
            now = closes + Duration::from_millis(*refresh);
        }
    }
    events
}

/// All events of all clients, until they die together.
fn lives(clients: &[Vec<(u64, u64)>], until: Duration) -> Vec<(Duration, Event)> {
    let mut events: Vec<_> = (0..)
        .zip(clients)
        .flat_map(|(n, pages)| life(n, pages, until))
        .filter(|(at, _)| *at <= until)
        .collect();
    events.sort_by_key(|(at, _)| *at);
    events
}

/// Delivers the events with the process stopped in each of the intervals.
fn live_through(world: &mut World, events: &[(Duration, Event)], stops: &[(Duration, Duration)]) {
    let mut stops = stops.iter().copied().peekable();
    let mut events = events.iter().copied().peekable();
    loop {
        let next_stop = stops.peek().map(|(start, _)| *start);
        let next_event = events.peek().map(|(at, _)| *at);
        match (next_event, next_stop) {
            (Some(at), stop) if stop.is_none_or(|stop| at < stop) => {
                world.wait(at.saturating_sub(world.now));
                let (_, event) = events.next().expect("was just seen");
                world.send(event);
            }
            (_, Some(start)) => {
                let (_, end) = stops.next().expect("was just seen");
                world.wait(start.saturating_sub(world.now));
                world.now = end;
                // The timer fires before the sockets are read, if it was due.
                if world.engine.next_deadline().is_some_and(|due| due <= end) {
                    world.send(Event::Sweep);
                }
                let arrived: Vec<_> =
                    std::iter::from_fn(|| events.next_if(|(at, _)| *at <= end)).collect();
                let pause = READING / u32::try_from(arrived.len().max(1)).unwrap();
                for (_, event) in arrived {
                    world.wait(pause);
                    world.send(event);
                }
            }
            (_, None) => return,
        }
    }
}

fn intervals(stops: &[(u64, u64)]) -> Vec<(Duration, Duration)> {
    let mut now = Duration::ZERO;
    stops
        .iter()
        .map(|(after, length)| {
            let start = now + Duration::from_millis(*after);
            now = start + Duration::from_millis(*length);
            (start, now)
        })
        .collect()
}

proptest! {
    #[test]
    fn nobody_with_a_live_client_goes_offline_because_we_were_stopped(
        clients in proptest::collection::vec(pages(), 1..4), stops in stops(),
    ) {
        let stops = intervals(&stops);
        let until = stops.last().expect("at least one").1 + 100 * SECOND;
        let events = lives(&clients, until);
        let mut world = World::new(Settings::default());
        live_through(&mut world, &events, &stops);
        prop_assert_eq!(world.transitions().len(), clients.len(), "each came online, once");
        prop_assert_eq!(world.given_up(), []);
    }

    #[test]
    fn the_dead_are_found_within_the_usual_bounds_once_we_are_punctual_again(
        clients in proptest::collection::vec(pages(), 1..4), stops in stops(),
    ) {
        let stops = intervals(&stops);
        let (_, resumed) = *stops.last().expect("at least one");
        let events = lives(&clients, resumed);
        let settings = Settings::default();
        let mut world = World::new(settings);
        live_through(&mut world, &events, &stops);
        world.wait(settings.pong_timeout + settings.reaper_interval + settings.offline_grace);
        for (n, _) in (0..).zip(&clients) {
            prop_assert!(!world.presence(n).is_online());
        }
    }
}

#[test]
fn a_stop_longer_than_the_pong_timeout_costs_nobody_a_connection() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.now = 300 * SECOND;
    world.send(Event::Sweep);
    assert_eq!(world.given_up(), []);
    world.wait(4 * SECOND);
    world.send(Event::Activity(socket(0, 0, 0).key()));
    world.wait(59 * SECOND);
    assert_eq!(world.given_up(), []);
}

#[test]
fn a_connection_that_stays_silent_after_a_stop_is_given_up_one_reaper_interval_later() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.now = 300 * SECOND;
    world.send(Event::Sweep);
    world.wait(10 * SECOND);
    assert_eq!(world.given_up()[0].0, 305 * SECOND);
}

#[test]
fn a_stop_within_the_grace_starts_the_grace_anew() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.closed(socket(0, 0, 0));
    world.wait(2 * SECOND);
    world.now = 22 * SECOND;
    world.send(Event::Sweep);
    world.wait(Duration::from_millis(2_900));
    assert!(world.presence(0).is_online());
    assert!(world.open(socket(0, 0, 1)).unwrap().reconnected);
}

#[test]
fn a_stop_that_ends_before_the_grace_does_is_noticed_too() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.closed(socket(0, 0, 0));
    world.now = Duration::from_millis(2_900);
    world.wait(Duration::from_millis(2_900));
    assert!(world.presence(0).is_online());
    world.wait(Duration::from_millis(100));
    assert!(
        !world.presence(0).is_online(),
        "a whole grace after the stop"
    );
}

#[test]
fn a_session_whose_grace_passed_while_we_were_stopped_is_still_waited_for() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.open(socket(0, 1, 0)).unwrap();
    world.closed(socket(0, 1, 0));
    world.now = 20 * SECOND;
    world.end_session(0, 0);
    assert!(world.presence(0).is_online(), "its page may be on its way");
}

#[test]
fn a_session_whose_grace_had_passed_before_we_were_stopped_is_not_waited_for() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.open(socket(0, 1, 0)).unwrap();
    world.closed(socket(0, 1, 0));
    world.wait(4 * SECOND);
    world.send(Event::Sweep);
    world.now = 20 * SECOND;
    world.end_session(0, 0);
    assert!(!world.presence(0).is_online());
}

#[test]
fn an_ordinary_delay_postpones_nothing() {
    let mut world = World::new(Settings::default());
    world.open(socket(0, 0, 0)).unwrap();
    world.closed(socket(0, 0, 0));
    world.wait(Duration::from_millis(2_750));
    world.now = Duration::from_millis(3_200);
    world.send(Event::Sweep);
    assert!(!world.presence(0).is_online());
}
