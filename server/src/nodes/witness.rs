//! Whether this server alone is cut off from the Redis that all share.
//!
//! To others, a server that cannot reach Redis is like one that is dead: when its leases run out, its
//! people are offline to them. The database is the witness: each server counts there how often it has
//! reached Redis. One that cannot, and sees others go on, sends its people to them while its leases
//! still last.

use crate::{readiness::Unready, state::AppState};
use futures::future::join_all;
use protocol::CloseCode;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// People leave one after the other within this.
const SPREAD: Duration = Duration::from_secs(2);

/// Counts this server's beats while Redis answers, and compares with others while it does not, for as
/// long as the process lives.
pub async fn run(state: AppState) {
    let mut last_beat = None;
    let mut others_before = None;
    let mut hands_over_until: Option<Instant> = None;
    loop {
        sleep(LOOK_EVERY).await;
        let is_reached = state.links().all(|(_, link)| link.health().is_up);
        if is_reached {
            others_before = None;
            hands_over_until = None;
            if state.readiness.cut_off(false) {
                tracing::info!("not_cut_off_any_more");
            }
            let renewal = state.config.presence.lease_renewal;
            let is_due = last_beat.is_none_or(|at: Instant| at.elapsed() >= renewal);
            if is_due && does_redis_answer(&state).await {
                last_beat = Some(Instant::now());
                if let Err(error) = state.store.count_beat(state.node, state.clock.now()).await {
                    tracing::warn!(%error, "beat_not_counted");
                }
            }
            continue;
        }
        let Ok(others) = state.store.beats_of_others(state.node).await else {
            // Without a witness nobody is sent anywhere.
            continue;
        };
        let before = *others_before.get_or_insert(others);
        if others <= before {
            continue;
        }
        if !state.readiness.is_cut_off() && is_redis_reachable(&state).await {
            // It is back, for all: others were faster to find out.
            others_before = Some(others);
            continue;
        }
        if !state.readiness.cut_off(true) {
            tracing::warn!("cut_off_from_redis_while_others_are_not");
            state.hub.send_elsewhere(SPREAD);
            hands_over_until = Some(Instant::now() + SPREAD + SPREAD);
        }
        if hands_over_until.is_some_and(|until| Instant::now() >= until) {
            hands_over_until = None;
            let reason = Unready::CutOff.to_string();
            state.hub.close_all(CloseCode::SERVICE_RESTART, &reason);
        }
    }
}

/// Whether Redis answers now. A link stands until its silence is noticed, and a beat until then would
/// make others believe that they alone are cut off.
async fn does_redis_answer(state: &AppState) -> bool {
    let answers = state.links().map(|(_, link)| link.answers());
    join_all(answers).await.into_iter().all(|answers| answers)
}

/// Whether Redis would let this server in, though its links may not have tried again yet.
async fn is_redis_reachable(state: &AppState) -> bool {
    let reachable = state.links().map(|(_, link)| link.is_reachable());
    join_all(reachable).await.into_iter().all(|is_so| is_so)
}
