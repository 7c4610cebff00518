//! Frames that are wrong, too large or too many.

use crate::{
    peer::{FIN, Heard, Socket, Stream, TEXT, frame, general, open, open_narrow},
    support::TestApp,
};
use protocol::{
    ClientFrame, ClientMessageId, CloseCode, ErrorCode, ServerFrame,
    limits::{MAX_FRAME_BYTES, MAX_MESSAGE_CHARS, MAX_SEND_FRAME_BYTES},
};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};
use uuid::Uuid;

const MASKED: u8 = 0x80;

/// Writes these bytes where a frame is expected, and reads on as a client does.
async fn inject(stream: Stream, bytes: &[u8]) -> Socket {
    let mut transport = stream.into_inner();
    transport.write_all(bytes).await.unwrap();
    Socket::over(WebSocketStream::from_raw_socket(transport, Role::Client, None).await)
}

/// The id of a message, and the frame that sends it.
pub(crate) fn send_of(text: &str) -> (ClientMessageId, String) {
    let id = Uuid::new_v4();
    let frame =
        format!(r#"{{"type":"message.send","chat_id":"{id}","client_id":"{id}","text":"{text}"}}"#);
    (ClientMessageId::from_uuid(id), frame)
}

/// A message of so many bytes: JSON may end in any number of spaces.
pub(crate) fn padded(send: String, length: usize) -> String {
    let room = " ".repeat(length.saturating_sub(send.len()));
    send + &room
}

/// Which message was read, and refused because nothing was said before.
async fn asked_to_say_hello(socket: &mut Socket) -> ClientMessageId {
    match socket.hear().await {
        ServerFrame::Error {
            code: ErrorCode::BadRequest,
            client_id: Some(id),
            ..
        } => id,
        other => panic!("hello comes first: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_not_understood_is_answered_and_the_connection_lives_on() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    for nonsense in [
        "",
        "nonsense",
        "null",
        "[]",
        "{}",
        "{\"type\":\"ping\"",
        r#"{"type":"ping"}"#,
        r#"{"type":"ping","id":-1}"#,
        r#"{"type":"of.another.time","id":1}"#,
        r#"{"type":"chat.subscribe","chat_id":"general"}"#,
        r#"{"type":"message.send","chat_id":1,"client_id":2,"text":3}"#,
        r#"{"type":["ping"],"id":1}"#,
        "\u{0}",
    ] {
        socket.say_text(nonsense).await;
        let heard = socket.so_far().await;
        assert!(
            matches!(
                heard[..],
                [ServerFrame::Error {
                    code: ErrorCode::BadRequest,
                    ..
                }]
            ),
            "{nonsense}: {heard:?}"
        );
    }
}

#[tokio::test]
async fn an_error_repeats_nothing_but_a_short_reason() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    let long = "<script>".repeat(400);
    socket.say_text(&format!(r#"{{"type":"{long}"}}"#)).await;
    let ServerFrame::Error { message, .. } = socket.hear().await else {
        panic!("an error")
    };
    assert!(message.len() < 300, "{message}");
}

#[tokio::test]
async fn a_frame_of_4_kib_is_read_and_one_byte_more_is_closed_with_1009() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    let ping = r#"{"type":"ping","id":7}"#;
    socket.say_text(&format!("{ping:<MAX_FRAME_BYTES$}")).await;
    assert_eq!(socket.hear().await, ServerFrame::Pong { id: 7 });
    let width = MAX_FRAME_BYTES + 1;
    socket.say_text(&format!("{ping:<width$}")).await;
    assert_eq!(socket.end().await.0, CloseCode::TOO_BIG);
}

#[tokio::test]
async fn a_message_of_64_kib_is_read_and_one_byte_more_is_closed_with_1009() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    let (id, empty) = send_of("");
    let text = "x".repeat(MAX_SEND_FRAME_BYTES - empty.len());
    socket
        .say_text(&empty.replace(r#""text":"""#, &format!(r#""text":"{text}""#)))
        .await;
    let ServerFrame::Error {
        code, client_id, ..
    } = socket.hear().await
    else {
        panic!("too many characters");
    };
    assert_eq!((code, client_id), (ErrorCode::TooLarge, Some(id)));
    socket
        .say_text(&empty.replace(r#""text":"""#, &format!(r#""text":"{text}x""#)))
        .await;
    assert_eq!(socket.end().await.0, CloseCode::TOO_BIG);
}

#[tokio::test]
async fn a_frame_far_over_its_limit_is_closed_with_1009_before_it_is_read() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let stream = open(&app, &jane).await;
    // Announces 2^40 bytes, and sends some.
    let mut header = vec![FIN | TEXT, MASKED | 127];
    header.extend((1_u64 << 40).to_be_bytes());
    header.extend([0; 4 + 1_000]);
    assert_eq!(
        inject(stream, &header).await.end().await.0,
        CloseCode::TOO_BIG
    );
}

#[tokio::test]
async fn a_message_in_fragments_has_the_same_limit_as_a_whole() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let stream = open(&app, &jane).await;
    let piece = [b' '; 100];
    let mut bytes = frame(TEXT, &piece);
    for _ in 0..MAX_SEND_FRAME_BYTES / piece.len() {
        bytes.extend(frame(0, &piece));
    }
    assert_eq!(
        inject(stream, &bytes).await.end().await.0,
        CloseCode::TOO_BIG
    );
}

/// Empty fragments add up to nothing, and would be read for as long as they come.
#[tokio::test]
async fn a_message_that_never_ends_is_closed_with_4429() {
    let app = TestApp::with(|config| {
        config.websocket.byte_burst = 64 * 1024;
        config.websocket.bytes_per_second = 64 * 1024;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let stream = open(&app, &jane).await;
    let mut bytes = frame(TEXT, b"");
    while bytes.len() < 2 * 64 * 1024 {
        bytes.extend(frame(0, b""));
    }
    let (code, reason) = inject(stream, &bytes).await.end().await;
    assert_eq!(code, CloseCode::TOO_MANY);
    let wait: u64 = reason["retry_after_ms=".len()..].parse().unwrap();
    assert!((900..=1_200).contains(&wait), "{wait}");
}

/// What came before its payload was forgotten: where as few bytes as may be set were to come at once, it
/// was refused however long one waited.
#[tokio::test]
async fn the_largest_frame_passes_where_the_least_may_come_at_once() {
    let app = TestApp::with(|config| config.websocket.byte_burst = 65_550).await;
    let jane = app.sign_up("jane").await;
    let (id, send) = send_of("");
    let whole = padded(send, MAX_SEND_FRAME_BYTES);
    let length = u64::try_from(whole.len()).unwrap().to_be_bytes();
    let head = [&[FIN | TEXT, MASKED | 127], &length[..], &[0; 4]].concat();
    let bytes = [&head, whole.as_bytes()].concat();
    assert_eq!(bytes.len(), 65_550);
    let mut socket = inject(open(&app, &jane).await, &bytes).await;
    assert_eq!(asked_to_say_hello(&mut socket).await, id);
}

#[tokio::test]
async fn the_longest_message_passes_in_fragments_of_a_byte() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let (id, send) = send_of("");
    let whole = padded(send, MAX_SEND_FRAME_BYTES);
    let (first, rest) = whole.as_bytes().split_at(1);
    let (rest, last) = rest.split_at(rest.len() - 1);
    let mut bytes = frame(TEXT, first);
    for byte in rest {
        bytes.extend(frame(0, &[*byte]));
    }
    bytes.extend(frame(FIN, last));
    let mut socket = inject(open(&app, &jane).await, &bytes).await;
    assert_eq!(asked_to_say_hello(&mut socket).await, id);
}

#[tokio::test]
async fn the_longest_message_passes_whatever_its_script() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let chat = general(&jane).await;
    let mut socket = Socket::join(&app, &jane).await;
    for letter in ["a", "ß", "漢", "🦀"] {
        let text = letter.repeat(MAX_MESSAGE_CHARS);
        let client_id = socket.write(chat, &text).await;
        let message = socket.await_message().await;
        assert_eq!((message.client_id, message.text), (client_id, text));
    }
}

#[tokio::test]
async fn what_is_sent_to_many_and_the_answers_to_pings_do_not_tear_each_other() {
    const ROUNDS: usize = 60;
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await;
    // Hardly a frame is written at once.
    let mut reader = Socket::over(open_narrow(&app, &john, 2 * 1024).await);
    reader.hello(None).await;
    let mut writer = Socket::join(&app, &jane).await;
    for n in 0..ROUNDS {
        writer.write(chat, &n.to_string().repeat(2_000)).await;
        reader.send(Message::Ping(Vec::new().into())).await;
    }
    let (mut texts, mut pongs) = (Vec::new(), 0);
    while texts.len() < ROUNDS || pongs == 0 {
        match reader.heard().await {
            Heard::Frame(ServerFrame::MessageCreated(message)) => texts.push(message.text),
            Heard::Pong => pongs += 1,
            other => panic!("{other:?}"),
        }
    }
    let expected = (0..ROUNDS).map(|n| n.to_string().repeat(2_000));
    assert!(texts.iter().cloned().eq(expected));
}

#[tokio::test]
async fn a_flood_is_told_to_slow_down_and_then_closed_with_4429() {
    let app = TestApp::with(|config| {
        config.websocket.frames_per_second = 1;
        config.websocket.burst = 5;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let mut socket = Socket::join(&app, &jane).await;
    for id in 0..20 {
        socket.offer(&ClientFrame::Ping { id }).await;
    }
    let (mut answered, mut refused) = (0, 0);
    let (code, reason) = loop {
        match socket.heard().await {
            Heard::Frame(ServerFrame::Pong { .. }) => answered += 1,
            Heard::Frame(ServerFrame::Error {
                code: ErrorCode::RateLimited,
                ..
            }) => refused += 1,
            Heard::End(end) => break end.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    // Hello took one of the five; how much the bucket has filled since depends on the machine.
    assert!((4..=9).contains(&answered), "{answered}");
    assert!((5..=10).contains(&refused), "{refused}");
    assert_eq!(code, CloseCode::TOO_MANY);
    let wait: u64 = reason
        .strip_prefix("retry_after_ms=")
        .unwrap()
        .parse()
        .unwrap();
    assert!((5_000..=11_000).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_message_that_came_too_fast_is_refused_by_its_name() {
    let app = TestApp::with(|config| {
        config.websocket.frames_per_second = 1;
        config.websocket.burst = 1;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let chat = general(&jane).await;
    let mut socket = Socket::join(&app, &jane).await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let client_id = ClientMessageId::from_uuid(Uuid::new_v4());
        socket
            .offer(&ClientFrame::Send {
                chat_id: chat,
                client_id,
                text: "Hi".into(),
            })
            .await;
        sent.push(Some(client_id));
    }
    let (code, refused) = socket
        .await_frame(|frame| match frame {
            ServerFrame::Error {
                code, client_id, ..
            } => Some((code, client_id)),
            _ => None,
        })
        .await;
    assert_eq!(code, ErrorCode::RateLimited);
    assert!(sent.contains(&refused), "{refused:?} of {sent:?}");
}
