//! The demo: a workspace with people, chats and a history, to try things out with.
//!
//! Its password is known to everybody, so a demo listens on loopback addresses only, and never moves
//! into a data folder where others have accounts.

mod history;

use crate::{clock::Clock, error::Result, state::AppState};
use history::{BOB, CHATS, JANE, JOHN, Script};
use protocol::{
    Chat, ChatId, ChatRole, ClientMessageId, MessageId, Timestamp, User, UserId, WorkspaceId,
    WorkspaceRole,
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

/// Seeds what is missing of the demo. False when the store holds other accounts, and no demo: then
/// nothing is changed.
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
    let jane = people[JANE];
    let workspace = find_or_make_workspace(state, jane).await?;
    let now = state.clock.now();
    for person in people.values() {
        store
            .add_workspace_member(workspace, *person, WorkspaceRole::Member, now)
            .await?;
    }
    for (number, script) in (1_u128..).zip(CHATS) {
        let chat = find_or_make_chat(state, jane, workspace, script).await?;
        for username in script.members {
            store
                .add_chat_member(chat.chat_id, people[username], ChatRole::Member, now)
                .await?;
        }
        // Those that are there already are known by their client ids.
        let messages = messages(script, number, chat.chat_id, &people, &state.clock);
        let appended = store.append(messages).await?;
        let read = appended
            .iter()
            .rev()
            .skip(script.unread)
            .find_map(|appended| match appended {
                Appended::Stored(message) => Some(message.sequence),
                _ => None,
            });
        if let Some(sequence) = read {
            for username in script.members {
                store
                    .set_read(chat.chat_id, people[username], sequence)
                    .await?;
            }
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

async fn find_or_make_workspace(state: &AppState, owner: UserId) -> Result<WorkspaceId> {
    let slug = WORKSPACE.to_lowercase();
    if let Some(workspace) = state
        .store
        .workspace(owner, WorkspaceKey::Slug(&slug))
        .await?
    {
        return Ok(workspace.workspace_id);
    }
    let workspace = NewWorkspace {
        workspace_id: WorkspaceId::from_uuid(Uuid::now_v7()),
        name: WORKSPACE.to_owned(),
        created_at: state.clock.now(),
    };
    Ok(state
        .store
        .create_workspace(workspace, owner)
        .await?
        .workspace_id)
}

async fn find_or_make_chat(
    state: &AppState,
    owner: UserId,
    workspace_id: WorkspaceId,
    script: &Script,
) -> Result<Chat> {
    let key = ChatKey::Slug(workspace_id, script.name);
    if let Some(chat) = state.store.chat(owner, key).await? {
        return Ok(chat);
    }
    let chat = NewChat {
        chat_id: ChatId::from_uuid(Uuid::now_v7()),
        workspace_id,
        name: script.name.to_owned(),
        topic: script.topic.to_owned(),
        is_private: false,
        created_at: state.clock.now(),
    };
    Ok(state.store.create_chat(chat, owner).await?)
}

/// Each day's talk ends half an hour before the same time of that day, one message every two minutes.
fn messages(
    script: &Script,
    chat_number: u128,
    chat_id: ChatId,
    people: &HashMap<&str, UserId>,
    clock: &Clock,
) -> Vec<NewMessage> {
    let now = clock.now().unix_millis();
    let lines = script.days.iter().flat_map(|day| {
        let count = day.lines.len();
        day.lines.iter().enumerate().map(move |(index, line)| {
            let until_end = i64::try_from(count - index).unwrap_or(0);
            (now - day.ago * DAY - (30 + 2 * until_end) * MINUTE, line)
        })
    });
    (0_u128..)
        .zip(lines)
        .map(|(number, (sent_at, (author, text)))| NewMessage {
            chat_id,
            id: MessageId::from_uuid(Uuid::now_v7()),
            client_id: ClientMessageId::from_uuid(Uuid::from_u128(chat_number << 64 | number)),
            author_id: people[author],
            text: (*text).to_owned(),
            sent_at: Timestamp::from_unix_millis(sent_at),
        })
        .collect()
}
