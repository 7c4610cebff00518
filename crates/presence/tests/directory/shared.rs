//! A directory that nodes share: each node conforms, and together they keep the promises across nodes.

use crate::{
    conformance::{SETTINGS, conformance_tests, removals, the_change},
    people::{node, session, socket, user},
};
use presence::{
    Choice, CloseReason, Directory, Registration, Settings, Transition, TransitionReason,
    shared::SharedDirectory,
};
use protocol::{Mode, Timestamp};
use std::{sync::Arc, time::Duration};
use store::{Link, Node, Store};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

mod clocks;
#[path = "../support/store.rs"]
mod store;
mod versions;

/// When each node began.
pub(crate) const STARTED: Timestamp = Timestamp::from_unix_millis(1_000);

conformance_tests!(tokio::test(start_paused = true), start);

/// The only node there is.
async fn start(settings: Settings) -> (Arc<SharedDirectory<Node>>, ()) {
    (Member::join(&Store::new(), 1, settings).directory, ())
}

/// A node among others.
struct Member {
    directory: Arc<SharedDirectory<Node>>,
    link: Arc<Link>,
    running: JoinHandle<()>,
    /// Of connections that it removed because their nodes were lost, for how long nobody had renewed them.
    ghosts: mpsc::UnboundedReceiver<Duration>,
    n: u128,
}

impl Member {
    fn join(store: &Store, n: u128, settings: Settings) -> Self {
        settings.validate().unwrap();
        let (way, spread) = (store.node(), |time: Duration| time / 2);
        let link = way.link();
        let (ghost, ghosts) = mpsc::unbounded_channel();
        let directory = SharedDirectory::new(way, node(n), settings, STARTED, spread);
        let directory = Arc::new(directory.measured(move |it| {
            // Whoever was killed is asked no more.
            let _ = ghost.send(it);
        }));
        let running = Arc::clone(&directory).run();
        let running = tokio::spawn(async move { match running.await {} });
        Self {
            directory,
            link,
            running,
            ghosts,
            n,
        }
    }

    /// A node that shows the first `users` to somebody.
    async fn watching(store: &Store, n: u128, users: usize) -> Self {
        let member = Self::join(store, n, SETTINGS);
        let users: Vec<_> = (1..=users).map(user).collect();
        member.directory.watch(&users).await;
        member
    }

    /// Socket `n` of somebody, here.
    fn socket(&self, user: usize, n: usize) -> Registration {
        Registration {
            node: node(self.n),
            ..socket(user, 1, n)
        }
    }

    async fn open(&self, user: usize, n: usize) {
        let socket = self.socket(user, n);
        self.directory.open(socket).await.unwrap();
    }

    async fn close(&self, user: usize, n: usize) {
        let key = self.socket(user, n).key();
        let reason = CloseReason::ClientClosed;
        self.directory.closed(key, reason).await.unwrap();
    }

    /// Somebody uses this socket.
    async fn input(&self, user: usize, n: usize) {
        let key = self.socket(user, n).key();
        let now = Some(Duration::ZERO);
        self.directory.input(key, now).await.unwrap();
    }

    /// Something arrives from this socket for so long.
    async fn keep(&self, user: usize, n: usize, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until {
            let key = self.socket(user, n).key();
            self.directory.activity(&[key]).await.unwrap();
            sleep(SETTINGS.ping_interval / 4).await;
        }
    }

    async fn change(&self) -> Transition {
        let change = timeout(Duration::from_secs(60), the_change(&*self.directory));
        change.await.expect("something is announced")
    }

    async fn hears_nothing_while(&self, what: impl Future<Output = ()>) {
        tokio::select! {
            biased;
            changes = self.directory.next_changes() => panic!("{changes:?}"),
            () = what => {}
        }
    }

    /// The first user is online, and that is known again.
    async fn becomes_current(&self) {
        assert_eq!(self.directory.next_currency().await, None);
        let shown = self.directory.snapshot(&[user(1)]).await.unwrap()[0];
        assert!(shown.is_online() && shown.as_of.is_none());
    }

    async fn shows_online(&self, n: usize) -> bool {
        self.directory.snapshot(&[user(n)]).await.unwrap()[0].is_online()
    }

    /// As SIGKILL does it.
    fn kill(self) {
        self.running.abort();
        self.link.cut();
    }
}

