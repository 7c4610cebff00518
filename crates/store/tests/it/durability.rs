//! What is acknowledged stays, whatever happens next.

use crate::child;
use crate::fixture::{
    Fixture, Team, at, new_chat, new_message, new_session, new_user, new_uuid, stored,
};
use protocol::{ChatId, Epoch, Message, UserId, WorkspaceId};
use sqlx::{ConnectOptions as _, SqliteConnection};
use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::process::Command;
use std::task::Poll;
use std::time::Duration;
use std::{env, fs};
use store::{NewWorkspace, OpenOptions, Store, StoreError, WorkspaceKey, sqlite_url};

#[tokio::test]
async fn a_restart_keeps_the_epoch_and_everything_else() {
    let team = Team::new().await;
    let epoch = team.store().epoch();
    let message = team.fixture.say(&team.general, &team.jane, "Hello").await;
    let session = new_session(&team.jane, 1, 100);
    team.store().create_session(session).await.unwrap();
    let seen = [(team.john.user_id, at(7))];
    team.store().record_last_seen(&seen).await.unwrap();
    let before = team
        .store()
        .chat_members(team.general.chat_id)
        .await
        .unwrap();

    let fixture = team.fixture.reopen().await;
    let store = &fixture.store;

    assert_eq!(store.epoch(), epoch);
    assert_eq!(store.newest_offset().await.unwrap(), 1);
    let history = store.history(team.general.chat_id, None, 10).await.unwrap();
    assert_eq!(history.messages, [message]);
    let members = store.chat_members(team.general.chat_id).await.unwrap();
    assert_eq!(members, before);
    let key = WorkspaceKey::Slug("flowra");
    let flowra = store.workspace(team.jane.user_id, key).await.unwrap();
    assert_eq!(flowra, Some(team.flowra));
    let signed_in = store.session_by_token(&[1; 32], at(0)).await.unwrap();
    assert_eq!(signed_in.unwrap().user, team.jane);
    let next = fixture.say(&team.general, &team.john, "Again").await;
    assert_eq!(next.offset, 2);
}

#[tokio::test]
async fn two_stores_have_different_epochs_and_a_clone_has_the_same() {
    let (one, other) = (Fixture::new().await, Fixture::new().await);
    assert_ne!(one.store.epoch(), other.store.epoch());
    assert_eq!(one.store.clone().epoch(), one.store.epoch());
}

#[tokio::test]
async fn a_closed_store_is_unavailable_on_every_clone() {
    let team = Team::new().await;
    let clone = team.store().clone();
    clone.ping().await.unwrap();
    team.store().close().await;
    assert_eq!(clone.ping().await.unwrap_err().label(), "unavailable");
    let error = clone.create_user(new_user("eve")).await.unwrap_err();
    assert_eq!(error.label(), "unavailable");
}

#[test]
fn what_was_acknowledged_survives_sigkill() {
    if let Some(folder) = child::folder() {
        return child::block_on(append_until_killed(&folder));
    }
    for acknowledgements in [1, 10, 50] {
        let folder = tempfile::tempdir().unwrap();
        let test = "durability::what_was_acknowledged_survives_sigkill";
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
    let test = "durability::\
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
    let error = team.store().append(vec![new.clone()]).await.unwrap_err();
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
async fn two_stores_on_one_file_share_one_stream() {
    let team = Team::new().await;
    let epoch = Epoch::from_uuid(new_uuid());
    let other = Store::open(&team.fixture.url(), epoch).await.unwrap();
    assert_eq!(other.epoch(), team.store().epoch());
    let mut offsets = Vec::new();
    for round in 0..10 {
        let store = if round % 2 == 0 { team.store() } else { &other };
        let new = new_message(team.general.chat_id, team.jane.user_id, "Hello");
        let message = stored(store.append(vec![new]).await.unwrap().remove(0));
        offsets.push(message.offset);
    }
    assert!(offsets.into_iter().eq(1..=10));
    assert_eq!(team.store().newest_offset().await.unwrap(), 10);
}

#[tokio::test]
async fn an_append_that_is_cancelled_at_any_point_leaves_all_of_it_or_nothing() {
    let team = Team::new().await;
    let chat_id = team.general.chat_id;
    for polls in 0..24 {
        let batch = vec![
            new_message(chat_id, team.jane.user_id, "first"),
            new_message(chat_id, team.jane.user_id, "second"),
        ];
        {
            let mut append = pin!(team.store().append(batch));
            for _ in 0..polls {
                let poll = poll_fn(|context| Poll::Ready(append.as_mut().poll(context)));
                if poll.await.is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        team.fixture.say(&team.general, &team.john, "after").await;
    }
    let history = team.store().history(chat_id, None, 1_000).await.unwrap();
    let texts: String = history.messages.iter().map(|m| &m.text[..1]).collect();
    assert!(
        history
            .messages
            .iter()
            .map(|m| m.sequence)
            .eq(1..=texts.len() as u64)
    );
    assert_eq!(texts.replace("fs", "").replace('a', ""), "");
    assert_eq!(texts.matches('a').count(), 24);
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
        let message = stored(store.append(vec![new]).await.unwrap().remove(0));
        child::tell(&message.id.to_string());
    }
}

async fn append_until_refused_and_then_more(folder: &Path) {
    let (store, chat_id, jane) = begin(folder).await;
    let append = async || {
        let new = new_message(chat_id, jane, &"x".repeat(40_000));
        let mut appended = store.append(vec![new]).await?;
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
    let [general] =
        <[ChatId; 1]>::try_from(store.chat_ids_of(jane.user_id).await.unwrap()).unwrap();
    let mut found = store
        .history(general, None, 200_000)
        .await
        .unwrap()
        .messages;
    let newest = store.newest_offset().await.unwrap();
    assert!(found.iter().map(|message| message.sequence).eq(1..=newest));
    let new = new_message(general, jane.user_id, "after");
    let after = stored(store.append(vec![new]).await.unwrap().remove(0));
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
