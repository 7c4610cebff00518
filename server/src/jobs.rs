//! What the server does by itself, now and then.

use crate::state::AppState;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often sign-ins that have run out are looked for.
const EXPIRE_EVERY: Duration = Duration::from_secs(30);

/// Deletes the sign-ins that have run out, and closes what is still open under them.
pub(crate) async fn expire_sessions(state: AppState) {
    let mut ticks = interval(EXPIRE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match state.store.delete_expired_sessions(state.clock.now()).await {
            Ok(expired) => {
                for (user, session) in expired {
                    state.hub.end_session(user, session).await;
                }
            }
            Err(error) => tracing::warn!(%error, "expired_sessions_not_deleted"),
        }
    }
}
