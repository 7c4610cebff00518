//! What only the connections themselves can tell.

use super::connection::connect;
use super::file::{APPLICATION_ID, claim};
use super::schema::STEPS;
use crate::database::schema::take;
use crate::database::{Trouble, trouble};
use crate::{ChatKey, CopyError, NewUser, OpenError, OpenOptions, Store, WorkspaceKey, sqlite_url};
use protocol::{ChatKind, Epoch, LastSeenAudience, Status, Timestamp, UserId};
use sqlx::{AnyPool, AssertSqlSafe, Connection as _, Row as _};
use std::path::Path;
use uuid::Uuid;

async fn store(folder: &Path) -> Store {
    let url = sqlite_url(&folder.join("rollcall.db"));
    let epoch = Epoch::from_uuid(Uuid::from_u128(1));
    Store::open(&url, epoch).await.unwrap()
}

fn user(number: u128) -> NewUser {
    NewUser {
        user_id: UserId::from_uuid(Uuid::from_u128(number)),
        username: format!("user{number}"),
        display_name: "x".repeat(10_000),
        password_hash: String::new(),
        created_at: Timestamp::from_unix_millis(0),
    }
}

async fn pragma(pool: &AnyPool, sql: &'static str) -> i64 {
    let row = sqlx::query(sql).fetch_one(pool).await.unwrap();
    row.get(0)
}

#[tokio::test]
async fn a_commit_is_on_disk_before_it_is_acknowledged_and_readers_cannot_write() {
    const FULL: i64 = 2;
    let folder = tempfile::tempdir().unwrap();
    let database = store(folder.path()).await.database;
    let mode = sqlx::query("PRAGMA journal_mode").fetch_one(&database.writers);
    assert_eq!(mode.await.unwrap().get::<String, _>(0), "wal");
    assert_eq!(pragma(&database.writers, "PRAGMA synchronous").await, FULL);
    assert_eq!(pragma(&database.writers, "PRAGMA secure_delete").await, 1);
    for pool in [&database.writers, &database.readers] {
        assert_eq!(pragma(pool, "PRAGMA foreign_keys").await, 1);
        assert_eq!(pragma(pool, "PRAGMA busy_timeout").await, 5_000);
    }
    let write = sqlx::query("DELETE FROM users").execute(&database.readers);
    assert_eq!(trouble(&write.await.unwrap_err()), Trouble::Refused);
}

#[tokio::test]
async fn a_full_database_is_unavailable_until_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path()).await;
    let writers = &store.database.writers;
    let pages = pragma(writers, "PRAGMA page_count").await;
    let limit = AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 10));
    sqlx::query(limit).fetch_one(writers).await.unwrap();

    let mut stored = 0;
    let error = loop {
        match store.create_user(user(stored)).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.label(), "unavailable");
    assert!(stored > 0);

    pragma(writers, "PRAGMA max_page_count = 100000").await;
    for number in stored..stored + 30 {
        store.create_user(user(number)).await.unwrap();
    }
    for number in 0..stored + 30 {
        let found = store.user(user(number).user_id).await.unwrap();
        assert_eq!(found.unwrap().username, user(number).username);
    }
}

#[tokio::test]
async fn a_copy_that_does_not_hold_every_row_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let source = store(folder.path()).await;
    for number in 1..=3 {
        source.create_user(user(number)).await.unwrap();
    }
    let url = sqlite_url(&folder.path().join("copy.db"));
    let options = OpenOptions::to_copy();
    let target = Store::open_with(&url, source.epoch(), &options);
    let target = target.await.unwrap();
    let writers = &target.database.writers;
    let losing = "CREATE TRIGGER lose BEFORE INSERT ON users WHEN NEW.username = 'user2'
                  BEGIN SELECT RAISE(IGNORE); END";
    sqlx::query(losing).execute(writers).await.unwrap();
    let refused = copy(&source, &target).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "of 3 users 2 arrived: nothing was changed"
    );
    assert_eq!(pragma(writers, "SELECT COUNT(*) FROM users").await, 0);

    sqlx::query("DROP TRIGGER lose")
        .execute(writers)
        .await
        .unwrap();
    copy(&source, &target).await.unwrap();
    assert_eq!(pragma(writers, "SELECT COUNT(*) FROM users").await, 3);
}

async fn copy(source: &Store, target: &Store) -> Result<(), CopyError> {
    target.copy_from(source, false, |_| ()).await
}

/// A database as the first version of this program left it, with one of everything.
const OF_STEP_1: &str = "
    INSERT INTO stream VALUES (1, '00000000-0000-0000-0000-000000000009', 1);
    INSERT INTO users VALUES
        ('00000000-0000-0000-0000-000000000001', 'jane', 'Jane', 'hash', 1, 0, 7);
    INSERT INTO workspaces VALUES
        ('00000000-0000-0000-0000-000000000002', 'flowra', 'Flowra', 0);
    INSERT INTO workspace_members VALUES
        ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001',
         'owner', 0);
    INSERT INTO chats VALUES
        ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000002',
         'general', 'General', 'general', 'Topic', 0, 0);
    INSERT INTO chat_members VALUES
        ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000001',
         '00000000-0000-0000-0000-000000000002', 'owner', 1, 0);
    INSERT INTO messages VALUES
        (1, '00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-000000000003',
         '00000000-0000-0000-0000-000000000005', '00000000-0000-0000-0000-000000000001',
         'Hello', 5, NULL, NULL, 1);
";

#[tokio::test]
async fn a_database_of_the_first_version_is_brought_up_to_date_and_keeps_what_it_holds() {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    claim(&path).unwrap();
    let mark = format!("PRAGMA application_id = {APPLICATION_ID}");
    let mut connection = connect(&path, "rw", mark).await.unwrap();
    let explain = |error| panic!("{error}");
    take(&mut connection, &STEPS[..1], "here", explain)
        .await
        .unwrap();
    sqlx::raw_sql(OF_STEP_1)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();

    // Whoever only works beside a server leaves the tables to it.
    let url = sqlite_url(&path);
    let refused = Store::open_as_it_is(&url, Epoch::from_uuid(Uuid::max())).await;
    assert!(
        matches!(refused, Err(OpenError::Outdated { .. })),
        "{refused:?}"
    );

    let store = store(folder.path()).await;
    Store::open_as_it_is(&url, store.epoch()).await.unwrap();
    assert_eq!(store.epoch(), Epoch::from_uuid(Uuid::from_u128(9)));
    let jane = user(1).user_id;
    let status = store.status(jane).await.unwrap().unwrap();
    assert_eq!(status.status, Status::default());
    assert_eq!(status.audience, LastSeenAudience::Everyone);
    let unread = store.standing(jane).await.unwrap().unread;
    assert_eq!((unread.unread, unread.version), (0, 0));

    let key = WorkspaceKey::Slug("flowra");
    let flowra = store.workspace(jane, key).await.unwrap().unwrap();
    let members = store.workspace_members(flowra.workspace_id).await.unwrap();
    let seen = Some(Timestamp::from_unix_millis(7));
    assert_eq!(members[0].person.last_seen, seen);
    let key = ChatKey::Slug(flowra.workspace_id, "general");
    let general = store.chat(jane, key).await.unwrap().unwrap();
    assert_eq!(
        (&*general.name, general.kind),
        ("General", ChatKind::Channel)
    );
    assert!(!general.is_muted);
    let history = store.history(general.chat_id, None, 9).await.unwrap();
    assert_eq!(history.messages[0].text, "Hello");
}
