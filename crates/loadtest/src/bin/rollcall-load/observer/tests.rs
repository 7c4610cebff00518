use super::*;
use crate::script::{Course, Turn};
use protocol::{ChatId, Epoch};
use uuid::Uuid;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn user(seat: usize) -> UserId {
    UserId::from_uuid(Uuid::from_u128(seat as u128 + 1))
}

fn entry(seat: usize, is_online: bool, version: u64) -> PresenceEntry {
    PresenceEntry {
        user_id: user(seat),
        display_name: "Jane".into(),
        is_online,
        availability: None,
        status_text: String::new(),
        last_seen: None,
        is_hidden: false,
        as_of: None,
        version,
    }
}

fn snapshot(users: Vec<PresenceEntry>) -> ServerFrame {
    ServerFrame::ConnectedUsers {
        chat_id: ChatId::from_uuid(Uuid::nil()),
        users,
        epoch: Epoch::from_uuid(Uuid::nil()),
        version: 0,
    }
}

fn change(seat: usize, is_online: bool, version: u64) -> ServerFrame {
    ServerFrame::PresenceChanged(PresenceChange {
        user_id: user(seat),
        display_name: "Jane".into(),
        is_online,
        availability: None,
        status_text: String::new(),
        last_seen: None,
        epoch: Epoch::from_uuid(Uuid::nil()),
        version,
    })
}

fn typing(seat: usize, is_typing: bool) -> ServerFrame {
    ServerFrame::Typing {
        chat_id: ChatId::from_uuid(Uuid::nil()),
        user_id: user(seat),
        display_name: "Jane".into(),
        is_typing,
    }
}

fn turns(turns: &[(u64, bool)]) -> Vec<Turn> {
    let turn = |&(seconds, state)| Turn {
        at: at(seconds),
        state,
    };
    turns.iter().map(turn).collect()
}

/// One of two who are online, at a time when the other is to leave at 10 s and to come back at 20 s, and
/// to type from 30 s to 31 s.
fn observer() -> Observer {
    let seats = (0..2).map(|seat| (user(seat), seat)).collect();
    let mut observer = Observer::new(Arc::new(seats), 0);
    observer.take(&snapshot(vec![entry(0, true, 1), entry(1, true, 1)]), at(0));
    let presence = vec![
        Course::steady(true),
        Course {
            first: true,
            turns: turns(&[(10, false), (20, true)]),
        },
    ];
    let signs = vec![
        // One's own typing is never told.
        Course {
            first: false,
            turns: turns(&[(30, true)]),
        },
        Course {
            first: false,
            turns: turns(&[(30, true), (31, false)]),
        },
    ];
    observer.begin(Arc::new(Script(presence)), Arc::new(Script(signs)), at(1));
    observer
}

/// Sees these, and is judged at the end: what is wrong, in its order.
fn faults(
    observer: &mut Observer,
    frames: &[(u64, ServerFrame)],
) -> Vec<(Option<usize>, FaultKind)> {
    for (seconds, frame) in frames {
        observer.take(frame, at(*seconds));
    }
    observer.end(at(60));
    let faults = observer.seen().faults;
    faults.iter().map(|it| (it.seat, it.kind)).collect()
}

/// All that is to be told.
fn all() -> Vec<(u64, ServerFrame)> {
    vec![
        (11, change(1, false, 2)),
        (22, change(1, true, 3)),
        (30, typing(1, true)),
        (31, typing(1, false)),
    ]
}

#[test]
fn whoever_is_told_everything_once_and_in_time_finds_no_fault() {
    let mut observer = observer();
    assert_eq!(faults(&mut observer, &all()), []);
    assert!(observer.is_done());
}

#[test]
fn latencies_count_from_when_something_was_meant_to_happen() {
    let mut observer = observer();
    for (seconds, frame) in all() {
        observer.take(&frame, at(seconds));
    }
    let changes = observer.seen().changes;
    assert_eq!(changes.count(), 4);
    assert_eq!(changes.per_mille(1_000), Some(at(2)));
}

#[test]
fn a_change_that_never_came_is_lost_and_the_roster_wrong() {
    let mut observer = observer();
    let mut frames = all();
    frames.remove(1);
    let expected = [FaultKind::Lost, FaultKind::Wrong].map(|kind| (Some(1), kind));
    assert_eq!(faults(&mut observer, &frames), expected);
    assert!(!observer.is_done());
}

#[test]
fn a_change_that_a_newer_one_supersedes_is_not_lost() {
    let mut observer = observer();
    let mut frames = all();
    frames.remove(0);
    assert_eq!(faults(&mut observer, &frames), []);
    assert_eq!(observer.seen().superseded, 1);
}

#[test]
fn a_change_that_is_told_twice_is_found_and_one_that_is_told_late() {
    for (again, kind) in [(3, FaultKind::Doubled), (2, FaultKind::Backwards)] {
        let mut frames = all();
        frames.insert(2, (23, change(1, true, again)));
        assert_eq!(faults(&mut observer(), &frames), [(Some(1), kind)]);
    }
}

