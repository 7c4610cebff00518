//! One's own messages on their way, as they are drawn below the timeline.

use connection::{OutboxItem, OutboxState};
use protocol::{ChatId, ClientMessageId};

/// A message of this tab that is not in the timeline yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its name.
    pub client_id: ClientMessageId,
    /// What it says.
    pub text: String,
    /// How far it got.
    pub state: OutgoingState,
}

/// How far an outgoing message got.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OutgoingState {
    /// Waiting for the connection, or for the answer.
    Pending,
    /// On disk; the timeline will have it in a moment.
    Sent,
    /// Not stored, and why.
    Failed(String),
}

/// What is on its way in a chat. Between a message's acknowledgement, by which it leaves the
/// outbox, and its arrival in the timeline it would be nowhere: what was there `before` fills the
/// gap.
#[must_use]
pub fn outgoing(
    before: &[Outgoing],
    outbox: &[OutboxItem],
    chat_id: ChatId,
    has_arrived: impl Fn(ClientMessageId) -> bool,
) -> Vec<Outgoing> {
    let is_in_outbox = |id| outbox.iter().any(|item| item.client_id == id);
    let acknowledged = before
        .iter()
        .filter(|known| !matches!(known.state, OutgoingState::Failed(_)))
        .filter(|known| !is_in_outbox(known.client_id))
        .map(|known| Outgoing {
            state: OutgoingState::Sent,
            ..known.clone()
        });
    let waiting = outbox
        .iter()
        .filter(|item| item.chat_id == chat_id)
        .map(Outgoing::from);
    acknowledged
        .chain(waiting)
        .filter(|message| !has_arrived(message.client_id))
        .collect()
}

impl From<&OutboxItem> for Outgoing {
    fn from(item: &OutboxItem) -> Self {
        let state = match &item.state {
            OutboxState::Queued | OutboxState::Sent => OutgoingState::Pending,
            OutboxState::Failed { reason } => OutgoingState::Failed(reason.clone()),
        };
        Self {
            client_id: item.client_id,
            text: item.text.clone(),
            state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connection::{Environment, Event, Now, Settings, State, step};
    use uuid::Uuid;

    fn chat(n: u128) -> ChatId {
        ChatId::from_uuid(Uuid::from_u128(n))
    }

    fn id(n: u128) -> ClientMessageId {
        ClientMessageId::from_uuid(Uuid::from_u128(n))
    }

    /// What the machine holds after these messages were written while it was not connected.
    fn outbox(messages: &[(u128, u128)]) -> Vec<OutboxItem> {
        let environment = Environment {
            has_network: true,
            is_visible: true,
        };
        let mut state = State::new(environment, None);
        for &(chat_id, client_id) in messages {
            let event = Event::Send {
                chat_id: chat(chat_id),
                client_id: id(client_id),
                text: "hello".into(),
            };
            state = step(state, event, Now::default(), 0.0, &Settings::default()).0;
        }
        state.outbox().items().to_vec()
    }

    fn states(messages: &[Outgoing]) -> Vec<(ClientMessageId, OutgoingState)> {
        messages
            .iter()
            .map(|message| (message.client_id, message.state.clone()))
            .collect()
    }

    #[test]
    fn only_this_chats_messages_are_drawn() {
        let drawn = outgoing(&[], &outbox(&[(1, 1), (2, 2)]), chat(1), |_| false);
        assert_eq!(states(&drawn), [(id(1), OutgoingState::Pending)]);
    }

    #[test]
    fn an_acknowledged_message_stays_until_it_arrives() {
        let before = outgoing(&[], &outbox(&[(1, 1), (1, 2)]), chat(1), |_| false);
        let acknowledged = outgoing(&before, &outbox(&[(1, 2)]), chat(1), |_| false);
        assert_eq!(
            states(&acknowledged),
            [
                (id(1), OutgoingState::Sent),
                (id(2), OutgoingState::Pending)
            ]
        );
        let arrived = outgoing(&acknowledged, &outbox(&[(1, 2)]), chat(1), |it| it == id(1));
        assert_eq!(states(&arrived), [(id(2), OutgoingState::Pending)]);
    }

    #[test]
    fn a_message_that_arrives_before_its_acknowledgement_is_not_drawn_twice() {
        let drawn = outgoing(&[], &outbox(&[(1, 1)]), chat(1), |it| it == id(1));
        assert_eq!(states(&drawn), []);
    }

    #[test]
    fn a_failed_message_is_gone_once_discarded() {
        let failed = Outgoing {
            client_id: id(1),
            text: "hello".into(),
            state: OutgoingState::Failed("It could not be sent in time.".into()),
        };
        assert_eq!(states(&outgoing(&[failed], &[], chat(1), |_| false)), []);
    }
}
