//! What the browser asks the server for, one function a file. Each is thin over the
//! [`Service`](crate::service::Service); the address is `/fn/` and its name.

#![expect(
    missing_docs,
    reason = "the macro writes a struct of the arguments, field by field"
)]

mod add_chat_member;
mod answer_friend;
mod ask_friend;
mod block_user;
mod create_chat;
mod create_invitation;
mod delete_message;
mod edit_message;
mod end_friendship;
mod join_chat;
mod leave_chat;
mod load_chat;
mod load_chat_members;
mod load_chat_presence;
mod load_door;
mod load_history;
mod load_notifications;
mod load_people;
mod load_settings;
mod load_workspace;
mod load_workspace_members;
mod open_direct;
mod read_notifications;
mod remove_chat_member;
mod set_last_seen_audience;
mod set_muted;
mod set_status;
mod unblock_user;
mod update_chat;

pub use add_chat_member::*;
pub use answer_friend::*;
pub use ask_friend::*;
pub use block_user::*;
pub use create_chat::*;
pub use create_invitation::*;
pub use delete_message::*;
pub use edit_message::*;
pub use end_friendship::*;
pub use join_chat::*;
pub use leave_chat::*;
pub use load_chat::*;
pub use load_chat_members::*;
pub use load_chat_presence::*;
pub use load_door::*;
pub use load_history::*;
pub use load_notifications::*;
pub use load_people::*;
pub use load_settings::*;
pub use load_workspace::*;
pub use load_workspace_members::*;
pub use open_direct::*;
pub use read_notifications::*;
pub use remove_chat_member::*;
pub use set_last_seen_audience::*;
pub use set_muted::*;
pub use set_status::*;
pub use unblock_user::*;
pub use update_chat::*;
