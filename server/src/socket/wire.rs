//! The transport under a connection: reads frames, and writes those that are shared with others.
//!
//! tungstenite reads, and speaks the control frames. What is sent to many is serialised once, frame
//! header included, and written from there: a copy in each connection's write buffer would stay as
//! large as the largest frame that the connection was ever sent.

use super::meter::Metered;
use crate::{config::Websocket, hub::Close};
use axum::body::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use protocol::limits::MAX_SEND_FRAME_BYTES;
use std::{
    array,
    collections::VecDeque,
    io::{self, IoSlice},
};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

/// Frames that are written by one system call at most.
const AT_ONCE: usize = 32;
/// Bytes of control frames that wait to be written.
const MAX_CONTROL: usize = 4 * 1024;

/// The transport under a connection.
pub(super) struct Wire {
    socket: WebSocketStream<Metered<TokioIo<Upgraded>>>,
    /// Frames that are not, or not wholly, written.
    unsent: VecDeque<Bytes>,
}

impl Wire {
    /// Over a transport whose upgrade was accepted.
    pub(super) async fn new(upgraded: Upgraded, limits: &Websocket) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(limits.read_buffer)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_CONTROL)
            .max_message_size(Some(MAX_SEND_FRAME_BYTES))
            .max_frame_size(Some(MAX_SEND_FRAME_BYTES));
        let transport = Metered::new(TokioIo::new(upgraded), limits.byte_burst as usize);
        Self {
            socket: WebSocketStream::from_raw_socket(transport, Role::Server, Some(config)).await,
            unsent: VecDeque::new(),
        }
    }

    /// What arrives next; nothing once the transport has ended.
    pub(super) async fn next(&mut self) -> Option<Result<Message, Error>> {
        self.socket.next().await
    }

    /// How many bytes have arrived since this was last asked, headers included.
    pub(super) fn take_arrived(&mut self) -> usize {
        self.socket.get_mut().take_count()
    }

    /// Writes whole frames. Dropped before it ends, it goes on with the next write.
    pub(super) async fn write(
        &mut self,
        frames: impl IntoIterator<Item = Bytes>,
    ) -> Result<(), Error> {
        self.unsent.extend(frames);
        if self.unsent.is_empty() {
            return Ok(());
        }
        // No frame may begin within a control frame.
        self.socket.flush().await?;
        while !self.unsent.is_empty() {
            let slices: [_; AT_ONCE] =
                array::from_fn(|n| IoSlice::new(self.unsent.get(n).map_or(&[], Bytes::as_ref)));
            match self.socket.get_mut().write_vectored(&slices).await? {
                0 => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                written => self.take_off(written),
            }
        }
        // An idle connection owns little.
        self.unsent = VecDeque::new();
        Ok(())
    }

    /// Asks for a sign of life.
    pub(super) async fn ping(&mut self) -> Result<(), Error> {
        self.write([]).await?;
        self.socket.send(Message::Ping(Bytes::new())).await
    }

    /// Begins the closing handshake.
    pub(super) async fn close(&mut self, close: &Close) -> Result<(), Error> {
        self.write([]).await?;
        let Close { code, reason } = close;
        let frame = CloseFrame {
            code: code.0.into(),
            reason: reason.as_str().into(),
        };
        self.socket.send(Message::Close(Some(frame))).await
    }

    /// Answers the close of the client: tungstenite has the answer ready, but writes it with what is
    /// written or read next.
    pub(super) async fn answer_close(&mut self) -> Result<(), Error> {
        self.socket.flush().await
    }

    /// Ends the transport so that what was written arrives (RFC 6455 §7.1.1): hanging up on what was not
    /// read resets it, and a reset may overtake the last frame.
    ///
    /// # Errors
    /// The transport's own, or that more arrived than may come at once.
    pub(super) async fn hang_up(&mut self) -> io::Result<()> {
        let transport = self.socket.get_mut();
        transport.take_count();
        transport.shutdown().await?;
        tokio::io::copy(transport, &mut tokio::io::sink()).await?;
        Ok(())
    }

    fn take_off(&mut self, mut written: usize) {
        while let Some(frame) = self.unsent.front_mut() {
            if written < frame.len() {
                drop(frame.split_to(written));
                return;
            }
            written -= frame.len();
            self.unsent.pop_front();
        }
    }
}
