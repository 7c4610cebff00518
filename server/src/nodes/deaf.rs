//! What was not heard of other servers, the database is asked for: who was removed from a chat is told
//! nothing more of it, and who was signed out is gone.

use crate::state::AppState;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the database is asked while nothing is heard.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// And while all is: a server that was killed between storing a change and telling it has told nobody.
const LOOK_ANYWAY: Duration = Duration::from_secs(60);

/// Looks, for as long as the process lives.
pub async fn run(state: AppState) {
    let mut looked = Instant::now();
    loop {
        sleep(LOOK_EVERY).await;
        let hears = state.nodes.link().is_none_or(|link| link.health().is_up);
        if hears && looked.elapsed() < LOOK_ANYWAY {
            continue;
        }
        looked = Instant::now();
        let now = state.clock.now();
        for looked in [
            state.hub.look_at_members().await,
            state.hub.end_what_does_not_hold(now).await,
        ] {
            if let Err(error) = looked {
                tracing::debug!(%error, "not_looked_at");
            }
        }
    }
}
