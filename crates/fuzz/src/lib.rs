//! What must hold of every parser of bytes that come from outside, whatever they are: each function takes
//! anything, and panics when something does not hold. `make fuzz` looks for such bytes (libFuzzer); a test
//! runs them on what was found worth keeping, in `corpus`.

use http::{HeaderMap, HeaderValue, header::COOKIE};
use presence::{
    Event, Now, Settings,
    engine::{Rules, User},
    shared::News,
};
use protocol::{
    ClientFrame, ServerFrame, Timestamp, UserId, limits::MAX_SEND_FRAME_BYTES, mention,
};
use serde::{Serialize, de::DeserializeOwned};
use server::{
    auth::{self, Secret, Tokens},
    config::{self, Config, Origin, Server},
    http::{
        extract::{self, X_FORWARDED_FOR},
        local_path,
    },
    nodes::Received,
    socket::{
        End,
        reading::{self, Incoming},
    },
    validate,
};
use std::{
    env,
    fmt::Debug,
    fs,
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr},
    process, str,
    time::Duration,
};
use tokio_tungstenite::tungstenite::{
    WebSocket,
    protocol::{Role, WebSocketConfig},
};

/// Something that must hold of any bytes.
pub type Target = fn(&[u8]);

/// All of them, by the name of their target and of the folder with their corpus.
pub const TARGETS: [(&str, Target); 14] = [
    ("client_frame", client_frame),
    ("server_frame", server_frame),
    ("message_text", message_text),
    ("field", field),
    ("signs_of_origin", signs_of_origin),
    ("token", token),
    ("websocket", websocket),
    ("client_address", client_address),
    ("cookie", cookie),
    ("secret", secret),
    ("next", next),
    ("other_server", other_server),
    ("kept_presence", kept_presence),
    ("config", config),
];

/// The longest reason of a close frame, in bytes (RFC 6455 §5.5).
const MAX_REASON: usize = 123;
/// The longest sentence about what was not understood, in characters.
const MAX_SENTENCE: usize = 300;

/// A proxy that is trusted, and somebody who is not.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

/// A frame of a client that is understood means the same when it is written anew.
pub fn client_frame(bytes: &[u8]) {
    means_the_same_when_written_anew::<ClientFrame>(bytes);
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

/// Nobody has the key: no text is a token, nor has one in it.
pub fn token(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let tokens = Tokens::new(&[7; 32], &config::Token::default());
    for token in [Some(text), auth::bearer(text)].into_iter().flatten() {
        assert_eq!(tokens.verify(token, Timestamp::from_unix_millis(0)), None);
    }
}

/// Whatever a peer sends is frame after frame, or the end; and the peer can be told why.
pub fn websocket(bytes: &[u8]) {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(MAX_SEND_FRAME_BYTES))
        .max_frame_size(Some(MAX_SEND_FRAME_BYTES));
    let mut socket = WebSocket::from_raw_socket(Peer(bytes), Role::Server, Some(limits));
    loop {
        match reading::read(Some(socket.read())) {
            Ok(Incoming::Malformed(sentence)) => {
                assert!(sentence.chars().count() <= MAX_SENTENCE, "{sentence}");
            }
            Ok(_) => {}
            Err(End::ByServer(close)) => {
                return assert!(close.reason.len() <= MAX_REASON, "{close:?}");
            }
            Err(End::ByClient | End::TransportLost) => return,
        }
    }
}

/// A peer that has sent this, and is gone.
struct Peer<'a>(&'a [u8]);

impl Read for Peer<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whatever somebody says of where they come from, a trusted proxy says it better; and nobody else is
/// believed.
pub fn client_address(bytes: &[u8]) {
    let Ok(claim) = HeaderValue::from_bytes(bytes) else {
        return;
    };
    let mut headers = HeaderMap::from_iter([(X_FORWARDED_FOR, claim)]);
    let seen = |from, headers: &_| extract::client_address(from, headers, &[PROXY]);
    assert_eq!(seen(STRANGER, &headers), STRANGER);
    let believed = seen(PROXY, &headers);
    assert_eq!(
        believed.to_canonical(),
        believed,
        "one address, one way of writing it"
    );
    let said = HeaderValue::try_from(STRANGER.to_string()).expect("an address is ASCII");
    headers.append(X_FORWARDED_FOR, said);
    assert_eq!(seen(PROXY, &headers), STRANGER);
}

