//! The demo: a workspace with people, chats and a history, to try things out with.
//!
//! Its password is known to everybody, so a demo listens on loopback addresses only, and never moves
//! into a data folder where others have accounts.

mod history;

use crate::{error::Result, state::AppState};
use history::{BOB, CHATS, JANE, JOHN, Script};
use protocol::{
    ChatId, ChatRole, ClientMessageId, MessageId, NotificationId, Timestamp, User, UserId,
    WorkspaceId, WorkspaceRole,
};
use std::collections::HashMap;
use store::{Appended, ChatKey, NewChat, NewMessage, NewUser, NewWorkspace, WorkspaceKey};
use uuid::Uuid;

/// The accounts. The first one administers the server.
pub const USERNAMES: [&str; 3] = [JANE, JOHN, BOB];
/// The password of each.
pub const PASSWORD: &str = "rollcall-demo";

const DISPLAY_NAMES: [&str; 3] = ["Jane Doe", "John Smith", "Bob Wilson"];
const WORKSPACE: &str = "Flowra";
const MINUTE: i64 = 60 * 1_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The people of the demo, by username.
type People = HashMap<&'static str, UserId>;

/// Seeds what is missing of the demo: people, the workspace, whole chats. What is there stays as
/// people have made it. False when the store holds other accounts, and no demo: then nothing is
/// changed.
///
/// # Errors
/// When the store fails.
pub async fn seed(state: &AppState) -> Result<bool> {
    let store = &state.store;
    if store.user_by_username(JANE).await?.is_none() && store.has_users().await? {
        return Ok(false);
    }
    let mut people = HashMap::new();
    for (username, display_name) in USERNAMES.into_iter().zip(DISPLAY_NAMES) {
        let person = find_or_make_person(state, username, display_name).await?;
        people.insert(username, person.user_id);
    }
    let workspace = find_or_make_workspace(state, &people).await?;
    for script in CHATS {
        let key = ChatKey::Slug(workspace, script.name);
        if store.chat(people[JANE], key).await?.is_none() {
            make_chat(state, workspace, script, &people).await?;
        }
    }
    Ok(true)
}

async fn find_or_make_person(state: &AppState, username: &str, display_name: &str) -> Result<User> {
    if let Some(person) = state.store.user_by_username(username).await? {
        return Ok(person);
    }
    let person = NewUser {
        user_id: UserId::from_uuid(Uuid::now_v7()),
        username: username.to_owned(),
        display_name: display_name.to_owned(),
        password_hash: state.passwords.hash(PASSWORD.to_owned()).await?,
        created_at: state.clock.now(),
    };
    Ok(state.store.create_user(person).await?)
}

async fn find_or_make_workspace(state: &AppState, people: &People) -> Result<WorkspaceId> {
    let (store, owner) = (&state.store, people[JANE]);
    let slug = WORKSPACE.to_lowercase();
    if let Some(workspace) = store.workspace(owner, WorkspaceKey::Slug(&slug)).await? {
        return Ok(workspace.workspace_id);
    }
    let now = state.clock.now();
    let workspace = NewWorkspace {
        workspace_id: WorkspaceId::from_uuid(Uuid::now_v7()),
        name: WORKSPACE.to_owned(),
        created_at: now,
    };
    let id = store.create_workspace(workspace, owner).await?.workspace_id;
    for person in people.values() {
        store
            .add_workspace_member(id, *person, WorkspaceRole::Member, now)
            .await?;
    }
    Ok(id)
}

async fn make_chat(
    state: &AppState,
    workspace_id: WorkspaceId,
    script: &Script,
    people: &People,
) -> Result<()> {
    let (store, now) = (&state.store, state.clock.now());
    let chat_id = ChatId::from_uuid(Uuid::now_v7());
    let chat = NewChat {
        chat_id,
        workspace_id,
        name: script.name.to_owned(),
        topic: script.topic.to_owned(),
        is_private: false,
        created_at: now,
    };
    store.create_chat(chat, people[JANE]).await?;
    for username in script.members {
        store
            .add_chat_member(chat_id, people[username], ChatRole::Member, now, None)
            .await?;
    }
    let messages = messages(script, chat_id, people, now);
    let new_id = || NotificationId::from_uuid(Uuid::now_v7());
    let appended = store.append(messages, new_id).await?;
    let newest_read =
        appended
            .iter()
            .rev()
            .skip(script.unread)
            .find_map(|appended| match appended {
                Appended::Stored { message, .. } => Some(message.sequence),
                _ => None,
            });
    for username in script.members {
        let sequence = newest_read.unwrap_or(0);
        store.set_read(chat_id, people[username], sequence).await?;
    }
    Ok(())
}

/// Each day's talk ends half an hour before the same time of that day, one message every two minutes.
fn messages(script: &Script, chat_id: ChatId, people: &People, now: Timestamp) -> Vec<NewMessage> {
    let now = now.unix_millis();
    let lines = script.days.iter().flat_map(|day| {
        let count = day.lines.len();
        day.lines.iter().enumerate().map(move |(index, line)| {
            let until_end = i64::try_from(count - index).unwrap_or(0);
            (now - day.ago * DAY - (30 + 2 * until_end) * MINUTE, line)
        })
    });
    lines
        .map(|(sent_at, (author, text))| NewMessage {
            chat_id,
            id: MessageId::from_uuid(Uuid::now_v7()),
            client_id: ClientMessageId::from_uuid(Uuid::now_v7()),
            author_id: people[author],
            mentions: Vec::new(),
            text: (*text).to_owned(),
            sent_at: Timestamp::from_unix_millis(sent_at),
        })
        .collect()
}
