//! What every directory must do. `conformance_tests!` makes a test of each of these for one kind of
//! directory; `start` gives an empty one with these settings, in which time already passes, and what it
//! rests on.

use crate::people::{session, socket, user};
use presence::{
    Choice, CloseReason, ConnectionState, Directory, OpenError, OpenRefused, Settings, Transition,
    TransitionReason,
};
use protocol::{Availability, Mode};
use std::{future::Future, time::Duration};
use tokio::time::{Instant, sleep, timeout};

/// Short, for directories whose time cannot be paused.
pub(crate) const SETTINGS: Settings = Settings {
    ping_interval: Duration::from_millis(400),
    pong_timeout: Duration::from_millis(1_000),
    offline_grace: Duration::from_millis(300),
    lease_ttl: Duration::from_millis(600),
    lease_renewal: Duration::from_millis(200),
    away_after: Duration::from_millis(500),
    reaper_interval: Duration::from_millis(200),
};

/// More than enough for an announcement that nothing holds back.
const SOON: Duration = Duration::from_millis(200);

macro_rules! conformance_tests {
    ($test:meta, $start:expr) => {
        conformance_tests! { @ $test, $start,
            a_last_close_is_offline_after_the_grace
            a_refresh_emits_no_transition
            one_of_two_tabs_closed_leaves_the_user_online
            a_late_close_of_an_old_connection_leaves_the_new_one_alone
            a_closing_connection_counts_until_it_has_closed
            repeated_and_unknown_reports_change_nothing
            a_silent_connection_is_given_up_and_its_socket_named
            activity_keeps_a_connection
            a_sign_out_is_offline_at_once_and_names_its_sockets
            a_sign_out_beside_another_session_is_heard_by_nobody
            an_ended_session_cannot_open
            a_snapshot_answers_in_the_order_asked
            diagnostics_show_what_decides_and_change_nothing
            a_join_and_a_leave_between_two_drains_cancel_out
            what_a_snapshot_has_shown_is_taken_back_aloud
            a_consumer_that_gives_up_waiting_loses_nothing
            without_input_a_user_is_away_until_there_is_some
            the_invisible_are_never_told_of
        }
    };
    (@ $test:meta, $start:expr, $($name:ident)*) => {$(
        #[$test]
        async fn $name() {
            let (directory, _rests_on) = $start($crate::conformance::SETTINGS).await;
            let test = $crate::conformance::$name(&*directory);
            let in_time = tokio::time::timeout(std::time::Duration::from_secs(60), test).await;
            assert!(in_time.is_ok(), "something that was awaited never came");
        }
    )*};
}
pub(crate) use conformance_tests;

pub(crate) async fn a_last_close_is_offline_after_the_grace(directory: &impl Directory) {
    let socket = socket(1, 1, 1);
    let opened = directory.open(socket).await.unwrap();
    assert_eq!((opened.active_count, opened.reconnected), (1, false));
    let online = the_change(directory).await;
    assert_eq!((online.user, online.is_online()), (user(1), true));
    assert_eq!(online.last_seen, None);
    assert_eq!(online.reason, TransitionReason::Connected);

    let closed_at = Instant::now();
    directory
        .closed(socket.key(), CloseReason::ClientClosed)
        .await
        .unwrap();
    assert!(is_online(directory, 1).await, "the grace runs");
    let offline = the_change(directory).await;
    assert!(closed_at.elapsed() >= SETTINGS.offline_grace);
    assert_eq!((offline.user, offline.is_online()), (user(1), false));
    assert!(offline.version > online.version);
    assert_eq!(offline.reason, TransitionReason::GraceExpired);
    assert!(
        offline
            .last_seen
            .is_some_and(|seen| online.at <= seen && seen <= offline.at)
    );

    let snapshot = directory.snapshot(&[user(1)]).await.unwrap()[0];
    assert_eq!(
        (snapshot.is_online(), snapshot.version),
        (false, offline.version)
    );
    assert_eq!(snapshot.last_seen, offline.last_seen);
}

pub(crate) async fn a_refresh_emits_no_transition(directory: &impl Directory) {
    directory.open(socket(1, 1, 0)).await.unwrap();
    the_change(directory).await;
    for n in 1..=5 {
        let old = socket(1, 1, n - 1).key();
        directory.closing(old).await.unwrap();
        directory
            .closed(old, CloseReason::TransportLost)
            .await
            .unwrap();
        sleep(SETTINGS.offline_grace / 2).await;
        let opened = directory.open(socket(1, 1, n)).await.unwrap();
        assert_eq!((opened.active_count, opened.reconnected), (1, true));
    }
    assert_silence(directory, 2 * SETTINGS.offline_grace).await;
    assert!(is_online(directory, 1).await);
}

