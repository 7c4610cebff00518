//! What people choose to show of themselves.

use super::announce;
use crate::{
    clock,
    error::{Error, Result},
    state::AppState,
    validate,
};
use app::page::StatusDraft;
use protocol::{ErrorCode, LastSeenAudience, Mode, Status, Timestamp, User, UserId};
use std::time::Duration;
use store::OwnStatus;

/// The longest time after which a status ends by itself.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// How often ends are looked for at least: a time of day that is set brings them nearer.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What a person has chosen.
///
/// # Errors
/// When the store cannot be read.
pub async fn of(state: &AppState, me: UserId) -> Result<OwnStatus> {
    let own = state.store.status(me).await?;
    own.ok_or_else(|| Error::not_found("account"))
}

/// Chooses what to show.
///
/// # Errors
/// `bad_request` for a text that cannot be shown in a line, or a time that is over at once or too far
/// away, `too_large` for a long text.
pub async fn set(state: &AppState, me: &User, draft: &StatusDraft) -> Result<Status> {
    let now = state.clock.now();
    let is_timed = |seconds: Option<u64>, when: bool| seconds.filter(|_| when);
    let text = validate::status_text(&draft.text)?;
    let mode_seconds = is_timed(draft.mode_seconds, draft.mode != Mode::Automatic);
    let status = Status {
        mode: draft.mode,
        mode_until: until(now, mode_seconds)?,
        text_until: until(now, is_timed(draft.text_seconds, !text.is_empty()))?,
        text,
    };
    let before = of(state, me.user_id).await?;
    let version = state.store.set_status(me.user_id, &status).await?;
    let own = OwnStatus {
        status: status.clone(),
        version,
        ..before.clone()
    };
    announce(state.hub.status_changed(me, Some(&before), &own).await);
    state.status_ends.notify_one();
    Ok(status)
}

/// Chooses who may know when one was last here.
///
/// # Errors
/// When the store cannot be written.
pub async fn set_audience(state: &AppState, me: &User, audience: LastSeenAudience) -> Result<()> {
    state
        .store
        .set_last_seen_audience(me.user_id, audience)
        .await?;
    let own = of(state, me.user_id).await?;
    announce(state.hub.status_changed(me, None, &own).await);
    announce(state.hub.circle_changed(me.user_id).await);
    Ok(())
}

/// Ends what people have chosen until a time, when that has come, for as long as the process lives.
pub async fn run_expiry(state: AppState) {
    loop {
        match expire(&state).await {
            Ok(Some(wait)) => {
                let rung = state.status_ends.notified();
                // Rung or not: either way what is due is seen.
                drop(tokio::time::timeout(wait.min(LOOK_AGAIN), rung).await);
            }
            Ok(None) => state.status_ends.notified().await,
            Err(error) => {
                tracing::warn!(%error, "statuses_not_ended");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}

/// Ends what is due, and gives how long until something is again.
async fn expire(state: &AppState) -> Result<Option<Duration>> {
    let now = state.clock.now();
    for user in state.store.expire_statuses(now).await? {
        let (Some(person), Some(own)) = (
            state.store.user(user).await?,
            state.store.status(user).await?,
        ) else {
            continue;
        };
        announce(state.hub.status_changed(&person, None, &own).await);
    }
    let next = state.store.next_status_expiry().await?;
    Ok(next.map(|at| state.clock.until(at)))
}

fn until(now: Timestamp, seconds: Option<u64>) -> Result<Option<Timestamp>> {
    let Some(seconds) = seconds else {
        return Ok(None);
    };
    let wait = Duration::from_secs(seconds);
    if wait.is_zero() || wait > LONGEST {
        return Err(Error::refused(
            ErrorCode::BadRequest,
            "A status lasts at least a second and at most a year, or until it is changed.",
        ));
    }
    Ok(Some(clock::after(now, wait)))
}
