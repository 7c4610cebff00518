use crate::fixture::{Fixture, at, author, befriend, new_notification, new_uuid};
use proptest::prelude::*;
use protocol::{Author, LastSeenAudience, Relations, User, UserId};
use std::collections::BTreeSet;
use store::{Asked, StoreError};
use tokio::task::JoinSet;

async fn ask(fixture: &Fixture, asker: &User, asked: &User) -> Asked {
    let (asker, asked) = (asker.user_id, asked.user_id);
    let outcome = fixture
        .store
        .ask_friend(asker, asked, at(3), new_notification());
    outcome.await.unwrap()
}

async fn blocked_of(fixture: &Fixture, user: &User) -> Vec<UserId> {
    fixture.store.circle(user.user_id).await.unwrap().blocked
}

async fn jane_and_john() -> (Fixture, User, User) {
    let fixture = Fixture::new().await;
    let jane = fixture.user("jane").await;
    let john = fixture.user("john").await;
    (fixture, jane, john)
}

#[tokio::test]
async fn who_has_blocked_the_asker_never_sees_the_request_and_the_asker_cannot_tell() {
    let (fixture, jane, eve) = jane_and_john().await;
    let store = &fixture.store;
    store.block(jane.user_id, eve.user_id, at(2)).await.unwrap();

    assert_eq!(ask(&fixture, &eve, &jane).await, Asked::Requested(None));
    assert_eq!(ask(&fixture, &eve, &jane).await, Asked::AlreadyAsked);
    let of_eve = store.relations(eve.user_id).await.unwrap();
    assert_eq!(of_eve.outgoing, [author(&jane)]);
    assert_eq!(of_eve.blocked, []);

    let of_jane = store.relations(jane.user_id).await.unwrap();
    assert_eq!(of_jane.incoming, []);
    assert_eq!(of_jane.blocked, [author(&eve)]);
    let list = store.notifications(jane.user_id, None, 10).await.unwrap();
    assert_eq!(list, []);
    let unread = store.standing(jane.user_id).await.unwrap().unread;
    assert_eq!((unread.unread, unread.version), (0, 0));
    let accepted = store.accept_friend(jane.user_id, eve.user_id, at(4), new_notification());
    assert_eq!(accepted.await.unwrap(), None);

    assert!(store.unblock(jane.user_id, eve.user_id).await.unwrap());
    let of_jane = store.relations(jane.user_id).await.unwrap();
    assert_eq!(of_jane.incoming, [author(&eve)]);
    let accepted = store.accept_friend(jane.user_id, eve.user_id, at(5), new_notification());
    assert!(accepted.await.unwrap().is_some());
}

#[tokio::test]
async fn who_is_blocked_cannot_be_asked() {
    let (fixture, jane, eve) = jane_and_john().await;
    let store = &fixture.store;
    store.block(jane.user_id, eve.user_id, at(2)).await.unwrap();
    assert_eq!(ask(&fixture, &jane, &eve).await, Asked::BlockedByAsker);
    ask(&fixture, &eve, &jane).await;
    assert_eq!(ask(&fixture, &jane, &eve).await, Asked::BlockedByAsker);
    let relations = store.relations(jane.user_id).await.unwrap();
    assert_eq!(relations.outgoing, []);
}

#[tokio::test]
async fn blocking_ends_a_friendship_for_both() {
    let (fixture, jane, eve) = jane_and_john().await;
    let store = &fixture.store;
    befriend(&fixture, &jane, &eve).await;
    let ended = store.block(jane.user_id, eve.user_id, at(2)).await.unwrap();
    let ended = ended.unwrap();
    assert!(ended.was_friend && !ended.had_request);
    for (me, other) in [(&jane, &eve), (&eve, &jane)] {
        let circle = store.circle(me.user_id).await.unwrap();
        assert_eq!((circle.friends, circle.partners), (Vec::new(), Vec::new()));
        assert_eq!(circle.blocked, [other.user_id]);
        assert_eq!(circle.own.audience, LastSeenAudience::Everyone);
    }
    assert!(store.unblock(jane.user_id, eve.user_id).await.unwrap());
    assert_eq!(store.circle(jane.user_id).await.unwrap().friends, []);
}

