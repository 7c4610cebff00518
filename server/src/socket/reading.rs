//! What arrives on a socket, and what is wrong with it.

use super::{end::End, meter};
use protocol::{
    ClientFrame, CloseCode,
    limits::{MAX_FRAME_BYTES, MAX_SEND_FRAME_BYTES},
};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    error::{CapacityError, ProtocolError},
};

/// How much of a parser's complaint is told: it may quote the whole frame. In characters.
const MAX_REASON: usize = 200;

/// Something that arrived.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A frame of the protocol.
    Frame(ClientFrame),
    /// Text that is none; the sender is told this sentence.
    Malformed(String),
    /// A ping of the transport, which it answers itself.
    Ping,
    /// An answer to one of our own.
    Pong,
    /// As much as may come at once, and no end of a message.
    Endless,
}

impl Incoming {
    /// The frame of the protocol, if it is one.
    pub(super) const fn frame(&self) -> Option<&ClientFrame> {
        match self {
            Self::Frame(frame) => Some(frame),
            Self::Malformed(_) | Self::Ping | Self::Pong | Self::Endless => None,
        }
    }
}

/// Reads what the socket gave.
///
/// # Errors
/// How the connection ends, when it does.
pub fn read(received: Option<Result<Message, Error>>) -> Result<Incoming, End> {
    match received {
        None => Err(End::TransportLost),
        Some(Err(Error::Io(error))) if meter::is_past_limit(&error) => Ok(Incoming::Endless),
        Some(Err(error)) => Err(broken(&error)),
        Some(Ok(Message::Text(text))) => parse(&text),
        Some(Ok(Message::Binary(_))) => Err(End::close(
            CloseCode::UNSUPPORTED_DATA,
            "only text frames are spoken here",
        )),
        // Reading never gives raw frames.
        Some(Ok(Message::Ping(_) | Message::Frame(_))) => Ok(Incoming::Ping),
        Some(Ok(Message::Pong(_))) => Ok(Incoming::Pong),
        Some(Ok(Message::Close(_))) => Err(End::ByClient),
    }
}

fn parse(text: &str) -> Result<Incoming, End> {
    let parsed = serde_json::from_str::<ClientFrame>(text);
    let may_be_long = matches!(parsed, Ok(ClientFrame::Send { .. }));
    if text.len() > MAX_FRAME_BYTES && !may_be_long {
        return Err(too_big(MAX_FRAME_BYTES));
    }
    Ok(match parsed {
        Ok(frame) => Incoming::Frame(frame),
        Err(error) => {
            let why: String = error.to_string().chars().take(MAX_REASON).collect();
            Incoming::Malformed(format!("this frame was not understood: {why}"))
        }
    })
}

fn broken(error: &Error) -> End {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => too_big(MAX_SEND_FRAME_BYTES),
        Error::Utf8(_) => End::close(CloseCode::INVALID_PAYLOAD, "text frames are UTF-8"),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::TransportLost,
        Error::Protocol(error) => End::close(CloseCode::PROTOCOL_ERROR, error.to_string()),
        _ => End::TransportLost,
    }
}

fn too_big(limit: usize) -> End {
    End::close(
        CloseCode::TOO_BIG,
        format!("this frame is over its limit of {limit} bytes"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: String) -> Result<Incoming, End> {
        read(Some(Ok(Message::Text(text.into()))))
    }

    #[test]
    fn only_a_message_may_be_long() {
        let id = "00000000-0000-0000-0000-000000000001";
        let long = "x".repeat(MAX_FRAME_BYTES);
        let send = format!(
            r#"{{"type":"message.send","chat_id":"{id}","client_id":"{id}","text":"{long}"}}"#
        );
        assert!(matches!(
            text(send),
            Ok(Incoming::Frame(ClientFrame::Send { .. }))
        ));
        let Err(End::ByServer(close)) = text(format!(r#"{{"type":"{long}"}}"#)) else {
            panic!("a long frame of another type is refused");
        };
        assert_eq!(close.code, CloseCode::TOO_BIG);
    }

    #[test]
    fn nonsense_is_answered_and_not_punished() {
        for nonsense in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"type":"nope"}"#,
            r#"{"type":"ping"}"#,
        ] {
            assert!(
                matches!(text(nonsense.into()), Ok(Incoming::Malformed(_))),
                "{nonsense}"
            );
        }
    }
}
