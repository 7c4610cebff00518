//! What is shown of a room, whatever changes while it is read.

use super::*;
use crate::{
    hub::{Queue, Watch},
    metrics::Metrics,
    nodes::Nodes,
};
use ::presence::{MemoryDirectory, Settings};
use futures::poll;
use protocol::{Epoch, SessionId, Timestamp, WorkspaceId};
use std::pin::pin;
use store::{NewUser, NewWorkspace, Store, sqlite_url};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(1);
const NOW: Timestamp = Timestamp::from_unix_millis(0);

/// Somebody was removed from a chat, was told so, and then was sent who is in it all the same: it had been
/// read for them before.
#[tokio::test]
async fn whoever_leaves_a_room_while_it_is_read_is_not_shown_it() {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite_url(&folder.path().join("rollcall.db"));
    let (epoch, user) = (Epoch::from_uuid(ID), UserId::from_uuid(ID));
    let store = Store::open(&url, epoch).await.unwrap();
    let jane = NewUser {
        user_id: user,
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
    store.create_workspace(workspace, user).await.unwrap();

    let directory = Arc::new(MemoryDirectory::new(Settings::default(), epoch, || NOW));
    let hub = Hub::new(store, directory, Nodes::alone(), Metrics::new(), true);
    let (socket, room) = (
        ConnectionId::from_uuid(ID),
        Room::Workspace(WorkspaceId::from_uuid(ID)),
    );
    let queue = Arc::new(Queue::new(8));
    let session = SessionId::from_uuid(ID);
    assert!(hub.register(socket, user, session, Arc::clone(&queue), 1));
    hub.welcome(socket);
    let load = hub.interest().begin_load();
    assert!(hub.interest().finish_circle(load, user, Circle::default()));

    assert_eq!(hub.watch(socket, room, 1), Watch::Watching);
    let mut showing = pin!(hub.show_room(socket, room));
    assert!(poll!(&mut showing).is_pending(), "the store is asked");
    hub.interest().expel(room, user);
    showing.await;
    assert_eq!(queue.take().frames.len(), 0);

    assert_eq!(hub.watch(socket, room, 1), Watch::Watching);
    hub.show_room(socket, room).await;
    assert_eq!(queue.take().frames.len(), 1, "who is there is shown it");
}
