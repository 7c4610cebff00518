//! What a client may ask for, one frame at a time.

use super::{end::End, session::Session, wire::Wire};
use crate::{
    error::Error,
    hub::{self, Kind, Outgoing, PresenceError, Watch},
    messages::frame_of,
    metrics::Limit,
    validate,
};
use protocol::{
    ChatId, ClientFrame, ClientMessageId, CloseCode, ErrorCode, Message, MessageId,
    PROTOCOL_VERSION, Resume, Room, ServerFrame, Welcome, limits::MAX_REPLAY,
};
use std::time::Duration;
use store::{NewMessage, Standing};
use tokio::time::Instant;
use uuid::Uuid;

/// What is said of a room that is not there, and of one that is not for this person to know of.
const fn no_such(room: Room) -> &'static str {
    match room {
        Room::Chat(_) => "there is no such chat",
        Room::Workspace(_) => "there is no such workspace",
    }
}

impl Session {
    /// Does what a frame asks for.
    pub(super) async fn obey(&mut self, wire: &mut Wire, frame: ClientFrame) -> Result<(), End> {
        if let ClientFrame::Hello {
            resume,
            protocol,
            idle_ms,
        } = frame
        {
            return self.hello(wire, resume, protocol, idle_ms).await;
        }
        if self.hello_due.is_some() {
            let message = format!("say hello before {}", frame.kind());
            self.refuse(Some(&frame), ErrorCode::BadRequest, message);
            return Ok(());
        }
        match frame {
            ClientFrame::Hello { .. } => {}
            ClientFrame::Ping { id } => self.reply(&ServerFrame::Pong { id }),
            ClientFrame::Subscribe { chat_id } => self.subscribe(Room::Chat(chat_id)).await,
            ClientFrame::Unsubscribe { chat_id } => self.unsubscribe(chat_id),
            ClientFrame::SubscribeWorkspace { workspace_id } => {
                self.subscribe(Room::Workspace(workspace_id)).await;
            }
            ClientFrame::UnsubscribeWorkspace { workspace_id } => {
                let connection = self.registered.key().connection;
                self.state
                    .hub
                    .unwatch(connection, Room::Workspace(workspace_id));
            }
            ClientFrame::Input {} => self.registered.input(Some(Duration::ZERO)).await,
            ClientFrame::Typing { chat_id, is_typing } => self.typing(chat_id, is_typing).await,
            ClientFrame::Send {
                chat_id,
                client_id,
                text,
            } => self.send(chat_id, client_id, &text),
            ClientFrame::Read { chat_id, sequence } => self.read(chat_id, sequence).await,
        }
        Ok(())
    }

    async fn hello(
        &mut self,
        wire: &mut Wire,
        resume: Option<Resume>,
        protocol: u32,
        idle_ms: Option<u64>,
    ) -> Result<(), End> {
        if protocol != PROTOCOL_VERSION {
            let reason = format!("this server speaks protocol {PROTOCOL_VERSION}");
            return Err(End::close(CloseCode::UNSUPPORTED_VERSION, reason));
        }
        if self.hello_due.take().is_none() {
            self.refuse(None, ErrorCode::BadRequest, "hello was said before");
            return Ok(());
        }
        self.registered
            .input(idle_ms.map(Duration::from_millis))
            .await;
        let turn = self
            .see_off(async { Ok(self.state.admissions.answer().await) })
            .await?;
        // Live messages queue up from here on; those that the replay carries too are skipped later.
        self.state.hub.welcome(self.registered.key().connection);
        let is_return = resume.is_some();
        let (standing, offset, missed) = self.catch_up(resume).await.map_err(|error| {
            tracing::warn!(%error, "hello_not_answered");
            End::close(CloseCode::TRY_AGAIN_LATER, "this account could not be read")
        })?;
        if is_return && missed.is_none() {
            self.state.metrics.resync("client");
        }
        let welcome = ServerFrame::Welcome(Box::new(Welcome {
            session: self.signed_in.session_id,
            connection_id: self.registered.key().connection,
            epoch: self.state.store.epoch(),
            offset,
            resumed: missed.is_some(),
            user: self.signed_in.user.clone(),
            timers: self.state.config.timers(),
        }));
        let missed = missed.unwrap_or_default();
        self.sent_until = missed.last().map_or(offset, |message| message.offset);
        let replay = missed.into_iter().map(|message| frame_of(message, offset));
        let frames = std::iter::once(welcome)
            .chain(standing)
            .chain(replay)
            .map(|frame| Outgoing::new(Kind::Reliable, &frame).bytes);
        // However slowly it is read, nobody waits for that.
        drop(turn);
        self.see_off(wire.write(frames)).await?;
        if self.state.readiness.unready().is_some() {
            // It was not welcome yet when the others were asked.
            let spread = self.state.config.server.drain_timeout / 4;
            self.reply(&hub::elsewhere_within(spread));
        }
        Ok(())
    }

