//! What the pages are made of: plain data that server functions return.

#[cfg(feature = "ssr")]
pub mod admin;

use connection::Settings;
use protocol::{
    Chat, ChatRole, FriendsSnapshot, LastSeenAudience, Message, Mode, Notification,
    PresenceSnapshot, Relations, Resume, Status, Timers, UnreadNotifications, User, UserId,
    Workspace,
};
use serde::{Deserialize, Serialize};

/// The address of a chat within this site, from the workspace's and the chat's own parts of it.
#[must_use]
pub fn chat_path(workspace: &str, chat: &str) -> String {
    format!("/w/{workspace}/c/{chat}")
}

/// What surrounds every chat of a workspace: navbar and sidebar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspacePage {
    /// Who is signed in.
    pub me: User,
    /// The workspace on screen.
    pub workspace: Workspace,
    /// All workspaces of this person, by name.
    pub workspaces: Vec<Workspace>,
    /// The chats that this person has joined, by name.
    pub chats: Vec<Chat>,
    /// Public chats that this person could join, by name.
    pub joinable: Vec<Chat>,
    /// The presence of the people of direct chats.
    pub direct_users: PresenceSnapshot,
    /// Requests to be friends.
    pub relations: Relations,
    /// What this person has chosen to show of themselves.
    pub status: Status,
    /// What the bell says.
    pub unread_notifications: UnreadNotifications,
    /// Where this page stands in the stream of messages: the connection resumes from here, so
    /// nothing can be missed between rendering and connecting.
    pub resume: Resume,
    /// How the tab's connection behaves.
    pub connection: Settings,
    /// The server's timers.
    pub timers: Timers,
    /// What is switched on.
    pub features: Features,
}

/// What the operator has switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    /// Presence is shown.
    pub presence: bool,
    /// Typing is sent and shown.
    pub typing: bool,
}

/// One chat: header, messages and members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChatPage {
    /// The chat. `role` is `None` when the reader could join but has not; then `history` is shown
    /// for reading and the composer offers to join.
    pub chat: Chat,
    /// The newest messages.
    pub history: HistoryPage,
    /// The members with their roles, by name.
    pub members: Vec<Member>,
    /// The members' presence.
    pub presence: PresenceSnapshot,
}

/// A run of messages, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// Ascending by `sequence`.
    pub messages: Vec<Message>,
    /// Whether older ones exist.
    pub has_more: bool,
}

/// A person in a chat or workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// The name used to sign in, by which members are added.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// The role in the chat; `None` when not in it.
    pub role: Option<ChatRole>,
}

/// Friends, requests, and everybody in a workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeoplePage {
    /// Friends and their presence.
    pub friends: FriendsSnapshot,
    /// Requests, and who is blocked.
    pub relations: Relations,
    /// Everybody in the workspace, by name.
    pub members: Vec<Member>,
    /// Their presence.
    pub presence: PresenceSnapshot,
}

/// Some of a person's notifications, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NotificationsPage {
    /// Newest first.
    pub notifications: Vec<Notification>,
    /// Whether older ones exist.
    pub has_more: bool,
}

/// What a person can choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsPage {
    /// Who is signed in.
    pub me: User,
    /// What they show of themselves.
    pub status: Status,
    /// Who may know when they were last here.
    pub last_seen_audience: LastSeenAudience,
}

/// What a person chooses to show of themselves. Times are durations, so that it does not matter how
/// wrong their clock is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusDraft {
    /// How they want to be shown.
    pub mode: Mode,
    /// After how many seconds the mode becomes automatic again; absent when it does not by itself.
    pub mode_seconds: Option<u64>,
    /// What they say of themselves; may be empty.
    pub text: String,
    /// After how many seconds the text becomes empty; absent when it does not by itself.
    pub text_seconds: Option<u64>,
}

/// What the sign-in and sign-up pages need to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorPage {
    /// In demo mode: the accounts offered for one-click sign-in.
    pub demo_accounts: Vec<DemoAccount>,
    /// Whether an account can be made without an invitation.
    pub sign_up_open: bool,
    /// Nobody has an account yet: the next one becomes the administrator.
    pub is_first_account: bool,
    /// The workspace that a valid invitation in the address leads to.
    pub invited_to: Option<String>,
}

/// An account that demo mode offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAccount {
    /// The name used to sign in.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// Whose account, for the avatar's colour.
    pub user_id: UserId,
}
