//! The endpoint against RFC 6455, frame by frame, by a peer that is written against the RFC alone.
//!
//! The cases follow the sections of the Autobahn suite: 1 framing, 2 pings and pongs, 3 reserved bits,
//! 4 opcodes, 5 fragments, 6 UTF-8, 7 closing, 10 many fragments. That suite (25.10, for Python 2) judges an
//! endpoint that echoes whatever it is sent; here a text before `hello` is answered by one text, an `error`,
//! which has the id of a message that was read whole and right. Each case is sent whole, and in small
//! pieces: byte by byte, unless it is long.

use crate::{
    frames::{padded, send_of},
    peer::{FIN, PATIENCE, TEXT, frame, open},
    support::{Client, TestApp},
};
use protocol::{ClientMessageId, ServerFrame, limits::MAX_SEND_FRAME_BYTES};
use std::{ops::RangeInclusive, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const RESERVED: [u8; 3] = [0x40, 0x20, 0x10];
const CONTINUATION: u8 = 0x0;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;

/// What is pinged last where the connection is to live on: once it is answered, all before it was.
const LAST: &[u8] = b"the last ping";

/// What the server is seen to send.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// An `error`, for the message with this id or for what is none.
    Error(Option<ClientMessageId>),
    Pong(Vec<u8>),
    /// The close frame, with its code if there is one.
    Close(Option<u16>),
}

struct Case {
    what: String,
    sent: Vec<Vec<u8>>,
    seen: Vec<Seen>,
}

/// What is sent, and what is to be seen; a case that is not closed is expected to live on.
fn case(what: impl Into<String>, sent: Vec<Vec<u8>>, seen: Vec<Seen>) -> Case {
    Case {
        what: what.into(),
        sent,
        seen,
    }
}

fn text(payload: impl AsRef<[u8]>) -> Vec<u8> {
    frame(FIN | TEXT, payload.as_ref())
}

/// A message of so many bytes or as short as it can be, and the error that answers it.
fn message(length: usize) -> (Seen, String) {
    let (id, message) = send_of("");
    (Seen::Error(Some(id)), padded(message, length))
}

fn ping(payload: impl AsRef<[u8]>) -> Vec<u8> {
    frame(FIN | PING, payload.as_ref())
}

fn close(code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
    frame(
        FIN | CLOSE,
        &[&code.to_be_bytes(), reason.as_ref()].concat(),
    )
}

fn pong(payload: impl AsRef<[u8]>) -> Seen {
    Seen::Pong(payload.as_ref().to_vec())
}

/// Reads one frame of the server, which masks nothing, reserves nothing, fragments nothing, and writes
/// lengths as short as they can be (§5.1, §5.2).
async fn read_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let first = stream.read_u8().await.unwrap();
    assert_eq!(first & 0xf0, FIN, "{first:#x}");
    let length = match stream.read_u8().await.unwrap() {
        126 => {
            let length = u64::from(stream.read_u16().await.unwrap());
            assert!(length >= 126, "{length}");
            length
        }
        127 => {
            let length = stream.read_u64().await.unwrap();
            assert!(length > 0xffff, "{length}");
            length
        }
        length => {
            assert!(length < 126, "a server masks nothing: {length}");
            u64::from(length)
        }
    };
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut payload).await.unwrap();
    (first & 0x0f, payload)
}

/// What the server sends until it closes, or has answered the last ping.
async fn see(stream: &mut TcpStream) -> Vec<Seen> {
    let mut seen = Vec::new();
    loop {
        let (opcode, payload) = read_frame(stream).await;
        match opcode {
            TEXT => {
                let text = String::from_utf8(payload).unwrap();
                let ServerFrame::Error { client_id, .. } = text.parse().unwrap() else {
                    panic!("before hello nothing but errors is said: {text}");
                };
                seen.push(Seen::Error(client_id));
            }
            PONG if payload == LAST => return seen,
            PONG => seen.push(Seen::Pong(payload)),
            CLOSE => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                seen.push(Seen::Close(code));
                return seen;
            }
            // Whether this peer is there.
            PING => {}
            other => panic!("opcode {other:#x}"),
        }
    }
}

