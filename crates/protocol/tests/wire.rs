//! The names on the wire are fixed: other clients rely on them.

#![allow(missing_docs)]

use protocol::{
    Author, Availability, ChatId, ClientFrame, ClientMessageId, Epoch, ErrorCode, FriendsSnapshot,
    Message, MessageId, Mode, Notification, NotificationId, NotificationKind, PresenceChange,
    PresenceEntry, Relations, Resume, ServerFrame, SessionId, Status, Timestamp,
    UnreadNotifications, UserId, WorkspaceId,
};
use serde_json::{Value, json};
use uuid::Uuid;

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

const ONE: &str = "00000000-0000-0000-0000-000000000001";
const TWO: &str = "00000000-0000-0000-0000-000000000002";
const THREE: &str = "00000000-0000-0000-0000-000000000003";

#[test]
fn client_frames_have_their_fixed_names() {
    let chat_id = ChatId::from_uuid(uuid(1));
    let frames = [
        (
            ClientFrame::Hello {
                resume: None,
                protocol: 1,
                idle_ms: None,
            },
            json!({"type": "hello", "protocol": 1}),
        ),
        (
            ClientFrame::Hello {
                resume: Some(Resume {
                    session: SessionId::from_uuid(uuid(1)),
                    epoch: Epoch::from_uuid(uuid(2)),
                    offset: 7,
                }),
                protocol: 1,
                idle_ms: Some(90),
            },
            json!({"type": "hello", "resume": {"session": ONE, "epoch": TWO, "offset": 7},
                "protocol": 1, "idle_ms": 90}),
        ),
        (
            ClientFrame::Ping { id: 3 },
            json!({"type": "ping", "id": 3}),
        ),
        (
            ClientFrame::Subscribe { chat_id },
            json!({"type": "chat.subscribe", "chat_id": ONE}),
        ),
        (
            ClientFrame::Unsubscribe { chat_id },
            json!({"type": "chat.unsubscribe", "chat_id": ONE}),
        ),
        (
            ClientFrame::SubscribeWorkspace {
                workspace_id: WorkspaceId::from_uuid(uuid(1)),
            },
            json!({"type": "workspace.subscribe", "workspace_id": ONE}),
        ),
        (
            ClientFrame::UnsubscribeWorkspace {
                workspace_id: WorkspaceId::from_uuid(uuid(1)),
            },
            json!({"type": "workspace.unsubscribe", "workspace_id": ONE}),
        ),
        (ClientFrame::Input {}, json!({"type": "presence.input"})),
        (
            ClientFrame::Typing {
                chat_id,
                is_typing: true,
            },
            json!({"type": "chat.typing", "chat_id": ONE, "is_typing": true}),
        ),
        (
            ClientFrame::Send {
                chat_id,
                client_id: ClientMessageId::from_uuid(uuid(2)),
                text: "hi".into(),
            },
            json!({"type": "message.send", "chat_id": ONE, "client_id": TWO, "text": "hi"}),
        ),
        (
            ClientFrame::Read {
                chat_id,
                sequence: 9,
            },
            json!({"type": "chat.read", "chat_id": ONE, "sequence": 9}),
        ),
    ];
    for (frame, expected) in frames {
        assert_eq!(serde_json::to_value(&frame).unwrap(), expected);
        assert_eq!(
            serde_json::from_value::<ClientFrame>(expected.clone()).unwrap(),
            frame
        );
        assert_eq!(expected["type"], frame.kind());
    }
}