#[test]
fn a_change_that_a_snapshot_had_is_told_all_the_same() {
    let mut frames = all();
    let snapshot = snapshot(vec![entry(0, true, 1), entry(1, false, 2)]);
    frames.insert(0, (11, snapshot));
    assert_eq!(faults(&mut observer(), &frames), []);
}

#[test]
fn what_was_told_on_another_socket_may_be_told_again() {
    let mut frames = all();
    let friends = ServerFrame::FriendsSnapshot(protocol::FriendsSnapshot {
        friends: Vec::new(),
        epoch: Epoch::from_uuid(Uuid::nil()),
        version: 0,
    });
    frames.splice(2..2, [(23, friends), (23, change(1, true, 3))]);
    assert_eq!(faults(&mut observer(), &frames), []);
}

#[test]
fn a_change_before_its_time_and_one_that_nobody_made_are_found() {
    let mut frames = all();
    frames[0].0 = 9;
    let early = faults(&mut observer(), &frames);
    assert_eq!(early, [(Some(1), FaultKind::TooEarly)]);
    let mut frames = all();
    frames.push((40, change(0, false, 2)));
    let flicker = [FaultKind::Unexpected, FaultKind::Wrong].map(|kind| (Some(0), kind));
    assert_eq!(faults(&mut observer(), &frames), flicker);
}

#[test]
fn a_roster_that_a_snapshot_has_put_back_is_wrong_only_if_it_is_newer() {
    let wrong = [FaultKind::Untrue, FaultKind::Wrong].map(|kind| (Some(1), kind));
    for (version, expected) in [(2, vec![]), (4, wrong.to_vec())] {
        let mut frames = all();
        let users = vec![entry(0, true, 1), entry(1, false, version)];
        frames.push((40, snapshot(users)));
        assert_eq!(faults(&mut observer(), &frames), expected);
    }
}

#[test]
fn a_snapshot_that_is_not_true_is_found_even_if_the_next_one_is() {
    let mut frames = all();
    for (version, is_online) in [(4, false), (5, true)] {
        let users = vec![entry(0, true, 1), entry(1, is_online, version)];
        frames.push((40 + version, snapshot(users)));
    }
    let untrue = [(Some(1), FaultKind::Untrue)];
    assert_eq!(faults(&mut observer(), &frames), untrue);
}

#[test]
fn a_member_who_is_listed_twice_does_not_stand_for_one_who_is_missing() {
    let mut frames = all();
    let users = vec![entry(1, true, 3), entry(1, true, 3)];
    frames.push((40, snapshot(users)));
    let incomplete = [(None, FaultKind::Incomplete)];
    assert_eq!(faults(&mut observer(), &frames), incomplete);
}

#[test]
fn an_old_snapshot_stands_for_no_change() {
    let mut frames = all();
    let users = vec![entry(0, true, 1), entry(1, true, 1)];
    frames[1] = (22, snapshot(users));
    let expected = [FaultKind::Lost, FaultKind::Wrong].map(|kind| (Some(1), kind));
    assert_eq!(faults(&mut observer(), &frames), expected);
}

#[test]
fn a_sign_of_typing_that_is_lost_or_doubled_is_found() {
    let mut frames = all();
    frames.remove(3);
    assert_eq!(
        faults(&mut observer(), &frames),
        [(Some(1), FaultKind::Lost)]
    );
    let mut frames = all();
    frames.push((32, typing(1, false)));
    let doubled = faults(&mut observer(), &frames);
    assert_eq!(doubled, [(Some(1), FaultKind::Unexpected)]);
}

#[test]
fn a_snapshot_that_is_incomplete_unasked_or_missing_is_found() {
    let whole = || snapshot(vec![entry(0, true, 1), entry(1, true, 3)]);
    let mut observer = observer();
    observer.only_asks();
    observer.asks(at(32));
    observer.asks(at(33));
    let mut frames = all();
    frames.push((34, snapshot(vec![entry(0, true, 1)])));
    let incomplete = [FaultKind::Incomplete, FaultKind::Unanswered].map(|kind| (None, kind));
    assert_eq!(faults(&mut observer, &frames), incomplete);

    let mut observer = self::observer();
    observer.only_asks();
    observer.asks(at(32));
    let mut frames = all();
    frames.extend([(34, whole()), (35, whole())]);
    assert_eq!(faults(&mut observer, &frames), [(None, FaultKind::Unasked)]);
}

#[test]
fn the_roster_is_right_from_when_the_last_member_is_shown_as_they_are_to_be() {
    let mut observer = observer();
    assert_eq!(observer.seen().right, Some(at(1)));
    for (seconds, frame) in all() {
        observer.take(&frame, at(seconds));
        let expected = match seconds {
            11 => None,
            _ => Some(at(22)),
        };
        assert_eq!(observer.seen().right, expected);
    }
}
