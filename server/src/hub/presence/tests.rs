//! What is shown of a room, whatever changes while it is read.

use super::*;
use crate::{
    hub::{Queue, Watch, circle::Chosen},
    metrics::Metrics,
    nodes::Nodes,
};
use ::presence::{MemoryDirectory, Registration, Settings};
use futures::future::join_all;
use protocol::{Epoch, LastSeenAudience, NodeId, SessionId, Timestamp, WorkspaceId};
use store::{NewUser, NewWorkspace, Store, sqlite_url};
use tempfile::TempDir;
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(1);
const NOW: Timestamp = Timestamp::from_unix_millis(0);

/// A hub with one person, who has one socket that has their workspace on screen.
struct Fixture {
    hub: Hub,
    queue: Arc<Queue>,
    /// Holds the database.
    _folder: TempDir,
}

const JANE: UserId = UserId::from_uuid(ID);
const SOCKET: ConnectionId = ConnectionId::from_uuid(ID);
const ROOM: Room = Room::Workspace(WorkspaceId::from_uuid(ID));

impl Fixture {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = sqlite_url(&folder.path().join("rollcall.db"));
        let epoch = Epoch::from_uuid(ID);
        let store = Store::open(&url, epoch).await.unwrap();
        let jane = NewUser {
            user_id: JANE,
            username: "jane".to_owned(),
            display_name: "Jane".to_owned(),
            password_hash: String::new(),
            created_at: NOW,
        };
        store.create_user(jane).await.unwrap();
        let workspace = NewWorkspace {
            workspace_id: WorkspaceId::from_uuid(ID),
            name: "Flowra".to_owned(),
            created_at: NOW,
        };
        store.create_workspace(workspace, JANE).await.unwrap();

        let directory = Arc::new(MemoryDirectory::new(Settings::default(), epoch, || NOW));
        let hub = Hub::new(store, directory, Nodes::alone(), Metrics::new(), true);
        let queue = Arc::new(Queue::new(8));
        let session = SessionId::from_uuid(ID);
        assert!(hub.register(SOCKET, JANE, session, Arc::clone(&queue), 1));
        hub.welcome(SOCKET);
        let load = hub.interest().begin_load();
        assert!(hub.interest().finish_circle(load, JANE, Circle::default()));
        assert_eq!(hub.watch(SOCKET, ROOM, 1), Watch::Watching);
        Self {
            hub,
            queue,
            _folder: folder,
        }
    }

    /// Asks for the room, and gives what was sent.
    async fn ask(&self) -> Vec<Outgoing> {
        self.hub.show_room(SOCKET, ROOM).await;
        self.queue.take().frames.into()
    }
}

fn text(frame: &Outgoing) -> String {
    String::from_utf8_lossy(&frame.bytes).into_owned()
}

/// Somebody was removed from a chat, was told so, and then was sent who is in it all the same: it had been
/// read for them before.
#[tokio::test]
async fn whoever_leaves_a_room_while_it_is_read_is_not_shown_it() {
    let fixture = Fixture::new().await;
    let hub = &fixture.hub;
    let read = hub.read_room(ROOM).await.unwrap();
    hub.interest().expel(ROOM, JANE);
    let again = hub.show_read(ROOM, HashSet::from([SOCKET]), read);
    assert!(again.is_empty());
    assert_eq!(fixture.queue.take().frames.len(), 0);

    hub.newest_members(ROOM).await.unwrap();
    assert_eq!(hub.watch(SOCKET, ROOM, 1), Watch::Watching);
    assert_eq!(fixture.ask().await.len(), 1, "who is there is shown it");
}

/// A room is serialised once while it stays as it is, and what is sent is never older than what is known.
#[tokio::test]
async fn a_room_is_sent_as_before_only_while_nothing_in_it_has_changed() {
    let fixture = Fixture::new().await;
    let hub = &fixture.hub;
    let first = fixture.ask().await.remove(0);
    let second = fixture.ask().await.remove(0);
    assert_eq!(first.bytes.as_ptr(), second.bytes.as_ptr(), "it is kept");

    // Somebody is called otherwise.
    let renamed = hub.interest().profile(JANE).unwrap().clone();
    let renamed = Profile {
        display_name: "Jane Doe".to_owned(),
        ..renamed
    };
    hub.interest().learn([(JANE, renamed)]);
    let third = fixture.ask().await.remove(0);
    assert!(text(&third).contains(r#""Jane Doe""#), "{}", text(&third));

    // Somebody comes.
    let registration = Registration {
        connection: SOCKET,
        user: JANE,
        session: SessionId::from_uuid(ID),
        node: NodeId::from_uuid(ID),
    };
    hub.0.directory.open(registration).await.unwrap();
    let fourth = fixture.ask().await.remove(0);
    assert!(
        text(&third).contains(r#""is_online":false"#),
        "{}",
        text(&third)
    );
    assert!(
        text(&fourth).contains(r#""is_online":true"#),
        "{}",
        text(&fourth)
    );

    // The reader shows nobody when they were last here: theirs is another list.
    let circle = Circle {
        chosen: Chosen {
            audience: LastSeenAudience::Nobody,
            version: 1,
            ..Chosen::default()
        },
        ..Circle::default()
    };
    let load = hub.interest().begin_load();
    assert!(hub.interest().finish_circle(load, JANE, circle));
    let fifth = fixture.ask().await.remove(0);
    assert_ne!(fourth.bytes.as_ptr(), fifth.bytes.as_ptr());

    // Nobody has the room on screen for a while: nothing of it is kept.
    assert!(hub.interest().unwatch(SOCKET, ROOM));
    assert_eq!(hub.watch(SOCKET, ROOM, 1), Watch::Watching);
    assert!(hub.interest().take_roster(ROOM).is_none());
}

/// When a server begins, everybody has the same room on screen, and all asked who belongs to it.
#[tokio::test]
async fn of_many_who_come_into_an_unknown_room_at_once_one_reads_it() {
    let fixture = Fixture::new().await;
    let hub = &fixture.hub;
    let before = hub.interest().begin_load();
    let everybody = join_all((0..20).map(|_| hub.members(ROOM))).await;
    assert_eq!(hub.interest().begin_load(), before + 2, "one load between");
    for members in everybody {
        assert!(members.unwrap().contains(JANE));
    }
}