/// What the server sends, as [`see`] has it, when it has been sent these bytes.
async fn answers(stream: &mut TcpStream, sent: &[u8]) -> Vec<Seen> {
    stream.write_all(sent).await.unwrap();
    timeout(PATIENCE, see(stream)).await.unwrap()
}

async fn raw(app: &TestApp, person: &Client) -> TcpStream {
    let stream = open(app, person).await.into_inner();
    stream.set_nodelay(true).unwrap();
    stream
}

async fn try_out(app: &TestApp, person: &Client, case: &Case, is_chopped: bool) {
    let mut stream = raw(app, person).await;
    let is_closed = matches!(case.seen.last(), Some(Seen::Close(_)));
    let mut bytes = case.sent.concat();
    if !is_closed {
        bytes.extend(ping(LAST));
    }
    let pieces = if is_chopped { 256 } else { 1 };
    let length = bytes.len().div_ceil(pieces);
    for piece in bytes.chunks(length) {
        // A server that has closed may take no more.
        if stream.write_all(piece).await.is_err() {
            break;
        }
    }
    let seen = timeout(PATIENCE, see(&mut stream)).await;
    let seen = seen.unwrap_or_else(|_| panic!("{}: nothing more came", case.what));
    assert_eq!(seen, case.seen, "{}, chopped: {is_chopped}", case.what);
    if is_closed {
        if !case.sent.iter().any(|frame| frame[0] == FIN | CLOSE) {
            // Whoever is closed upon says so (§5.5.1), unless the server has gone already.
            let _ = stream.write_all(&close(1000, "")).await;
        }
        // Whoever closed first, the server ends the connection (§7.1.1).
        let mut rest = Vec::new();
        let ended = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "{}: it is not hung up", case.what);
        assert!(rest.is_empty(), "{}: nothing follows a close", case.what);
    }
}

async fn try_all(cases: Vec<Case>) {
    let app = TestApp::with(|config| {
        // What is measured here is not how fast one may send.
        config.websocket.burst = 10_000;
        config.websocket.hello_timeout = Duration::from_secs(60);
    })
    .await;
    let jane = app.sign_up("jane").await;
    for case in cases {
        for is_chopped in [false, true] {
            try_out(&app, &jane, &case, is_chopped).await;
        }
    }
}

/// The answer to a text that is no message.
const NOTHING_READ: Seen = Seen::Error(None);
const PROTOCOL_ERROR: Seen = Seen::Close(Some(1002));
const NOT_UTF_8: Seen = Seen::Close(Some(1007));

#[tokio::test]
async fn section_1_frames_of_every_form_of_length_are_read() {
    let mut cases: Vec<_> = [0, 1, 125, 126, 127, 128]
        .map(|length| {
            let what = format!("a text of {length} bytes");
            case(what, vec![text("*".repeat(length))], vec![NOTHING_READ])
        })
        .into();
    cases.extend([255, 256, 4_095, 4_096, 65_535, 65_536].map(|length| {
        let (seen, sent) = message(length);
        assert_eq!(sent.len(), length);
        case(
            format!("a message of {length} bytes"),
            vec![text(sent)],
            vec![seen],
        )
    }));
    let (seen, many): (Vec<_>, Vec<_>) = [0; 3].map(message).into_iter().unzip();
    let many = many.iter().map(text).collect();
    cases.push(case("messages in a row", many, seen));
    // A message is text here; whoever sends anything else is told so (§7.4.1).
    for length in [0, 125, 126, 127, 128, 65_535, 65_536] {
        let binary = frame(FIN | BINARY, &vec![0xfe; length]);
        let what = format!("{length} binary bytes");
        cases.push(case(what, vec![binary], vec![Seen::Close(Some(1003))]));
    }
    try_all(cases).await;
}

/// Of a client all frames are masked (§5.1), which a peer that masks right never tries out.
#[tokio::test]
async fn a_frame_that_is_not_masked_ends_the_connection() {
    let unmasked = [&[FIN | TEXT, 2][..], b"{}"].concat();
    let refused = case("not masked", vec![unmasked], vec![PROTOCOL_ERROR]);
    try_all(vec![refused]).await;
}

