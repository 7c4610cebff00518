//! Friends: asked, accepted, declined, ended, blocked.

use super::announce;
use crate::{
    error::{Error, Result},
    state::AppState,
};
use protocol::{ErrorCode, FriendsSnapshot, NotificationId, Relations, User, UserId};
use store::{Answered, Asked, StoreError};
use uuid::Uuid;

/// A person's friends and their presence.
///
/// # Errors
/// `disabled` when presence is switched off.
pub async fn list(state: &AppState, me: UserId) -> Result<FriendsSnapshot> {
    Ok(state.hub.friends_presence(me).await?.into())
}

/// Requests of and to a person, and whom they have blocked.
///
/// # Errors
/// When the store cannot be read.
pub async fn relations(state: &AppState, me: UserId) -> Result<Relations> {
    Ok(state.store.relations(me).await?)
}

/// Asks somebody, by username, to be friends. Whoever has asked already is thereby accepted.
///
/// # Errors
/// `not_found` for an unknown name, `bad_request` for one's own, `conflict` for who was asked or is a
/// friend, `forbidden` for who is blocked by oneself, `too_large` when there are too many.
pub async fn ask(state: &AppState, me: UserId, username: &str) -> Result<()> {
    let name = username.trim().trim_start_matches('@').to_ascii_lowercase();
    let other = state.store.user_by_username(&name).await?;
    let other = other.ok_or_else(|| {
        Error::refused(
            ErrorCode::NotFound,
            "There is nobody with this username. Check how it is written.",
        )
    })?;
    if other.user_id == me {
        return Err(Error::refused(
            ErrorCode::BadRequest,
            "This is your own username: you cannot be your own friend.",
        ));
    }
    let (now, id) = (state.clock.now(), new_id());
    match state.store.ask_friend(me, other.user_id, now, id).await? {
        Asked::Requested(noted) => state.hub.noted(noted),
        Asked::Accepted(answered) => told(state, answered),
        Asked::AlreadyAsked => return Err(conflict(&other, "You have asked", "already.")),
        Asked::AlreadyFriends => return Err(conflict(&other, "You and", "are friends already.")),
        Asked::BlockedByAsker => {
            return Err(Error::refused(
                ErrorCode::Forbidden,
                format!(
                    "You have blocked {}. Unblock them first.",
                    other.display_name
                ),
            ));
        }
        Asked::TooMany => {
            return Err(Error::refused(
                ErrorCode::TooLarge,
                "There are too many friends or open requests. Take some back first.",
            ));
        }
    }
    changed(state, me, other.user_id).await;
    Ok(())
}

/// Accepts or declines a request.
///
/// # Errors
/// `not_found` when there is none.
pub async fn answer(state: &AppState, me: UserId, asker: UserId, is_accepted: bool) -> Result<()> {
    let found = if is_accepted {
        let now = state.clock.now();
        let answered = state.store.accept_friend(me, asker, now, new_id()).await?;
        let found = answered.is_some();
        answered
            .into_iter()
            .for_each(|answered| told(state, answered));
        found
    } else {
        let ended = state.store.end_friendship(me, asker).await?;
        state.hub.cleared(ended.cleared);
        ended.had_request
    };
    if !found {
        return Err(Error::not_found("request"));
    }
    changed(state, me, asker).await;
    Ok(())
}

/// Ends a friendship, or takes back a request.
///
/// # Errors
/// `not_found` when there is neither.
pub async fn end(state: &AppState, me: UserId, other: UserId) -> Result<()> {
    let ended = state.store.end_friendship(me, other).await?;
    if !ended.was_friend && !ended.had_request {
        return Err(Error::not_found("friend or request"));
    }
    state.hub.cleared(ended.cleared);
    changed(state, me, other).await;
    Ok(())
}

/// Blocks somebody: from now on neither learns anything of the other. Again, it changes nothing.
///
/// # Errors
/// `not_found` for nobody, `bad_request` for oneself.
pub async fn block(state: &AppState, me: UserId, other: UserId) -> Result<()> {
    if other == me {
        return Err(Error::refused(
            ErrorCode::BadRequest,
            "You cannot block yourself.",
        ));
    }
    let now = state.clock.now();
    let ended = state.store.block(me, other, now).await;
    let ended = ended.map_err(|error| match error {
        StoreError::NotFound => Error::not_found("person"),
        other => other.into(),
    })?;
    if let Some(ended) = ended {
        state.hub.cleared(ended.cleared);
        changed(state, me, other).await;
    }
    Ok(())
}

/// Takes a block back.
///
/// # Errors
/// `not_found` when there is none.
pub async fn unblock(state: &AppState, me: UserId, other: UserId) -> Result<()> {
    if !state.store.unblock(me, other).await? {
        return Err(Error::not_found("block"));
    }
    changed(state, me, other).await;
    Ok(())
}

fn told(state: &AppState, Answered { noted, cleared }: Answered) {
    state.hub.noted([noted]);
    state.hub.cleared(cleared);
}

async fn changed(state: &AppState, me: UserId, other: UserId) {
    // The other first: whoever was blocked is to lose sight of the blocker before these hear of it.
    announce(state.hub.circle_changed(other).await);
    announce(state.hub.circle_changed(me).await);
}

fn conflict(other: &User, before: &str, after: &str) -> Error {
    let name = &other.display_name;
    Error::refused(ErrorCode::Conflict, format!("{before} {name} {after}"))
}

fn new_id() -> NotificationId {
    NotificationId::from_uuid(Uuid::now_v7())
}
