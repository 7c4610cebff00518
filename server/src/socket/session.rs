//! One connection's loop: what arrives, what waits to be sent, and time.

use super::{
    budget::{Admission, Budget},
    end::End,
    heartbeat::{Beat, Heartbeat},
    reading::{self, Incoming},
    registration::Registered,
    wire::Wire,
};
use crate::{
    hub::{Drained, Kind},
    metrics::Limit,
    state::AppState,
};
use protocol::{ChatId, ClientFrame, CloseCode, ErrorCode, Room, ServerFrame};
use std::collections::HashMap;
use store::SignedIn;
use tokio::{select, time::Instant};
use tokio_tungstenite::tungstenite::{Error, Message};

/// What one connection knows.
pub(super) struct Session {
    pub(super) state: AppState,
    pub(super) registered: Registered,
    pub(super) signed_in: SignedIn,
    /// Until when `hello` must arrive; nothing once it has.
    pub(super) hello_due: Option<Instant>,
    /// Messages up to this offset have been sent in answer to `hello`; what waits of them is skipped.
    pub(super) sent_until: u64,
    /// Where this person is typing, and when that ends by itself.
    pub(super) typing: HashMap<ChatId, Instant>,
    heartbeat: Heartbeat,
    budget: Budget,
    /// When the sign-in is to be checked again.
    expires: Instant,
}

/// What woke a connection.
enum Woken {
    /// Something arrived.
    Received(Option<Result<Message, Error>>),
    /// Something waits to be sent.
    Queued,
    /// Something is due.
    Due,
}

impl Session {
    pub(super) fn new(state: AppState, registered: Registered, signed_in: SignedIn) -> Self {
        let now = Instant::now();
        let (websocket, presence) = (&state.config.websocket, &state.config.presence);
        Self {
            hello_due: Some(now + websocket.hello_timeout),
            sent_until: 0,
            typing: HashMap::new(),
            heartbeat: Heartbeat::new(presence.ping_interval, presence.pong_timeout, now),
            budget: Budget::new(websocket, now),
            expires: now + state.clock.until(signed_in.expires_at),
            state,
            registered,
            signed_in,
        }
    }

    /// Serves the socket until it ends, and returns how.
    pub(super) async fn serve(&mut self, wire: &mut Wire) -> End {
        loop {
            // In this order: what has arrived is read before silence is judged, so that this
            // process's own lateness ends no connection.
            let woken = select! {
                biased;
                received = wire.next() => Woken::Received(received),
                () = self.registered.queue().changed() => Woken::Queued,
                () = tokio::time::sleep_until(self.deadline()) => Woken::Due,
            };
            // Boxed: what is done now and then takes no room while nothing is done.
            if let Err(end) = Box::pin(self.act(wire, woken)).await {
                return end;
            }
        }
    }

    /// Takes leave of the socket, and gives up its place.
    pub(super) async fn leave(mut self, wire: &mut Wire, end: End) {
        if end.code() == Some(CloseCode::TOO_BIG) {
            self.state.metrics.limited(Limit::FrameSize);
        }
        self.stop_typing();
        self.registered.closing().await;
        end.say_goodbye(wire).await;
        self.registered.closed(end.reason()).await;
        if end.code() == Some(CloseCode::PONG_TIMEOUT) {
            let silent_for = self.heartbeat.silent_for(Instant::now());
            self.state.metrics.ghost(silent_for);
        }
    }

    async fn act(&mut self, wire: &mut Wire, woken: Woken) -> Result<(), End> {
        match woken {
            Woken::Received(received) => self.receive(wire, received).await?,
            Woken::Queued => {}
            Woken::Due => self.tick(wire).await?,
        }
        // What an arrival was answered is told before the next one is looked at.
        self.flush(wire).await
    }

    async fn receive(
        &mut self,
        wire: &mut Wire,
        received: Option<Result<Message, Error>>,
    ) -> Result<(), End> {
        let bytes = wire.take_arrived();
        let incoming = reading::read(received)?;
        let now = Instant::now();
        self.heartbeat.heard(now);
        self.registered.activity().await;
        let limits = &self.state.config.websocket;
        match self.budget.spend(&incoming, bytes, limits, now) {
            Admission::Granted => {}
            Admission::Refused(limit) => {
                self.state.metrics.limited(limit);
                let sentence = format!("too many {}; slow down", limit.as_str());
                self.refuse(incoming.frame(), ErrorCode::RateLimited, sentence);
                return Ok(());
            }
            Admission::Abuse(limit, delay) => {
                self.state.metrics.limited(limit);
                return Err(End::too_many(delay));
            }
        }
        match incoming {
            // The second is never granted.
            Incoming::Ping | Incoming::Endless => {}
            Incoming::Pong => {
                if let Some(round_trip) = self.heartbeat.answered(now) {
                    self.state.metrics.ping(round_trip);
                    self.state.hub.answered(self.registered.key().connection);
                }
            }
            Incoming::Malformed(message) => self.refuse(None, ErrorCode::BadRequest, message),
            Incoming::Frame(frame) => self.obey(wire, frame).await?,
        }
        Ok(())
    }

    /// Writes what waits. What comes meanwhile is written in the next round, so that a busy chat
    /// keeps nobody from being heard.
    async fn flush(&mut self, wire: &mut Wire) -> Result<(), End> {
        let Drained {
            frames,
            resync_presence,
            close,
        } = self.registered.queue().take();
        let sent_until = self.sent_until;
        let mut changes = Vec::new();
        let due = frames.into_iter().filter_map(|frame| {
            match frame.kind {
                Kind::Message { offset } if offset <= sent_until => return None,
                Kind::Presence { since } => changes.push(since),
                _ => {}
            }
            Some(frame.bytes)
        });
        self.see_off(wire.write(due)).await?;
        for since in changes {
            self.state.metrics.converged(since.elapsed());
        }
        if let Some(close) = close {
            return Err(End::ByServer(close));
        }
        if resync_presence {
            self.state.metrics.resync("presence");
            self.resync_presence().await;
        }
        Ok(())
    }

