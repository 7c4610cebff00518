//! What is done about what other servers tell.

use super::{Event, Heard};
use crate::{presence, state::AppState};
use std::time::Duration;
use tokio::{sync::Notify, time::sleep};

/// What makes one server look at everything mostly makes all of them: within this they begin.
const LOOK_WITHIN: Duration = Duration::from_secs(1);
/// What could not be looked at is looked at again after this: what separates a server from Redis often
/// separates it from the database as well, and the two do not come back together.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Shows what other servers tell, and looks at everything when something was missed, for as long as
/// the process lives.
pub async fn run(state: AppState) {
    let AppState {
        nodes,
        hub,
        writer,
        clock,
        ..
    } = state;
    let missed = Notify::new();
    let hearing = async {
        loop {
            match nodes.heard().await {
                Heard::Gap => missed.notify_one(),
                Heard::Event(Event::Message(message)) => writer.hear(*message),
                // One after the other: who was removed from a chat must not be told of what is
                // written there next.
                Heard::Event(event) => {
                    if let Err(error) = hub.show(event).await {
                        tracing::error!(%error, "change_not_shown");
                    }
                }
            }
        }
    };
    let looking = async {
        // Who has just begun is the only one to look, and had better do so before anybody comes.
        let mut within = Duration::ZERO;
        loop {
            missed.notified().await;
            sleep(presence::random_part(within)).await;
            within = LOOK_WITHIN;
            nodes.own_up();
            while !hub.look_at_everything(clock.now()).await {
                sleep(LOOK_AGAIN).await;
            }
        }
    };
    tokio::join!(hearing, looking);
}