#[test]
fn server_frames_have_their_fixed_names() {
    let chat_id = ChatId::from_uuid(uuid(1));
    let author = Author {
        user_id: UserId::from_uuid(uuid(2)),
        display_name: "Jane Doe".into(),
    };
    let entry = PresenceEntry {
        user_id: author.user_id,
        display_name: author.display_name.clone(),
        is_online: true,
        availability: Some(Availability::Away),
        status_text: "Lunch".into(),
        last_seen: None,
        is_hidden: false,
        as_of: None,
        version: 4,
    };
    let entry_json = json!({"user_id": TWO, "display_name": "Jane Doe", "is_online": true,
        "availability": "away", "status_text": "Lunch", "version": 4});
    let frames: [(ServerFrame, Value); 13] = [
        (
            ServerFrame::PresenceChanged(PresenceChange {
                user_id: author.user_id,
                display_name: author.display_name.clone(),
                is_online: false,
                availability: None,
                status_text: String::new(),
                last_seen: Some(Timestamp::from_unix_millis(0)),
                epoch: Epoch::from_uuid(uuid(3)),
                version: 4,
            }),
            json!({"type": "presence.changed", "user_id": TWO, "display_name": "Jane Doe",
                "is_online": false, "last_seen": "1970-01-01T00:00:00Z", "epoch": THREE, "version": 4}),
        ),
        (
            ServerFrame::WorkspaceUsers {
                workspace_id: WorkspaceId::from_uuid(uuid(1)),
                users: vec![entry.clone()],
                epoch: Epoch::from_uuid(uuid(3)),
                version: 4,
            },
            json!({"type": "workspace_users", "workspace_id": ONE, "users": [entry_json],
                "epoch": THREE, "version": 4}),
        ),
        (
            ServerFrame::FriendsSnapshot(FriendsSnapshot {
                friends: vec![entry.clone()],
                epoch: Epoch::from_uuid(uuid(3)),
                version: 4,
            }),
            json!({"type": "friends_online_snapshot", "friends": [entry_json],
                "epoch": THREE, "version": 4}),
        ),
        (
            ServerFrame::DirectUsers {
                users: vec![entry],
                epoch: Epoch::from_uuid(uuid(3)),
                version: 4,
            },
            json!({"type": "direct_users", "users": [entry_json], "epoch": THREE, "version": 4}),
        ),
        (
            ServerFrame::Relations(Relations {
                incoming: vec![author.clone()],
                ..Relations::default()
            }),
            json!({"type": "relations", "incoming": [{"user_id": TWO, "display_name": "Jane Doe"}],
                "outgoing": [], "blocked": []}),
        ),
        (
            ServerFrame::StatusChanged(Status {
                mode: Mode::Dnd,
                mode_until: Some(Timestamp::from_unix_millis(0)),
                text: "Deep work".into(),
                text_until: None,
            }),
            json!({"type": "status.changed", "mode": "dnd",
                "mode_until": "1970-01-01T00:00:00Z", "text": "Deep work"}),
        ),
        (
            ServerFrame::NotificationCreated(Notification {
                id: NotificationId::from_uuid(uuid(1)),
                kind: NotificationKind::DirectMessage,
                actor: author.clone(),
                chat_id: Some(chat_id),
                chat_name: String::new(),
                path: "/w/flowra/c/1".into(),
                text: "hi".into(),
                count: 2,
                at: Timestamp::from_unix_millis(0),
                is_read: false,
                is_muted: false,
                version: 3,
            }),
            json!({"type": "notification.created", "id": ONE, "kind": "direct_message",
                "actor": {"user_id": TWO, "display_name": "Jane Doe"}, "chat_id": ONE,
                "path": "/w/flowra/c/1", "text": "hi", "count": 2,
                "at": "1970-01-01T00:00:00Z", "is_read": false, "version": 3}),
        ),
        (
            ServerFrame::NotificationRead {
                ids: vec![NotificationId::from_uuid(uuid(1))],
            },
            json!({"type": "notification.read", "ids": [ONE]}),
        ),
        (
            ServerFrame::NotificationUnread(UnreadNotifications {
                unread: 2,
                version: 3,
            }),
            json!({"type": "notification.unread", "unread": 2, "version": 3}),
        ),
        (
            ServerFrame::Typing {
                chat_id,
                user_id: author.user_id,
                display_name: author.display_name.clone(),
                is_typing: true,
            },
            json!({"type": "chat.typing", "chat_id": ONE, "user_id": TWO,
                "display_name": "Jane Doe", "is_typing": true}),
        ),
        (
            ServerFrame::MessageCreated(Message {
                chat_id,
                id: MessageId::from_uuid(uuid(2)),
                client_id: ClientMessageId::from_uuid(uuid(3)),
                author,
                text: "hi".into(),
                sent_at: Timestamp::from_unix_millis(0),
                edited_at: None,
                deleted_at: None,
                sequence: 5,
                offset: 5,
            }),
            json!({"type": "message.created", "chat_id": ONE, "id": TWO, "client_id": THREE,
                "author": {"user_id": TWO, "display_name": "Jane Doe"}, "text": "hi",
                "sent_at": "1970-01-01T00:00:00Z", "sequence": 5, "offset": 5}),
        ),
        (
            ServerFrame::MessageAck {
                client_id: ClientMessageId::from_uuid(uuid(3)),
                id: MessageId::from_uuid(uuid(2)),
            },
            json!({"type": "message.ack", "client_id": THREE, "id": TWO}),
        ),
        (
            ServerFrame::Error {
                code: ErrorCode::BadRequest,
                message: "no".into(),
                client_id: None,
                chat_id: None,
            },
            json!({"type": "error", "code": "bad_request", "message": "no"}),
        ),
    ];
    for (frame, expected) in frames {
        assert_eq!(serde_json::to_value(&frame).unwrap(), expected);
        assert_eq!(expected.to_string().parse::<ServerFrame>().unwrap(), frame);
    }
}

#[test]
fn a_server_frame_is_read_wherever_its_type_stands_and_with_fields_of_a_newer_server() {
    for text in [
        r#"{"type": "pong", "id": 3}"#,
        r#"{"id": 3, "type": "pong"}"#,
        r#"{"new": {"type": "welcome"}, "id": 3, "ty\u0070e": "pong", "more": []}"#,
    ] {
        let frame: ServerFrame = text.parse().unwrap();
        assert_eq!(frame, ServerFrame::Pong { id: 3 });
    }
}

#[test]
fn what_is_no_server_frame_is_refused() {
    for text in [
        "",
        "[]",
        "3",
        r#"{"id": 3}"#,
        r#"{"type": 7, "id": 3}"#,
        r#"{"type": "brand.new", "id": 3}"#,
        r#"{"type": "pong"}"#,
        r#"{"type": "pong", "id": "three"}"#,
        r#"{"type": "pong", "id": 3} trailing"#,
    ] {
        assert!(text.parse::<ServerFrame>().is_err(), "{text}");
    }
}

#[test]
fn an_error_code_of_a_newer_server_is_understood_as_unknown() {
    assert_eq!(
        serde_json::from_str::<ErrorCode>("\"brand_new\"").unwrap(),
        ErrorCode::Unknown
    );
}