pub(crate) async fn one_of_two_tabs_closed_leaves_the_user_online(directory: &impl Directory) {
    let (first, second) = (socket(1, 1, 1), socket(1, 1, 2));
    directory.open(first).await.unwrap();
    assert_eq!(directory.open(second).await.unwrap().active_count, 2);
    the_change(directory).await;
    directory
        .closed(first.key(), CloseReason::ClientClosed)
        .await
        .unwrap();
    assert_silence(directory, 2 * SETTINGS.offline_grace).await;
    directory
        .closed(second.key(), CloseReason::ClientClosed)
        .await
        .unwrap();
    assert!(!the_change(directory).await.is_online());
}

pub(crate) async fn a_late_close_of_an_old_connection_leaves_the_new_one_alone(
    directory: &impl Directory,
) {
    let (old, new) = (socket(1, 1, 1), socket(1, 1, 2));
    directory.open(old).await.unwrap();
    directory.open(new).await.unwrap();
    the_change(directory).await;
    for _ in 0..2 {
        directory.closing(old.key()).await.unwrap();
        directory
            .closed(old.key(), CloseReason::PongTimeout)
            .await
            .unwrap();
    }
    let diagnostics = directory.diagnostics(user(1)).await.unwrap();
    assert_eq!(diagnostics.active_connection_count, 1);
    assert_eq!(diagnostics.connections[0].connection, new.connection);
    assert_silence(directory, 2 * SETTINGS.offline_grace).await;
}

pub(crate) async fn a_closing_connection_counts_until_it_has_closed(directory: &impl Directory) {
    let socket = socket(1, 1, 1);
    directory.open(socket).await.unwrap();
    the_change(directory).await;
    directory.closing(socket.key()).await.unwrap();
    assert_silence(directory, 2 * SETTINGS.offline_grace).await;
    let diagnostics = directory.diagnostics(user(1)).await.unwrap();
    assert_eq!(diagnostics.active_connection_count, 1);
    assert_eq!(diagnostics.connections[0].state, ConnectionState::Closing);

    // It never closes; and what still arrives is no reason to wait longer.
    let keeps_sending = async {
        for _ in 0..10 {
            directory.activity(&[socket.key()]).await.unwrap();
            sleep(SETTINGS.reaper_interval).await;
        }
    };
    tokio::select! {
        () = keeps_sending => panic!("it was waited for longer than the pong timeout"),
        reaped = directory.reaped() => assert_eq!(reaped, [socket.connection]),
    }
    assert!(!the_change(directory).await.is_online());
    assert_eq!(removals(directory, CloseReason::CloseTimeout), 1);
}

pub(crate) async fn repeated_and_unknown_reports_change_nothing(directory: &impl Directory) {
    let unknown = socket(1, 1, 9).key();
    directory.activity(&[unknown, unknown]).await.unwrap();
    directory.closing(unknown).await.unwrap();
    directory
        .closed(unknown, CloseReason::ClientClosed)
        .await
        .unwrap();
    assert_silence(directory, SOON).await;

    let socket = socket(1, 1, 1);
    directory.open(socket).await.unwrap();
    let again = directory.open(socket).await.unwrap();
    assert_eq!((again.active_count, again.reconnected), (1, false));
    assert!(the_change(directory).await.is_online());
    directory
        .closed(unknown, CloseReason::ClientClosed)
        .await
        .unwrap();
    assert_silence(directory, 2 * SETTINGS.offline_grace).await;
}

pub(crate) async fn a_silent_connection_is_given_up_and_its_socket_named(
    directory: &impl Directory,
) {
    let socket = socket(1, 1, 1);
    directory.open(socket).await.unwrap();
    the_change(directory).await;
    let heard_at = Instant::now();
    directory.activity(&[socket.key()]).await.unwrap();
    assert_eq!(directory.reaped().await, [socket.connection]);
    let silent = heard_at.elapsed();
    assert!(silent >= SETTINGS.pong_timeout, "{silent:?}");
    assert!(is_online(directory, 1).await, "the grace runs");
    assert!(!the_change(directory).await.is_online());
    let silent = heard_at.elapsed();
    let bound = SETTINGS.pong_timeout + SETTINGS.reaper_interval + SETTINGS.offline_grace + SOON;
    assert!(silent <= bound, "{silent:?}");
    assert_eq!(removals(directory, CloseReason::PongTimeout), 1);
}