    /// How things stand at the moment, where the connection starts, and what it missed since it left
    /// off; `None` when it has to fetch everything.
    async fn catch_up(
        &self,
        resume: Option<Resume>,
    ) -> Result<(Vec<ServerFrame>, u64, Option<Vec<Message>>), PresenceError> {
        let (store, user) = (&self.state.store, self.signed_in.user.user_id);
        let standing = store.standing(user).await?;
        let newest = standing.offset;
        let frames = self.standing_frames(standing).await?;
        let Some(resume) = resume.filter(|resume| {
            resume.session == self.signed_in.session_id
                && resume.epoch == store.epoch()
                && resume.offset <= newest
        }) else {
            return Ok((frames, newest, None));
        };
        if resume.offset == newest {
            return Ok((frames, newest, Some(Vec::new())));
        }
        let most = MAX_REPLAY + 1;
        let missed = store.changes_since(user, resume.offset, most).await?;
        if missed.len() == most {
            return Ok((frames, newest, None));
        }
        Ok((frames, resume.offset, Some(missed)))
    }

    /// What is told of how things stand, whatever was missed: friends and their presence, requests,
    /// the person's own status, how far they have read, and what their bell says.
    async fn standing_frames(&self, standing: Standing) -> Result<Vec<ServerFrame>, PresenceError> {
        let user = self.signed_in.user.user_id;
        let mut frames = self.state.hub.contacts_frames(user).await?;
        frames.extend([
            ServerFrame::Relations(standing.relations),
            ServerFrame::StatusChanged(standing.own.status),
        ]);
        let read = standing.read.into_iter();
        frames.extend(read.map(|(chat_id, sequence)| ServerFrame::Read { chat_id, sequence }));
        frames.push(ServerFrame::NotificationUnread(standing.unread));
        Ok(frames)
    }

    async fn subscribe(&self, room: Room) {
        if !self.is_member(room).await {
            return;
        }
        let limit = self.state.config.websocket.subscriptions;
        let connection = self.registered.key().connection;
        match self.state.hub.watch(connection, room, limit) {
            Watch::Watching => self.send_snapshot(room).await,
            Watch::Refused => {
                self.refuse(Some(&room.subscribe()), ErrorCode::NotFound, no_such(room));
            }
            Watch::TooMany => {
                self.state.metrics.limited(Limit::Subscriptions);
                let message = format!("at most {limit} chats can be subscribed to");
                self.refuse(Some(&room.subscribe()), ErrorCode::RateLimited, message);
            }
        }
    }

    fn unsubscribe(&mut self, chat_id: ChatId) {
        self.state
            .hub
            .unwatch(self.registered.key().connection, Room::Chat(chat_id));
        if self.typing.remove(&chat_id).is_some() {
            self.publish_typing(chat_id, false);
        }
    }

    async fn typing(&mut self, chat_id: ChatId, is_typing: bool) {
        let chat = &self.state.config.chat;
        if !chat.typing_enabled {
            return self.refuse_chat(chat_id, ErrorCode::Disabled, "typing is switched off");
        }
        let until = Instant::now() + chat.typing_timeout;
        if !is_typing {
            if self.typing.remove(&chat_id).is_some() {
                self.publish_typing(chat_id, false);
            }
        } else if self.is_member(Room::Chat(chat_id)).await {
            self.typing.insert(chat_id, until);
            self.publish_typing(chat_id, true);
        }
    }

    fn send(&mut self, chat_id: ChatId, client_id: ClientMessageId, text: &str) {
        let outlet = self.registered.outlet().clone();
        let refuse = move |code, message| ServerFrame::Error {
            code,
            message,
            client_id: Some(client_id),
            chat_id: Some(chat_id),
        };
        let checked =
            validate::message_text(text).and_then(|text| Ok((validate::mentions(&text)?, text)));
        let (mentions, text) = match checked {
            Ok(checked) => checked,
            Err(invalid) => return outlet.send(&refuse(invalid.code, invalid.message)),
        };
        if self.typing.remove(&chat_id).is_some() {
            self.publish_typing(chat_id, false);
        }
        let written = self.state.writer.append(NewMessage {
            chat_id,
            id: MessageId::from_uuid(Uuid::now_v7()),
            client_id,
            author_id: self.signed_in.user.user_id,
            mentions,
            text,
            sent_at: self.state.clock.now(),
        });
        // The connection goes on while its message is written: other frames and the heartbeat do not
        // wait for the disk.
        tokio::spawn(async move {
            outlet.send(&match written.await.map_err(Error::from) {
                Ok(Message { id, .. }) => ServerFrame::MessageAck { client_id, id },
                Err(error) => refuse(error.code(), error.to_string()),
            });
        });
    }

    async fn read(&self, chat_id: ChatId, sequence: u64) {
        let user = self.signed_in.user.user_id;
        if let Err(error) = self.state.hub.mark_read(chat_id, user, sequence).await {
            tracing::warn!(%error, "read_position_not_stored");
            self.refuse_chat(chat_id, ErrorCode::Unavailable, "this could not be stored");
        }
    }

    /// Whether this person belongs to the room; says so to the client when not. A room that is not
    /// there is answered alike.
    async fn is_member(&self, room: Room) -> bool {
        let (code, message) = match self.state.hub.members(room).await {
            Ok(members) if members.contains(self.signed_in.user.user_id) => return true,
            Ok(_) => (ErrorCode::NotFound, no_such(room)),
            Err(error) => {
                tracing::warn!(%error, "members_not_read");
                (ErrorCode::Unavailable, "this chat could not be read")
            }
        };
        self.refuse(Some(&room.subscribe()), code, message);
        false
    }

    fn refuse_chat(&self, chat_id: ChatId, code: ErrorCode, message: impl Into<String>) {
        self.reply(&ServerFrame::Error {
            code,
            message: message.into(),
            client_id: None,
            chat_id: Some(chat_id),
        });
    }
}
