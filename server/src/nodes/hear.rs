//! What is done about what other servers tell.

use super::{Event, Heard};
use crate::state::AppState;
use tokio::sync::Notify;

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
        loop {
            missed.notified().await;
            nodes.own_up();
            hub.look_at_everything(clock.now()).await;
        }
    };
    tokio::join!(hearing, looking);
}
