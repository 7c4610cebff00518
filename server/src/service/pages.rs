//! What pages are made of.

use super::{access, friends, invitations, members, messages, presence, status, workspaces};
use crate::{
    auth::SignedIn,
    config::SignUpMode,
    demo,
    error::{Error, Result},
    state::AppState,
};
use app::page::{
    ChatPage, DemoAccount, DoorPage, Features, PeoplePage, SettingsPage, WorkspacePage, chat_path,
};
use protocol::{Chat, Resume, Room, UserId, Workspace, WorkspaceId, limits::HISTORY_PAGE};
use store::{ChatKey, WorkspaceKey};

/// The sign-in and sign-up pages.
///
/// # Errors
/// When the store cannot be read.
pub async fn door(state: &AppState, invitation: Option<&str>) -> Result<DoorPage> {
    let is_first_account = !state.store.has_users().await?;
    let mode = state.config.sign_up.mode;
    let invited_to = match invitation.filter(|_| mode != SignUpMode::Closed) {
        Some(secret) => invitations::find(state, secret).await?,
        None => None,
    };
    let mut demo_accounts = Vec::new();
    for username in demo::USERNAMES.iter().filter(|_| state.is_demo) {
        let user = state.store.user_by_username(username).await?;
        demo_accounts.extend(user.map(|user| DemoAccount {
            username: user.username,
            display_name: user.display_name,
            user_id: user.user_id,
        }));
    }
    Ok(DoorPage {
        demo_accounts,
        sign_up_open: is_first_account || mode == SignUpMode::Open,
        is_first_account,
        invited_to,
    })
}

/// Navbar and sidebar of a workspace, by slug or id.
///
/// # Errors
/// `not_found`.
pub async fn workspace(state: &AppState, me: &SignedIn, key: &str) -> Result<WorkspacePage> {
    // Before all else: what happens while the rest is read is then replayed, not lost.
    let user = me.user.user_id;
    let standing = state.store.standing(user).await?;
    let workspace = find_workspace(state, user, key).await?;
    let id = workspace.workspace_id;
    Ok(WorkspacePage {
        me: me.user.clone(),
        workspace,
        workspaces: workspaces::list(state, user).await?,
        chats: state.store.chats_of(user, id).await?,
        joinable: state.store.joinable_chats(user, id).await?,
        direct_users: presence::or_nobody(state, state.hub.partners_presence(user).await)?,
        relations: standing.relations,
        status: standing.own.status,
        unread_notifications: standing.unread,
        resume: Resume {
            session: me.session_id,
            epoch: state.store.epoch(),
            offset: standing.offset,
        },
        connection: (&state.config.connection).into(),
        timers: state.config.timers(),
        features: Features {
            presence: state.config.chat.presence_enabled,
            typing: state.config.chat.typing_enabled,
        },
    })
}

/// A chat with its newest messages, or with those before a sequence, by slug or id within a
/// workspace.
///
/// # Errors
/// `not_found`.
pub async fn chat(
    state: &AppState,
    me: UserId,
    workspace: &str,
    key: &str,
    before: Option<u64>,
) -> Result<ChatPage> {
    let workspace = find_workspace(state, me, workspace).await?;
    let chat = find_chat(state, me, workspace.workspace_id, key).await?;
    let id = chat.chat_id;
    Ok(ChatPage {
        history: messages::of_chat(state, id, before, HISTORY_PAGE).await?,
        members: members::of_chat(state, id).await?,
        presence: presence::for_chat_page(state, me, &chat).await?,
        chat,
    })
}

/// Friends, requests, and everybody in a workspace, by slug or id.
///
/// # Errors
/// `not_found`.
pub async fn people(state: &AppState, me: UserId, key: &str) -> Result<PeoplePage> {
    let id = find_workspace(state, me, key).await?.workspace_id;
    let room = Room::Workspace(id);
    Ok(PeoplePage {
        friends: presence::or_nobody(state, state.hub.friends_presence(me).await)?.into(),
        relations: friends::relations(state, me).await?,
        members: workspaces::list_members(state, me, id).await?,
        presence: presence::or_nobody(state, state.hub.presence_in(me, room).await)?,
    })
}

/// What a person can choose.
///
/// # Errors
/// When the store cannot be read.
pub async fn settings(state: &AppState, me: &SignedIn) -> Result<SettingsPage> {
    let own = status::of(state, me.user.user_id).await?;
    Ok(SettingsPage {
        me: me.user.clone(),
        status: own.status,
        last_seen_audience: own.audience,
    })
}

/// The path of a page of the workspace that a person's home is in.
///
/// # Errors
/// `not_found` for who has no workspace.
pub async fn in_home_workspace(state: &AppState, me: UserId, page: &str) -> Result<String> {
    let workspaces = state.store.workspaces_of(me).await?;
    let first = workspaces
        .first()
        .ok_or_else(|| Error::not_found("workspace"))?;
    Ok(format!("/w/{}/{page}", first.slug))
}

/// The path of a person's home: the first chat of the first workspace that they joined. Without a
/// workspace, the page where one is made.
///
/// # Errors
/// When the store cannot be read.
pub async fn home(state: &AppState, me: UserId) -> Result<String> {
    match state.store.workspaces_of(me).await?.first() {
        Some(workspace) => workspace_home(state, me, &workspace.slug).await,
        None => Ok("/new".to_owned()),
    }
}

/// The path of a workspace's first chat: the one that it began with, or else the first by name.
///
/// # Errors
/// `not_found`, also when there is no chat to see.
pub async fn workspace_home(state: &AppState, me: UserId, key: &str) -> Result<String> {
    let workspace = find_workspace(state, me, key).await?;
    let id = workspace.workspace_id;
    let mut chats = state.store.chats_of(me, id).await?;
    if chats.is_empty() {
        chats = state.store.joinable_chats(me, id).await?;
    }
    let first = chats
        .iter()
        .find(|chat| chat.slug == workspaces::FIRST_CHAT)
        .or(chats.first());
    let first = first.ok_or_else(|| Error::not_found("chat"))?;
    Ok(chat_path(&workspace.slug, &first.slug))
}

/// A chat by slug or id within a workspace by slug or id.
///
/// # Errors
/// `not_found`.
pub async fn resolve(state: &AppState, me: UserId, workspace: &str, key: &str) -> Result<Chat> {
    let workspace = find_workspace(state, me, workspace).await?;
    find_chat(state, me, workspace.workspace_id, key).await
}

async fn find_workspace(state: &AppState, me: UserId, key: &str) -> Result<Workspace> {
    let found = match key.parse() {
        Ok(id) => state.store.workspace(me, WorkspaceKey::Id(id)).await?,
        Err(_) => None,
    };
    // Somebody may have named a workspace like an id.
    match found {
        Some(workspace) => Ok(workspace),
        None => state
            .store
            .workspace(me, WorkspaceKey::Slug(key))
            .await?
            .ok_or_else(|| Error::not_found("workspace")),
    }
}

async fn find_chat(
    state: &AppState,
    me: UserId,
    workspace: WorkspaceId,
    key: &str,
) -> Result<Chat> {
    let found = match key.parse() {
        Ok(id) => access::visible_chat(state, me, id).await.ok(),
        Err(_) => None,
    };
    match found.filter(|chat| chat.workspace_id == workspace) {
        Some(chat) => Ok(chat),
        None => state
            .store
            .chat(me, ChatKey::Slug(workspace, key))
            .await?
            .ok_or_else(|| Error::not_found("chat")),
    }
}
