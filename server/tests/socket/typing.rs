//! Who is typing, and each way in which that ends.

use crate::{
    peer::{PATIENCE, Socket, general, id_of},
    support::{Client, TestApp},
};
use protocol::{ChatId, ClientFrame, ErrorCode, ServerFrame, UserId};
use std::time::Duration;
use tokio::time::Instant;

/// Two people with the same chat on screen; Jane types.
struct Scene {
    app: TestApp,
    chat: ChatId,
    jane: Client,
    john: Client,
    writer: Socket,
    reader: Socket,
}

/// `timeout` is long wherever typing is to end in another way.
async fn scene(timeout: Duration) -> Scene {
    let app = TestApp::with(|config| config.chat.typing_timeout = timeout).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await;
    let writer = Socket::watch(&app, &jane, chat).await;
    let reader = Socket::watch(&app, &john, chat).await;
    Scene {
        app,
        chat,
        jane,
        john,
        writer,
        reader,
    }
}

impl Scene {
    async fn types(&mut self) {
        let typing = ClientFrame::Typing {
            chat_id: self.chat,
            is_typing: true,
        };
        self.writer.say(&typing).await;
        let told = hear_typing(&mut self.reader).await;
        assert_eq!(told, (id_of(&self.jane), self.chat, true));
    }

    async fn is_told_to_have_stopped(&mut self) {
        let told = hear_typing(&mut self.reader).await;
        assert_eq!(told, (id_of(&self.jane), self.chat, false));
    }
}

async fn hear_typing(socket: &mut Socket) -> (UserId, ChatId, bool) {
    socket
        .await_frame(|frame| match frame {
            ServerFrame::Typing {
                chat_id,
                user_id,
                is_typing,
                ..
            } => Some((user_id, chat_id, is_typing)),
            _ => None,
        })
        .await
}

/// What was told of typing up to now. Comings and goings may be told at any time.
async fn typing_so_far(socket: &mut Socket) -> Vec<ServerFrame> {
    let told = socket.so_far().await.into_iter();
    told.filter(|frame| matches!(frame, ServerFrame::Typing { .. }))
        .collect()
}

#[tokio::test]
async fn typing_ends_by_itself_after_its_time_and_not_sooner() {
    let timeout = Duration::from_millis(300);
    let mut scene = scene(timeout).await;
    let start = Instant::now();
    scene.types().await;
    scene.is_told_to_have_stopped().await;
    assert!(start.elapsed() >= timeout);
}

#[tokio::test]
async fn typing_on_lasts_on() {
    let timeout = Duration::from_millis(1_000);
    let mut scene = scene(timeout).await;
    let start = Instant::now();
    scene.types().await;
    scene.types().await;
    let last = Instant::now();
    scene.types().await;
    scene.is_told_to_have_stopped().await;
    assert!(start.elapsed() >= timeout + (last - start));
}

#[tokio::test]
async fn typing_ends_when_its_writer_says_so() {
    let mut scene = scene(PATIENCE * 10).await;
    scene.types().await;
    let chat_id = scene.chat;
    scene
        .writer
        .say(&ClientFrame::Typing {
            chat_id,
            is_typing: false,
        })
        .await;
    scene.is_told_to_have_stopped().await;
    scene
        .writer
        .say(&ClientFrame::Typing {
            chat_id,
            is_typing: false,
        })
        .await;
    scene.writer.so_far().await;
    assert_eq!(typing_so_far(&mut scene.reader).await, [], "once is enough");
}

#[tokio::test]
async fn typing_ends_before_the_message_arrives() {
    let mut scene = scene(PATIENCE * 10).await;
    scene.types().await;
    scene.writer.write(scene.chat, "Done").await;
    scene.is_told_to_have_stopped().await;
    assert_eq!(scene.reader.await_message().await.text, "Done");
}

#[tokio::test]
async fn typing_ends_when_the_chat_leaves_the_screen() {
    let mut scene = scene(PATIENCE * 10).await;
    scene.types().await;
    scene
        .writer
        .say(&ClientFrame::Unsubscribe {
            chat_id: scene.chat,
        })
        .await;
    scene.is_told_to_have_stopped().await;
}

#[tokio::test]
async fn typing_ends_when_the_socket_closes() {
    let mut scene = scene(PATIENCE * 10).await;
    scene.types().await;
    let other = Socket::join(&scene.app, &scene.jane).await;
    std::mem::replace(&mut scene.writer, other).close().await;
    scene.is_told_to_have_stopped().await;
}

#[tokio::test]
async fn typing_ends_when_the_socket_breaks() {
    let mut scene = scene(PATIENCE * 10).await;
    scene.types().await;
    scene.writer = Socket::join(&scene.app, &scene.jane).await;
    scene.is_told_to_have_stopped().await;
}

#[tokio::test]
async fn nobody_is_told_of_their_own_typing_in_whatever_tab() {
    let mut scene = scene(PATIENCE * 10).await;
    let mut other_tab = Socket::watch(&scene.app, &scene.jane, scene.chat).await;
    scene.types().await;
    assert_eq!(typing_so_far(&mut scene.writer).await, []);
    assert_eq!(typing_so_far(&mut other_tab).await, []);
}

#[tokio::test]
async fn typing_in_a_chat_one_is_not_in_is_refused_like_an_unknown_one_and_told_to_nobody() {
    let mut scene = scene(PATIENCE * 10).await;
    let theirs: ChatId = scene
        .john
        .create_chat("Theirs", true)
        .await
        .parse()
        .unwrap();
    let unknown = ChatId::from_uuid(uuid::Uuid::new_v4());
    scene.reader.subscribe(theirs).await;
    let mut refusals = Vec::new();
    for chat_id in [theirs, unknown] {
        scene
            .writer
            .say(&ClientFrame::Typing {
                chat_id,
                is_typing: true,
            })
            .await;
        let (code, message, of) = scene
            .writer
            .await_frame(|frame| match frame {
                ServerFrame::Error {
                    code,
                    message,
                    chat_id,
                    ..
                } => Some((code, message, chat_id)),
                _ => None,
            })
            .await;
        assert_eq!((code, of), (ErrorCode::NotFound, Some(chat_id)));
        refusals.push(message);
    }
    assert_eq!(refusals[0], refusals[1]);
    assert_eq!(typing_so_far(&mut scene.reader).await, []);
}

#[tokio::test]
async fn with_typing_switched_off_it_is_refused() {
    let app = TestApp::with(|config| config.chat.typing_enabled = false).await;
    let jane = app.sign_up("jane").await;
    let chat_id = general(&jane).await;
    let mut socket = Socket::join(&app, &jane).await;
    socket
        .say(&ClientFrame::Typing {
            chat_id,
            is_typing: true,
        })
        .await;
    let heard = socket.hear().await;
    assert!(
        matches!(
            heard,
            ServerFrame::Error {
                code: ErrorCode::Disabled,
                ..
            }
        ),
        "{heard:?}"
    );
}