#[tokio::test]
async fn section_2_a_ping_is_answered_with_its_payload_and_a_pong_is_not() {
    let longest = [0xfe; 125];
    let mut cases: Vec<_> = [
        &b""[..],
        b"Hello, world!",
        &[0x00, 0xff, 0xfe, 0x00],
        &longest,
    ]
    .map(|payload| case("a ping", vec![ping(payload)], vec![pong(payload)]))
    .into();
    cases.extend([
        case(
            "a ping that is too long",
            vec![ping([0xfe; 126])],
            vec![PROTOCOL_ERROR],
        ),
        case(
            "a pong nobody asked for",
            vec![frame(FIN | PONG, b"")],
            vec![],
        ),
        case(
            "one with a payload",
            vec![frame(FIN | PONG, b"unasked")],
            vec![],
        ),
        case(
            "a pong, then a ping",
            vec![frame(FIN | PONG, b"unasked"), ping("asked")],
            vec![pong("asked")],
        ),
        case(
            "a pong that is too long",
            vec![frame(FIN | PONG, &[0; 126])],
            vec![PROTOCOL_ERROR],
        ),
    ]);
    try_all(cases).await;
}

/// Only the newest ping has to be answered when several have come (§5.5.3), but in their order.
#[tokio::test]
async fn section_2_pings_in_a_row_are_answered_in_their_order_the_last_of_all() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let pings: Vec<_> = (0..10_u8).map(|n| ping([n])).collect();
    let pings = pings.concat();
    for length in [pings.len(), 1] {
        let mut stream = raw(&app, &jane).await;
        for piece in pings.chunks(length) {
            stream.write_all(piece).await.unwrap();
        }
        let mut newest = None;
        while newest != Some(9) {
            let (opcode, payload) = timeout(PATIENCE, read_frame(&mut stream)).await.unwrap();
            assert_eq!((opcode, payload.len()), (PONG, 1));
            assert!(newest < Some(payload[0]), "{newest:?}, then {payload:?}");
            newest = Some(payload[0]);
        }
    }
}

#[tokio::test]
async fn section_3_reserved_bits_end_the_connection() {
    let mut cases = Vec::new();
    for bits in 1..8_u8 {
        let chosen = RESERVED.iter().enumerate();
        let chosen = chosen.filter(|(n, _)| bits & (1 << n) != 0);
        let reserved = chosen.fold(0, |all, (_, bit)| all | bit);
        for opcode in [TEXT, BINARY, PING, PONG, CLOSE] {
            let what = format!("reserved {reserved:#x} with opcode {opcode:#x}");
            let sent = vec![text("before"), frame(FIN | reserved | opcode, b"")];
            cases.push(case(what, sent, vec![NOTHING_READ, PROTOCOL_ERROR]));
        }
    }
    try_all(cases).await;
}

#[tokio::test]
async fn section_4_opcodes_that_mean_nothing_end_the_connection() {
    let unknown = (0x3..=0x7).chain(0xb..=0xf);
    let cases = unknown.flat_map(|opcode| {
        [&b""[..], b"payload"].map(|payload| {
            let what = format!("opcode {opcode:#x}");
            let sent = vec![text("before"), frame(FIN | opcode, payload)];
            case(what, sent, vec![NOTHING_READ, PROTOCOL_ERROR])
        })
    });
    try_all(cases.collect()).await;
}

