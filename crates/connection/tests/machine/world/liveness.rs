//! However a world has treated a tab: once all is well, everything comes right.

use super::{BOUND, World, server::Stored, turn::turns};
use crate::tab::SECOND;
use connection::{Event, OutboxState, Tone};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use protocol::ClientMessageId;
use std::collections::BTreeSet;

/// All is well, and whatever had given up is told to try again.
fn come_right(world: &mut World) {
    world.mend();
    world.run(BOUND);
    if world.is_over() {
        world.take(Event::Click);
        world.run(BOUND);
    }
    // What was written is sent one after the other.
    world.run(60 * SECOND);
}

fn has_failed(world: &World, client_id: ClientMessageId) -> Option<bool> {
    let items = world.tab.outbox().items().iter();
    let mut found = items.filter(|item| item.client_id == client_id);
    found
        .next()
        .map(|item| matches!(item.state, OutboxState::Failed { .. }))
}

proptest! {
    #[test]
    fn whatever_happened_the_connection_comes_back_by_itself_unless_it_gave_up(
        turns in turns(),
    ) {
        let mut world = World::after(&turns);
        world.mend();
        world.run(BOUND);
        prop_assert!(
            world.is_over() || world.tab.tone() == Tone::Connected, "{:?}", world.tab.state
        );
    }

    #[test]
    fn whatever_happened_a_click_brings_the_connection_back(turns in turns()) {
        let mut world = World::after(&turns);
        come_right(&mut world);
        prop_assert_eq!(world.tab.tone(), Tone::Connected, "{:?}", world.tab.state);
    }

    #[test]
    fn whatever_was_written_is_stored_once_or_has_failed(turns in turns()) {
        let mut world = World::after(&turns);
        come_right(&mut world);
        for client_id in &world.written {
            let stored = world.server.history.iter().filter(|it| it.client_id == *client_id);
            let copies = stored.count();
            match has_failed(&world, *client_id) {
                None => prop_assert_eq!(copies, 1, "acknowledged"),
                Some(has_failed) => {
                    prop_assert!(has_failed, "it still waits");
                    // One that was stored while its acknowledgement was lost for too long.
                    prop_assert!(copies <= 1);
                }
            }
        }
    }

    #[test]
    fn whatever_was_written_is_stored_in_the_order_of_its_chat(turns in turns()) {
        let mut world = World::after(&turns);
        come_right(&mut world);
        let mine: Vec<&Stored> = world.server.history.iter().filter(|it| it.is_mine).collect();
        for first in &mine {
            let of_chat: Vec<_> = mine.iter()
                .filter(|stored| stored.chat == first.chat)
                .map(|stored| world.written.iter().position(|it| *it == stored.client_id))
                .collect();
            prop_assert!(of_chat.is_sorted());
        }
    }

    /// That none is delivered twice, or out of order, is asserted on the way.
    #[test]
    fn whatever_was_missed_is_there_in_the_end(turns in turns()) {
        let mut world = World::after(&turns);
        come_right(&mut world);
        let stored: BTreeSet<_> = world.server.history.iter().map(|it| it.client_id).collect();
        prop_assert_eq!(&world.screen, &stored);
    }
}

#[test]
fn random_worlds_are_as_bad_as_they_should_be() {
    let mut runner = TestRunner::deterministic();
    let (mut over, mut resyncs, mut repeated, mut replacements, mut failed) = (0, 0, 0, 0, 0);
    for _ in 0..200 {
        let turns = turns().new_tree(&mut runner).unwrap().current();
        let mut world = World::after(&turns);
        over += usize::from(world.is_over());
        come_right(&mut world);
        resyncs += world.resyncs;
        repeated += world.server.repeated;
        replacements += world.replacements;
        failed += world.tab.outbox().items().len();
    }
    let seen = [over, resyncs, repeated, replacements, failed];
    assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
}
