//! What a tab knows after news has come.

use app::{
    page::PeoplePage,
    state::{DotShape, Presence, Tab},
};
use connection::{Tone, View};
use leptos::prelude::*;
use protocol::{
    Author, Epoch, FriendsSnapshot, Mode, PresenceChange, PresenceEntry, PresenceSnapshot,
    Relations, ServerFrame, Status, UnreadNotifications, UserId, WorkspaceId,
};
use uuid::Uuid;

const EPOCH: Epoch = Epoch::from_uuid(Uuid::from_u128(1));

fn user(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

fn entry(n: u128, name: &str, is_online: bool, version: u64) -> PresenceEntry {
    PresenceEntry {
        user_id: user(n),
        display_name: name.into(),
        is_online,
        availability: None,
        status_text: String::new(),
        last_seen: None,
        is_hidden: false,
        as_of: None,
        version,
    }
}

fn friends(friends: Vec<PresenceEntry>) -> FriendsSnapshot {
    FriendsSnapshot {
        friends,
        epoch: EPOCH,
        version: 9,
    }
}

fn asked_by(n: u128, name: &str) -> Relations {
    Relations {
        incoming: vec![Author {
            user_id: user(n),
            display_name: name.into(),
        }],
        ..Relations::default()
    }
}

fn shape(tab: Tab, n: u128) -> DotShape {
    tab.people
        .with_untracked(|people| Presence::shape(people.presence(user(n))))
}

fn names(tab: Tab) -> Vec<String> {
    let friends = tab.friends.get_untracked();
    friends.into_iter().map(|it| it.display_name).collect()
}

/// A tab whose signals live as long as the test.
fn with_tab(test: impl FnOnce(Tab)) {
    Owner::new().with(|| test(Tab::new()));
}

#[test]
fn friends_stand_in_the_order_of_their_snapshot_and_their_changes_are_followed() {
    with_tab(|tab| {
        let bob = entry(2, "Bob", true, 3);
        let snapshot = friends(vec![bob, entry(1, "Ann", false, 4)]);
        tab.apply(ServerFrame::FriendsSnapshot(snapshot));
        assert_eq!(names(tab), ["Bob", "Ann"]);
        assert_eq!(shape(tab, 1), DotShape::Offline);
        let change = PresenceChange {
            user_id: user(1),
            display_name: "Ann".into(),
            is_online: true,
            availability: None,
            status_text: String::new(),
            last_seen: None,
            epoch: EPOCH,
            version: 5,
        };
        // The roster of no chat has no epoch, and asks for nothing.
        tab.apply(ServerFrame::PresenceBatch {
            changes: vec![change],
        });
        assert_eq!(shape(tab, 1), DotShape::Online);
    });
}

#[test]
fn the_people_of_direct_chats_and_of_a_workspace_are_known_together() {
    with_tab(|tab| {
        tab.apply(ServerFrame::DirectUsers {
            users: vec![entry(1, "Ann", true, 1)],
            epoch: EPOCH,
            version: 1,
        });
        tab.apply(ServerFrame::WorkspaceUsers {
            workspace_id: WorkspaceId::from_uuid(Uuid::nil()),
            users: vec![entry(2, "Bob", false, 1)],
            epoch: EPOCH,
            version: 1,
        });
        assert_eq!(shape(tab, 1), DotShape::Online);
        assert_eq!(shape(tab, 2), DotShape::Offline);
        assert_eq!(shape(tab, 3), DotShape::Unknown);
    });
}

#[test]
fn a_lost_connection_makes_all_presence_the_last_known_until_it_tells_again() {
    with_tab(|tab| {
        let snapshot = friends(vec![entry(1, "Ann", true, 1)]);
        tab.apply(ServerFrame::FriendsSnapshot(snapshot.clone()));
        tab.presence_stale();
        assert!(tab.people.read_untracked().is_stale());
        assert!(!tab.is_live.get_untracked());
        assert_eq!(shape(tab, 1), DotShape::Online, "it stays on screen");
        tab.apply(ServerFrame::FriendsSnapshot(snapshot));
        assert!(!tab.people.read_untracked().is_stale());
    });
}

#[test]
fn of_the_numbers_of_unread_notifications_the_one_of_the_larger_version_counts() {
    with_tab(|tab| {
        for (unread, version) in [(2, 5), (7, 4), (9, 5)] {
            let unread = UnreadNotifications { unread, version };
            tab.apply(ServerFrame::NotificationUnread(unread));
            assert_eq!(tab.unread_notifications.get_untracked().unread, 2);
        }
    });
}

#[test]
fn what_one_shows_of_oneself_follows_the_choice_of_another_tab() {
    with_tab(|tab| {
        let status = Status {
            mode: Mode::Dnd,
            ..Status::default()
        };
        tab.apply(ServerFrame::StatusChanged(status.clone()));
        assert_eq!(tab.my_status.get_untracked(), status);
    });
}

#[test]
fn a_page_says_who_asks_until_the_connection_does() {
    with_tab(|tab| {
        let page = PeoplePage {
            friends: friends(vec![entry(1, "Ann", true, 1)]),
            relations: asked_by(2, "Bob"),
            members: Vec::new(),
            presence: PresenceSnapshot {
                users: vec![entry(2, "Bob", true, 1)],
                epoch: EPOCH,
                version: 1,
            },
        };
        tab.open_people(&page);
        assert_eq!(names(tab), ["Ann"]);
        assert_eq!(tab.relations.get_untracked(), asked_by(2, "Bob"));
        assert_eq!(shape(tab, 2), DotShape::Online);

        tab.status.set(View {
            tone: Tone::Connected,
            tooltip: String::new(),
            action: None,
        });
        tab.apply(ServerFrame::Relations(Relations::default()));
        tab.apply(ServerFrame::FriendsSnapshot(friends(Vec::new())));
        tab.open_people(&page);
        assert_eq!(tab.relations.get_untracked(), Relations::default());
        assert_eq!(names(tab), [""; 0]);
    });
}
