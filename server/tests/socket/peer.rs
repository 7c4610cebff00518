//! The other end of a socket, in the hands of a test.

pub(crate) use crate::support::handshake::{Stream, handshake};

use crate::support::{Client, TestApp};
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use http::HeaderName;
use protocol::{
    ChatId, ClientFrame, ClientMessageId, CloseCode, Message as ChatMessage, PROTOCOL_VERSION,
    PresenceChange, PresenceEntry, Resume, ServerFrame, UserId, Welcome,
};
use server::config::Config;
use std::time::Duration;
use tokio::{
    net::TcpSocket,
    sync::mpsc,
    task::JoinSet,
    time::{interval, timeout},
};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

/// How long a test waits for what must come. Machines that run tests are busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The bit of a message's last frame, and the opcode of a text (RFC 6455 §5.2).
pub(crate) const FIN: u8 = 0x80;
pub(crate) const TEXT: u8 = 0x1;

/// A frame of a client, masked, as RFC 6455 §5.2 draws it.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
        middle @ 126..0x1_0000 => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(middle).unwrap().to_be_bytes());
        }
        long => {
            frame.push(0x80 | 127);
            frame.extend(u64::try_from(long).unwrap().to_be_bytes());
        }
    }
    frame.extend(KEY);
    let masked = payload.iter().zip(KEY.iter().cycle());
    frame.extend(masked.map(|(byte, key)| byte ^ key));
    frame
}

/// A socket that is always read, so that pings are answered whatever the test does.
pub(crate) struct Socket {
    sink: SplitSink<Stream, Message>,
    heard: mpsc::UnboundedReceiver<Heard>,
    pings: u64,
    /// What came with the welcome: friends, requests, status, and what the bell says.
    pub(crate) standing: Vec<ServerFrame>,
    /// Ends with the socket.
    _reader: JoinSet<()>,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(ServerFrame),
    /// The answer to a ping of the transport.
    Pong,
    /// The end, with the code and the reason; nothing when the transport broke.
    End(Option<(CloseCode, String)>),
}

impl Socket {
    /// Opens a socket as this person's browser would, and says nothing.
    pub(crate) async fn open(app: &TestApp, person: &Client) -> Self {
        Self::over(open(app, person).await)
    }

    /// Opens a socket and says hello.
    pub(crate) async fn join(app: &TestApp, person: &Client) -> Self {
        let mut socket = Self::open(app, person).await;
        socket.hello(None).await;
        socket
    }

    /// Opens a socket and has a chat on screen.
    pub(crate) async fn watch(app: &TestApp, person: &Client, chat: ChatId) -> Self {
        let mut socket = Self::join(app, person).await;
        socket.subscribe(chat).await;
        socket
    }

    pub(crate) fn over(stream: Stream) -> Self {
        let (sink, stream) = stream.split();
        let (report, heard) = mpsc::unbounded_channel();
        let mut reader = JoinSet::new();
        reader.spawn(read(stream, report));
        Self {
            sink,
            heard,
            pings: 0,
            standing: Vec::new(),
            _reader: reader,
        }
    }

    /// Says hello and is welcomed, as a page that was used just now.
    pub(crate) async fn hello(&mut self, resume: Option<Resume>) -> Welcome {
        self.hello_after(resume, Duration::ZERO).await
    }

    /// Says hello and is welcomed, as a page that was not used for a while.
    pub(crate) async fn hello_after(&mut self, resume: Option<Resume>, idle: Duration) -> Welcome {
        self.say(&ClientFrame::Hello {
            resume,
            protocol: PROTOCOL_VERSION,
            idle_ms: Some(u64::try_from(idle.as_millis()).unwrap()),
        })
        .await;
        let welcome = match self.hear().await {
            ServerFrame::Welcome(welcome) => *welcome,
            other => panic!("a welcome was expected: {other:?}"),
        };
        while !matches!(
            self.standing.last(),
            Some(ServerFrame::NotificationUnread(_))
        ) {
            let frame = self.hear().await;
            self.standing.push(frame);
        }
        welcome
    }

