//! The one narrow object through which server functions reach the server.
//!
//! The server makes one for each request, bound to whoever is signed in, and provides it as a
//! context of type `Arc<dyn Service>`. Everything that crosses it is plain data.

use crate::{
    error::AppError,
    page::{
        ChatPage, DoorPage, HistoryPage, Member, NotificationsPage, PeoplePage, SettingsPage,
        StatusDraft, WorkspacePage, admin::AdminPage,
    },
};
use async_trait::async_trait;
use leptos::prelude::use_context;
use protocol::{
    Chat, ChatId, ErrorCode, LastSeenAudience, Message, MessageId, NotificationId,
    PresenceSnapshot, Status, UserId, WorkspaceId,
};
use std::sync::Arc;

/// What a signed-in person (or, for `door_page`, anybody) may ask for.
///
/// Every method checks by itself that the caller may do what it does; a chat or workspace that the
/// caller may not know of is `not_found`, exactly as one that does not exist.
#[async_trait]
pub trait Service: Send + Sync {
    /// What the page of administrators is made of; `not_found` for others.
    async fn admin_page(&self, query: String, user: Option<UserId>) -> Result<AdminPage, AppError>;
    /// What the sign-in and sign-up pages need. The invitation is the token in the address.
    async fn door_page(&self, invitation: Option<String>) -> Result<DoorPage, AppError>;
    /// Navbar and sidebar of a workspace, by slug or id.
    async fn workspace_page(&self, workspace: String) -> Result<WorkspacePage, AppError>;
    /// A chat with its newest messages, or with those before a sequence, by slug or id within a
    /// workspace.
    async fn chat_page(
        &self,
        workspace: String,
        chat: String,
        before: Option<u64>,
    ) -> Result<ChatPage, AppError>;
    /// The messages before a sequence; the newest when there is none.
    async fn history(&self, chat_id: ChatId, before: Option<u64>) -> Result<HistoryPage, AppError>;
    /// The presence of a chat's members: the same that REST returns.
    async fn chat_presence(&self, chat_id: ChatId) -> Result<PresenceSnapshot, AppError>;
    /// Makes a link by which others can join a workspace; workspace admins only.
    async fn create_invitation(&self, workspace_id: WorkspaceId) -> Result<String, AppError>;
    /// Everybody in a workspace.
    async fn workspace_members(&self, workspace_id: WorkspaceId) -> Result<Vec<Member>, AppError>;
    /// Makes a chat owned by the caller.
    async fn create_chat(
        &self,
        workspace_id: WorkspaceId,
        name: String,
        topic: String,
        is_private: bool,
    ) -> Result<Chat, AppError>;
    /// Renames a chat and changes its topic; its owners and workspace admins only.
    async fn update_chat(
        &self,
        chat_id: ChatId,
        name: String,
        topic: String,
    ) -> Result<Chat, AppError>;
    /// Joins a public chat.
    async fn join_chat(&self, chat_id: ChatId) -> Result<Chat, AppError>;
    /// Leaves a chat.
    async fn leave_chat(&self, chat_id: ChatId) -> Result<(), AppError>;
    /// The members of a chat.
    async fn chat_members(&self, chat_id: ChatId) -> Result<Vec<Member>, AppError>;
    /// Adds a member of the workspace to a chat, by username.
    async fn add_chat_member(&self, chat_id: ChatId, username: String) -> Result<(), AppError>;
    /// Removes a member from a chat; its owners and workspace admins only.
    async fn remove_chat_member(&self, chat_id: ChatId, user_id: UserId) -> Result<(), AppError>;
    /// Changes the text of one's own message.
    async fn edit_message(
        &self,
        chat_id: ChatId,
        id: MessageId,
        text: String,
    ) -> Result<Message, AppError>;
    /// Deletes one's own message.
    async fn delete_message(&self, chat_id: ChatId, id: MessageId) -> Result<Message, AppError>;
    /// Friends, requests, and everybody in a workspace, by slug or id.
    async fn people_page(&self, workspace: String) -> Result<PeoplePage, AppError>;
    /// What a person can choose.
    async fn settings_page(&self) -> Result<SettingsPage, AppError>;
    /// Notifications before one, newest first; the newest when there is none.
    async fn notifications(
        &self,
        before: Option<NotificationId>,
    ) -> Result<NotificationsPage, AppError>;
    /// Marks notifications as read; all of them when none is named.
    async fn read_notifications(&self, ids: Option<Vec<NotificationId>>) -> Result<(), AppError>;
    /// Asks somebody to be friends, by username; accepts when they have asked already.
    async fn ask_friend(&self, username: String) -> Result<(), AppError>;
    /// Accepts or declines a request to be friends.
    async fn answer_friend(&self, user_id: UserId, is_accepted: bool) -> Result<(), AppError>;
    /// Ends a friendship, or takes back a request.
    async fn end_friendship(&self, user_id: UserId) -> Result<(), AppError>;
    /// Blocks somebody: neither learns anything of the other.
    async fn block_user(&self, user_id: UserId) -> Result<(), AppError>;
    /// Takes a block back.
    async fn unblock_user(&self, user_id: UserId) -> Result<(), AppError>;
    /// The direct chat with these people, made if there is none.
    async fn open_direct(
        &self,
        workspace_id: WorkspaceId,
        user_ids: Vec<UserId>,
    ) -> Result<Chat, AppError>;
    /// Whether attention is drawn to a chat.
    async fn set_muted(&self, chat_id: ChatId, is_muted: bool) -> Result<(), AppError>;
    /// Chooses what to show of oneself.
    async fn set_status(&self, draft: StatusDraft) -> Result<Status, AppError>;
    /// Chooses who may know when one was last here.
    async fn set_last_seen_audience(&self, audience: LastSeenAudience) -> Result<(), AppError>;
}

/// The service of the current request.
///
/// # Errors
/// `internal` when the server did not provide one, which is a defect of the server.
pub fn service() -> Result<Arc<dyn Service>, AppError> {
    use_context::<Arc<dyn Service>>()
        .ok_or_else(|| AppError::new(ErrorCode::Internal, "Something went wrong. Try again."))
}
