//! Invariants 10 and 11: what is delivered, and what is sent.

use crate::schedule::{life, live, settings};
use connection::{Effect, Event, OutboxState};
use proptest::prelude::*;
use protocol::{ChatId, ClientFrame, Epoch, ServerFrame};
use std::collections::{BTreeMap, BTreeSet, HashSet};

proptest! {
    /// Invariant 10: offsets.
    #[test]
    fn offsets_only_grow_within_an_epoch_and_a_new_epoch_means_a_snapshot(
        settings in settings(), life in life(),
    ) {
        for step in live(settings, &life).1 {
            let before = step.before.resume().unwrap();
            let after = step.after.resume().unwrap();
            if before.epoch == after.epoch {
                prop_assert!(after.offset >= before.offset, "{:?}", step.event);
            } else {
                prop_assert!(step.effects.contains(&Effect::Resync));
            }
        }
    }

    /// Invariant 10: messages.
    #[test]
    fn each_message_is_applied_once_and_in_order(settings in settings(), life in life()) {
        let mut newest: BTreeMap<Epoch, u64> = BTreeMap::new();
        for step in live(settings, &life).1 {
            let epoch = step.after.resume().unwrap().epoch;
            for effect in &step.effects {
                if let Effect::Deliver(ServerFrame::MessageCreated(message)) = effect {
                    let before = newest.insert(epoch, message.offset);
                    prop_assert!(before < Some(message.offset), "{:?}", message);
                }
            }
        }
    }

    /// Invariant 11.
    #[test]
    fn a_message_goes_after_the_welcome_in_the_order_of_its_chat_and_once_a_connection(
        settings in settings(), life in life(),
    ) {
        let mut welcomed = BTreeSet::new();
        let mut sent = HashSet::new();
        for step in live(settings, &life).1 {
            match &step.event {
                Event::Frame(generation, ServerFrame::Welcome(_)) => {
                    welcomed.insert(*generation);
                }
                Event::Frame(live, ServerFrame::Error { client_id: Some(client_id), .. }) => {
                    sent.remove(&(*live, *client_id));
                }
                Event::Retry(again) => sent.retain(|(_, client_id)| client_id != again),
                _ => {}
            }
            for effect in &step.effects {
                let Effect::Send(generation, ClientFrame::Send { chat_id, client_id, .. }) = effect
                else { continue };
                prop_assert!(welcomed.contains(generation));
                prop_assert_eq!(step.after.phase().generation(), Some(*generation));
                prop_assert!(sent.insert((*generation, *client_id)), "sent twice");
                let earlier = step.after.outbox().items().iter()
                    .take_while(|item| item.client_id != *client_id)
                    .filter(|item| item.chat_id == *chat_id);
                for item in earlier {
                    let has_failed = matches!(item.state, OutboxState::Failed { .. });
                    prop_assert!(has_failed, "{:?} was overtaken", item);
                }
            }
        }
    }

    #[test]
    fn what_waits_to_be_sent_is_bounded_and_one_message_a_chat_is_in_flight(
        settings in settings(), life in life(),
    ) {
        for step in live(settings.clone(), &life).1 {
            let items = step.after.outbox().items();
            let waiting = items.iter()
                .filter(|item| matches!(item.state, OutboxState::Queued | OutboxState::Sent));
            prop_assert!(waiting.count() <= settings.outbox_capacity);
            let mut in_flight: Vec<ChatId> = items.iter()
                .filter(|item| item.state == OutboxState::Sent)
                .map(|item| item.chat_id)
                .collect();
            prop_assert!(in_flight.is_empty() || step.after.phase().is_online());
            let count = in_flight.len();
            in_flight.sort();
            in_flight.dedup();
            prop_assert_eq!(in_flight.len(), count);
        }
    }

    /// Nothing that a person wrote goes away unless it was stored or they gave it up.
    #[test]
    fn no_message_is_dropped_in_silence(settings in settings(), life in life()) {
        for step in live(settings, &life).1 {
            for item in step.before.outbox().items() {
                let stays = step.after.outbox().items().iter()
                    .any(|other| other.client_id == item.client_id);
                let has_cause = match &step.event {
                    Event::Frame(_, ServerFrame::MessageAck { client_id, .. })
                    | Event::Discard(client_id) => *client_id == item.client_id,
                    _ => false,
                };
                prop_assert!(stays || has_cause, "{:?}", step.event);
            }
        }
    }
}