#[tokio::test]
async fn section_5_fragments_are_put_together_and_only_as_the_rfc_allows() {
    let begin = |payload: &str| frame(TEXT, payload.as_bytes());
    let more = |payload: &str| frame(CONTINUATION, payload.as_bytes());
    let end = |payload: &str| frame(FIN | CONTINUATION, payload.as_bytes());
    let refused = vec![PROTOCOL_ERROR];
    let (read, whole) = message(0);
    // Within its ids.
    let (a, rest) = whole.split_at(50);
    let (b, c) = rest.split_at(50);
    let once = vec![read.clone()];
    try_all(vec![
        case(
            "a ping in fragments",
            vec![frame(PING, b"a"), end("b")],
            refused.clone(),
        ),
        case(
            "a pong in fragments",
            vec![frame(PONG, b"a"), end("b")],
            refused.clone(),
        ),
        case(
            "a close in fragments",
            vec![frame(CLOSE, b""), end("")],
            refused.clone(),
        ),
        case("two fragments", vec![begin(a), end(rest)], once.clone()),
        case(
            "three, one of them empty",
            vec![begin(a), more(""), end(rest)],
            once.clone(),
        ),
        case(
            "all of them empty",
            vec![begin(""), more(""), end("")],
            vec![NOTHING_READ],
        ),
        case(
            "a ping between fragments",
            vec![begin(a), ping("between"), end(rest)],
            vec![pong("between"), read.clone()],
        ),
        case(
            "pings between many",
            vec![begin(a), ping("1"), more(b), ping("2"), end(c)],
            vec![pong("1"), pong("2"), read.clone()],
        ),
        case(
            "a pong between fragments",
            vec![begin(a), frame(FIN | PONG, b""), end(rest)],
            once.clone(),
        ),
        case("the end of nothing", vec![end("a")], refused.clone()),
        case(
            "more of nothing",
            vec![more("a"), end("b")],
            refused.clone(),
        ),
        case(
            "the end of what has ended",
            vec![begin(a), end(rest), end("more")],
            vec![read.clone(), PROTOCOL_ERROR],
        ),
        case(
            "more of what has ended, and a text",
            vec![begin(a), end(rest), more("more"), text("b")],
            vec![read.clone(), PROTOCOL_ERROR],
        ),
        case(
            "a text within a text",
            vec![begin("a"), text("b")],
            refused.clone(),
        ),
        case(
            "a text that begins within one",
            vec![begin("a"), begin("b")],
            refused,
        ),
        case(
            "a message after one in fragments",
            vec![begin(a), end(rest), text(&whole)],
            vec![read; 2],
        ),
    ])
    .await;
}

/// Whoever waits in the middle of a message is there, and hears at once what is wrong with it.
#[tokio::test]
async fn sections_5_and_6_what_comes_between_fragments_is_answered_before_the_next() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let (read, whole) = message(0);
    let (a, rest) = whole.split_at(50);
    let (b, c) = rest.split_at(50);
    let begin = [frame(TEXT, a.as_bytes()), ping(LAST)].concat();
    let more = [frame(CONTINUATION, b.as_bytes()), ping(LAST)].concat();
    let end = [frame(FIN | CONTINUATION, c.as_bytes()), ping(LAST)].concat();

    let mut stream = raw(&app, &jane).await;
    assert_eq!(answers(&mut stream, &begin).await, []);
    assert_eq!(answers(&mut stream, &more).await, []);
    assert_eq!(answers(&mut stream, &end).await, [read]);

    for wrong in [&b"\xf4\x90\x80\x80"[..], b"\xed\xa0\x80"] {
        let mut stream = raw(&app, &jane).await;
        assert_eq!(answers(&mut stream, &begin).await, []);
        let wrong = frame(CONTINUATION, wrong);
        assert_eq!(answers(&mut stream, &wrong).await, [NOT_UTF_8]);
    }
}

