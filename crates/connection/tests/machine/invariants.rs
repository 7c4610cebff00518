//! The invariants of the connection, each a property over random lives of a tab.

use crate::{
    schedule::{Step, life, live, settings},
    tab::{HOUR, SECOND, created, epoch, me, opens, pings, welcome},
};
use connection::{
    Announcement, Effect, Event, Generation, Now, OutboxState, Phase, Settings, Suspension, Toast,
    Tone, TypingSet, step,
};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use protocol::{ChatId, ClientFrame, CloseCode, Epoch, ServerFrame};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The socket that ended with this step, if one did.
fn ended(step: &Step) -> Option<Generation> {
    let live = step.before.phase().generation()?;
    (!step.after.sockets().any(|socket| socket == live)).then_some(live)
}

fn is_frozen(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::Suspended {
            why: Suspension::Frozen,
            ..
        }
    )
}

proptest! {
    /// Invariant 1.
    #[test]
    fn at_most_one_socket_is_open_or_two_while_one_replaces_the_other(
        settings in settings(), life in life(),
    ) {
        let mut open = BTreeSet::new();
        let mut newest = Generation(0);
        for step in live(settings, &life).1 {
            for effect in &step.effects {
                match effect {
                    Effect::Open(generation) => {
                        prop_assert!(*generation > newest, "a generation is used once");
                        newest = *generation;
                        open.insert(*generation);
                    }
                    Effect::Close(generation, _) => {
                        prop_assert!(open.remove(generation), "closed twice: {:?}", step.event);
                    }
                    Effect::Send(generation, _) => prop_assert!(open.contains(generation)),
                    _ => {}
                }
            }
            if let Event::Closed(generation, ..) | Event::Failed(generation) = step.event {
                open.remove(&generation);
            }
            let known: BTreeSet<_> = step.after.sockets().collect();
            prop_assert_eq!(&open, &known, "{:?}", step.event);
            let most = if step.after.phase().is_online() { 2 } else { 1 };
            prop_assert!(open.len() <= most);
        }
    }

    /// Invariant 1: what is shown comes from the current socket alone.
    #[test]
    fn only_the_current_socket_feeds_what_is_shown(settings in settings(), life in life()) {
        for step in live(settings, &life).1 {
            if step.effects.iter().any(|effect| matches!(effect, Effect::Deliver(_))) {
                let Event::Frame(generation, _) = step.event else {
                    panic!("{:?} delivers", step.event)
                };
                prop_assert!(step.before.phase().is_online());
                prop_assert_eq!(step.before.phase().generation(), Some(generation));
            }
        }
    }

    /// Invariant 2.
    #[test]
    fn whatever_an_old_socket_reports_changes_nothing_and_emits_nothing(
        settings in settings(), life in life(), code in 1000..5000_u16,
    ) {
        for taken in live(settings.clone(), &life).1 {
            let old = Generation(0);
            for event in [
                Event::Opened(old),
                Event::Frame(old, welcome(epoch(98), 5, false)),
                Event::Frame(old, created(1_000)),
                Event::Received(old),
                Event::Closed(old, CloseCode(code), String::new()),
                Event::Failed(old),
            ] {
                let (after, effects) = step(taken.after.clone(), event, taken.now, 0.5, &settings);
                prop_assert_eq!(effects, []);
                prop_assert_eq!(&after, &taken.after);
            }
        }
    }

    /// Invariant 3.
    #[test]
    fn outside_idle_and_online_something_will_happen_or_it_is_over(
        settings in settings(), life in life(),
    ) {
        for step in live(settings.clone(), &life).1 {
            let now = step.now.monotonic_ms;
            let due = match step.after.phase() {
                Phase::Connecting { since, .. } => Some(since + settings.connect_timeout_ms),
                Phase::Handshaking { since, .. } => Some(since + settings.handshake_timeout_ms),
                Phase::Backoff { retry_at, .. } => {
                    prop_assert!(*retry_at <= now + 31 * SECOND);
                    Some(*retry_at)
                }
                phase @ Phase::Suspended { poll_at, .. } => {
                    prop_assert_eq!(poll_at.is_none(), is_frozen(phase));
                    *poll_at
                }
                Phase::Idle | Phase::Online { .. } | Phase::Exhausted | Phase::Terminal(_) => None,
            };
            let deadline = step.after.next_deadline(&settings);
            if let Some(due) = due {
                prop_assert!(deadline.is_some_and(|deadline| deadline <= due));
            }
            let is_yellow = step.after.view(now, &settings).tone == Tone::Connecting;
            if is_yellow && !is_frozen(step.after.phase()) {
                prop_assert!(deadline.is_some(), "yellow for ever");
            }
        }
    }

    #[test]
    fn a_tick_at_the_deadline_leaves_no_deadline_behind(settings in settings(), life in life()) {
        for taken in live(settings.clone(), &life).1 {
            let Some(deadline) = taken.after.next_deadline(&settings) else { continue };
            let late = deadline.saturating_sub(taken.now.monotonic_ms);
            let now = Now {
                monotonic_ms: taken.now.monotonic_ms + late,
                wall_ms: taken.now.wall_ms + i64::try_from(late).unwrap(),
            };
            let (after, _) = step(taken.after.clone(), Event::Tick, now, 0.0, &settings);
            let next = after.next_deadline(&settings);
            prop_assert!(next.is_none_or(|next| next > now.monotonic_ms), "{:?}", after);
        }
    }

    /// Invariant 5.
    #[test]
    fn one_failure_is_one_attempt_however_often_it_is_told(
        settings in settings(), life in life(),
    ) {
        for step in live(settings, &life).1 {
            let (before, after) = (step.before.phase(), step.after.phase());
            if *before != Phase::Exhausted && after.attempt() > before.attempt() {
                prop_assert_eq!(after.attempt(), before.attempt() + 1);
                prop_assert!(ended(&step).is_some(), "{:?}: {:?}", step.event, before);
            }
        }
    }

    /// Invariant 6.
    #[test]
    fn attempts_are_forgotten_by_stability_the_person_or_a_real_change_only(
        settings in settings(), life in life(),
    ) {
        for step in live(settings.clone(), &life).1 {
            let (before, after) = (step.before.phase(), step.after.phase());
            let has_cause = match step.event {
                Event::Click => true,
                Event::NetworkOnline => !step.before.environment().has_network,
                _ => matches!(after, Phase::Online { is_stable: true, .. }),
            };
            match (before, after) {
                (_, Phase::Terminal(_)) | (Phase::Terminal(_) | Phase::Idle, _) => {}
                (Phase::Exhausted, Phase::Exhausted) => {}
                (_, Phase::Exhausted) => {
                    prop_assert_eq!(before.attempt(), settings.attempts, "{:?}", step.event);
                }
                (Phase::Exhausted, _) => {
                    prop_assert!(has_cause || after.attempt() == settings.attempts);
                }
                _ => prop_assert!(
                    has_cause || after.attempt() >= before.attempt(), "{:?}", step.event
                ),
            }
        }
    }

    /// Invariant 7.
    #[test]
    fn green_means_welcomed_and_heard_of_lately(settings in settings(), life in life()) {
        let mut welcomed = BTreeSet::new();
        let longest = settings.ping_interval_ms + settings.pong_timeout_ms;
        for step in live(settings.clone(), &life).1 {
            if let Event::Frame(generation, ServerFrame::Welcome(_)) = step.event {
                welcomed.insert(generation);
            }
            let now = step.now.monotonic_ms;
            if step.after.view(now, &settings).tone == Tone::Connected {
                let Phase::Online { generation, last_rx, .. } = *step.after.phase() else {
                    panic!("{:?} is green", step.after.phase())
                };
                prop_assert!(welcomed.contains(&generation));
                prop_assert!(now - last_rx < longest);
            }
            let later = step.after.view(now + longest, &settings);
            prop_assert_ne!(later.tone, Tone::Connected, "green without a tick for so long");
        }
    }

    /// Invariant 8.
    #[test]
    fn an_end_is_left_by_a_click_only(settings in settings(), life in life()) {
        for step in live(settings, &life).1 {
            if matches!(step.before.phase(), Phase::Terminal(_)) && step.event != Event::Click {
                prop_assert_eq!(step.after.phase(), step.before.phase(), "{:?}", step.event);
                prop_assert_eq!(step.effects, []);
            }
        }
    }

    /// Invariant 9.
    #[test]
    fn time_hidden_or_offline_uses_up_no_attempt(settings in settings(), life in life()) {
        let mut hidden_since = None;
        for step in live(settings.clone(), &life).1 {
            let environment = step.after.environment();
            if environment.is_visible {
                hidden_since = None;
            } else {
                hidden_since.get_or_insert(step.now.monotonic_ms);
            }
            let is_long_hidden = hidden_since
                .is_some_and(|since| step.now.monotonic_ms >= since + settings.hidden_after_ms);
            let (before, after) = (step.before.phase(), step.after.phase());
            if (is_long_hidden || !environment.has_network) && *before != Phase::Exhausted {
                prop_assert!(after.attempt() <= before.attempt(), "{:?}", step.event);
                prop_assert_ne!(after, &Phase::Exhausted);
            }
        }
    }

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

    /// Invariant 12.
    #[test]
    fn nobody_is_typing_unless_online_and_never_oneself(settings in settings(), life in life()) {
        let mut typing = TypingSet::default();
        for step in live(settings, &life).1 {
            let now = step.now.monotonic_ms;
            for effect in &step.effects {
                match effect {
                    Effect::Deliver(frame) => {
                        if let ServerFrame::Typing { author, .. } = frame {
                            prop_assert_ne!(author.user_id, me());
                        }
                        typing.apply(frame, now, 3_000);
                    }
                    Effect::ClearTyping => typing.clear(),
                    _ => {}
                }
            }
            prop_assert!(typing.is_empty() || step.after.phase().is_online());
        }
    }

    /// Invariant 13: the end.
    #[test]
    fn stop_leaves_no_timer_and_no_socket_wherever_it_strikes(
        settings in settings(), life in life(),
    ) {
        for taken in live(settings.clone(), &life).1 {
            let (after, effects) =
                step(taken.after.clone(), Event::Stop, taken.now, 0.0, &settings);
            prop_assert_eq!(after.next_deadline(&settings), None);
            prop_assert_eq!(after.sockets().count(), 0);
            for socket in taken.after.sockets() {
                prop_assert!(effects.contains(&Effect::Close(socket, CloseCode::NORMAL)));
            }
        }
    }

    /// Invariant 13: the clock.
    #[test]
    fn setting_the_clock_causes_one_probe_or_one_attempt(
        settings in settings(), life in life(), is_forward: bool,
    ) {
        let (mut tab, _) = live(settings, &life);
        tab.take(Event::Tick);
        let hour = i64::try_from(HOUR).unwrap();
        tab.now.wall_ms += if is_forward { hour } else { -hour };
        let mut effects = Vec::new();
        for _ in 0..5 {
            effects.extend(tab.take(Event::Tick));
        }
        prop_assert!(opens(&effects).len() + pings(&effects) <= 1, "{:?}", effects);
        if !is_forward {
            prop_assert_eq!(effects, []);
        }
    }

    #[test]
    fn attempts_are_at_least_a_second_apart(settings in settings(), life in life()) {
        let (tab, _) = live(settings, &life);
        let attempts: Vec<_> = tab.effects.iter()
            .filter(|(_, effect)| matches!(effect, Effect::Open(_)))
            .map(|(at, _)| *at)
            .collect();
        for pair in attempts.windows(2) {
            prop_assert!(pair[1] >= pair[0] + SECOND, "{:?}", pair);
        }
    }

    /// Invariant 14: announcements.
    #[test]
    fn nothing_is_announced_twice_without_a_change_that_the_person_knows_of(
        settings in settings(), life in life(),
    ) {
        let mut last = None;
        for step in live(settings, &life).1 {
            // How the person's own try ends is news.
            if step.event == Event::Click && last != Some(Announcement::Restored) {
                last = last.min(Some(Announcement::Lost));
            }
            let said: Vec<_> = step.effects.iter()
                .filter_map(|effect| match effect {
                    Effect::Announce(announcement) => Some(*announcement),
                    _ => None,
                })
                .collect();
            prop_assert!(said.len() <= 1);
            let toasts = step.effects.contains(&Effect::Toast(Toast::GaveUp));
            prop_assert_eq!(toasts, said == [Announcement::GaveUp]);
            for announcement in said {
                prop_assert_ne!(Some(announcement), last);
                if announcement == Announcement::Restored {
                    prop_assert!(last.is_some(), "nothing was said to be lost");
                    prop_assert!(step.after.phase().is_online());
                }
                last = Some(announcement);
            }
        }
    }

    /// Invariant 14: the view.
    #[test]
    fn the_view_says_what_the_state_is_at_any_time(
        settings in settings(), life in life(), later in 0..HOUR,
    ) {
        for step in live(settings.clone(), &life).1 {
            for at in [0, step.now.monotonic_ms, step.now.monotonic_ms + later] {
                let view = step.after.view(at, &settings);
                prop_assert!(!view.tooltip.is_empty());
                let is_over = matches!(
                    step.after.phase(),
                    Phase::Exhausted
                        | Phase::Terminal(_)
                        | Phase::Suspended { why: Suspension::Offline, .. }
                );
                prop_assert_eq!(view.tone == Tone::Disconnected, is_over);
                prop_assert!(view.action.is_some() || !is_over, "red without a way out");
            }
        }
    }
}

#[test]
fn random_lives_reach_every_phase_and_online_often() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..100 {
        let life = life().new_tree(&mut runner).unwrap().current();
        for step in live(Settings::default(), &life).1 {
            let phase = format!("{:?}", step.after.phase());
            let name = phase.split([' ', '(']).next().unwrap_or_default();
            *seen.entry(name.to_owned()).or_default() += 1;
        }
    }
    let total: usize = seen.values().sum();
    assert_eq!(seen.len(), 7, "all but Idle: {seen:?}");
    assert!(seen["Online"] * 4 > total, "{seen:?}");
    assert!(seen.values().all(|count| count * 200 > total), "{seen:?}");
}