pub(crate) async fn activity_keeps_a_connection(directory: &impl Directory) {
    let sockets = [socket(1, 1, 1), socket(2, 1, 1)];
    for socket in sockets {
        directory.open(socket).await.unwrap();
    }
    for _ in 0..6 {
        sleep(SETTINGS.ping_interval).await;
        directory
            .activity(&sockets.map(|socket| socket.key()))
            .await
            .unwrap();
    }
    assert!(is_online(directory, 1).await && is_online(directory, 2).await);
    assert!(timeout(SOON, directory.reaped()).await.is_err());
}

pub(crate) async fn a_sign_out_is_offline_at_once_and_names_its_sockets(
    directory: &impl Directory,
) {
    let (first, second) = (socket(1, 1, 1), socket(1, 1, 2));
    directory.open(first).await.unwrap();
    directory.open(second).await.unwrap();
    let online = the_change(directory).await;
    let mut closed = directory.end_session(user(1), session(1, 1)).await.unwrap();
    closed.sort();
    assert_eq!(closed, [first.connection, second.connection]);
    assert!(!is_online(directory, 1).await);
    let offline = at_once(directory.next_changes()).await[0];
    assert_eq!(
        (offline.is_online(), offline.version > online.version),
        (false, true)
    );
    assert_eq!(offline.reason, TransitionReason::SessionEnded);
    let again = directory.end_session(user(1), session(1, 1)).await.unwrap();
    assert_eq!(again, []);
}

pub(crate) async fn a_sign_out_beside_another_session_is_heard_by_nobody(
    directory: &impl Directory,
) {
    let (phone, laptop) = (socket(1, 1, 1), socket(1, 2, 2));
    directory.open(phone).await.unwrap();
    directory.open(laptop).await.unwrap();
    the_change(directory).await;
    let closed = directory.end_session(user(1), session(1, 1)).await.unwrap();
    assert_eq!(closed, [phone.connection]);
    assert_silence(directory, 2 * SETTINGS.offline_grace).await;
    assert!(is_online(directory, 1).await);
}

pub(crate) async fn an_ended_session_cannot_open(directory: &impl Directory) {
    directory.end_session(user(1), session(1, 1)).await.unwrap();
    assert_eq!(
        directory.open(socket(1, 1, 1)).await,
        Err(OpenError::Refused(OpenRefused::SessionEnded))
    );
    assert_silence(directory, SOON).await;
    assert_eq!(
        directory.open(socket(1, 2, 2)).await.unwrap().active_count,
        1
    );
}

pub(crate) async fn a_snapshot_answers_in_the_order_asked(directory: &impl Directory) {
    for n in [3, 40, 5, 22] {
        directory.open(socket(n, 1, 1)).await.unwrap();
    }
    let asked = [40, 9, 3, 22, 9, 5, 40].map(user);
    let found: Vec<_> = directory
        .snapshot(&asked)
        .await
        .unwrap()
        .into_iter()
        .map(|presence| (presence.user, presence.is_online(), presence.version > 0))
        .collect();
    let expected = asked.map(|asked| (asked, asked != user(9), asked != user(9)));
    assert_eq!(found, expected);
    assert_eq!(directory.snapshot(&[]).await.unwrap(), []);
}

pub(crate) async fn diagnostics_show_what_decides_and_change_nothing(directory: &impl Directory) {
    let stranger = directory.diagnostics(user(1)).await.unwrap();
    assert!(!stranger.online && stranger.connections.is_empty() && stranger.version == 0);

    let (phone, laptop) = (socket(1, 1, 1), socket(1, 2, 2));
    directory.open(phone).await.unwrap();
    directory.open(laptop).await.unwrap();
    let online = the_change(directory).await;
    sleep(SETTINGS.ping_interval).await;
    directory.activity(&[laptop.key()]).await.unwrap();
    directory.closing(phone.key()).await.unwrap();
    for _ in 0..3 {
        let found = directory.diagnostics(user(1)).await.unwrap();
        assert!(found.online);
        assert_eq!(
            (found.active_connection_count, found.version),
            (2, online.version)
        );
        let [first, second] = &found.connections[..] else {
            panic!("two connections: {found:?}")
        };
        assert_eq!((first.session, first.node), (phone.session, phone.node));
        assert_eq!(first.state, ConnectionState::Closing);
        assert_eq!((second.session, second.node), (laptop.session, laptop.node));
        assert_eq!(second.state, ConnectionState::Open);
        assert!(second.since_activity < first.since_activity);
        assert!(second.age >= SETTINGS.ping_interval);
        assert!(second.lease_remaining <= SETTINGS.pong_timeout);
    }
    directory
        .closed(phone.key(), CloseReason::ClientClosed)
        .await
        .unwrap();
    directory
        .closed(laptop.key(), CloseReason::ClientClosed)
        .await
        .unwrap();
    let found = directory.diagnostics(user(1)).await.unwrap();
    assert!(found.online && found.connections.is_empty());
    assert!(
        found
            .pending_offline
            .is_some_and(|left| left <= SETTINGS.offline_grace)
    );
    the_change(directory).await;
    let found = directory.diagnostics(user(1)).await.unwrap();
    assert!(!found.online && found.pending_offline.is_none() && found.last_seen.is_some());
}

