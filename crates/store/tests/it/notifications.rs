use crate::fixture::{Team, at, author, befriend, new_message, new_notification, new_uuid};
use proptest::prelude::*;
use protocol::{Chat, NotificationId, NotificationKind, User, UserId, limits};
use std::collections::BTreeSet;
use std::slice::from_ref;
use store::{Appended, NewMessage, Noted, PREVIEW_CHARS, Store, StoreError, StoredNotification};
use tokio::task::JoinSet;

/// A message of Jane's that mentions John.
fn calling_john(team: &Team, text: &str, millis: i64) -> NewMessage {
    NewMessage {
        mentions: vec![team.john.username.clone()],
        sent_at: at(millis),
        ..new_message(team.general.chat_id, team.jane.user_id, text)
    }
}

async fn send(store: &Store, message: NewMessage) -> Vec<Noted> {
    let appended = store.append(vec![message], new_notification).await;
    match appended.unwrap().remove(0) {
        Appended::Stored { noted, .. } => noted,
        other => panic!("not stored: {other:?}"),
    }
}

/// Has Jane mention John at each of these times, and gives what he is told.
async fn mentions(team: &Team, times: &[i64]) -> Vec<StoredNotification> {
    let mut told = Vec::new();
    for &millis in times {
        let new = calling_john(team, "Look, @john", millis);
        told.extend(send(team.store(), new).await);
    }
    told.into_iter().map(|noted| noted.notification).collect()
}

async fn list(store: &Store, user: &User) -> Vec<StoredNotification> {
    let all = store.notifications(user.user_id, None, 2_000).await;
    all.unwrap()
}

/// How many wait, and the version.
async fn unread(store: &Store, user: &User) -> (u64, u64) {
    let unread = store.standing(user.user_id).await.unwrap().unread;
    (unread.unread, unread.version)
}

fn ids(notifications: &[StoredNotification]) -> Vec<NotificationId> {
    notifications.iter().map(|it| it.id).collect()
}

#[tokio::test]
async fn the_list_is_newest_first_and_its_pages_leave_no_gap() {
    let team = Team::new().await;
    let mut told = mentions(&team, &[10, 20, 20, 20, 5, 30]).await;
    told.sort_by_key(|it| std::cmp::Reverse((it.at, it.id)));
    assert_eq!(list(team.store(), &team.john).await, told);
    for limit in 1..=4 {
        let mut pages: Vec<StoredNotification> = Vec::new();
        loop {
            let before = pages.last().map(|it| it.id);
            let page = team
                .store()
                .notifications(team.john.user_id, before, limit)
                .await
                .unwrap();
            assert!(page.len() <= usize::try_from(limit).unwrap());
            if page.is_empty() {
                break;
            }
            pages.extend(page);
        }
        assert_eq!(pages, told);
    }
}

#[tokio::test]
async fn a_page_before_something_unknown_or_not_ones_own_is_the_newest() {
    let team = Team::new().await;
    let told = mentions(&team, &[10, 20]).await;
    befriend(&team.fixture, &team.jane, &team.john).await;
    let of_jane = list(team.store(), &team.jane).await;
    let of_john = list(team.store(), &team.john).await;
    assert_eq!((of_jane.len(), of_john.len()), (1, told.len() + 1));
    for before in [new_notification(), of_jane[0].id] {
        let page = team
            .store()
            .notifications(team.john.user_id, Some(before), 10)
            .await;
        assert_eq!(page.unwrap(), of_john);
    }
}

#[tokio::test]
async fn a_notification_says_who_where_and_how_the_message_begins() {
    let team = Team::new().await;
    let text = format!(
        "@john 👩‍👩‍👧 <b>'; DROP TABLE users; --</b> {}",
        "ä".repeat(300)
    );
    let noted = send(team.store(), calling_john(&team, &text, 10)).await;
    let told = &noted[0].notification;

    let beginning: String = text.chars().take(PREVIEW_CHARS as usize).collect();
    assert_eq!(told.text, beginning);
    assert_eq!(told.kind, NotificationKind::Mention);
    assert_eq!(told.actor, author(&team.jane));
    assert_eq!((told.count, told.at, told.is_read), (1, at(10), false));
    let chat = told.chat.as_ref().unwrap();
    assert_eq!(chat.chat_id, team.general.chat_id);
    assert_eq!((&*chat.workspace_slug, &*chat.slug), ("flowra", "general"));
    assert_eq!((&*chat.name, chat.sequence), ("general", Some(1)));
    assert_eq!(list(team.store(), &team.john).await, from_ref(told));
}

