//! Who belongs to a chat.

use super::{access, announce};
use crate::{
    error::{Error, Result},
    state::AppState,
};
use app::page::Member;
use protocol::{Chat, ChatId, ChatKind, ChatRole, ErrorCode, NotificationId, UserId};
use store::{Joined, StoreError};
use uuid::Uuid;

/// The members of a chat, by name.
///
/// # Errors
/// `not_found`.
pub async fn list(state: &AppState, me: UserId, chat: ChatId) -> Result<Vec<Member>> {
    access::visible_chat(state, me, chat).await?;
    of_chat(state, chat).await
}

/// The members of a chat, by name, for who was found to see it.
pub(super) async fn of_chat(state: &AppState, chat: ChatId) -> Result<Vec<Member>> {
    let members = state.store.chat_members(chat).await?;
    Ok(by_name(members.into_iter().map(|member| Member {
        user_id: member.person.user_id,
        username: member.person.username,
        display_name: member.person.display_name,
        role: Some(member.role),
    })))
}

/// Joins a chat. Who is in it already stays so.
///
/// # Errors
/// `not_found`.
pub async fn join(state: &AppState, me: UserId, chat: ChatId) -> Result<Chat> {
    access::visible_chat(state, me, chat).await?;
    admit(state, chat, me, None).await?;
    access::visible_chat(state, me, chat).await
}

/// Adds a member of the workspace to a chat, by username; with one's own, joins it.
///
/// # Errors
/// `not_found` for the chat or the person, `forbidden` for who is not in the chat.
pub async fn add(state: &AppState, me: UserId, chat: ChatId, username: &str) -> Result<()> {
    let seen = access::visible_chat(state, me, chat).await?;
    if seen.kind == ChatKind::Direct {
        return Err(fixed());
    }
    let username = username.trim().to_ascii_lowercase();
    let person = state
        .store
        .user_by_username(&username)
        .await?
        .ok_or_else(no_such_person)?;
    let is_join = person.user_id == me;
    if !is_join && seen.role.is_none() && !access::is_admin(state, me, seen.workspace_id).await? {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "Join the chat to add others to it.",
        ));
    }
    let by = (!is_join).then_some(me);
    admit(state, chat, person.user_id, by)
        .await
        .map_err(|error| match error {
            Error::Store(StoreError::NotFound) => no_such_person(),
            other => other,
        })
}

/// Leaves a chat.
///
/// # Errors
/// `not_found`.
pub async fn leave(state: &AppState, me: UserId, chat: ChatId) -> Result<()> {
    let left = access::joined_chat(state, me, chat).await?;
    if left.kind == ChatKind::Direct {
        return Err(fixed());
    }
    dismiss(state, chat, me).await?;
    Ok(())
}

/// Removes a member from a chat; with one's own id, leaves it.
///
/// # Errors
/// `not_found` for the chat or the member, `forbidden` for who does not manage the chat.
pub async fn remove(state: &AppState, me: UserId, chat: ChatId, person: UserId) -> Result<()> {
    if person == me {
        return leave(state, me, chat).await;
    }
    if access::managed_chat(state, me, chat).await?.kind == ChatKind::Direct {
        return Err(fixed());
    }
    if dismiss(state, chat, person).await? {
        return Ok(());
    }
    Err(Error::not_found("member of this chat"))
}

/// Sorted as people read it.
pub(super) fn by_name(members: impl Iterator<Item = Member>) -> Vec<Member> {
    let mut members: Vec<_> = members.collect();
    members.sort_by_cached_key(|member| (member.display_name.to_lowercase(), member.user_id));
    members
}

/// Puts a person into a chat; `by` somebody else, they are told who it was.
pub(super) async fn admit(
    state: &AppState,
    chat: ChatId,
    person: UserId,
    by: Option<UserId>,
) -> Result<()> {
    let now = state.clock.now();
    let invited = by.map(|by| (by, NotificationId::from_uuid(Uuid::now_v7())));
    let joined = state
        .store
        .add_chat_member(chat, person, ChatRole::Member, now, invited)
        .await?;
    if let Joined::Added(noted) = joined {
        announce(state.hub.joined(chat, [person]).await);
        state.hub.noted(noted);
    }
    Ok(())
}

async fn dismiss(state: &AppState, chat: ChatId, person: UserId) -> Result<bool> {
    let Some(left) = state.store.remove_chat_member(chat, person).await? else {
        return Ok(false);
    };
    announce(state.hub.member_left(chat, person).await);
    state.hub.cleared(left.cleared);
    Ok(true)
}

fn fixed() -> Error {
    Error::refused(
        ErrorCode::BadRequest,
        "The people of a direct chat never change. Open another one with others.",
    )
}

fn no_such_person() -> Error {
    Error::refused(
        ErrorCode::NotFound,
        "There is no such person in this workspace.",
    )
}
