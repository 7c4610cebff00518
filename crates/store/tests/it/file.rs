//! What is acknowledged stays in the file, when the process, the disk or a neighbour fails.

use crate::child;
use crate::fixture::{
    Team, at, new_chat, new_message, new_notification, new_user, new_uuid, stored,
};
use protocol::{ChatId, Epoch, Message, UserId, WorkspaceId};
use sqlx::{ConnectOptions as _, SqliteConnection};
use std::path::Path;
use std::pin::pin;
use std::process::Command;
use std::time::Duration;
use std::{env, fs};
use store::{NewWorkspace, OpenOptions, Store, StoreError, back_up, sqlite_url};

#[test]
fn what_was_acknowledged_survives_sigkill() {
    if let Some(folder) = child::folder() {
        return child::block_on(append_until_killed(&folder));
    }
    for acknowledgements in [1, 10, 50] {
        let folder = tempfile::tempdir().unwrap();
        let test = "file::what_was_acknowledged_survives_sigkill";
        let program = env::current_exe().unwrap();
        let mut child = child::command(&program, &[], test, folder.path())
            .spawn()
            .unwrap();
        let mut told = child::told(&mut child);

        let mut acknowledged: Vec<_> = told.by_ref().take(acknowledgements).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged.extend(told);

        assert!(acknowledged.len() >= acknowledgements);
        let found = child::block_on(everything_in(folder.path()));
        assert_acknowledged(&acknowledged, &found);
    }
}

/// SQLite ends the transaction by itself when a file cannot grow. sqlx does not notice, counts it as
/// open for ever, and the only connection that writes would refuse every later transaction.
#[test]
fn a_full_disk_refuses_new_messages_loses_none_and_takes_more_once_there_is_space() {
    if let Some(folder) = child::folder() {
        return child::block_on(append_until_refused_and_then_more(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "file::\
                a_full_disk_refuses_new_messages_loses_none_and_takes_more_once_there_is_space";
    let program = env::current_exe().unwrap();
    // No file of the child may grow past this limit; without the trap its first try would end it.
    let limited = "trap '' XFSZ; ulimit -S -f 4000; exec \"$@\"";
    let arguments = ["-c", limited, "sh", program.to_str().unwrap()];
    let mut child = child::command(Path::new("sh"), &arguments, test, folder.path())
        .spawn()
        .unwrap();
    let told: Vec<_> = child::told(&mut child).collect();
    assert!(child.wait().unwrap().success());

    let refusal = told.iter().position(|line| line.contains(' ')).unwrap();
    let mut acknowledged = told;
    let sentence = acknowledged.remove(refusal);
    assert_eq!(sentence, format!("unavailable, {refusal} still readable"));
    assert!(refusal > 2);
    assert_eq!(acknowledged.len(), refusal + 10);
    let found = child::block_on(everything_in(folder.path()));
    assert_eq!(found.len(), acknowledged.len());
    assert_acknowledged(&acknowledged, &found);
}

#[tokio::test]
async fn a_database_locked_by_another_writer_is_unavailable_and_works_again_afterwards() {
    let options = OpenOptions {
        busy_timeout: Duration::from_millis(20),
        ..OpenOptions::default()
    };
    let team = Team::with(&options).await;
    let mut other = connect(&team.fixture.path()).await;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut other)
        .await
        .unwrap();

    let new = new_message(team.general.chat_id, team.jane.user_id, "Hello");
    let error = team
        .store()
        .append(vec![new.clone()], new_notification)
        .await
        .unwrap_err();
    assert_eq!(error.label(), "unavailable");
    assert_eq!(
        error.to_string(),
        "The data cannot be reached at the moment. Please try again."
    );
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("locked"), "{cause}");
    team.store().ping().await.unwrap();

    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(stored(team.fixture.append_one(new).await).offset, 1);
}

#[tokio::test]
async fn deleted_and_overwritten_text_is_gone_from_the_files() {
    let team = Team::new().await;
    let (chat_id, jane) = (team.general.chat_id, team.jane.user_id);
    let secrets = ["short secret ".to_owned(), "long secret ".repeat(5_000)];
    for secret in &secrets {
        for is_deleted in [true, false] {
            let message = team.fixture.say(&team.general, &team.jane, secret).await;
            team.fixture
                .say(&team.general, &team.jane, "kept words")
                .await;
            let change = if is_deleted {
                team.store()
                    .delete_message(chat_id, message.id, jane, at(20))
                    .await
            } else {
                team.store()
                    .edit_message(chat_id, message.id, jane, "better", at(20))
                    .await
            };
            change.unwrap().unwrap();
        }
    }
    let file = team.fixture.path();
    team.store().close().await;

    let folder = fs::read_dir(file.parent().unwrap()).unwrap();
    let contents: Vec<_> = folder
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    assert!(contents.iter().any(|text| text.contains("kept words")));
    assert!(!contents.iter().any(|text| text.contains("secret")));
}

/// It holds all that was written when it began, and maybe more: a piece of the history without a hole.
#[tokio::test]
async fn a_back_up_that_is_made_while_people_write_is_in_nobodys_way_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (store, chat_id, jane) = begin(folder.path()).await;
    let append = async || {
        let new = new_message(chat_id, jane, &"x".repeat(10_000));
        let mut appended = store.append(vec![new], new_notification).await.unwrap();
        stored(appended.remove(0)).id.to_string()
    };
    let mut acknowledged = Vec::new();
    for _ in 0..100 {
        acknowledged.push(append().await);
    }
    let before = acknowledged.len();
    let (file, copies) = (
        folder.path().join("rollcall.db"),
        tempfile::tempdir().unwrap(),
    );
    let copy = copies.path().join("rollcall.db");
    let epoch = Epoch::from_uuid(new_uuid());
    let mut backing_up = pin!(back_up(&file, &copy, epoch));
    loop {
        tokio::select! {
            done = &mut backing_up => break done.unwrap(),
            id = append() => acknowledged.push(id),
        }
    }
    assert!(acknowledged.len() > before, "people wrote meanwhile");
    // The last one may have been written though nobody waited for the answer.
    let here = everything_in(folder.path()).await;
    assert_acknowledged(&acknowledged, &here);
    let found = everything_in(copies.path()).await;
    assert!(found.len() >= before, "{} of {before}", found.len());
    assert_eq!(found, here[..found.len()]);
    let copy = Store::open(&sqlite_url(&copy), store.epoch())
        .await
        .unwrap();
    assert_eq!(copy.epoch(), epoch, "it is another history");
    let refused = back_up(&file, copies.path(), epoch).await.unwrap_err();
    assert!(refused.to_string().contains("is not a file"), "{refused}");
}

