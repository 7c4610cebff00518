//! What the server does by itself, now and then.

use crate::{auth, state::AppState};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often sign-ins that have run out are looked for.
const EXPIRE_EVERY: Duration = Duration::from_secs(30);

/// Ends the sign-ins that have run out, for as long as the process lives.
pub(crate) async fn expire_sessions(state: AppState) {
    let mut ticks = interval(EXPIRE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = auth::end_expired_sessions(&state).await {
            tracing::warn!(%error, "expired_sessions_not_deleted");
        }
    }
}
