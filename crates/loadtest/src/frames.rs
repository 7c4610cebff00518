//! Reads frames; a long one that many clients are sent, once.

use protocol::ServerFrame;
use std::cell::RefCell;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// From this length on a frame is worth comparing, in bytes: the list of a room of thirty.
const LONG: usize = 4 * 1024;

thread_local! {
    /// The long frame that was read last.
    static LAST: RefCell<Option<(Utf8Bytes, ServerFrame)>> = const { RefCell::new(None) };
}

/// What a text says; nothing when that is not known here.
///
/// Thousands of clients of one process are sent the same list of a large room at the same time. Each has a
/// processor of its own in life, and none to spare here: that the same bytes say the same is not
/// found out thousands of times.
pub(crate) fn read(text: &Utf8Bytes) -> Option<ServerFrame> {
    if text.len() < LONG {
        return text.parse().ok();
    }
    LAST.with_borrow_mut(|last| {
        if let Some((known, frame)) = last
            && known == text
        {
            return Some(frame.clone());
        }
        let frame: ServerFrame = text.parse().ok()?;
        *last = Some((text.clone(), frame.clone()));
        Some(frame)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ErrorCode;

    fn frame(letter: &str, letters: usize) -> ServerFrame {
        ServerFrame::Error {
            code: ErrorCode::Unavailable,
            message: letter.repeat(letters),
            client_id: None,
            chat_id: None,
        }
    }

    /// Whatever was read before, and however long it is.
    #[test]
    fn each_frame_says_what_it_says() {
        let frames = [
            frame("a", LONG),
            frame("a", 1),
            frame("b", LONG),
            frame("b", LONG + 1),
        ];
        for frame in frames.iter().flat_map(|frame| [frame, frame]) {
            let text = serde_json::to_string(frame).unwrap();
            assert_eq!(read(&text.into()).as_ref(), Some(frame));
        }
        let long = format!(
            r#"{{"type":"of a newer server","text":"{}"}}"#,
            "a".repeat(LONG)
        );
        assert_eq!(read(&long.into()), None);
    }
}