async fn connect(path: &Path) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    options.connect().await.unwrap()
}

/// A new store in `folder` with one chat.
async fn begin(folder: &Path) -> (Store, ChatId, UserId) {
    let url = sqlite_url(&folder.join("rollcall.db"));
    let store = Store::open(&url, Epoch::from_uuid(new_uuid()))
        .await
        .unwrap();
    let jane = store.create_user(new_user("jane")).await.unwrap().user_id;
    let workspace = NewWorkspace {
        workspace_id: WorkspaceId::from_uuid(new_uuid()),
        name: "Flowra".to_owned(),
        created_at: at(0),
    };
    let flowra = store.create_workspace(workspace, jane).await.unwrap();
    let chat = new_chat("general", flowra.workspace_id);
    let general = store.create_chat(chat, jane).await.unwrap();
    (store, general.chat_id, jane)
}

async fn append_until_killed(folder: &Path) {
    let (store, chat_id, jane) = begin(folder).await;
    for _ in 0..100_000 {
        let new = new_message(chat_id, jane, "Hello");
        let message = stored(
            store
                .append(vec![new], new_notification)
                .await
                .unwrap()
                .remove(0),
        );
        child::tell(&message.id.to_string());
    }
}

async fn append_until_refused_and_then_more(folder: &Path) {
    let (store, chat_id, jane) = begin(folder).await;
    let append = async || {
        let new = new_message(chat_id, jane, &"x".repeat(40_000));
        let mut appended = store.append(vec![new], new_notification).await?;
        child::tell(&stored(appended.remove(0)).id.to_string());
        Ok::<_, StoreError>(())
    };
    let error = loop {
        if let Err(error) = append().await {
            break error;
        }
    };
    let history = store.history(chat_id, None, 1_000).await.unwrap();
    let (label, count) = (error.label(), history.messages.len());
    child::tell(&format!("{label}, {count} still readable"));

    let space = [
        "--pid",
        &std::process::id().to_string(),
        "--fsize=unlimited:",
    ];
    assert!(
        Command::new("prlimit")
            .args(space)
            .status()
            .unwrap()
            .success()
    );
    for _ in 0..10 {
        append().await.unwrap();
    }
}

/// All messages of the store that a child left in `folder`, which must take another one.
async fn everything_in(folder: &Path) -> Vec<Message> {
    let url = sqlite_url(&folder.join("rollcall.db"));
    let store = Store::open(&url, Epoch::from_uuid(new_uuid()))
        .await
        .unwrap();
    let jane = store.user_by_username("jane").await.unwrap().unwrap();
    let workspace = store.first_workspace().await.unwrap().unwrap();
    let chats = store.chats_of(jane.user_id, workspace).await.unwrap();
    let general = chats[0].chat_id;
    let mut found = store
        .history(general, None, 200_000)
        .await
        .unwrap()
        .messages;
    let newest = store.newest_offset().await.unwrap();
    assert!(found.iter().map(|message| message.sequence).eq(1..=newest));
    let new = new_message(general, jane.user_id, "after");
    let after = stored(
        store
            .append(vec![new], new_notification)
            .await
            .unwrap()
            .remove(0),
    );
    assert_eq!(after.sequence, newest + 1);
    store.close().await;
    found.sort_by_key(|message| message.sequence);
    found
}

/// Every acknowledged id is there, and in the order of acknowledgement.
fn assert_acknowledged(acknowledged: &[String], found: &[Message]) {
    let found: Vec<_> = found.iter().map(|message| message.id.to_string()).collect();
    assert_eq!(acknowledged, &found[..acknowledged.len()]);
}