#[tokio::test]
async fn blocking_takes_away_requests_either_way_and_what_was_told_of_them() {
    for is_asker_blocked in [true, false] {
        let (fixture, jane, eve) = jane_and_john().await;
        let Asked::Requested(Some(request)) = ask(&fixture, &eve, &jane).await else {
            panic!("jane is told");
        };
        let (me, other) = if is_asker_blocked {
            (&jane, &eve)
        } else {
            (&eve, &jane)
        };
        let blocked = fixture.store.block(me.user_id, other.user_id, at(4)).await;
        let ended = blocked.unwrap().unwrap();
        assert!(ended.had_request && !ended.was_friend);
        assert_eq!(ended.cleared.len(), 1);
        assert_eq!(ended.cleared[0].user_id, jane.user_id);
        assert_eq!(ended.cleared[0].ids, [request.notification.id]);
        assert_eq!(ended.cleared[0].unread.unread, 0);
        let list = fixture.store.notifications(jane.user_id, None, 10).await;
        assert_eq!(list.unwrap(), []);
        let of_other = fixture.store.relations(other.user_id).await.unwrap();
        assert_eq!(of_other, Relations::default());
    }
}

#[tokio::test]
async fn blocking_and_unblocking_twice_change_nothing() {
    let (fixture, jane, eve) = jane_and_john().await;
    let block = || fixture.store.block(jane.user_id, eve.user_id, at(2));
    let unblock = || fixture.store.unblock(jane.user_id, eve.user_id);
    assert!(!unblock().await.unwrap());
    assert!(block().await.unwrap().is_some());
    assert_eq!(block().await.unwrap(), None);
    let theirs = fixture.store.unblock(eve.user_id, jane.user_id).await;
    assert!(!theirs.unwrap());
    assert_eq!(blocked_of(&fixture, &eve).await, [jane.user_id]);
    assert!(unblock().await.unwrap());
    assert!(!unblock().await.unwrap());
    assert_eq!(blocked_of(&fixture, &eve).await, []);
}

#[tokio::test]
async fn two_who_have_blocked_each_other_stay_apart_until_both_take_it_back() {
    let (fixture, jane, eve) = jane_and_john().await;
    let store = &fixture.store;
    for (me, other) in [(&jane, &eve), (&eve, &jane)] {
        let blocked = store.block(me.user_id, other.user_id, at(2)).await;
        assert!(blocked.unwrap().is_some());
    }
    assert_eq!(blocked_of(&fixture, &jane).await, [eve.user_id]);
    assert!(store.unblock(jane.user_id, eve.user_id).await.unwrap());
    assert_eq!(blocked_of(&fixture, &jane).await, [eve.user_id]);
    let of_jane = store.relations(jane.user_id).await.unwrap();
    assert_eq!(of_jane, Relations::default());

    let fixture = fixture.reopen().await;
    assert_eq!(blocked_of(&fixture, &jane).await, [eve.user_id]);
    let taken_back = fixture.store.unblock(eve.user_id, jane.user_id).await;
    assert!(taken_back.unwrap());
    assert_eq!(blocked_of(&fixture, &jane).await, []);
}

#[tokio::test]
async fn nobody_blocks_themselves_or_somebody_unknown() {
    let (fixture, jane, _) = jane_and_john().await;
    let jane = jane.user_id;
    let nobody = UserId::from_uuid(new_uuid());
    for (me, other) in [(jane, jane), (jane, nobody), (nobody, jane)] {
        let error = fixture.store.block(me, other, at(2)).await;
        assert!(matches!(error, Err(StoreError::NotFound)));
        assert!(!fixture.store.unblock(me, other).await.unwrap());
    }
}