fn two_nodes(store: &Store) -> [Member; 2] {
    [1, 2].map(|n| Member::join(store, n, SETTINGS))
}

/// A node at which the first user is connected, and one that shows the first `users` and has heard so.
async fn one_watched(store: &Store, users: usize) -> [Member; 2] {
    let one = Member::join(store, 1, SETTINGS);
    let watcher = Member::watching(store, 2, users).await;
    one.open(1, 1).await;
    assert!(watcher.change().await.is_online());
    [one, watcher]
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_at_another_node_was_never_gone() {
    let store = Store::new();
    let [one, two] = two_nodes(&store);
    let watcher = Member::watching(&store, 3, 1).await;
    one.open(1, 1).await;
    assert!(watcher.change().await.is_online());
    watcher
        .hears_nothing_while(async {
            for n in 1..6 {
                let (from, to) = if n % 2 == 1 {
                    (&one, &two)
                } else {
                    (&two, &one)
                };
                from.close(1, n).await;
                sleep(SETTINGS.offline_grace / 2).await;
                to.open(1, n + 1).await;
            }
            two.keep(1, 6, 3 * SETTINGS.offline_grace).await;
        })
        .await;
    assert!(one.shows_online(1).await && watcher.shows_online(1).await);
}

#[tokio::test(start_paused = true)]
async fn a_user_is_offline_when_the_last_connection_on_any_node_is_closed() {
    let store = Store::new();
    let [one, two] = two_nodes(&store);
    let watcher = Member::watching(&store, 3, 1).await;
    one.open(1, 1).await;
    let online = watcher.change().await;
    two.open(1, 2).await;
    watcher
        .hears_nothing_while(async {
            one.close(1, 1).await;
            two.keep(1, 2, 3 * SETTINGS.offline_grace).await;
        })
        .await;
    let closed = Instant::now();
    two.close(1, 2).await;
    let offline = watcher.change().await;
    assert!(!offline.is_online());
    assert!(offline.version > online.version);
    assert_eq!(offline.reason, TransitionReason::GraceExpired);
    let taken = closed.elapsed();
    assert!(taken >= SETTINGS.offline_grace, "{taken:?}");
    assert!(
        taken <= SETTINGS.offline_grace + Duration::from_millis(10),
        "{taken:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn users_of_a_killed_node_are_offline_in_time_and_once_and_those_who_moved_never() {
    let store = Store::new();
    let [doomed, other] = two_nodes(&store);
    let watcher = Member::watching(&store, 3, 2).await;
    for n in [1, 2] {
        doomed.open(n, 1).await;
        watcher.change().await;
    }
    sleep(SETTINGS.lease_ttl).await;
    let killed = Instant::now();
    doomed.kill();
    other.open(2, 2).await;
    let stays = other.keep(2, 2, Duration::from_secs(10));
    let heard = async {
        let offline = watcher.change().await;
        assert_eq!((offline.user, offline.is_online()), (user(1), false));
        let taken = killed.elapsed();
        let least = SETTINGS.lease_ttl - SETTINGS.lease_renewal;
        let most = SETTINGS.lease_ttl + SETTINGS.offline_grace + SETTINGS.reaper_interval;
        let most = most + Duration::from_millis(20);
        assert!((least..=most).contains(&taken), "{taken:?}");
        watcher
            .hears_nothing_while(sleep(Duration::from_secs(5)))
            .await;
    };
    tokio::select! {
        () = heard => {}
        () = stays => panic!("nobody was announced offline"),
    }
    assert!(watcher.shows_online(2).await && !watcher.shows_online(1).await);
}

#[tokio::test(start_paused = true)]
async fn each_connection_of_a_lost_node_is_measured_once_by_how_long_nobody_renewed_it() {
    let store = Store::new();
    let [doomed, mut one] = two_nodes(&store);
    let mut two = Member::watching(&store, 3, 3).await;
    for n in [1, 2, 3] {
        doomed.open(n, 1).await;
        two.change().await;
    }
    doomed.close(3, 1).await;
    two.change().await;
    sleep(SETTINGS.lease_renewal).await;
    doomed.kill();
    sleep(Duration::from_secs(5)).await;
    let mut ghosts = Vec::new();
    for member in [&mut one, &mut two] {
        ghosts.extend(std::iter::from_fn(|| member.ghosts.try_recv().ok()));
    }
    let most = SETTINGS.lease_ttl + SETTINGS.reaper_interval + Duration::from_millis(20);
    let is_right = |ghost: &Duration| (SETTINGS.lease_ttl..=most).contains(ghost);
    assert_eq!(ghosts.len(), 2, "{ghosts:?}");
    assert!(ghosts.iter().all(is_right), "{ghosts:?}");
    let counted = [&one, &two].map(|it| removals(&*it.directory, CloseReason::NodeLost));
    assert_eq!(counted.iter().sum::<u64>(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_makes_nobody_offline_and_knows_all_again_afterwards() {
    let store = Store::new();
    let [one, watcher] = one_watched(&store, 2).await;
    let away = 5 * (SETTINGS.lease_ttl + SETTINGS.offline_grace);
    watcher
        .hears_nothing_while(async {
            one.link.cut();
            watcher.link.cut();
            one.open(2, 1).await;
            let both = async { tokio::join!(one.keep(1, 1, away), one.keep(2, 1, away)) };
            both.await;
            let shown = watcher.directory.snapshot(&[user(1)]).await.unwrap()[0];
            assert!(shown.is_online() && shown.as_of.is_some(), "{shown:?}");
        })
        .await;
    one.link.mend();
    watcher.link.mend();
    let back = async { tokio::join!(one.keep(1, 1, away), one.keep(2, 1, away)) };
    let heard = async {
        let mended = Instant::now();
        let online = watcher.change().await;
        assert_eq!((online.user, online.is_online()), (user(2), true));
        assert!(mended.elapsed() <= 2 * SETTINGS.lease_renewal);
        watcher.hears_nothing_while(sleep(away / 2)).await;
    };
    tokio::select! {
        () = heard => {}
        _ = back => panic!("it was not heard of"),
    }
    let shown = watcher.directory.snapshot(&[user(1)]).await.unwrap()[0];
    assert!(shown.is_online() && shown.as_of.is_none(), "{shown:?}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_has_lost_everything_is_told_within_a_renewal_and_nobody_hears_of_it() {
    let store = Store::new();
    let one = Member::join(&store, 1, SETTINGS);
    let watcher = Member::watching(&store, 2, 3).await;
    for n in 1..=3 {
        one.open(n, 1).await;
        watcher.change().await;
    }
    watcher
        .hears_nothing_while(async {
            for _ in 0..3 {
                store.flush();
                assert_eq!(store.connections(user(1)), 0);
                assert!(watcher.shows_online(1).await, "shown as before");
                let stay = SETTINGS.lease_renewal + Duration::from_millis(20);
                tokio::join!(
                    one.keep(1, 1, stay),
                    one.keep(2, 1, stay),
                    one.keep(3, 1, stay)
                );
                assert_eq!(store.connections(user(1)), 1);
            }
        })
        .await;
    one.close(1, 1).await;
    let offline = watcher.change().await;
    assert_eq!((offline.user, offline.is_online()), (user(1), false));
}

#[tokio::test(start_paused = true)]
async fn who_goes_while_the_store_has_lost_everything_is_offline_in_the_end() {
    let store = Store::new();
    let [doomed, watcher] = one_watched(&store, 1).await;
    store.flush();
    doomed.kill();
    assert!(watcher.shows_online(1).await);
    assert!(!watcher.change().await.is_online());
}

/// All that the store knew of them was which of their sign-ins had ended: a node that had never heard of them
/// listed them as offline.
#[tokio::test(start_paused = true)]
async fn of_whom_a_node_knew_nothing_it_claims_nothing_until_the_store_is_told_again() {
    let store = Store::new();
    let [one, late] = two_nodes(&store);
    one.open(1, 1).await;
    one.keep(1, 1, 2 * SETTINGS.lease_ttl).await;
    // It cannot tell the store again.
    one.link.cut();
    store.flush();
    let ended = late.directory.end_session(user(1), session(1, 2));
    ended.await.unwrap();
    assert!(store.states().contains_key(&user(1)));
    late.directory.watch(&[user(1), user(2)]).await;
    for shown in late.directory.snapshot(&[user(1), user(2)]).await.unwrap() {
        assert!(shown.as_of.is_some(), "{shown:?}");
    }
    one.link.mend();
    let there = one.keep(1, 1, 10 * SETTINGS.lease_ttl);
    let heard = async {
        assert!(late.change().await.is_online());
        late.becomes_current().await;
        let nobody = late.directory.snapshot(&[user(2)]).await.unwrap()[0];
        assert!(!nobody.is_online() && nobody.as_of.is_none(), "{nobody:?}");
    };
    tokio::select! {
        () = heard => {}
        () = there => panic!("it was not heard of"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_sign_out_at_one_node_ends_the_sockets_of_all() {
    let store = Store::new();
    let [one, two] = two_nodes(&store);
    one.open(1, 1).await;
    two.open(1, 2).await;
    let ended = one
        .directory
        .end_session(user(1), session(1, 1))
        .await
        .unwrap();
    assert_eq!(ended, [one.socket(1, 1).connection]);
    let elsewhere = timeout(Duration::from_millis(50), two.directory.reaped());
    assert_eq!(elsewhere.await.unwrap(), [two.socket(1, 2).connection]);
    assert_eq!(store.connections(user(1)), 0);
    let late = Registration {
        node: node(2),
        ..socket(1, 1, 3)
    };
    assert!(two.directory.open(late).await.is_err());
}

/// What a person has chosen is made known before their first socket, and was taken for a socket.
#[tokio::test(start_paused = true)]
async fn a_sign_out_elsewhere_ends_at_once_also_the_socket_of_who_has_just_come_back_here() {
    let store = Store::new();
    let [one, two] = two_nodes(&store);
    one.open(1, 1).await;
    one.open(1, 2).await;
    one.close(1, 1).await;
    two.directory.expect(user(1), Choice::default());
    two.open(1, 3).await;
    one.directory
        .end_session(user(1), session(1, 1))
        .await
        .unwrap();
    let elsewhere = timeout(Duration::from_millis(50), two.directory.reaped());
    assert_eq!(elsewhere.await.unwrap(), [two.socket(1, 3).connection]);
}

/// Reading what a person had chosen, telling it, and only then opening took four times as long as the
/// store takes to answer: longer than the grace, when that was slow.
#[tokio::test(start_paused = true)]
async fn whoever_moves_counts_after_two_answers_of_the_store_with_what_they_have_chosen() {
    let store = Store::new();
    let [one, watcher] = one_watched(&store, 1).await;
    let two = Member::join(&store, 3, SETTINGS);
    two.open(2, 1).await;
    // On the way there, and on the way back.
    let slow = SETTINGS.offline_grace / 5;
    two.link.delay(slow);
    one.close(1, 1).await;
    let invisible = Choice {
        mode: Mode::Invisible,
        note: 0,
        version: 2,
    };
    two.directory.expect(user(1), invisible);
    let began = Instant::now();
    two.open(1, 2).await;
    let two_answers = 2 * (slow + slow);
    assert!(began.elapsed() <= two_answers, "{:?}", began.elapsed());
    assert_eq!(store.connections(user(1)), 1);
    let change = watcher.change().await;
    assert_eq!(change.reason, TransitionReason::Chosen, "{change:?}");
}

#[tokio::test(start_paused = true)]
async fn a_room_on_one_more_screen_costs_the_store_nothing() {
    let store = Store::new();
    sleep(2 * SETTINGS.lease_ttl).await;
    let [_one, watcher] = one_watched(&store, 2).await;
    let before = watcher.link.reads();
    watcher.directory.watch(&[user(1), user(2)]).await;
    assert_eq!(watcher.link.reads(), before);
    watcher.directory.watch(&[user(1), user(3)]).await;
    assert_eq!(watcher.link.reads(), before + 1);
}

/// Whoever looked during a moment's silence was shown others as last known, and nobody told them
/// afterwards that they were current.
#[tokio::test(start_paused = true)]
async fn who_was_shown_others_as_old_for_a_moment_is_shown_them_anew() {
    let store = Store::new();
    let [_one, watcher] = one_watched(&store, 1).await;
    sleep(2 * SETTINGS.lease_ttl).await;
    watcher.link.cut();
    let cut = watcher.directory.snapshot(&[user(2)]).await.unwrap();
    let old = watcher.directory.snapshot(&[user(1)]).await.unwrap();
    assert!(cut[0].as_of.is_some() && old[0].as_of.is_some());
    watcher.link.mend();
    timeout(Duration::from_secs(5), watcher.becomes_current())
        .await
        .expect("all is shown anew");
    let new = watcher.directory.snapshot(&[user(1)]).await.unwrap();
    assert_eq!(new[0].as_of, None);
}

#[tokio::test(start_paused = true)]
async fn an_announcement_that_was_lost_is_made_up_for() {
    let store = Store::new();
    let [one, watcher] = one_watched(&store, 2).await;
    watcher.link.cut();
    one.open(2, 1).await;
    one.close(1, 1).await;
    watcher
        .hears_nothing_while(one.keep(2, 1, 3 * SETTINGS.offline_grace))
        .await;
    watcher.link.mend();
    let mut heard: Vec<_> = timeout(Duration::from_millis(100), watcher.directory.next_changes())
        .await
        .unwrap();
    heard.sort_by_key(|change| change.user);
    let heard: Vec<_> = heard.iter().map(|it| (it.user, it.is_online())).collect();
    assert_eq!(heard, [(user(1), false), (user(2), true)]);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_was_stopped_finds_its_users_online_again() {
    let store = Store::new();
    let [one, watcher] = one_watched(&store, 1).await;
    // It cannot renew, and others may not know that it lives.
    one.link.cut();
    let silent = SETTINGS.lease_ttl + SETTINGS.offline_grace + 3 * SETTINGS.reaper_interval;
    one.keep(1, 1, silent).await;
    assert!(!watcher.change().await.is_online());
    one.link.mend();
    one.keep(1, 1, SETTINGS.lease_renewal * 2).await;
    assert!(watcher.change().await.is_online());
}

#[tokio::test(start_paused = true)]
async fn who_comes_while_the_store_is_away_is_shown_online_to_those_who_are_here() {
    let store = Store::new();
    let one = Member::watching(&store, 1, 2).await;
    one.link.cut();
    one.open(1, 1).await;
    let online = one.change().await;
    assert_eq!((online.user, online.is_online()), (user(1), true));
    let shown = one.directory.snapshot(&[user(1), user(2)]).await.unwrap();
    let shown: Vec<_> = shown
        .iter()
        .map(|it| (it.is_online(), it.as_of.is_some()))
        .collect();
    assert_eq!(shown, [(true, false), (false, true)]);
    one.link.mend();
    one.hears_nothing_while(one.keep(1, 1, 3 * SETTINGS.lease_ttl))
        .await;
    assert_eq!(store.connections(user(1)), 1);
}

#[tokio::test(start_paused = true)]
async fn those_who_were_shown_others_hear_that_it_is_old_and_when_it_is_current_again() {
    let store = Store::new();
    let [one, watcher] = one_watched(&store, 1).await;
    let there = one.keep(1, 1, Duration::from_secs(20));
    let heard = async {
        watcher.link.cut();
        let cut = Instant::now();
        let as_of = watcher.directory.next_currency().await;
        assert!(
            cut.elapsed() >= Duration::from_secs(2),
            "a hiccup is no news"
        );
        let shown = watcher.directory.snapshot(&[user(1)]).await.unwrap()[0];
        assert!(shown.is_online() && shown.as_of == as_of && as_of.is_some());
        watcher.link.mend();
        watcher.becomes_current().await;
    };
    tokio::select! {
        () = heard => {}
        () = there => panic!("it was not heard of"),
    }
}

#[tokio::test(start_paused = true)]
async fn of_whom_the_store_has_forgotten_is_shown_as_last_known_until_it_is_told_again() {
    let settings = Settings {
        lease_ttl: Duration::from_secs(10),
        ..SETTINGS
    };
    let store = Store::new();
    let [one, watcher] = [1, 2].map(|n| Member::join(&store, n, settings));
    watcher.directory.watch(&[user(1)]).await;
    one.open(1, 1).await;
    assert!(watcher.change().await.is_online());
    // It cannot tell the store again.
    one.link.cut();
    store.flush();
    let there = one.keep(1, 1, Duration::from_secs(20));
    let heard = async {
        assert!(watcher.directory.next_currency().await.is_some());
        let shown = watcher.directory.snapshot(&[user(1)]).await.unwrap()[0];
        assert!(shown.is_online() && shown.as_of.is_some());
        one.link.mend();
        watcher.becomes_current().await;
    };
    tokio::select! {
        () = heard => {}
        () = there => panic!("it was not heard of"),
    }
}

/// The store had made the change, and only its answer was lost: the node that asked was the last to
/// hear of it.
#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_was_lost_is_announced_with_the_next_word_from_the_store() {
    let store = Store::new();
    let one = Member::watching(&store, 1, 1).await;
    one.open(1, 1).await;
    one.change().await;
    one.link.lose_an_answer();
    one.directory
        .end_session(user(1), session(1, 1))
        .await
        .unwrap();
    assert_eq!(store.connections(user(1)), 0);
    let key = one.socket(1, 1).key();
    let reason = CloseReason::ServerClosed;
    one.directory.closed(key, reason).await.unwrap();
    let heard = timeout(Duration::from_millis(1), one.change()).await;
    assert!(!heard.expect("at once").is_online());
}

#[tokio::test(start_paused = true)]
async fn those_whose_every_change_is_heard_of_are_shown_without_asking() {
    let store = Store::new();
    sleep(2 * SETTINGS.lease_ttl).await;
    let [_one, watcher] = one_watched(&store, 2).await;
    let before = watcher.link.reads();
    for _ in 0..10 {
        assert!(watcher.shows_online(1).await && !watcher.shows_online(2).await);
    }
    assert_eq!(watcher.link.reads(), before);
    watcher.directory.unwatch(&[user(1)]);
    assert!(watcher.shows_online(1).await);
    assert_eq!(watcher.link.reads(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn who_was_online_when_first_looked_at_is_no_news() {
    let store = Store::new();
    let one = Member::join(&store, 1, SETTINGS);
    one.open(1, 1).await;
    let watcher = Member::watching(&store, 2, 1).await;
    watcher
        .hears_nothing_while(one.keep(1, 1, 2 * SETTINGS.lease_ttl))
        .await;
    assert!(watcher.shows_online(1).await);
}

/// Otherwise each node would in time keep an eye on everybody.
#[tokio::test(start_paused = true)]
async fn whoever_has_moved_to_another_node_is_left_to_it() {
    let store = Store::new();
    let [one, two] = two_nodes(&store);
    one.open(1, 1).await;
    two.open(1, 2).await;
    one.close(1, 1).await;
    two.keep(1, 2, 2 * SETTINGS.lease_renewal).await;
    let before = one.link.reads();
    two.keep(1, 2, 5 * SETTINGS.lease_renewal).await;
    assert_eq!(one.link.reads(), before);
}

/// It showed everybody offline, as if it knew.
#[tokio::test(start_paused = true)]
async fn a_node_that_starts_while_the_store_is_away_does_not_claim_to_know() {
    let store = Store::new();
    let one = Member::join(&store, 1, SETTINGS);
    one.open(1, 1).await;
    let late = Member::join(&store, 2, SETTINGS);
    late.link.cut();
    late.directory.watch(&[user(1)]).await;
    let shown = late.directory.snapshot(&[user(1)]).await.unwrap()[0];
    assert_eq!((shown.is_online(), shown.as_of), (false, Some(STARTED)));

    late.link.mend();
    sleep(SETTINGS.lease_renewal).await;
    let shown = late.directory.snapshot(&[user(1)]).await.unwrap()[0];
    assert_eq!((shown.is_online(), shown.as_of), (true, None));
}

/// What was left to end of somebody who had moved was looked at again and again, without a pause.
#[tokio::test(start_paused = true)]
async fn whoever_has_moved_is_left_alone_also_when_they_are_away() {
    let store = Store::new();
    let [one, two] = two_nodes(&store);
    one.open(1, 1).await;
    two.open(1, 2).await;
    two.input(1, 2).await;
    one.input(1, 1).await;
    one.close(1, 1).await;
    let before = one.link.reads();
    two.keep(1, 2, 5 * SETTINGS.away_after).await;
    let read = one.link.reads() - before;
    assert!(read <= 1, "{read} times");
}

/// It said of somebody whom it had just called online that they had been offline at that very moment.
#[tokio::test(start_paused = true)]
async fn of_whom_a_node_keeps_nothing_it_claims_nothing_while_the_store_is_away() {
    let store = Store::new();
    let [one, reader] = two_nodes(&store);
    one.open(1, 1).await;
    assert!(reader.shows_online(1).await);
    one.keep(1, 1, Duration::from_secs(2)).await;
    reader.link.cut();
    let shown = reader.directory.snapshot(&[user(1)]).await.unwrap()[0];
    assert_eq!((shown.is_online(), shown.as_of), (false, Some(STARTED)));
    reader.link.mend();
    assert!(reader.shows_online(1).await);
}