#[tokio::test]
async fn reading_one_leaves_the_others_and_reading_all_leaves_none() {
    let team = Team::new().await;
    let (store, john) = (team.store(), team.john.user_id);
    let told = ids(&mentions(&team, &[10, 20, 30]).await);
    assert_eq!(unread(store, &team.john).await, (3, 3));

    let read = |ids: Vec<NotificationId>| async move {
        store.read_notifications(john, Some(&ids)).await.unwrap()
    };
    let cleared = read(vec![told[1], told[1]]).await.unwrap();
    assert_eq!((cleared.user_id, cleared.ids), (john, vec![told[1]]));
    assert_eq!((cleared.unread.unread, cleared.unread.version), (2, 4));
    let newest = list(store, &team.john).await;
    let state: Vec<_> = newest.iter().map(|it| (it.is_read, it.version)).collect();
    assert_eq!(state, [(false, 3), (true, 4), (false, 1)]);

    assert_eq!(read(vec![told[1], new_notification()]).await, None);
    assert_eq!(read(Vec::new()).await, None);
    assert_eq!(unread(store, &team.john).await, (2, 4));

    let all = store.read_notifications(john, None).await.unwrap().unwrap();
    let all_ids: BTreeSet<_> = all.ids.into_iter().collect();
    assert_eq!(all_ids, BTreeSet::from([told[0], told[2]]));
    assert_eq!((all.unread.unread, all.unread.version), (0, 5));
    assert_eq!(store.read_notifications(john, None).await.unwrap(), None);
    assert_eq!(unread(store, &team.john).await, (0, 5));
}

#[tokio::test]
async fn nobody_reads_or_counts_the_notifications_of_others() {
    let team = Team::new().await;
    let (store, jane) = (team.store(), team.jane.user_id);
    let told = ids(&mentions(&team, &[10]).await);
    mentions(&team, &[20]).await;
    befriend(&team.fixture, &team.jane, &team.john).await;
    let before = unread(store, &team.john).await;

    let read = store.read_notifications(jane, Some(&told)).await.unwrap();
    assert_eq!(read, None);
    store.read_notifications(jane, None).await.unwrap();
    assert_eq!(unread(store, &team.john).await, before);

    let nobody = UserId::from_uuid(new_uuid());
    assert_eq!(store.read_notifications(nobody, None).await.unwrap(), None);
    assert_eq!(store.notifications(nobody, None, 9).await.unwrap(), []);
    let error = store.standing(nobody).await;
    assert!(matches!(error, Err(StoreError::NotFound)));
}

#[tokio::test]
async fn of_many_who_read_the_same_at_once_one_is_told_of_each() {
    let team = Team::new().await;
    let told = ids(&mentions(&team, &[10, 20, 30, 40]).await);
    let mut reads = JoinSet::new();
    for tab in 0..8 {
        let (store, john, told) = (team.store().clone(), team.john.user_id, told.clone());
        reads.spawn(async move {
            let ids = (tab % 2 == 0).then_some(&told[..2]);
            store.read_notifications(john, ids).await.unwrap()
        });
    }
    let cleared: Vec<_> = reads.join_all().await.into_iter().flatten().collect();
    let mut read: Vec<_> = cleared.iter().flat_map(|it| it.ids.clone()).collect();
    read.sort_unstable();
    assert_eq!(read, told);
    let versions: BTreeSet<_> = cleared.iter().map(|it| it.unread.version).collect();
    assert_eq!(versions.len(), cleared.len());
    let newest = cleared.iter().max_by_key(|it| it.unread.version).unwrap();
    assert_eq!(newest.unread.unread, 0);
}

