//! People, chats, messages and frames by number.

use protocol::{
    Author, ChatId, ClientFrame, ClientMessageId, ConnectionId, Epoch, ErrorCode, Message,
    MessageId, PROTOCOL_VERSION, Resume, Room, ServerFrame, SessionId, Timers, Timestamp, User,
    UserId, Welcome, WorkspaceId,
};
use uuid::Uuid;

/// How often the server wants to hear of input.
pub(crate) const INPUT_INTERVAL_MS: u64 = 30_000;

fn uuid(kind: u8, n: u64) -> Uuid {
    Uuid::from_u128(u128::from(kind) << 96 | u128::from(n))
}

pub(crate) fn user(n: u8) -> UserId {
    UserId::from_uuid(uuid(1, n.into()))
}

/// Who is signed in.
pub(crate) fn me() -> UserId {
    user(0)
}

pub(crate) fn chat(n: u8) -> ChatId {
    ChatId::from_uuid(uuid(2, n.into()))
}

pub(crate) fn chat_room(n: u8) -> Room {
    Room::Chat(chat(n))
}

pub(crate) fn workspace_room(n: u8) -> Room {
    Room::Workspace(WorkspaceId::from_uuid(uuid(8, n.into())))
}

/// A hello of a person who gave input this long ago.
pub(crate) fn hello(resume: Option<Resume>, idle_ms: u64) -> ClientFrame {
    ClientFrame::Hello {
        resume,
        protocol: PROTOCOL_VERSION,
        idle_ms: Some(idle_ms),
    }
}

pub(crate) fn client_id(n: u64) -> ClientMessageId {
    ClientMessageId::from_uuid(uuid(3, n))
}

pub(crate) fn epoch(n: u64) -> Epoch {
    Epoch::from_uuid(uuid(5, n))
}

pub(crate) fn session() -> SessionId {
    SessionId::from_uuid(uuid(6, 0))
}

pub(crate) fn resume(offset: u64) -> Resume {
    Resume {
        session: session(),
        epoch: epoch(0),
        offset,
    }
}

pub(crate) fn author(n: u8) -> Author {
    Author {
        user_id: user(n),
        display_name: format!("User {n}"),
    }
}

pub(crate) fn welcome(epoch: Epoch, offset: u64, resumed: bool) -> ServerFrame {
    ServerFrame::Welcome(Box::new(Welcome {
        session: session(),
        connection_id: ConnectionId::from_uuid(uuid(7, 0)),
        epoch,
        offset,
        resumed,
        user: User {
            user_id: me(),
            username: "jane".into(),
            display_name: "Jane Doe".into(),
            is_admin: false,
        },
        timers: Timers {
            ping_ms: 30_000,
            pong_timeout_ms: 60_000,
            typing_timeout_ms: 3_000,
            input_interval_ms: INPUT_INTERVAL_MS,
        },
    }))
}

/// Somebody else's message, written at `offset`.
pub(crate) fn created(offset: u64) -> ServerFrame {
    message(chat(0), client_id(offset), author(1), offset)
}

pub(crate) fn message(
    chat_id: ChatId,
    client_id: ClientMessageId,
    author: Author,
    offset: u64,
) -> ServerFrame {
    ServerFrame::MessageCreated(Message {
        chat_id,
        id: id_of(client_id),
        client_id,
        author,
        text: "hello".into(),
        sent_at: Timestamp::from_unix_millis(0),
        edited_at: None,
        deleted_at: None,
        sequence: offset,
        offset,
    })
}

/// The lasting name that the server gives to a message.
pub(crate) fn id_of(client_id: ClientMessageId) -> MessageId {
    MessageId::from_uuid(client_id.as_uuid())
}

pub(crate) fn ack(n: u64) -> ServerFrame {
    acknowledged(client_id(n))
}

pub(crate) fn acknowledged(client_id: ClientMessageId) -> ServerFrame {
    let id = id_of(client_id);
    ServerFrame::MessageAck { client_id, id }
}

pub(crate) fn pong() -> ServerFrame {
    ServerFrame::Pong { id: 1 }
}

pub(crate) fn refused(client_id: ClientMessageId, code: ErrorCode) -> ServerFrame {
    ServerFrame::Error {
        code,
        message: "No.".into(),
        client_id: Some(client_id),
        chat_id: None,
    }
}

pub(crate) fn typing(n: u8, is_typing: bool) -> ServerFrame {
    let author = author(n);
    ServerFrame::Typing {
        chat_id: chat(0),
        user_id: author.user_id,
        display_name: author.display_name,
        is_typing,
    }
}

pub(crate) fn reconnect(after_ms: u64, spread_ms: u64) -> ServerFrame {
    ServerFrame::Reconnect {
        after_ms,
        spread_ms,
        reason: "drain".into(),
    }
}
