//! What the server does by itself, now and then.

use crate::{auth, service, state::AppState};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often sign-ins that have run out are looked for.
const EXPIRE_EVERY: Duration = Duration::from_secs(30);

/// How often the database is asked whether it answers.
const PROBE_EVERY: Duration = Duration::from_secs(5);

/// How often other servers can see how many connections are here.
const COUNT_EVERY: Duration = Duration::from_secs(10);

/// Makes known how many connections are here, for as long as the process lives.
pub(crate) async fn count_connections(state: AppState) {
    let mut ticks = interval(COUNT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = service::admin::count_connections(&state).await {
            tracing::warn!(%error, "connections_not_counted");
        }
    }
}

/// Measures how long the database takes to answer, for as long as the process lives.
pub(crate) async fn probe_store(state: AppState) {
    let mut ticks = interval(PROBE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let asked = Instant::now();
        // What fails is counted where it fails.
        if state.store.ping().await.is_ok() {
            state.metrics.store_probed(asked.elapsed());
        }
    }
}

/// Ends the sign-ins that have run out, for as long as the process lives.
pub(crate) async fn expire_sessions(state: AppState) {
    let mut ticks = interval(EXPIRE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = auth::end_expired_sessions(&state).await {
            tracing::warn!(%error, "expired_sessions_not_deleted");
        }
        // An operator may have ended some from the command line.
        let now = state.clock.now();
        if let Err(error) = state.hub.end_what_does_not_hold(now).await {
            tracing::warn!(%error, "sign_ins_not_checked");
        }
    }
}
