//! What can be wrong with a database, and what a person is told.

use crate::child;
use crate::fixture::{Fixture, Team, new_uuid};
use protocol::Epoch;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};
use std::collections::BTreeSet;
use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::time::Duration;
use store::{OpenError, OpenOptions, Store, sqlite_url};
use tokio::task::JoinSet;

async fn open(path: &Path) -> Result<Store, OpenError> {
    Store::open(&sqlite_url(path), Epoch::from_uuid(new_uuid())).await
}

async fn open_url(url: &str) -> Result<Store, OpenError> {
    Store::open(url, Epoch::from_uuid(new_uuid())).await
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    options.create_if_missing(true).connect().await.unwrap()
}

async fn execute(path: &Path, sql: &str) {
    let mut connection = connect(path).await;
    let sql = AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The bytes of a database that a store has used and closed.
async fn used_database() -> Vec<u8> {
    let team = Team::new().await;
    for number in 0..200 {
        let text = format!("message {number}");
        team.fixture.say(&team.general, &team.jane, &text).await;
    }
    let path = team.fixture.path();
    team.store().close().await;
    fs::read(path).unwrap()
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let texts: [&[u8]; 5] = [
        b"x",
        b"SQLite",
        &[0; 511],
        &[0; 8192],
        &b"Dear diary, ".repeat(1000),
    ];
    for text in texts {
        fs::write(&path, text).unwrap();
        let error = open(&path).await.unwrap_err();
        assert!(matches!(error, OpenError::NotADatabase { .. }), "{error:?}");
        let sentence = error.to_string();
        assert!(
            sentence.contains("rollcall.db is not a database"),
            "{sentence}"
        );
        assert!(sentence.contains("choose another path"), "{sentence}");
        assert_eq!(fs::read(&path).unwrap(), text);
    }
}

#[tokio::test]
async fn a_truncated_database_is_refused_and_left_as_it_is() {
    let whole = used_database().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    for length in [
        20,
        512,
        5_000,
        whole.len() / 2,
        whole.len() - 4096,
        whole.len() - 1,
    ] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = open(&path).await.unwrap_err();
        let is_named = match &error {
            OpenError::Corrupt { .. } => error.to_string().contains("restore a back-up"),
            OpenError::NotADatabase { .. } => length < 512,
            _ => false,
        };
        assert!(is_named, "{length}: {error:?}");
        assert!(fs::read(&path).unwrap() == whole[..length], "{length}");
    }
}

#[tokio::test]
async fn a_database_with_a_broken_page_is_refused_and_left_as_it_is() {
    let mut broken = used_database().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rollcall.db");
    let middle = broken.len() / 4096 / 2 * 4096;
    broken[middle..middle + 4096].fill(0xa5);
    fs::write(&path, &broken).unwrap();
    let error = open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error:?}");
    assert!(fs::read(&path).unwrap() == broken);
}

#[tokio::test]
async fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    for sql in [
        "CREATE TABLE tracks (title TEXT)",
        "PRAGMA application_id = 7",
    ] {
        execute(&path, sql).await;
        let before = fs::read(&path).unwrap();
        let error = open(&path).await.unwrap_err();
        assert!(matches!(error, OpenError::OtherProgram { .. }), "{error:?}");
        assert!(fs::read(&path).unwrap() == before);
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let fixture = Fixture::new().await;
    let path = fixture.path();
    fixture.store.close().await;
    let newer = "INSERT INTO _sqlx_migrations \
                     (version, description, success, checksum, execution_time) \
                 VALUES (9999, 'from the future', TRUE, x'00', 0)";
    execute(&path, newer).await;
    let before = fs::read(&path).unwrap();
    let error = open(&path).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Schema { step: 9999, .. }),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains("newer or different version of Rollcall")
    );
    assert!(fs::read(&path).unwrap() == before);
}