#[tokio::test]
async fn direct_messages_sent_at_once_are_counted_each_in_one_notification() {
    const SENDERS: i64 = 6;
    let team = Team::new().await;
    let eve = team.fixture.colleague("eve", &team.flowra).await;
    let people = [&team.john, &team.jane, &eve];
    let chat = team.fixture.direct(&team.flowra, &people).await;
    let mut sends = JoinSet::new();
    for number in 0..SENDERS {
        let author = if number % 2 == 0 { &team.jane } else { &eve };
        let mut message = new_message(chat.chat_id, author.user_id, "Hello");
        message.sent_at = at(number);
        let store = team.store().clone();
        sends.spawn(async move { send(&store, message).await });
    }
    let john = team.john.user_id;
    let told = sends.join_all().await.into_iter().flatten();
    let mut told: Vec<_> = told.filter(|noted| noted.user_id == john).collect();
    told.sort_by_key(|noted| noted.unread.version);
    let counts = told.iter().map(|noted| noted.notification.count);
    assert!(counts.eq(1..=u64::try_from(SENDERS).unwrap()));
    let ids: BTreeSet<_> = told.iter().map(|noted| noted.notification.id).collect();
    assert_eq!(ids.len(), 1);
    assert!(told.iter().all(|noted| noted.unread.unread == 1));
    let newest = told.pop().unwrap().notification;
    assert_eq!(list(team.store(), &team.john).await, [newest]);
}

#[tokio::test]
async fn past_the_limit_the_oldest_are_forgotten_but_never_the_newest() {
    let team = Team::new().await;
    let (store, most) = (team.store(), limits::MAX_NOTIFICATIONS);
    let messages = (0..most + 5).map(|number| {
        let millis = i64::try_from(number).unwrap();
        calling_john(&team, "@john", millis)
    });
    store
        .append(messages.collect(), new_notification)
        .await
        .unwrap();
    let kept = list(store, &team.john).await;
    assert_eq!(kept.len(), most);
    assert_eq!(kept.last().unwrap().at, at(5));
    let most = u64::try_from(most).unwrap();
    assert_eq!(unread(store, &team.john).await, (most, most + 5));

    // The clock was set back.
    let late = mentions(&team, &[-1_000]).await;
    let kept = list(store, &team.john).await;
    assert_eq!(kept.len(), limits::MAX_NOTIFICATIONS);
    assert_eq!(kept.last(), late.first());
    assert_eq!(unread(store, &team.john).await, (most, most + 6));
}

#[tokio::test]
async fn a_restart_keeps_notifications_and_their_version() {
    let team = Team::new().await;
    let told = ids(&mentions(&team, &[10, 20]).await);
    let (store, john) = (team.store(), &team.john);
    let read = store.read_notifications(john.user_id, Some(&told[..1]));
    read.await.unwrap();
    let before = (list(store, john).await, unread(store, john).await);
    assert_eq!(before.1, (1, 3));

    let fixture = team.fixture.reopen().await;
    let after = list(&fixture.store, john).await;
    assert_eq!((after, unread(&fixture.store, john).await), before);
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Jane mentions John.
    Mention,
    /// Jane writes to John.
    Direct,
    /// John reads one of his, counted from the newest.
    ReadOne(usize),
    ReadAll,
    /// John reads the direct chat, or the other, up to a part of it in hundredths.
    ReadChat(bool, u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Mention),
        4 => Just(Step::Direct),
        2 => (0..6_usize).prop_map(Step::ReadOne),
        1 => Just(Step::ReadAll),
        2 => (any::<bool>(), 0..=100_u64)
            .prop_map(|(is_direct, part)| Step::ReadChat(is_direct, part)),
    ]
}

/// What John should find: each with its sequence, how many it stands for, and whether it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Expected {
    is_direct: bool,
    sequence: u64,
    count: u64,
    is_read: bool,
}

struct World {
    team: Team,
    direct: Chat,
    /// Newest first.
    expected: Vec<Expected>,
    version: u64,
    millis: i64,
    /// How far John has read: the direct chat and the other.
    read: [u64; 2],
}

