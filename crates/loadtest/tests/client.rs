//! The driver against a server that follows a script.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use connection::{Backoff, Effect, Event, Phase, Settings, State, Terminal};
use futures::{SinkExt as _, StreamExt as _};
use loadtest::{Authorization, Client, ClientOptions, Server};
use protocol::{
    Author, ChatId, ClientFrame, ClientMessageId, CloseCode, ConnectionId, Epoch, Message,
    MessageId, ServerFrame, SessionId, Timers, Timestamp, User, UserId, Welcome,
};
use std::time::Duration;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(10);

/// A server that does what the test says.
struct Scripted(TcpListener);

/// One of its sockets.
struct Peer(WebSocketStream<TcpStream>);

impl Scripted {
    async fn start() -> (Self, ClientOptions) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Server::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let options = ClientOptions {
            server,
            authorization: Authorization::bearer("token").unwrap(),
            settings: Settings {
                backoff: Backoff::Fixed { delays_ms: vec![1] },
                attempt_gap_ms: 1,
                ..Settings::default()
            },
            resume: None,
        };
        (Self(listener), options)
    }

    async fn accept(&self) -> Peer {
        let (stream, _) = timeout(PATIENCE, self.0.accept())
            .await
            .expect("nobody came")
            .unwrap();
        Peer(accept_async(stream).await.unwrap())
    }
}

impl Peer {
    /// The next frame; nothing once the client has gone.
    async fn hear(&mut self) -> Option<ClientFrame> {
        let message = timeout(PATIENCE, self.0.next())
            .await
            .expect("nothing came")?
            .ok()?;
        serde_json::from_str(message.to_text().unwrap()).ok()
    }

    async fn say(&mut self, frame: &ServerFrame) {
        let text = serde_json::to_string(frame).unwrap();
        self.0.send(tungstenite::Message::text(text)).await.unwrap();
    }

