//! What is PostgreSQL's own. `scripts/with-postgres.sh` runs these with a server.

use crate::fixture::{Fixture, new_user, new_uuid};
use protocol::Epoch;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::time::Duration;
use store::{OpenError, Store};
use tokio::task::JoinSet;
use tokio::time::timeout;

fn server() -> String {
    std::env::var("ROLLCALL_TEST_POSTGRES").expect("run by scripts/with-postgres.sh")
}

async fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A name that no other test uses.
fn name(kind: &str) -> String {
    format!("{kind}_{}", new_uuid().simple())
}

/// The URL of an empty schema.
async fn empty_schema() -> String {
    let schema = name("empty");
    execute(&server(), &format!("CREATE SCHEMA {schema}")).await;
    format!("{}&options[search_path]={schema}", server())
}

/// The server's URL for another user or database than `postgres`.
fn elsewhere(user: &str, database: &str) -> String {
    server().replace(
        "postgres://postgres@localhost/postgres",
        &format!("postgres://{user}@localhost/{database}"),
    )
}

async fn open(url: &str) -> Result<Store, OpenError> {
    Store::open(url, Epoch::from_uuid(new_uuid())).await
}

async fn refused(url: &str) -> OpenError {
    open(url).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_start_at_once_make_the_tables_once() {
    let url = empty_schema().await;
    let mut starting = JoinSet::new();
    for _ in 0..8 {
        let url = url.clone();
        starting.spawn(async move { open(&url).await.unwrap().epoch() });
    }
    let mut epochs = starting.join_all().await;
    epochs.dedup();
    assert_eq!(epochs.len(), 1, "one history");
}

#[tokio::test]
async fn what_is_not_there_or_not_ours_is_named_and_left_as_it_is() {
    let nowhere = refused(&elsewhere("postgres", "nowhere")).await;
    assert!(
        nowhere
            .to_string()
            .starts_with("there is no database nowhere at "),
        "{nowhere}"
    );

    let stranger = refused(&elsewhere("stranger", "postgres")).await;
    assert!(
        matches!(stranger, OpenError::Credentials { .. }),
        "{stranger}"
    );

    let url = empty_schema().await;
    execute(&url, "CREATE TABLE tracks (title TEXT)").await;
    let other = refused(&url).await;
    assert!(matches!(other, OpenError::OtherProgram { .. }), "{other}");
    execute(&url, "INSERT INTO tracks VALUES ('still here')").await;
}

#[tokio::test]
async fn a_database_that_cannot_hold_every_text_is_refused() {
    let latin = name("latin");
    let create = format!("CREATE DATABASE {latin} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    execute(&server(), &create).await;
    let refused = refused(&elsewhere("postgres", &latin)).await;
    assert!(
        refused
            .to_string()
            .contains("is encoded in LATIN1 and cannot hold every text"),
        "{refused}"
    );
}

#[tokio::test]
async fn who_may_not_make_tables_is_told_what_they_need() {
    let reader = name("reader");
    execute(&server(), &format!("CREATE ROLE {reader} LOGIN")).await;
    let schema = name("locked");
    let create = format!("CREATE SCHEMA {schema}; GRANT USAGE ON SCHEMA {schema} TO {reader}");
    execute(&server(), &create).await;
    let url = format!(
        "{}&options[search_path]={schema}",
        elsewhere(&reader, "postgres")
    );
    let refused = refused(&url).await;
    assert!(matches!(refused, OpenError::Rights { .. }), "{refused}");
    assert!(
        refused.to_string().contains("the owner of the database"),
        "{refused}"
    );
}

#[tokio::test]
async fn tables_of_a_newer_version_are_left_as_they_are() {
    let url = empty_schema().await;
    open(&url).await.unwrap().close().await;
    let newer = "INSERT INTO _sqlx_migrations VALUES (99, 'newer', now(), true, '', 0)";
    execute(&url, newer).await;
    let refused = refused(&url).await;
    assert!(
        matches!(refused, OpenError::Schema { step: 99, .. }),
        "{refused}"
    );
}

/// A newer version is started while pg_dump runs: if it waited for its turn to change a table, the servers
/// that run would wait behind it.
#[tokio::test]
async fn a_table_that_is_read_is_not_waited_for_when_it_is_to_be_changed() {
    let url = empty_schema().await;
    open(&url).await.unwrap().close().await;
    let of_the_version_before = "DELETE FROM _sqlx_migrations WHERE version = 4; \
         ALTER TABLE stream DROP COLUMN is_used";
    execute(&url, of_the_version_before).await;
    let mut dump = PgConnection::connect(&url).await.unwrap();
    let read = "BEGIN; SELECT COUNT(*) FROM stream";
    sqlx::raw_sql(read).execute(&mut dump).await.unwrap();
    let refused = refused(&url).await;
    assert!(matches!(refused, OpenError::Locked { .. }), "{refused}");
    dump.close().await.unwrap();
    open(&url).await.unwrap();
}

#[tokio::test]
async fn a_server_that_was_restarted_is_found_again() {
    let program = name("program");
    let url = format!("{}&application_name={program}", empty_schema().await);
    let store = open(&url).await.unwrap();
    store.create_user(new_user("before")).await.unwrap();
    // As a restart does it: every connection ends.
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{program}'"
    );
    execute(&server(), &end).await;
    let again = async {
        loop {
            match store.user_by_username("before").await {
                Ok(found) => break found,
                Err(error) => assert_eq!(error.label(), "unavailable", "{error:?}"),
            }
        }
    };
    let found = timeout(Duration::from_secs(20), again).await.unwrap();
    assert!(found.is_some());
    store.create_user(new_user("after")).await.unwrap();
}

#[tokio::test]
async fn the_order_of_texts_is_that_of_their_bytes_whatever_the_language() {
    let fixture = Fixture::new().await;
    let mut connection = PgConnection::connect(&fixture.url()).await.unwrap();
    let collations = sqlx::query_scalar::<_, i64>(
        "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = current_schema() \
         AND table_name <> '_sqlx_migrations' AND data_type = 'text' \
         AND collation_name IS DISTINCT FROM 'C'",
    );
    assert_eq!(collations.fetch_one(&mut connection).await.unwrap(), 0);
}