#[tokio::test]
async fn a_block_and_a_request_at_once_never_end_in_something_to_see() {
    let (fixture, jane, eve) = jane_and_john().await;
    let (jane_id, eve_id) = (jane.user_id, eve.user_id);
    for _ in 0..10 {
        ask(&fixture, &jane, &eve).await;
        let mut race = JoinSet::new();
        let store = fixture.store.clone();
        race.spawn(async move {
            let asked = store.ask_friend(eve_id, jane_id, at(3), new_notification());
            asked.await.map(drop)
        });
        let store = fixture.store.clone();
        race.spawn(async move { store.block(jane_id, eve_id, at(4)).await.map(drop) });
        for outcome in race.join_all().await {
            outcome.unwrap();
        }
        assert_eq!(fixture.store.circle(jane_id).await.unwrap().friends, []);
        let relations = fixture.store.relations(jane_id).await.unwrap();
        assert_eq!(relations.incoming, []);
        let list = fixture.store.notifications(jane_id, None, 50).await;
        let requests = |kind| kind == protocol::NotificationKind::FriendRequest;
        assert!(!list.unwrap().into_iter().any(|it| requests(it.kind)));
        fixture.store.unblock(jane_id, eve_id).await.unwrap();
        fixture.store.end_friendship(jane_id, eve_id).await.unwrap();
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask,
    Accept,
    End,
    Block,
    Unblock,
}

/// What people should be to each other; a pair is who does it and to whom.
#[derive(Default)]
struct Model {
    friends: BTreeSet<(usize, usize)>,
    requests: BTreeSet<(usize, usize)>,
    blocks: BTreeSet<(usize, usize)>,
}

impl Model {
    fn befriend(&mut self, me: usize, other: usize) {
        self.requests.remove(&(other, me));
        self.friends.extend([(me, other), (other, me)]);
    }

    /// Whether there was a friendship, and whether there was a request.
    fn end(&mut self, me: usize, other: usize) -> (bool, bool) {
        let both = [(me, other), (other, me)];
        let ends = |set: &mut BTreeSet<_>| both.map(|pair| set.remove(&pair)).contains(&true);
        (ends(&mut self.friends), ends(&mut self.requests))
    }
}

struct World {
    fixture: Fixture,
    users: Vec<User>,
    model: Model,
}

impl World {
    async fn new() -> Self {
        let fixture = Fixture::new().await;
        let mut users = Vec::new();
        for name in ["jane", "john", "eve"] {
            users.push(fixture.user(name).await);
        }
        Self {
            fixture,
            users,
            model: Model::default(),
        }
    }

    async fn take(&mut self, step: Step, me: usize, other: usize) {
        let store = &self.fixture.store;
        let (my_id, other_id) = (self.users[me].user_id, self.users[other].user_id);
        let model = &mut self.model;
        match step {
            Step::Ask => {
                let asked = store.ask_friend(my_id, other_id, at(3), new_notification());
                let asked = asked.await.unwrap();
                if model.friends.contains(&(me, other)) {
                    assert_eq!(asked, Asked::AlreadyFriends);
                } else if model.blocks.contains(&(me, other)) {
                    assert_eq!(asked, Asked::BlockedByAsker);
                } else if model.requests.contains(&(me, other)) {
                    assert_eq!(asked, Asked::AlreadyAsked);
                } else if model.requests.contains(&(other, me)) {
                    assert!(matches!(asked, Asked::Accepted(_)), "{asked:?}");
                    model.befriend(me, other);
                } else {
                    let is_told = matches!(asked, Asked::Requested(Some(_)));
                    assert!(is_told || asked == Asked::Requested(None));
                    assert_eq!(is_told, !model.blocks.contains(&(other, me)));
                    model.requests.insert((me, other));
                }
            }
            Step::Accept => {
                let accepted = store.accept_friend(my_id, other_id, at(4), new_notification());
                let has_asked = model.requests.contains(&(other, me));
                let is_hidden = model.blocks.contains(&(me, other));
                assert_eq!(accepted.await.unwrap().is_some(), has_asked && !is_hidden);
                if has_asked && !is_hidden {
                    model.befriend(me, other);
                }
            }
            Step::End => {
                let ended = store.end_friendship(my_id, other_id).await.unwrap();
                let expected = model.end(me, other);
                assert_eq!((ended.was_friend, ended.had_request), expected);
            }
            Step::Block => {
                let ended = store.block(my_id, other_id, at(5)).await.unwrap();
                let ended = ended.map(|it| (it.was_friend, it.had_request));
                let is_new = model.blocks.insert((me, other));
                assert_eq!(ended, is_new.then(|| model.end(me, other)));
            }
            Step::Unblock => {
                let was_blocked = store.unblock(my_id, other_id).await.unwrap();
                assert_eq!(was_blocked, model.blocks.remove(&(me, other)));
            }
        }
    }

    async fn check(&self) {
        let store = &self.fixture.store;
        for (me, user) in self.users.iter().enumerate() {
            let listed = |is_in: &dyn Fn(usize) -> bool| {
                let mut listed: Vec<_> = (0..self.users.len())
                    .filter(|&other| is_in(other))
                    .map(|other| author(&self.users[other]))
                    .collect();
                listed.sort_by(|one, other| one.display_name.cmp(&other.display_name));
                listed
            };
            let Model {
                friends,
                requests,
                blocks,
            } = &self.model;
            let expected = Relations {
                incoming: listed(&|other| {
                    requests.contains(&(other, me)) && !blocks.contains(&(me, other))
                }),
                outgoing: listed(&|other| requests.contains(&(me, other))),
                blocked: listed(&|other| blocks.contains(&(me, other))),
            };
            let relations = store.relations(user.user_id).await.unwrap();
            assert_eq!(relations, expected);

            let of_friends = listed(&|other| friends.contains(&(me, other)));
            let standing = store.standing(user.user_id).await.unwrap();
            assert_eq!(standing.relations, relations);

            let circle = store.circle(user.user_id).await.unwrap();
            let friends = circle.friends.iter().map(|it| it.user_id).collect();
            let ids = |people: Vec<Author>| people.into_iter().map(|it| it.user_id).collect();
            let apart =
                listed(&|other| blocks.contains(&(me, other)) || blocks.contains(&(other, me)));
            let (mut of_friends, mut apart): (Vec<_>, Vec<_>) = (ids(of_friends), ids(apart));
            of_friends.sort_unstable();
            apart.sort_unstable();
            let mut met: (Vec<_>, _) = (friends, circle.blocked);
            met.0.sort_unstable();
            met.1.sort_unstable();
            assert_eq!(met, (of_friends, apart));

            let list = store.notifications(user.user_id, None, 100).await.unwrap();
            let unread = store.standing(user.user_id).await.unwrap().unread;
            let waiting = list.iter().filter(|it| !it.is_read).count();
            assert_eq!(unread.unread, u64::try_from(waiting).unwrap());
            assert!(list.iter().all(|it| it.version <= unread.version));
            for request in list
                .iter()
                .filter(|it| it.kind == protocol::NotificationKind::FriendRequest && !it.is_read)
            {
                assert!(relations.incoming.contains(&request.actor));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_people_do_each_is_to_the_other_what_they_should_be(
        steps in prop::collection::vec(
            (
                prop::sample::select(
                    vec![Step::Ask, Step::Ask, Step::Accept, Step::End, Step::Block, Step::Unblock],
                ),
                0..3_usize,
                1..3_usize,
            ),
            1..40,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for (step, me, further) in steps {
                world.take(step, me, (me + further) % 3).await;
                world.check().await;
            }
            world.fixture = world.fixture.reopen().await;
            world.check().await;
        });
    }
}
