//! The object through which server functions reach the server, bound to one request.

use super::{
    admin, chats, direct, friends, invitations, members, messages, notifications, pages, presence,
    status, workspaces,
};
use crate::{auth::SignedIn, error::Error, state::AppState};
use app::{
    error::AppError,
    page::{
        ChatPage, DoorPage, HistoryPage, Member, NotificationsPage, PeoplePage, SettingsPage,
        StatusDraft, WorkspacePage, admin::AdminPage,
    },
    service::Service,
};
use async_trait::async_trait;
use protocol::{
    Chat, ChatId, LastSeenAudience, Message, MessageId, NotificationId, PresenceSnapshot, Status,
    UserId, WorkspaceId, limits::HISTORY_PAGE,
};

/// The server, as whoever signed this request in may use it.
pub struct RequestService {
    state: AppState,
    signed_in: Result<Option<SignedIn>, AppError>,
}

impl RequestService {
    /// For one request. When it could not be told who sent it, every call fails with that reason.
    #[must_use]
    pub const fn new(state: AppState, signed_in: Result<Option<SignedIn>, AppError>) -> Self {
        Self { state, signed_in }
    }

    fn signed_in(&self) -> Result<&SignedIn, AppError> {
        match &self.signed_in {
            Ok(Some(signed_in)) => Ok(signed_in),
            Ok(None) => Err(Error::unauthorized().into()),
            Err(error) => Err(error.clone()),
        }
    }

    fn me(&self) -> Result<UserId, AppError> {
        Ok(self.signed_in()?.user.user_id)
    }
}

#[async_trait]
impl Service for RequestService {
    async fn admin_page(&self, query: String, user: Option<UserId>) -> Result<AdminPage, AppError> {
        if !self.signed_in()?.user.is_admin {
            return Err(Error::not_found("page").into());
        }
        Ok(admin::page(&self.state, query, user).await?)
    }

    async fn door_page(&self, invitation: Option<String>) -> Result<DoorPage, AppError> {
        Ok(pages::door(&self.state, invitation.as_deref()).await?)
    }

    async fn workspace_page(&self, workspace: String) -> Result<WorkspacePage, AppError> {
        Ok(pages::workspace(&self.state, self.signed_in()?, &workspace).await?)
    }

    async fn chat_page(
        &self,
        workspace: String,
        chat: String,
        before: Option<u64>,
    ) -> Result<ChatPage, AppError> {
        Ok(pages::chat(&self.state, self.me()?, &workspace, &chat, before).await?)
    }

    async fn history(&self, chat_id: ChatId, before: Option<u64>) -> Result<HistoryPage, AppError> {
        Ok(messages::history(&self.state, self.me()?, chat_id, before, HISTORY_PAGE).await?)
    }

    async fn chat_presence(&self, chat_id: ChatId) -> Result<PresenceSnapshot, AppError> {
        Ok(presence::of_chat(&self.state, self.me()?, chat_id).await?)
    }

    async fn create_invitation(&self, workspace_id: WorkspaceId) -> Result<String, AppError> {
        Ok(invitations::create(&self.state, self.me()?, workspace_id).await?)
    }

    async fn workspace_members(&self, workspace_id: WorkspaceId) -> Result<Vec<Member>, AppError> {
        Ok(workspaces::list_members(&self.state, self.me()?, workspace_id).await?)
    }

    async fn create_chat(
        &self,
        workspace_id: WorkspaceId,
        name: String,
        topic: String,
        is_private: bool,
    ) -> Result<Chat, AppError> {
        let draft = chats::Draft {
            name,
            topic,
            is_private,
        };
        Ok(chats::create(&self.state, self.me()?, workspace_id, &draft).await?)
    }

    async fn update_chat(
        &self,
        chat_id: ChatId,
        name: String,
        topic: String,
    ) -> Result<Chat, AppError> {
        let me = self.me()?;
        Ok(chats::update(&self.state, me, chat_id, Some(&name), Some(&topic)).await?)
    }