/// What Markus Kuhn's stress test of UTF-8 decoders has that is wrong, by its chapters.
fn stress() -> Vec<Vec<u8>> {
    let mut wrong: Vec<Vec<u8>> = [
        // 2: longer than four bytes, or past the last character.
        &b"\xf8\x88\x80\x80\x80"[..],
        b"\xfc\x84\x80\x80\x80\x80",
        b"\xf7\xbf\xbf\xbf",
        b"\xfb\xbf\xbf\xbf\xbf",
        b"\xfd\xbf\xbf\xbf\xbf\xbf",
        b"\xf4\x90\x80\x80",
        // 3.5: bytes that it never has.
        b"\xfe",
        b"\xff",
        b"\xfe\xfe\xff\xff",
        // 4: longer than need be.
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xf8\x80\x80\x80\xaf",
        b"\xfc\x80\x80\x80\x80\xaf",
        b"\xc1\xbf",
        b"\xe0\x9f\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xf8\x87\xbf\xbf\xbf",
        b"\xfc\x83\xbf\xbf\xbf\xbf",
        b"\xc0\x80",
        b"\xe0\x80\x80",
        b"\xf0\x80\x80\x80",
        b"\xf8\x80\x80\x80\x80",
        b"\xfc\x80\x80\x80\x80\x80",
    ]
    .map(<[u8]>::to_vec)
    .into();
    // 3.1: continuations of nothing.
    wrong.extend((1..=6).map(|length| [0x80, 0xbf].into_iter().cycle().take(length).collect()));
    wrong.push((0x80..=0xbf).collect());
    // 3.2: beginnings of nothing.
    wrong.extend(
        [
            0xc0..=0xdf,
            0xe0..=0xef,
            0xf0..=0xf7,
            0xf8..=0xfb,
            0xfc..=0xfd,
        ]
        .map(|first: RangeInclusive<u8>| first.flat_map(|byte| [byte, b' ']).collect()),
    );
    // 3.3 and 3.4: the last byte is missing, of each and of all in a row.
    let cut = [
        (0xc0, 0x80),
        (0xe0, 0x80),
        (0xf0, 0x80),
        (0xf8, 0x80),
        (0xfc, 0x80),
        (0xdf, 0xbf),
        (0xef, 0xbf),
        (0xf7, 0xbf),
        (0xfb, 0xbf),
        (0xfd, 0xbf),
    ];
    let cut = cut.map(|(first, more): (u8, u8)| {
        let missing = first.leading_ones() as usize - 2;
        [vec![first], vec![more; missing]].concat()
    });
    wrong.push(cut.concat());
    wrong.extend(cut);
    // 5: surrogates, alone and in pairs.
    let high = [
        b"\xed\xa0\x80",
        b"\xed\xad\xbf",
        b"\xed\xae\x80",
        b"\xed\xaf\xbf",
    ];
    let low = [b"\xed\xb0\x80", b"\xed\xbe\x80", b"\xed\xbf\xbf"];
    wrong.extend(high.iter().chain(&low).map(|alone| alone.to_vec()));
    wrong.extend(
        high.iter()
            .flat_map(|high| low.map(|low| [&high[..], low].concat())),
    );
    wrong
}

#[tokio::test]
async fn section_6_text_is_utf_8_and_nothing_else() {
    let greek = "κόσμε";
    let mut right: Vec<_> = [
        "Hello-µ@ßöäüàá-UTF-8!!",
        "hello$world, hello¢world, hello€world, hello𤭢world",
        greek,
        "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}",
        "\u{d7ff}\u{e000}\u{fffd}",
        "🦀 漢字 \u{feff} e\u{301}",
    ]
    .map(str::to_owned)
    .into();
    // Noncharacters are characters to UTF-8.
    let planes = (0..=0x10).flat_map(|plane| [0xfffe, 0xffff].map(|last| plane << 16 | last));
    right.push(
        planes
            .chain(0xfdd0..=0xfdef)
            .filter_map(char::from_u32)
            .collect(),
    );
    let mut wrong = stress();
    // In the middle of what is right, not continued, and cut off.
    wrong.extend(
        [&b"\xf4\x90\x80\x80"[..], b"\xed\xa0\x80"]
            .map(|wrong| [greek.as_bytes(), wrong, b"edited"].concat()),
    );
    wrong.extend([&b"a\x80b"[..], b"\xc2 ", b"\xe1\x80 ", b"\xf0\x9f\xa6"].map(<[u8]>::to_vec));
    for length in 1..greek.len() {
        match greek.get(..length) {
            Some(whole) => right.push(whole.to_owned()),
            None => wrong.push(greek.as_bytes()[..length].to_vec()),
        }
    }
    let fragments = |payload: &[u8]| {
        let mut sent = vec![frame(TEXT, b"")];
        sent.extend(payload.iter().map(|byte| frame(CONTINUATION, &[*byte])));
        sent.push(frame(FIN | CONTINUATION, b""));
        sent
    };
    let mut cases = Vec::new();
    let right = right.iter().map(|payload| {
        let (id, message) = send_of(payload);
        (message.into_bytes(), Seen::Error(Some(id)))
    });
    let wrong = wrong.into_iter().map(|payload| (payload, NOT_UTF_8));
    let nothing = (b"\0".to_vec(), NOTHING_READ);
    for (payload, seen) in right.chain(wrong).chain([nothing]) {
        for sent in [vec![text(&payload)], fragments(&payload)] {
            let what = payload.escape_ascii().to_string();
            cases.push(case(what, sent, vec![seen.clone()]));
        }
    }
    try_all(cases).await;
}