    /// Answers the hello, which it returns.
    async fn welcome(&mut self, offset: u64) -> ClientFrame {
        let hello = self.hear().await.expect("a hello");
        let resumed = matches!(
            hello,
            ClientFrame::Hello {
                resume: Some(_),
                ..
            }
        );
        self.say(&ServerFrame::Welcome(Box::new(Welcome {
            session: SessionId::from_uuid(id(1)),
            connection_id: ConnectionId::from_uuid(id(2)),
            epoch: Epoch::from_uuid(id(3)),
            offset,
            resumed,
            user: User {
                user_id: UserId::from_uuid(id(4)),
                username: "jane".into(),
                display_name: "Jane Doe".into(),
                is_admin: false,
            },
            timers: Timers {
                ping_ms: 30_000,
                pong_timeout_ms: 60_000,
                typing_timeout_ms: 3_000,
                input_interval_ms: 30_000,
            },
        })))
        .await;
        hello
    }
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn chat() -> ChatId {
    ChatId::from_uuid(id(5))
}

fn message(offset: u64) -> ServerFrame {
    ServerFrame::MessageCreated(Message {
        chat_id: chat(),
        id: MessageId::from_uuid(id(u128::from(offset))),
        client_id: ClientMessageId::from_uuid(id(u128::from(offset))),
        author: Author {
            user_id: UserId::from_uuid(id(6)),
            display_name: "John Smith".into(),
        },
        text: "Hello".into(),
        sent_at: Timestamp::from_unix_millis(0),
        edited_at: None,
        deleted_at: None,
        sequence: offset,
        offset,
    })
}

fn is_online(state: &State) -> bool {
    state.phase().is_online()
}

async fn next(updates: &mut mpsc::Receiver<Effect>) -> Effect {
    timeout(PATIENCE, updates.recv())
        .await
        .expect("no update came")
        .expect("the driver runs")
}

#[tokio::test]
async fn a_client_says_hello_is_online_when_welcomed_and_hands_on_what_arrives() {
    let (server, options) = Scripted::start().await;
    let (client, mut updates) = Client::start(options);
    let mut peer = server.accept().await;
    assert!(matches!(
        peer.welcome(7).await,
        ClientFrame::Hello {
            resume: None,
            protocol: 1,
            idle_ms: Some(_),
        }
    ));
    client.until(PATIENCE, is_online).await.unwrap();
    peer.0
        .send(tungstenite::Message::text(
            r#"{"type":"of.a.newer.server"}"#,
        ))
        .await
        .unwrap();
    peer.say(&message(8)).await;
    assert_eq!(next(&mut updates).await, Effect::Deliver(message(8)));
}

#[tokio::test]
async fn a_client_whose_socket_breaks_comes_back_and_says_where_it_left_off() {
    let (server, options) = Scripted::start().await;
    let (client, mut updates) = Client::start(options);
    let mut first = server.accept().await;
    first.welcome(7).await;
    first.say(&message(8)).await;
    assert_eq!(next(&mut updates).await, Effect::Deliver(message(8)));
    drop(first);
    let mut second = server.accept().await;
    let ClientFrame::Hello {
        resume: Some(resume),
        ..
    } = second.welcome(8).await
    else {
        panic!("a hello with what was seen");
    };
    assert_eq!(resume.offset, 8);
    client.until(PATIENCE, is_online).await.unwrap();
}

#[tokio::test]
async fn what_is_written_before_the_welcome_is_sent_after_it_and_kept_until_acknowledged() {
    let (server, options) = Scripted::start().await;
    let (client, _) = Client::start(options);
    let client_id = ClientMessageId::from_uuid(id(9));
    let sent = ClientFrame::Send {
        chat_id: chat(),
        client_id,
        text: "Hi".into(),
    };
    client
        .dispatch(Event::Send {
            chat_id: chat(),
            client_id,
            text: "Hi".into(),
        })
        .await;
    let mut first = server.accept().await;
    first.welcome(0).await;
    assert_eq!(first.hear().await, Some(sent.clone()));
    drop(first);
    let mut second = server.accept().await;
    second.welcome(0).await;
    assert_eq!(second.hear().await, Some(sent));
    let id = MessageId::from_uuid(id(10));
    second.say(&ServerFrame::MessageAck { client_id, id }).await;
    client
        .until(PATIENCE, |state| state.outbox().is_empty())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_close_code_that_forbids_it_keeps_the_client_away() {
    let (server, options) = Scripted::start().await;
    let (client, _) = Client::start(options);
    let mut peer = server.accept().await;
    peer.welcome(0).await;
    let close = tungstenite::protocol::CloseFrame {
        code: CloseCode::UNSUPPORTED_VERSION.0.into(),
        reason: "".into(),
    };
    peer.0.close(Some(close)).await.unwrap();
    while let Some(Ok(_)) = peer.0.next().await {}
    drop(peer);
    let is_over = |state: &State| *state.phase() == Phase::Terminal(Terminal::Version);
    client.until(PATIENCE, is_over).await.unwrap();
}

#[tokio::test]
async fn a_client_that_is_stopped_says_goodbye_and_one_that_is_dropped_does_not() {
    let (server, options) = Scripted::start().await;
    let (client, _) = Client::start(options.clone());
    let mut peer = server.accept().await;
    peer.welcome(0).await;
    client.until(PATIENCE, is_online).await.unwrap();
    client.stop().await;
    let Some(Ok(tungstenite::Message::Close(Some(goodbye)))) = peer.0.next().await else {
        panic!("a goodbye");
    };
    assert_eq!(goodbye.code, CloseCode::NORMAL.0.into());

    let (client, _) = Client::start(options);
    let mut peer = server.accept().await;
    peer.welcome(0).await;
    client.until(PATIENCE, is_online).await.unwrap();
    drop(client);
    let end = timeout(PATIENCE, peer.0.next()).await.unwrap();
    assert!(matches!(end, Some(Err(_)) | None), "{end:?}");
}