    async fn join_chat(&self, chat_id: ChatId) -> Result<Chat, AppError> {
        Ok(members::join(&self.state, self.me()?, chat_id).await?)
    }

    async fn leave_chat(&self, chat_id: ChatId) -> Result<(), AppError> {
        Ok(members::leave(&self.state, self.me()?, chat_id).await?)
    }

    async fn chat_members(&self, chat_id: ChatId) -> Result<Vec<Member>, AppError> {
        Ok(members::list(&self.state, self.me()?, chat_id).await?)
    }

    async fn add_chat_member(&self, chat_id: ChatId, username: String) -> Result<(), AppError> {
        Ok(members::add(&self.state, self.me()?, chat_id, &username).await?)
    }

    async fn remove_chat_member(&self, chat_id: ChatId, user_id: UserId) -> Result<(), AppError> {
        Ok(members::remove(&self.state, self.me()?, chat_id, user_id).await?)
    }

    async fn edit_message(
        &self,
        chat_id: ChatId,
        id: MessageId,
        text: String,
    ) -> Result<Message, AppError> {
        Ok(messages::edit(&self.state, self.me()?, chat_id, id, &text).await?)
    }

    async fn delete_message(&self, chat_id: ChatId, id: MessageId) -> Result<Message, AppError> {
        Ok(messages::delete(&self.state, self.me()?, chat_id, id).await?)
    }

    async fn people_page(&self, workspace: String) -> Result<PeoplePage, AppError> {
        Ok(pages::people(&self.state, self.me()?, &workspace).await?)
    }

    async fn settings_page(&self) -> Result<SettingsPage, AppError> {
        Ok(pages::settings(&self.state, self.signed_in()?).await?)
    }

    async fn notifications(
        &self,
        before: Option<NotificationId>,
    ) -> Result<NotificationsPage, AppError> {
        Ok(notifications::list(&self.state, self.me()?, before).await?)
    }

    async fn read_notifications(&self, ids: Option<Vec<NotificationId>>) -> Result<(), AppError> {
        Ok(notifications::read(&self.state, self.me()?, ids.as_deref()).await?)
    }

    async fn ask_friend(&self, username: String) -> Result<(), AppError> {
        Ok(friends::ask(&self.state, self.me()?, &username).await?)
    }

    async fn answer_friend(&self, user_id: UserId, is_accepted: bool) -> Result<(), AppError> {
        Ok(friends::answer(&self.state, self.me()?, user_id, is_accepted).await?)
    }

    async fn end_friendship(&self, user_id: UserId) -> Result<(), AppError> {
        Ok(friends::end(&self.state, self.me()?, user_id).await?)
    }

    async fn block_user(&self, user_id: UserId) -> Result<(), AppError> {
        Ok(friends::block(&self.state, self.me()?, user_id).await?)
    }

    async fn unblock_user(&self, user_id: UserId) -> Result<(), AppError> {
        Ok(friends::unblock(&self.state, self.me()?, user_id).await?)
    }

    async fn open_direct(
        &self,
        workspace_id: WorkspaceId,
        user_ids: Vec<UserId>,
    ) -> Result<Chat, AppError> {
        Ok(direct::open(&self.state, self.me()?, workspace_id, &user_ids).await?)
    }

    async fn set_muted(&self, chat_id: ChatId, is_muted: bool) -> Result<(), AppError> {
        Ok(direct::set_muted(&self.state, self.me()?, chat_id, is_muted).await?)
    }

    async fn set_status(&self, draft: StatusDraft) -> Result<Status, AppError> {
        Ok(status::set(&self.state, &self.signed_in()?.user, &draft).await?)
    }

    async fn set_last_seen_audience(&self, audience: LastSeenAudience) -> Result<(), AppError> {
        Ok(status::set_audience(&self.state, &self.signed_in()?.user, audience).await?)
    }
}