    /// Waits until something is written, or is done that takes a while. A peer that takes nothing is given
    /// up when its heartbeat times out or its queue overflows, whichever is first.
    pub(super) async fn see_off<T>(
        &self,
        writing: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, End> {
        let queue = self.registered.queue();
        select! {
            biased;
            written = writing => written.map_err(|_| End::TransportLost),
            () = queue.closing() => Err(queue.take().close.map_or(End::TransportLost, End::ByServer)),
            () = tokio::time::sleep_until(self.heartbeat.times_out_at()) => Err(silent()),
        }
    }

    /// Queues a frame for this connection alone.
    pub(super) fn reply(&self, frame: &ServerFrame) {
        self.registered.outlet().send(frame);
    }

    /// Refuses a frame, with what its sender needs in order to know which.
    pub(super) fn refuse(
        &self,
        frame: Option<&ClientFrame>,
        code: ErrorCode,
        message: impl Into<String>,
    ) {
        let (chat_id, client_id) = match frame {
            Some(ClientFrame::Send {
                chat_id, client_id, ..
            }) => (Some(*chat_id), Some(*client_id)),
            Some(
                ClientFrame::Subscribe { chat_id }
                | ClientFrame::Unsubscribe { chat_id }
                | ClientFrame::Typing { chat_id, .. }
                | ClientFrame::Read { chat_id, .. },
            ) => (Some(*chat_id), None),
            Some(
                ClientFrame::Hello { .. }
                | ClientFrame::Ping { .. }
                | ClientFrame::Input {}
                | ClientFrame::SubscribeWorkspace { .. }
                | ClientFrame::UnsubscribeWorkspace { .. },
            )
            | None => (None, None),
        };
        self.reply(&ServerFrame::Error {
            code,
            message: message.into(),
            client_id,
            chat_id,
        });
    }

    /// Queues the presence of a room's people, unless presence is switched off.
    pub(super) async fn send_snapshot(&self, room: Room) {
        let connection = self.registered.key().connection;
        self.state.hub.show_room(connection, room).await;
    }

    /// Queues all that this connection is shown of presence, after some of it gave way.
    async fn resync_presence(&self) {
        for room in self.state.hub.watched(self.registered.key().connection) {
            self.send_snapshot(room).await;
        }
        match self
            .state
            .hub
            .contacts_frames(self.signed_in.user.user_id)
            .await
        {
            Ok(frames) => frames.iter().for_each(|frame| self.reply(frame)),
            Err(error) => tracing::warn!(%error, "snapshot_not_sent"),
        }
    }

    /// The person is no longer typing anywhere.
    fn stop_typing(&mut self) {
        for chat in std::mem::take(&mut self.typing).into_keys() {
            self.publish_typing(chat, false);
        }
    }

    /// Tells the others in a chat whether this person is typing.
    pub(super) fn publish_typing(&self, chat: ChatId, is_typing: bool) {
        let me = &self.signed_in.user;
        self.state.hub.publish_typing(chat, me, is_typing);
    }

    async fn tick(&mut self, wire: &mut Wire) -> Result<(), End> {
        let now = Instant::now();
        if self.hello_due.is_some_and(|due| now >= due) {
            self.state.metrics.limited(Limit::Hello);
            return Err(End::close(
                CloseCode::HELLO_TIMEOUT,
                "no hello arrived in time",
            ));
        }
        if now >= self.expires {
            self.check_sign_in(now).await?;
        }
        let ended: Vec<_> = self
            .typing
            .iter()
            .filter(|(_, until)| now >= **until)
            .map(|(chat, _)| *chat)
            .collect();
        for chat in ended {
            self.typing.remove(&chat);
            self.publish_typing(chat, false);
        }
        match self.heartbeat.beat(now) {
            Beat::Wait => Ok(()),
            Beat::TimedOut => Err(silent()),
            // A ping that cannot be written is as good as one without an answer.
            Beat::Ping => self.see_off(wire.ping()).await,
        }
    }

    /// The sign-in's time is over, unless it was extended meanwhile.
    async fn check_sign_in(&mut self, now: Instant) -> Result<(), End> {
        let at = self.state.clock.now();
        match self
            .state
            .store
            .session(self.signed_in.session_id, at)
            .await
        {
            Ok(Some(signed_in)) => {
                self.expires = now + self.state.clock.until(signed_in.expires_at);
                self.signed_in = signed_in;
                Ok(())
            }
            Ok(None) => {
                let SignedIn {
                    user, session_id, ..
                } = &self.signed_in;
                self.state.hub.end_session(user.user_id, *session_id).await;
                Err(End::close(
                    CloseCode::SESSION_EXPIRED,
                    "the sign-in has expired",
                ))
            }
            Err(error) => {
                tracing::warn!(%error, "sign_in_not_checked");
                Err(End::close(
                    CloseCode::TRY_AGAIN_LATER,
                    "the sign-in could not be checked",
                ))
            }
        }
    }

    fn deadline(&self) -> Instant {
        self.typing
            .values()
            .copied()
            .chain(self.hello_due)
            .fold(self.heartbeat.deadline().min(self.expires), Instant::min)
    }
}

fn silent() -> End {
    End::close(CloseCode::PONG_TIMEOUT, "nothing was heard for too long")
}