impl World {
    async fn new() -> Self {
        let team = Team::new().await;
        let people = [&team.jane, &team.john];
        let direct = team.fixture.direct(&team.flowra, &people).await;
        Self {
            team,
            direct,
            expected: Vec::new(),
            version: 0,
            millis: 0,
            read: [0, 0],
        }
    }

    async fn take(&mut self, step: Step) {
        let john = self.team.john.user_id;
        match step {
            Step::Mention | Step::Direct => self.write(matches!(step, Step::Direct)).await,
            Step::ReadOne(place) => {
                let listed = list(self.team.store(), &self.team.john).await;
                let Some(one) = listed.get(place) else {
                    return;
                };
                let ids = [one.id];
                let cleared = self.team.store().read_notifications(john, Some(&ids));
                let told = cleared.await.unwrap().map(|it| it.ids.len());
                self.clear(told, |place_of, _| place_of == place);
            }
            Step::ReadAll => {
                let cleared = self.team.store().read_notifications(john, None).await;
                let told = cleared.unwrap().map(|it| it.ids.len());
                self.clear(told, |_, _| true);
            }
            Step::ReadChat(is_direct, part) => {
                let chat = if is_direct {
                    &self.direct
                } else {
                    &self.team.general
                };
                let newest = self.team.store().newest_offset().await.unwrap();
                let up_to = newest * part / 100;
                let read = self.team.store().set_read(chat.chat_id, john, up_to).await;
                let Some(read) = read.unwrap() else {
                    return;
                };
                let before = &mut self.read[usize::from(is_direct)];
                assert!(read.sequence > *before);
                *before = read.sequence;
                let told = read.cleared.map(|it| it.ids.len());
                self.clear(told, |_, it| {
                    it.is_direct == is_direct && it.sequence <= read.sequence
                });
            }
        }
    }

    async fn write(&mut self, is_direct: bool) {
        self.millis += 1;
        let mut message = calling_john(&self.team, "@john", self.millis);
        if is_direct {
            message.chat_id = self.direct.chat_id;
        }
        let noted = send(self.team.store(), message).await;
        let sequence = self.team.store().newest_offset().await.unwrap();
        let waiting = self
            .expected
            .iter()
            .position(|it| is_direct && it.is_direct && !it.is_read);
        let mut expected = Expected {
            is_direct,
            sequence,
            count: 1,
            is_read: false,
        };
        if let Some(waiting) = waiting {
            expected.count += self.expected.remove(waiting).count;
        }
        self.expected.insert(0, expected);
        self.version += 1;
        assert_eq!(noted.len(), 1);
        assert_eq!(noted[0].unread.version, self.version);
    }

    /// Marks those that `is_seen` says, by place and kind; so many should have been told.
    fn clear(&mut self, told: Option<usize>, is_seen: impl Fn(usize, &Expected) -> bool) {
        let mut cleared = 0;
        for (place, it) in self.expected.iter_mut().enumerate() {
            if !it.is_read && is_seen(place, it) {
                it.is_read = true;
                cleared += 1;
            }
        }
        assert_eq!(told, (cleared > 0).then_some(cleared));
        self.version += u64::from(cleared > 0);
    }

    async fn check(&self) {
        let listed = list(self.team.store(), &self.team.john).await;
        let found: Vec<_> = listed
            .iter()
            .map(|it| Expected {
                is_direct: it.kind == NotificationKind::DirectMessage,
                sequence: it.chat.as_ref().unwrap().sequence.unwrap(),
                count: it.count,
                is_read: it.is_read,
            })
            .collect();
        assert_eq!(found, self.expected);
        let waiting = self.expected.iter().filter(|it| !it.is_read).count();
        let waiting = u64::try_from(waiting).unwrap();
        let unread = unread(self.team.store(), &self.team.john).await;
        assert_eq!(unread, (waiting, self.version));
        let newest_change = listed.iter().map(|it| it.version).max();
        assert_eq!(newest_change.unwrap_or(0), self.version);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_written_and_read_the_list_the_count_and_the_version_agree(
        steps in prop::collection::vec(step(), 1..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for step in steps {
                world.take(step).await;
                world.check().await;
            }
            world.team.fixture = world.team.fixture.reopen().await;
            world.check().await;
        });
    }
}
