//! The notifications that this tab has loaded.

use crate::page::NotificationsPage;
use protocol::{ChatId, Notification, NotificationId};
use std::cmp::Reverse;

/// A person's notifications, newest first, without gaps from the newest to the oldest loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bell {
    /// Newest first by time and id; each id once.
    notifications: Vec<Notification>,
    has_more: bool,
    is_loaded: bool,
    /// What happened while a page was on its way, which it may or may not tell.
    meanwhile: Option<Vec<Change>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Created(Box<Notification>),
    Read(Vec<NotificationId>),
}

impl Bell {
    /// The notifications, newest first.
    #[must_use]
    pub fn notifications(&self) -> &[Notification] {
        &self.notifications
    }

    /// Whether older ones can be loaded.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more
    }

    /// Whether the newest have been loaded.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.is_loaded
    }

    /// The oldest one loaded: further ones come before it.
    #[must_use]
    pub fn oldest(&self) -> Option<NotificationId> {
        self.notifications.last().map(|oldest| oldest.id)
    }

    /// Whether one of those loaded waits to be read.
    #[must_use]
    pub fn is_unread(&self, id: NotificationId) -> bool {
        let known = self.notifications.iter().find(|known| known.id == id);
        known.is_some_and(|known| !known.is_read)
    }

    /// Those that wait to be read; of a chat, when one is named.
    pub fn unread(&self, chat_id: Option<ChatId>) -> impl Iterator<Item = NotificationId> {
        self.notifications
            .iter()
            .filter(move |known| chat_id.is_none() || known.chat_id == chat_id)
            .filter(|known| !known.is_read)
            .map(|known| known.id)
    }

    /// How many of `all` that are unread wait for attention: those of a chat that is being read at
    /// the moment do not, else they would blink up with each of its messages.
    #[must_use]
    pub fn waiting(&self, all: u64, being_read: Option<ChatId>) -> u64 {
        let about_to_be_read = being_read.map_or(0, |_| self.unread(being_read).count());
        all.saturating_sub(about_to_be_read as u64)
    }

    /// A notification is new, or stands for one more message: it moves to its new place. An older
    /// form of it is old news.
    pub fn apply_created(&mut self, notification: Notification) {
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.push(Change::Created(Box::new(notification.clone())));
        }
        self.insert(notification);
    }

    /// Notifications were read, in this tab or another.
    pub fn apply_read(&mut self, ids: &[NotificationId]) {
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.push(Change::Read(ids.to_vec()));
        }
        self.read(ids);
    }

    /// A page has been asked for: what happens from now on may not be on it.
    pub fn begin_load(&mut self) {
        self.meanwhile = Some(Vec::new());
    }

    /// The page that was asked for does not come.
    pub fn give_up_load(&mut self) {
        self.meanwhile = None;
    }

    /// The newest notifications: what was known is forgotten, since it may be gone.
    pub fn load(&mut self, page: NotificationsPage) {
        self.notifications.clear();
        self.is_loaded = true;
        self.load_more(page);
    }

    /// Those before the oldest.
    pub fn load_more(&mut self, page: NotificationsPage) {
        self.has_more = page.has_more;
        for notification in page.notifications {
            self.insert(notification);
        }
        for change in self.meanwhile.take().unwrap_or_default() {
            match change {
                Change::Created(notification) => self.insert(*notification),
                Change::Read(ids) => self.read(&ids),
            }
        }
    }

    fn insert(&mut self, notification: Notification) {
        let known = self
            .notifications
            .iter()
            .position(|known| known.id == notification.id);
        if let Some(place) = known {
            if notification.version <= self.notifications[place].version {
                return;
            }
            self.notifications.remove(place);
        }
        let key = |it: &Notification| Reverse((it.at, it.id));
        let place = self
            .notifications
            .partition_point(|known| key(known) < key(&notification));
        self.notifications.insert(place, notification);
    }

    fn read(&mut self, ids: &[NotificationId]) {
        for known in &mut self.notifications {
            known.is_read |= ids.contains(&known.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::{Author, NotificationKind, Timestamp, UserId};
    use uuid::Uuid;

    fn id(n: u128) -> NotificationId {
        NotificationId::from_uuid(Uuid::from_u128(n))
    }

    fn notification(n: u128, at: i64, version: u64) -> Notification {
        Notification {
            id: id(n),
            kind: NotificationKind::DirectMessage,
            actor: Author {
                user_id: UserId::from_uuid(Uuid::from_u128(1)),
                display_name: "Jane".into(),
            },
            chat_id: None,
            chat_name: String::new(),
            path: "/w/flowra/c/jane".into(),
            text: "hello".into(),
            count: 1,
            at: Timestamp::from_unix_millis(at),
            is_read: false,
            is_muted: false,
            version,
        }
    }

    fn page(notifications: &[Notification], has_more: bool) -> NotificationsPage {
        NotificationsPage {
            notifications: notifications.to_vec(),
            has_more,
        }
    }

    fn ids(bell: &Bell) -> Vec<NotificationId> {
        bell.notifications().iter().map(|it| it.id).collect()
    }

    #[test]
    fn the_newest_stands_first_and_among_those_of_one_time_the_larger_id() {
        let mut bell = Bell::default();
        for (n, at) in [(2, 20), (1, 10), (4, 30), (3, 30)] {
            bell.apply_created(notification(n, at, 1));
        }
        assert_eq!(ids(&bell), [id(4), id(3), id(2), id(1)]);
    }

    #[test]
    fn one_that_stands_for_one_more_message_moves_to_its_new_place() {
        let mut bell = Bell::default();
        bell.apply_created(notification(1, 10, 1));
        bell.apply_created(notification(2, 20, 2));
        bell.apply_created(Notification {
            count: 2,
            ..notification(1, 30, 3)
        });
        assert_eq!(ids(&bell), [id(1), id(2)]);
        assert_eq!(bell.notifications()[0].count, 2);
    }

    #[test]
    fn an_older_form_is_old_news() {
        let mut bell = Bell::default();
        bell.apply_created(notification(1, 30, 3));
        bell.apply_created(notification(1, 10, 1));
        assert_eq!(bell.notifications(), [notification(1, 30, 3)]);
    }

    #[test]
    fn older_ones_come_after_those_that_are_there_and_none_twice() {
        let mut bell = Bell::default();
        bell.load(page(
            &[notification(3, 30, 3), notification(2, 20, 2)],
            true,
        ));
        assert!(bell.has_more());
        assert_eq!(bell.oldest(), Some(id(2)));
        bell.load_more(page(
            &[notification(2, 20, 2), notification(1, 10, 1)],
            false,
        ));
        assert!(!bell.has_more());
        assert_eq!(ids(&bell), [id(3), id(2), id(1)]);
    }

    #[test]
    fn what_is_gone_from_the_server_is_gone_with_the_next_page() {
        let mut bell = Bell::default();
        bell.load(page(&[notification(1, 10, 1)], false));
        bell.begin_load();
        bell.load(page(&[notification(2, 20, 2)], false));
        assert_eq!(ids(&bell), [id(2)]);
    }

    #[test]
    fn what_happens_while_a_page_is_on_its_way_is_not_undone_by_it() {
        let mut bell = Bell::default();
        bell.begin_load();
        bell.apply_created(notification(2, 20, 2));
        bell.apply_read(&[id(1)]);
        bell.load(page(&[notification(1, 10, 1)], false));
        assert_eq!(ids(&bell), [id(2), id(1)]);
        assert!(bell.notifications()[1].is_read && bell.is_unread(id(2)));
    }

    #[test]
    fn after_a_page_that_does_not_come_everything_is_as_it_was() {
        let mut bell = Bell::default();
        bell.load(page(&[notification(1, 10, 1)], true));
        let before = bell.clone();
        bell.begin_load();
        bell.give_up_load();
        assert_eq!(bell, before);
    }

    #[test]
    fn what_waits_to_be_read_is_told_for_one_chat_and_for_all() {
        let chat_id = Some(ChatId::from_uuid(Uuid::from_u128(7)));
        let mut bell = Bell::default();
        bell.apply_created(notification(1, 10, 1));
        bell.apply_created(Notification {
            chat_id,
            ..notification(2, 20, 2)
        });
        let unread = |bell: &Bell, chat_id| bell.unread(chat_id).collect::<Vec<_>>();
        assert_eq!(unread(&bell, None), [id(2), id(1)]);
        assert_eq!(unread(&bell, chat_id), [id(2)]);
        assert_eq!(bell.waiting(2, None), 2);
        assert_eq!(
            bell.waiting(2, chat_id),
            1,
            "that of the chat is being read"
        );
        assert_eq!(bell.waiting(0, chat_id), 0, "the server may say so first");
        bell.apply_read(&[id(2)]);
        assert_eq!(unread(&bell, None), [id(1)]);
        assert_eq!(unread(&bell, chat_id), []);
    }

    /// What happens on the server: a notification comes or counts one more, or is read.
    #[derive(Clone, Debug)]
    enum Act {
        Notify(u128),
        Read(u128),
    }

    fn act() -> impl Strategy<Value = Act> {
        prop_oneof![
            3 => (1u128..6).prop_map(Act::Notify),
            1 => (1u128..6).prop_map(Act::Read),
        ]
    }

    /// The server's own list, and the frames that tell of each act.
    fn happen(acts: &[Act]) -> Vec<(Vec<Notification>, Option<Change>)> {
        let mut all: Vec<Notification> = Vec::new();
        let mut states = vec![(all.clone(), None)];
        for (version, act) in (1..).zip(acts) {
            let change = match *act {
                Act::Notify(n) => {
                    // Which is read is not used again: its ids differ by a thousand.
                    let reads = all.iter().filter(|it| it.is_read).count() as u128;
                    let open = all
                        .iter()
                        .find(|it| !it.is_read && it.id.as_uuid().as_u128() % 1_000 == n);
                    let new = Notification {
                        count: open.map_or(1, |open| open.count + 1),
                        ..notification(
                            open.map_or(reads * 1_000 + n, |open| open.id.as_uuid().as_u128()),
                            i64::try_from(version).unwrap(),
                            version,
                        )
                    };
                    all.retain(|it| it.id != new.id);
                    all.insert(0, new.clone());
                    Some(Change::Created(Box::new(new)))
                }
                Act::Read(n) => {
                    let of_n = |it: &&mut Notification| it.id.as_uuid().as_u128() % 1_000 == n;
                    let mut read = Vec::new();
                    for it in all.iter_mut().filter(of_n) {
                        it.is_read = true;
                        read.push(it.id);
                    }
                    (!read.is_empty()).then_some(Change::Read(read))
                }
            };
            states.push((all.clone(), change));
        }
        states
    }

    proptest! {
        /// Whatever state of the server a page shows, between its asking and its coming, and
        /// however many frames come before, between and after: the bell ends as the server is.
        #[test]
        fn page_and_frames_join_in_any_order_without_a_loss_or_a_double(
            acts in prop::collection::vec(act(), 0..24),
            places in prop::array::uniform3(0usize..25),
        ) {
            let states = happen(&acts);
            let mut places = places.map(|place| place.min(states.len() - 1));
            places.sort_unstable();
            let [asked, made, came] = places;
            let mut bell = Bell::default();
            for (time, (_, change)) in states.iter().enumerate() {
                match change {
                    Some(Change::Created(notification)) => {
                        bell.apply_created(notification.as_ref().clone());
                    }
                    Some(Change::Read(ids)) => bell.apply_read(ids),
                    None => {}
                }
                if time == asked {
                    bell.begin_load();
                }
                if time == came {
                    bell.load(page(&states[made].0, false));
                }
            }
            let (last, _) = states.last().unwrap();
            prop_assert_eq!(bell.notifications(), last.as_slice());
        }
    }
}