#[tokio::test]
async fn a_database_whose_tables_were_made_otherwise_is_refused() {
    let fixture = Fixture::new().await;
    let path = fixture.path();
    fixture.store.close().await;
    execute(&path, "UPDATE _sqlx_migrations SET checksum = x'00'").await;
    let error = open(&path).await.unwrap_err();
    assert!(
        matches!(error, OpenError::Schema { step: 1, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_folder_or_a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::NotAFile { .. }), "{error:?}");
    let error = open_url("sqlite:///").await.unwrap_err();
    assert!(matches!(error, OpenError::NotAFile { .. }), "{error:?}");

    let missing = folder.path().join("missing");
    let error = open(&missing.join("rollcall.db")).await.unwrap_err();
    assert!(matches!(error, OpenError::NoFolder { .. }), "{error:?}");
    let sentence = format!("the folder {} does not exist", missing.display());
    assert!(error.to_string().contains(&sentence), "{error}");
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_url_that_names_no_file_is_refused_with_what_to_write() {
    for url in [
        "mysql://localhost/rollcall",
        "rollcall.db",
        "",
        "http://x/y",
        ":memory:",
    ] {
        let error = open_url(url).await.unwrap_err();
        assert!(
            matches!(error, OpenError::UnsupportedScheme { .. }),
            "{url}: {error:?}"
        );
        assert!(error.to_string().contains("write sqlite://"), "{error}");
    }
    let urls = [
        "sqlite:",
        "sqlite://",
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://x.db?mode=memory",
        "sqlite://%ff.db",
    ];
    for url in urls {
        let error = open_url(url).await.unwrap_err();
        assert!(
            matches!(error, OpenError::BadUrl { .. }),
            "{url}: {error:?}"
        );
    }
}

#[tokio::test]
async fn an_empty_file_becomes_a_database_and_a_path_may_have_any_characters() {
    let folder = tempfile::tempdir().unwrap();
    let strange = folder.path().join("a b?c#d%41&é'\"日本.db");
    fs::write(&strange, "").unwrap();
    let store = open(&strange).await.unwrap();
    store.ping().await.unwrap();
    store.close().await;
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(names, [strange]);
}

#[tokio::test]
async fn many_who_create_one_database_at_once_open_the_same_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut openings = JoinSet::new();
    for _ in 0..8 {
        let path = folder.path().join("rollcall.db");
        openings.spawn(async move { open(&path).await.unwrap().epoch() });
    }
    let epochs: BTreeSet<_> = openings.join_all().await.into_iter().collect();
    assert_eq!(epochs.len(), 1);
}

#[tokio::test]
async fn a_new_database_can_be_read_by_its_own_account_only() {
    let team = Team::new().await;
    team.fixture.say(&team.general, &team.jane, "Hello").await;
    let folder = team.fixture.path().parent().unwrap().to_owned();
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 3);
    for file in files {
        let mode = file.metadata().unwrap().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.path());
    }
}

#[tokio::test]
async fn a_database_that_another_process_holds_is_locked_until_it_lets_go() {
    let fixture = Fixture::new().await;
    let (path, url) = (fixture.path(), fixture.url());
    fixture.store.close().await;
    let options = OpenOptions {
        busy_timeout: Duration::from_millis(20),
        ..OpenOptions::default()
    };
    let epoch = Epoch::from_uuid(new_uuid());
    for sql in [
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE",
        "BEGIN IMMEDIATE",
    ] {
        let mut other = connect(&path).await;
        sqlx::raw_sql(sql).execute(&mut other).await.unwrap();
        let error = Store::open_with(&url, epoch, &options).await.unwrap_err();
        assert!(matches!(error, OpenError::Locked { .. }), "{error:?}");
        assert!(
            error.to_string().contains("stop the other server"),
            "{error}"
        );
        other.close().await.unwrap();
        let store = Store::open_with(&url, epoch, &options).await.unwrap();
        store.close().await;
    }
}

#[test]
fn an_account_that_may_not_write_is_told_what_it_needs() {
    if let Some(folder) = child::folder() {
        return child::block_on(async {
            for name in ["new.db", "unreadable.db", "writable.db"] {
                let outcome = open(&folder.join(name)).await;
                child::tell(&outcome.unwrap_err().to_string());
            }
        });
    }
    let folder = tempfile::tempdir().unwrap();
    let database = child::block_on(used_database());
    for (name, mode) in [("unreadable.db", 0o000), ("writable.db", 0o666)] {
        fs::write(folder.path().join(name), &database).unwrap();
        let permissions = Permissions::from_mode(mode);
        fs::set_permissions(folder.path().join(name), permissions).unwrap();
    }
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();

    // An administrator may do everything, so the child runs as nobody, from where nobody can read.
    let programs = tempfile::tempdir().unwrap();
    fs::set_permissions(programs.path(), Permissions::from_mode(0o755)).unwrap();
    let program = programs.path().join("tests");
    fs::copy(env::current_exe().unwrap(), &program).unwrap();
    let test = "opening::an_account_that_may_not_write_is_told_what_it_needs";
    let mut command = child::command(&program, &[], test, folder.path());
    command.current_dir(programs.path());
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        command.uid(65_534).gid(65_534);
    }
    let mut child = command.spawn().unwrap();
    let sentences: Vec<_> = child::told(&mut child).collect();
    assert!(child.wait().unwrap().success());

    let folder_path = folder.path().canonicalize().unwrap();
    let expected = ["new.db", "unreadable.db", "writable.db"].map(|name| {
        format!(
            "{} cannot be opened for writing: the account that runs Rollcall needs write access \
             to the file and to its folder",
            folder_path.join(name).display()
        )
    });
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    assert_eq!(sentences, expected);
    let untouched = folder.path().join("writable.db");
    assert!(fs::read(untouched).unwrap() == database);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}