    pub(crate) async fn say(&mut self, frame: &ClientFrame) {
        self.say_text(&serde_json::to_string(frame).unwrap()).await;
    }

    /// Says something that the server may not stay to hear.
    pub(crate) async fn offer(&mut self, frame: &ClientFrame) {
        let text = serde_json::to_string(frame).unwrap();
        let _ = self.sink.send(Message::text(text)).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.sink.send(message).await.unwrap();
    }

    pub(crate) async fn heard(&mut self) -> Heard {
        timeout(PATIENCE, self.heard.recv())
            .await
            .expect("nothing came")
            .expect("it has ended")
    }

    /// The next frame.
    pub(crate) async fn hear(&mut self) -> ServerFrame {
        match self.heard().await {
            Heard::Frame(frame) => frame,
            other => panic!("a frame was expected: {other:?}"),
        }
    }

    /// The first frame that is wanted; others on the way are passed over.
    pub(crate) async fn await_frame<T>(&mut self, wanted: impl Fn(ServerFrame) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.hear().await) {
                return found;
            }
        }
    }

    /// Everything that was told up to now: frames of one socket keep their order, so the answer to a
    /// ping comes after what was queued before it.
    pub(crate) async fn so_far(&mut self) -> Vec<ServerFrame> {
        self.pings += 1;
        let id = u64::MAX - self.pings;
        self.say(&ClientFrame::Ping { id }).await;
        let mut frames = Vec::new();
        loop {
            match self.hear().await {
                ServerFrame::Pong { id: answered } if answered == id => return frames,
                frame => frames.push(frame),
            }
        }
    }

    /// Puts a chat on screen, and returns its members.
    pub(crate) async fn subscribe(&mut self, chat_id: ChatId) -> Vec<PresenceEntry> {
        self.say(&ClientFrame::Subscribe { chat_id }).await;
        self.await_frame(|frame| match frame {
            ServerFrame::ConnectedUsers {
                chat_id: of, users, ..
            } if of == chat_id => Some(users),
            _ => None,
        })
        .await
    }

    /// Sends a message under a new client id, which it returns.
    pub(crate) async fn write(&mut self, chat_id: ChatId, text: &str) -> ClientMessageId {
        let client_id = ClientMessageId::from_uuid(Uuid::new_v4());
        self.say(&ClientFrame::Send {
            chat_id,
            client_id,
            text: text.into(),
        })
        .await;
        client_id
    }

    /// The next message that is new, changed or deleted.
    pub(crate) async fn await_message(&mut self) -> ChatMessage {
        self.await_frame(message_of).await
    }

    /// Waits until this person is told to be online, or offline.
    pub(crate) async fn await_presence(&mut self, user: UserId, is_online: bool) {
        self.await_frame(|frame| {
            changes_in(&frame)
                .iter()
                .any(|change| change.user_id == user && change.is_online == is_online)
                .then_some(())
        })
        .await;
    }

    /// Waits for the end of a socket that the server closes.
    pub(crate) async fn end(&mut self) -> (CloseCode, String) {
        loop {
            if let Heard::End(end) = self.heard().await {
                return end.expect("a close frame");
            }
        }
    }

    /// Closes the socket as a page does that goes away.
    pub(crate) async fn close(mut self) {
        self.sink.send(Message::Close(None)).await.unwrap();
        while !matches!(self.heard().await, Heard::End(_)) {}
    }
}

async fn read(mut stream: SplitStream<Stream>, report: mpsc::UnboundedSender<Heard>) {
    let mut end = None;
    while let Some(Ok(message)) = stream.next().await {
        let heard = match message {
            Message::Text(text) => Heard::Frame(text.parse().unwrap()),
            Message::Pong(_) => Heard::Pong,
            Message::Close(close) => {
                end = close.map(|close| (CloseCode(close.code.into()), close.reason.to_string()));
                continue;
            }
            Message::Ping(_) | Message::Binary(_) | Message::Frame(_) => continue,
        };
        // A test that is over is not interested.
        let _ = report.send(heard);
    }
    let _ = report.send(Heard::End(end));
}