pub(crate) async fn a_join_and_a_leave_between_two_drains_cancel_out(directory: &impl Directory) {
    directory.open(socket(1, 1, 1)).await.unwrap();
    directory.open(socket(2, 1, 1)).await.unwrap();
    directory.end_session(user(1), session(1, 1)).await.unwrap();
    sleep(SOON).await;
    assert_eq!(the_change(directory).await.user, user(2));
    assert_silence(directory, SOON).await;
}

pub(crate) async fn what_a_snapshot_has_shown_is_taken_back_aloud(directory: &impl Directory) {
    directory.open(socket(1, 1, 1)).await.unwrap();
    let shown = directory.snapshot(&[user(1)]).await.unwrap()[0];
    assert!(shown.is_online());
    directory.end_session(user(1), session(1, 1)).await.unwrap();
    sleep(SOON).await;
    let change = the_change(directory).await;
    assert!(!change.is_online() && change.version > shown.version);
}

pub(crate) async fn a_consumer_that_gives_up_waiting_loses_nothing(directory: &impl Directory) {
    assert_silence(directory, SOON).await;
    assert!(timeout(SOON, directory.reaped()).await.is_err());
    let socket = socket(1, 1, 1);
    directory.open(socket).await.unwrap();
    assert!(the_change(directory).await.is_online());
    assert_silence(directory, SOON).await;
    assert_eq!(directory.reaped().await, [socket.connection]);
    assert!(!the_change(directory).await.is_online());
}

pub(crate) async fn without_input_a_user_is_away_until_there_is_some(directory: &impl Directory) {
    let socket = socket(1, 1, 1);
    directory.open(socket).await.unwrap();
    the_change(directory).await;
    directory
        .input(socket.key(), Some(Duration::ZERO))
        .await
        .unwrap();
    let away = the_change(directory).await;
    assert_eq!(away.shown.availability, Some(Availability::Away));
    assert_eq!(
        (away.is_online(), away.reason),
        (true, TransitionReason::Idle)
    );
    directory
        .input(socket.key(), Some(Duration::ZERO))
        .await
        .unwrap();
    assert_eq!(the_change(directory).await.shown.availability, None);
}

pub(crate) async fn the_invisible_are_never_told_of(directory: &impl Directory) {
    let choice = |mode, version| Choice {
        mode,
        note: 0,
        version,
    };
    let invisible = choice(Mode::Invisible, 2);
    directory.expect(user(1), invisible);
    directory.open(socket(1, 1, 1)).await.unwrap();
    let late = choice(Mode::Automatic, 1);
    directory.choose(user(1), late).await.unwrap();
    assert_silence(directory, SOON).await;
    assert!(!is_online(directory, 1).await);
    let visible = choice(Mode::Automatic, 3);
    directory.choose(user(1), visible).await.unwrap();
    assert!(the_change(directory).await.is_online());
}

/// How many connections were given up for this reason.
pub(crate) fn removals(directory: &impl Directory, reason: CloseReason) -> u64 {
    let counts = directory.counts();
    let mut removals = counts.removals();
    let found = removals.find(|(name, _)| *name == reason.as_str());
    found.unwrap().1
}

async fn is_online(directory: &impl Directory, n: usize) -> bool {
    directory.snapshot(&[user(n)]).await.unwrap()[0].is_online()
}

/// Waits for the next changes, and expects exactly one.
pub(crate) async fn the_change(directory: &impl Directory) -> Transition {
    let changes = directory.next_changes().await;
    assert_eq!(changes.len(), 1, "{changes:?}");
    changes[0]
}

async fn at_once<T>(what: impl Future<Output = T>) -> T {
    timeout(SOON, what).await.expect("nothing holds it back")
}

async fn assert_silence(directory: &impl Directory, time: Duration) {
    if let Ok(changes) = timeout(time, directory.next_changes()).await {
        panic!("nothing was to be announced, but {changes:?}");
    }
}
