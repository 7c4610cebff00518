//! What only the connections themselves can tell.

use crate::database::{Trouble, trouble};
use crate::{NewUser, Store, sqlite_url};
use protocol::{Epoch, Timestamp, UserId};
use sqlx::{AnyPool, AssertSqlSafe, Row as _};
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
