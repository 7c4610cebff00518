//! One socket: reports what happens to it, and sends.

use crate::{driver::Input, frames, task::Task, traffic::Counter};
use connection::{Event, Generation};
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use http::Request;
use protocol::{ClientFrame, CloseCode};
use std::{sync::Arc, time::Duration};
use tokio::{
    select,
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    connect_async_with_config,
    tungstenite::{
        self, Message,
        protocol::{CloseFrame, WebSocketConfig},
    },
};

/// Frames that may wait to be written; the machine never has more to send at once.
const WAITING: usize = 256;
/// Thousands of clients may run in one process: an idle one owns little.
const READ_BUFFER: usize = 4 * 1024;
/// How long the closing handshake may take before the transport is dropped.
const GOODBYE: Duration = Duration::from_secs(2);

/// One socket. Dropping it drops the transport without a goodbye.
#[derive(Debug)]
pub(crate) struct Socket {
    outgoing: mpsc::Sender<Outgoing>,
    task: Task,
}

/// The peer takes nothing, and too much waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stuck;

#[derive(Debug)]
enum Outgoing {
    Frame(ClientFrame),
    Close(CloseCode),
}

impl Socket {
    /// Opens a socket. What happens to it is reported, even that it could not be opened.
    pub(crate) fn open(
        generation: Generation,
        request: Request<()>,
        events: mpsc::Sender<Input>,
        arrived: Arc<Counter>,
    ) -> Self {
        let (outgoing, waiting) = mpsc::channel(WAITING);
        let task = Task::spawn(run(generation, request, waiting, events, arrived));
        Self { outgoing, task }
    }

    /// Sends a frame. A socket that is no longer open drops it; its end is reported anyway.
    pub(crate) fn send(&self, frame: ClientFrame) -> Result<(), Stuck> {
        match self.outgoing.try_send(Outgoing::Frame(frame)) {
            Err(mpsc::error::TrySendError::Full(_)) => Err(Stuck),
            Err(mpsc::error::TrySendError::Closed(_)) | Ok(()) => Ok(()),
        }
    }

    /// Closes the socket, with a goodbye if it still takes one.
    pub(crate) fn close(self, code: CloseCode) {
        if self.outgoing.try_send(Outgoing::Close(code)).is_ok() {
            self.task.detach();
        }
    }
}

async fn run(
    generation: Generation,
    request: Request<()>,
    mut waiting: mpsc::Receiver<Outgoing>,
    events: mpsc::Sender<Input>,
    arrived: Arc<Counter>,
) {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0);
    let connecting = connect_async_with_config(request, Some(config), true);
    let connected = select! {
        connected = connecting => connected.ok(),
        // Given up before it opened.
        () = closed(&mut waiting) => None,
    };
    let last = match connected {
        Some((socket, _)) => {
            report(&events, Event::Opened(generation)).await;
            let (sink, stream) = socket.split();
            let writing = async {
                write(sink, waiting).await;
                sleep(GOODBYE).await;
            };
            select! {
                last = read(generation, stream, &events, &arrived) => last,
                () = writing => Event::Failed(generation),
            }
        }
        None => Event::Failed(generation),
    };
    report(&events, last).await;
}

/// Reports what arrives, and returns the end.
async fn read(
    generation: Generation,
    mut stream: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
    events: &mpsc::Sender<Input>,
    arrived: &Counter,
) -> Event {
    while let Some(Ok(message)) = stream.next().await {
        match message {
            Message::Text(text) => {
                arrived.count(text.len());
                let event = match frames::read(&text) {
                    Some(frame) => Event::Frame(generation, frame),
                    // A type of a newer server; that something arrived is what counts.
                    None => Event::Received(generation),
                };
                report(events, event).await;
            }
            Message::Binary(_) => report(events, Event::Received(generation)).await,
            Message::Close(close) => {
                // Reading on writes the answer and sees the server hang up.
                let _ = timeout(GOODBYE, stream.next()).await;
                let (code, reason) = close.map_or((CloseCode::NO_STATUS, String::new()), |close| {
                    (CloseCode(close.code.into()), close.reason.to_string())
                });
                return Event::Closed(generation, code, reason);
            }
            // As in a browser, where no script sees them.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    Event::Failed(generation)
}

/// Sends what waits, until the socket is closed or broken.
async fn write(
    mut sink: impl Sink<Message, Error = tungstenite::Error> + Unpin,
    mut waiting: mpsc::Receiver<Outgoing>,
) {
    while let Some(outgoing) = waiting.recv().await {
        let message = match outgoing {
            Outgoing::Frame(frame) => Message::text(
                serde_json::to_string(&frame)
                    .expect("frames have string keys and no failing serialisers"),
            ),
            Outgoing::Close(code) => {
                let close = CloseFrame {
                    code: code.0.into(),
                    reason: "".into(),
                };
                // A broken socket needs no goodbye.
                let _ = sink.send(Message::Close(Some(close))).await;
                return;
            }
        };
        if sink.send(message).await.is_err() {
            return;
        }
    }
}

async fn closed(waiting: &mut mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing::Frame(_)) = waiting.recv().await {}
}

async fn report(events: &mpsc::Sender<Input>, event: Event) {
    // Without a driver nobody is interested.
    let _ = events.send(event.into()).await;
}