/// The secret in a cookie is the one that this server would write there.
pub fn cookie(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else {
        return;
    };
    let server = Server::default();
    let read = |value| auth::secret_in_cookie(&server, &HeaderMap::from_iter([(COOKIE, value)]));
    if let Some(secret) = read(value) {
        let anew = format!("rollcall_session={}", secret.to_text());
        let anew = HeaderValue::try_from(anew).expect("a secret is ASCII");
        assert!(read(anew) == Some(secret));
    }
}

/// A secret, such as an invitation is, is written in one way.
pub fn secret(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes)
        && let Some(secret) = Secret::parse(text)
    {
        assert!(secret.to_text() == text);
    }
}

/// Where somebody goes once they are signed in is a page here, also as browsers read it (WHATWG URL): they
/// drop tabs and ends of lines wherever they are, and spaces around it, and take `\` for `/`.
pub fn next(bytes: &[u8]) {
    let Ok(Some(path)) = str::from_utf8(bytes).map(local_path) else {
        return;
    };
    let is_kept = |c: &char| !matches!(c, '\t' | '\n' | '\r');
    let read = path.trim_matches(|c| c <= ' ').chars().filter(is_kept);
    let read: String = read.map(|c| if c == '\\' { '/' } else { c }).collect();
    assert!(read.starts_with('/') && !read.starts_with("//"), "{path:?}");
    assert!(HeaderValue::try_from(path.to_owned()).is_ok(), "{path:?}");
}

/// What another server tells is understood as it was meant.
pub fn other_server(bytes: &[u8]) {
    if let Ok(Received { event, .. }) = serde_json::from_slice(bytes) {
        let written = serde_json::to_vec(&event).expect("an event can be written");
        let read = serde_json::from_slice(&written);
        assert_eq!(Some(event), read.ok());
    }
}

/// Likewise what is kept of somebody's presence where servers share it, and what they tell of it. Whatever
/// is kept, time passes over it, and it can be explained.
pub fn kept_presence(bytes: &[u8]) {
    means_the_same_when_written_anew::<News>(bytes);
    let Some(mut user) = means_the_same_when_written_anew::<User>(bytes) else {
        return;
    };
    let rules = Rules::of_many_nodes(&Settings::default());
    let time = Duration::from_secs(1_800_000_000);
    let now = Now {
        monotonic: time,
        wall: Timestamp::from_unix_millis(1_800_000_000_000),
    };
    let id: UserId = "00000000-0000-7000-8000-000000000001"
        .parse()
        .expect("an id");
    if user.is_ahead(time, &rules) {
        user.catch_up(time, &rules);
    }
    user.handle(id, Event::Sweep, now, &rules);
    drop(user.diagnostics(id, now, &rules));
}

/// A configuration is one, or it is said of each thing that is wrong with it.
pub fn config(bytes: &[u8]) {
    let file = env::temp_dir().join(format!("rollcall-fuzz-{}.toml", process::id()));
    fs::write(&file, bytes).expect("there is room for a small file");
    let loaded = Config::load(Some(&file), [], &[]);
    fs::remove_file(&file).expect("it was just written");
    if let Err(errors) = loaded {
        assert!(!errors.to_string().is_empty());
    }
}

/// What is understood means the same when it is written anew.
fn means_the_same_when_written_anew<T>(bytes: &[u8]) -> Option<T>
where
    T: Debug + PartialEq + Serialize + DeserializeOwned,
{
    let value: T = serde_json::from_slice(bytes).ok()?;
    let written = serde_json::to_vec(&value).expect("what was read can be written");
    let read: T = serde_json::from_slice(&written).expect("what was written can be read");
    assert_eq!(read, value);
    Some(value)
}
