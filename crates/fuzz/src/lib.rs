//! What must hold of every parser of bytes that come from outside, whatever they are: each function takes
//! anything, and panics when something does not hold. `make fuzz` looks for such bytes (libFuzzer); a test
//! runs them on what was found worth keeping, in `corpus`.

use protocol::{ClientFrame, ServerFrame, Timestamp, mention};
use server::{
    auth::Tokens,
    config::{self, Origin},
    validate,
};
use std::str;

/// Something that must hold of any bytes.
pub type Target = fn(&[u8]);

/// All of them, by the name of their target and of the folder with their corpus.
pub const TARGETS: [(&str, Target); 6] = [
    ("client_frame", client_frame),
    ("server_frame", server_frame),
    ("message_text", message_text),
    ("field", field),
    ("signs_of_origin", signs_of_origin),
    ("token", token),
];

/// A frame of a client that is understood means the same when it is written anew.
pub fn client_frame(bytes: &[u8]) {
    let Ok(frame) = serde_json::from_slice::<ClientFrame>(bytes) else {
        return;
    };
    let written = serde_json::to_string(&frame).expect("a frame can be written");
    let read = serde_json::from_str::<ClientFrame>(&written);
    assert_eq!(read.expect("what was written can be read"), frame);
}

/// Likewise one of the server.
pub fn server_frame(bytes: &[u8]) {
    let Ok(Ok(frame)) = str::from_utf8(bytes).map(str::parse::<ServerFrame>) else {
        return;
    };
    let written = serde_json::to_string(&frame).expect("a frame can be written");
    let read = written.parse::<ServerFrame>();
    assert_eq!(read.expect("what was written can be read"), frame);
}

/// A message is accepted as it will be shown, once and for all; the names in it stand where they are said
/// to stand, one after the other.
pub fn message_text(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    // What is before the caret may be anything.
    if let Some((start, name)) = mention::unfinished(text) {
        assert_eq!(&text[start..], format!("@{name}"));
    }
    let Ok(kept) = validate::message_text(text) else {
        return;
    };
    assert_eq!(validate::message_text(&kept).as_deref(), Ok(&*kept));
    let mut end = 0;
    for (place, name) in mention::mentions(&kept) {
        assert!(place.start >= end, "{place:?} begins before {end}");
        assert_eq!(&kept[place.clone()], format!("@{name}"));
        end = place.end;
    }
    let _ = validate::mentions(&kept);
}

/// What is accepted in a field is accepted again, and unchanged: what is stored can be edited.
pub fn field(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    for accept in [
        validate::status_text,
        validate::name,
        validate::chat_name,
        validate::topic,
        validate::display_name,
        validate::username,
    ] {
        if let Ok(kept) = accept(text) {
            assert_eq!(accept(&kept), Ok(kept.clone()));
            assert!(!kept.contains(['\n', '\r', '\0']), "{kept:?}");
        }
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(time.to_string().parse().ok(), Some(time));
    }
}

/// An origin is compared whole: it is one way of writing it, which has a scheme, a host and nothing else.
pub fn signs_of_origin(bytes: &[u8]) {
    let Ok(Ok(origin)) = str::from_utf8(bytes).map(str::parse::<Origin>) else {
        return;
    };
    assert_eq!(origin.as_str().parse::<Origin>().ok(), Some(origin.clone()));
    assert!(!origin.authority().is_empty());
    assert!(
        !origin.authority().contains(['/', '?', '#', '@', ' ']),
        "{origin:?}"
    );
}

/// Nobody has the key: no text is a token.
pub fn token(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let tokens = Tokens::new(&[7; 32], &config::Token::default());
    assert_eq!(tokens.verify(text, Timestamp::from_unix_millis(0)), None);
}