#[tokio::test]
async fn section_7_a_close_is_answered_by_a_close_and_nothing_follows() {
    let closed = |code| vec![Seen::Close(Some(code))];
    let (read, longest) = message(MAX_SEND_FRAME_BYTES);
    let mut cases = vec![
        case(
            "no code",
            vec![frame(FIN | CLOSE, b"")],
            vec![Seen::Close(None)],
        ),
        case(
            "half a code",
            vec![frame(FIN | CLOSE, b"\x03")],
            vec![PROTOCOL_ERROR],
        ),
        case("a reason", vec![close(1000, "Hello World!")], closed(1000)),
        case(
            "the longest reason",
            vec![close(1000, "*".repeat(123))],
            closed(1000),
        ),
        case(
            "one too long",
            vec![close(1000, "*".repeat(124))],
            vec![PROTOCOL_ERROR],
        ),
        case(
            "a reason that is no text",
            vec![close(1000, b"\xce\xba\xed\xa0")],
            vec![NOT_UTF_8],
        ),
        case(
            "a second close",
            vec![close(1000, ""), close(1001, "")],
            closed(1000),
        ),
        case(
            "a ping after it",
            vec![close(1000, ""), ping("late")],
            closed(1000),
        ),
        case(
            "a text after it",
            vec![close(1000, ""), text("late")],
            closed(1000),
        ),
        case(
            "within a message",
            vec![frame(TEXT, b"a"), close(1000, "")],
            closed(1000),
        ),
        case(
            "the end of a message after it",
            vec![
                frame(TEXT, b"a"),
                close(1000, ""),
                frame(FIN | CONTINUATION, b"b"),
            ],
            closed(1000),
        ),
        case(
            "after a message",
            vec![text("before"), close(1000, "")],
            vec![NOTHING_READ, Seen::Close(Some(1000))],
        ),
        case(
            "after the longest message, and before a ping",
            vec![text(longest), close(1000, ""), ping("late")],
            vec![read, Seen::Close(Some(1000))],
        ),
    ];
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
    ] {
        cases.push(case(
            format!("code {code}"),
            vec![close(code, "")],
            closed(code),
        ));
    }
    // Not to be sent, or of no meaning (§7.4).
    for code in [
        0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        for reason in ["", "reason"] {
            let what = format!("code {code} {reason}");
            cases.push(case(what, vec![close(code, reason)], vec![PROTOCOL_ERROR]));
        }
    }
    try_all(cases).await;
}

#[tokio::test]
async fn section_10_a_message_in_very_many_fragments_is_one() {
    let (seen, payload) = message(MAX_SEND_FRAME_BYTES);
    let cases = [1_300, 100, 64].map(|length| {
        let pieces: Vec<_> = payload.as_bytes().chunks(length).collect();
        let last = pieces.len() - 1;
        let sent = pieces.iter().enumerate().map(|(n, piece)| {
            let opcode = if n == 0 { TEXT } else { CONTINUATION };
            frame(if n == last { FIN | opcode } else { opcode }, piece)
        });
        let what = format!("fragments of {length} bytes");
        case(what, sent.collect(), vec![seen.clone()])
    });
    try_all(cases.into()).await;
}
