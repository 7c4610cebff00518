//! What one change of presence costs, against how many are connected and how many of them are
//! interested: `cargo bench -p server --bench interest`.
//!
//! Nothing here is asserted. A change is to cost what its interested connections cost, however many
//! others there are: down the first table the figures should stay, down the second they should grow
//! with the number of those who are interested.
//!
//! The program's own clock stands still meanwhile: the pause between two windows, which is never less
//! than a millisecond, would hide everything else.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]
#![expect(
    clippy::disallowed_types,
    reason = "measures while the clock of tokio stands still"
)]

use presence::{Choice, Directory, MemoryDirectory, Registration, Settings};
use protocol::{
    ChatId, ChatRole, ConnectionId, Epoch, Mode, NodeId, Room, SessionId, Timestamp, UserId,
    WorkspaceId, WorkspaceRole,
};
use server::{
    hub::{Hub, Queue, Watch},
    metrics::Metrics,
    nodes::Nodes,
};
use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};
use store::{NewChat, NewUser, NewWorkspace, Store, sqlite_url};
use uuid::Uuid;

/// Changes that are measured at each size.
const CHANGES: u64 = 3_000;
/// Changes before that, so that nothing is done for the first time.
const WARM_UP: u64 = 300;
/// Frames that wait for one reader, and rooms on its screen: more than are ever needed here.
const PLENTY: usize = 256;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("One change of presence, from the decision to the queues of all who are interested\n");
    println!(
        "{:>12} {:>12} {:>14}",
        "connected", "interested", "µs a change"
    );
    for connected in [1_000, 4_000, 16_000] {
        measure(connected, 50).await?;
    }
    println!();
    for interested in [10, 100, 1_000] {
        measure(16_000, interested).await?;
    }
    Ok(())
}

async fn measure(connected: usize, interested: usize) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let url = sqlite_url(&folder.path().join("rollcall.db"));
    let store = Store::open(&url, Epoch::from_uuid(Uuid::now_v7())).await?;
    let epoch = Epoch::from_uuid(Uuid::now_v7());
    let directory = Arc::new(MemoryDirectory::new(Settings::default(), epoch, now));
    let shared = Arc::clone(&directory) as Arc<dyn Directory>;
    let hub = Hub::new(store.clone(), shared, Nodes::alone(), Metrics::new(), true);
    let telling = tokio::spawn(hub.clone().run_announcements(Duration::ZERO));

    let (chat, people) = team(&store, interested).await?;
    let mut queues = Vec::with_capacity(interested);
    for user in &people {
        let (registration, queue) = connect(&hub, *user, Room::Chat(chat));
        hub.enter(registration).await?;
        queues.push(queue);
    }
    for _ in interested..connected {
        let stranger = UserId::from_uuid(Uuid::now_v7());
        let elsewhere = Room::Chat(ChatId::from_uuid(Uuid::now_v7()));
        connect(&hub, stranger, elsewhere);
    }
    hub.members(Room::Chat(chat)).await?;

    tokio::time::pause();
    // On paused time a moment passes once there is nothing left to do: that they came is told by then.
    tokio::time::sleep(Duration::from_millis(1)).await;
    for queue in &queues {
        queue.take();
    }
    let mut start = Instant::now();
    for version in 1..=WARM_UP + CHANGES {
        if version == WARM_UP + 1 {
            start = Instant::now();
        }
        let choice = Choice {
            mode: Mode::Automatic,
            note: version,
            // The first choice that is heard of changes nothing.
            version: version + 1,
        };
        if version == 1 {
            directory.choose(people[0], Choice::default()).await?;
        }
        directory.choose(people[0], choice).await?;
        for queue in &queues {
            while queue.is_empty() {
                queue.changed().await;
            }
            queue.take();
        }
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(CHANGES)?);
    tokio::time::resume();
    println!("{connected:>12} {interested:>12} {each:>14.1}");
    telling.abort();
    store.close().await;
    Ok(())
}

/// People who share a chat.
async fn team(store: &Store, count: usize) -> Result<(ChatId, Vec<UserId>), Box<dyn Error>> {
    let workspace_id = WorkspaceId::from_uuid(Uuid::now_v7());
    let chat_id = ChatId::from_uuid(Uuid::now_v7());
    let mut people: Vec<UserId> = Vec::with_capacity(count);
    for n in 0..count {
        let user_id = UserId::from_uuid(Uuid::now_v7());
        let user = NewUser {
            user_id,
            username: format!("user-{n}"),
            display_name: format!("User {n}"),
            password_hash: String::new(),
            created_at: now(),
        };
        store.create_user(user).await?;
        if n == 0 {
            let workspace = NewWorkspace {
                workspace_id,
                name: "Team".into(),
                created_at: now(),
            };
            store.create_workspace(workspace, user_id).await?;
            let chat = NewChat {
                chat_id,
                workspace_id,
                name: "all".into(),
                topic: String::new(),
                is_private: false,
                created_at: now(),
            };
            store.create_chat(chat, user_id).await?;
        } else {
            let (workspace_role, role) = (WorkspaceRole::Member, ChatRole::Member);
            store
                .add_workspace_member(workspace_id, user_id, workspace_role, now())
                .await?;
            store
                .add_chat_member(chat_id, user_id, role, now(), None)
                .await?;
        }
        people.push(user_id);
    }
    Ok((chat_id, people))
}

/// A welcomed socket with a room on screen.
fn connect(hub: &Hub, user: UserId, room: Room) -> (Registration, Arc<Queue>) {
    let registration = Registration {
        connection: ConnectionId::from_uuid(Uuid::now_v7()),
        user,
        session: SessionId::from_uuid(Uuid::now_v7()),
        node: NodeId::from_uuid(Uuid::now_v7()),
    };
    let queue = Arc::new(Queue::new(PLENTY));
    let (connection, session) = (registration.connection, registration.session);
    let is_admitted = hub.register(connection, user, session, Arc::clone(&queue), PLENTY);
    assert!(is_admitted, "nobody has many sockets here");
    hub.welcome(connection);
    assert_eq!(hub.watch(connection, room, PLENTY), Watch::Watching);
    (registration, queue)
}

/// Some moment: nothing here depends on which.
fn now() -> Timestamp {
    Timestamp::from_unix_millis(1_800_000_000_000)
}