/// Opens a socket as this person's browser would. Unread, it is a peer that answers nothing.
pub(crate) async fn open(app: &TestApp, person: &Client) -> Stream {
    let socket = TcpSocket::new_v4().unwrap();
    handshake(app.address, "/ws", socket, &browser_headers(app, person)).await
}

/// Likewise, but so little fits on the way to it: in bytes, of which Linux gives a few more.
pub(crate) async fn open_narrow(app: &TestApp, person: &Client, fits: u32) -> Stream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(fits).unwrap();
    handshake(app.address, "/ws", socket, &browser_headers(app, person)).await
}

/// Lets each connection say as much as it likes.
pub(crate) const fn unlimited(config: &mut Config) {
    config.websocket.frames_per_second = 1_000_000;
    config.websocket.burst = 1_000_000;
    config.websocket.bytes_per_second = 1_000_000_000;
    config.websocket.byte_burst = 1_000_000_000;
    config.websocket.messages_per_second = 1_000_000;
    config.websocket.message_burst = 1_000_000;
}

/// What a page says first that comes for the first time.
pub(crate) const HELLO: ClientFrame = ClientFrame::Hello {
    resume: None,
    protocol: PROTOCOL_VERSION,
    idle_ms: None,
};

/// A frame, as it is sent where no [`Socket`] reads.
pub(crate) fn written(frame: &ClientFrame) -> Message {
    Message::text(serde_json::to_string(frame).unwrap())
}

/// What a page of this server sends along when it opens a socket.
pub(crate) fn browser_headers(app: &TestApp, person: &Client) -> [(HeaderName, String); 2] {
    person.page_headers(app.address)
}

/// Opens a socket with these headers.
pub(crate) async fn open_with(
    app: &TestApp,
    path: &str,
    headers: &[(HeaderName, String)],
) -> Socket {
    let socket = TcpSocket::new_v4().unwrap();
    Socket::over(handshake(app.address, path, socket, headers).await)
}

/// What a series of the metrics has come to.
pub(crate) async fn counted(app: &TestApp, series: &str) -> u64 {
    let metrics = app.program().get("/metrics").await;
    let values = metrics.text().lines();
    let mut values = values.filter_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    let value = values.next().expect("a known series");
    value.trim_end_matches(".0").parse().unwrap()
}

/// Waits until a condition holds that nothing announces.
pub(crate) async fn eventually(mut condition: impl AsyncFnMut() -> bool) {
    let holds = async {
        let mut looks = interval(Duration::from_millis(2));
        while !condition().await {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, holds)
        .await
        .expect("it never came to hold");
}

/// The message that a frame tells of.
pub(crate) fn message_of(frame: ServerFrame) -> Option<ChatMessage> {
    match frame {
        ServerFrame::MessageCreated(message)
        | ServerFrame::MessageUpdated(message)
        | ServerFrame::MessageDeleted(message) => Some(message),
        _ => None,
    }
}

/// The changes of presence that a frame tells of.
pub(crate) fn changes_in(frame: &ServerFrame) -> Vec<PresenceChange> {
    match frame {
        ServerFrame::PresenceChanged(change) => vec![change.clone()],
        ServerFrame::PresenceBatch { changes } => changes.clone(),
        _ => Vec::new(),
    }
}

/// Who these frames say went online (true) or offline.
pub(crate) fn transitions(frames: &[ServerFrame]) -> Vec<(UserId, bool)> {
    let changes = frames.iter().flat_map(changes_in);
    changes
        .map(|change| (change.user_id, change.is_online))
        .collect()
}

/// Whose account this is.
pub(crate) fn id_of(person: &Client) -> UserId {
    person.user_id.parse().unwrap()
}

/// The chat that everybody is in.
pub(crate) async fn general(person: &Client) -> ChatId {
    person.general().await.parse().unwrap()
}
