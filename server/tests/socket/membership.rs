//! Chats that one is not in, no longer in, or newly in.

use crate::{
    peer::{Socket, changes_in, general, id_of, message_of},
    support::TestApp,
};
use protocol::{
    ChatId, ChatRole, ClientFrame, ErrorCode, ServerFrame, UserId, WorkspaceId, WorkspaceRole,
};
use serde_json::json;
use store::NewUser;
use uuid::Uuid;

async fn await_updated(socket: &mut Socket) -> protocol::Chat {
    socket
        .await_frame(|frame| match frame {
            ServerFrame::ChatUpdated { chat } => Some(chat),
            _ => None,
        })
        .await
}

async fn await_members(socket: &mut Socket) -> Vec<String> {
    socket
        .await_frame(|frame| match frame {
            ServerFrame::ConnectedUsers { users, .. } => {
                Some(users.into_iter().map(|user| user.display_name).collect())
            }
            _ => None,
        })
        .await
}

/// The people of a workspace, as they next come on screen.
async fn await_people(socket: &mut Socket) -> Vec<String> {
    socket
        .await_frame(|frame| match frame {
            ServerFrame::WorkspaceUsers { users, .. } => {
                Some(users.into_iter().map(|user| user.display_name).collect())
            }
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_newcomer_to_a_workspace_is_seen_by_those_who_look_at_its_people_and_can_look_as_well() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let workspace_id: WorkspaceId = jane.workspace().await.parse().unwrap();
    let look = ClientFrame::SubscribeWorkspace { workspace_id };
    let mut looking = Socket::join(&app, &jane).await;
    looking.say(&look).await;
    assert_eq!(await_people(&mut looking).await, ["Jane"]);
    let john = app.sign_up("john").await;
    assert_eq!(await_people(&mut looking).await, ["Jane", "John"]);
    let mut newcomer = Socket::join(&app, &john).await;
    newcomer.say(&look).await;
    assert_eq!(await_people(&mut newcomer).await, ["Jane", "John"]);
}

#[tokio::test]
async fn a_chat_one_is_not_in_is_refused_in_the_same_words_as_one_that_does_not_exist() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let theirs: ChatId = john.create_chat("Theirs", true).await.parse().unwrap();
    let unknown = ChatId::from_uuid(Uuid::new_v4());
    let mut socket = Socket::join(&app, &jane).await;
    let mut sentences = Vec::new();
    for chat_id in [theirs, unknown] {
        socket.say(&ClientFrame::Subscribe { chat_id }).await;
        let ServerFrame::Error {
            code,
            message,
            chat_id: of,
            client_id,
        } = socket.hear().await
        else {
            panic!("a refusal");
        };
        assert_eq!(
            (code, of, client_id),
            (ErrorCode::NotFound, Some(chat_id), None)
        );
        sentences.push(message);
    }
    assert_eq!(sentences[0], sentences[1]);
}

#[tokio::test]
async fn who_is_removed_is_told_so_and_from_then_on_nothing_more() {
    let app = TestApp::with(|config| {
        config.presence.offline_grace = std::time::Duration::from_millis(50);
    })
    .await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = jane.create_chat("Project", true).await;
    let chat_id: ChatId = chat.parse().unwrap();
    let members = format!("/api/v1/chats/{chat}/members");
    assert_eq!(
        jane.post(&members, &json!({ "username": "john" }))
            .await
            .status,
        204
    );
    let mut removed = Socket::watch(&app, &john, chat_id).await;
    let mut stays = Socket::watch(&app, &jane, chat_id).await;

    let path = format!("{members}?user_id={}", john.user_id);
    assert_eq!(jane.delete(&path).await.status, 204);
    assert_eq!(await_members(&mut stays).await, ["Jane"]);
    let is_told = |frame| (frame == ServerFrame::ChatRemoved { chat_id }).then_some(());
    removed.await_frame(is_told).await;

    stays
        .say(&ClientFrame::Typing {
            chat_id,
            is_typing: true,
        })
        .await;
    stays.write(chat_id, "Now that he is gone").await;
    stays.await_message().await;
    let amy = app.sign_up("amy").await;
    assert_eq!(
        jane.post(&members, &json!({ "username": "amy" }))
            .await
            .status,
        204
    );
    Socket::join(&app, &amy).await.close().await;
    stays.await_presence(id_of(&amy), false).await;
    let told = removed.so_far().await;
    let of_it = told.iter().filter(|frame| {
        message_of((*frame).clone()).is_some()
            || matches!(
                frame,
                ServerFrame::Typing { .. } | ServerFrame::ConnectedUsers { .. }
            )
            || !changes_in(frame).is_empty()
    });
    assert_eq!(of_it.count(), 0, "{told:?}");
}

#[tokio::test]
async fn who_is_added_learns_of_the_chat_at_once_and_the_others_of_them() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = jane.create_chat("Project", true).await;
    let chat_id: ChatId = chat.parse().unwrap();
    let mut member = Socket::watch(&app, &jane, chat_id).await;
    let mut added = Socket::join(&app, &john).await;
    let members = format!("/api/v1/chats/{chat}/members");
    assert_eq!(
        jane.post(&members, &json!({ "username": "john" }))
            .await
            .status,
        204
    );
    assert_eq!(await_updated(&mut added).await.chat_id, chat_id);
    assert_eq!(await_members(&mut member).await, ["Jane", "John"]);
    member.write(chat_id, "Welcome").await;
    assert_eq!(added.await_message().await.text, "Welcome");
}

#[tokio::test]
async fn a_new_name_or_topic_reaches_every_member() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await;
    let mut socket = Socket::join(&app, &john).await;
    let changes = json!({ "name": "Everybody", "topic": "Everything" });
    assert_eq!(
        jane.patch(&format!("/api/v1/chats/{chat}"), &changes)
            .await
            .status,
        200
    );
    let told = await_updated(&mut socket).await;
    assert_eq!(
        (told.name.as_str(), told.topic.as_str()),
        ("Everybody", "Everything")
    );
}

#[tokio::test]
async fn a_new_public_chat_and_its_new_name_reach_those_who_could_join_it_and_nobody_else() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let eve = app.sign_up("eve").await;
    let name = json!({ "name": "Elsewhere" });
    let elsewhere = eve.post("/api/v1/workspaces", &name).await.json();
    let mut socket = Socket::join(&app, &john).await;
    let mut of_owner = Socket::join(&app, &jane).await;

    let design = jane.create_chat("design", false).await;
    let rename = json!({ "name": "Drawing", "topic": "Lines" });
    let path = format!("/api/v1/chats/{design}");
    assert_eq!(jane.patch(&path, &rename).await.status, 200);
    for name in ["design", "Drawing"] {
        let chat = await_updated(&mut socket).await;
        assert_eq!(chat.chat_id.to_string(), design);
        assert_eq!(
            (chat.name.as_str(), chat.role, chat.unread),
            (name, None, 0)
        );
        let own = await_updated(&mut of_owner).await;
        assert_eq!((own.name.as_str(), own.role), (name, Some(ChatRole::Owner)));
    }

    jane.create_chat("secret", true).await;
    let path = elsewhere["workspace_id"].as_str().unwrap();
    let path = format!("/api/v1/workspaces/{path}/chats");
    let theirs = eve.post(&path, &json!({ "name": "theirs" })).await;
    assert_eq!(theirs.status, 201, "{theirs:?}");
    assert_eq!(
        socket.so_far().await,
        [],
        "private, or of another workspace"
    );
    assert_eq!(await_updated(&mut of_owner).await.name, "secret");
    assert_eq!(of_owner.so_far().await, []);
}

#[tokio::test]
async fn who_takes_over_a_chat_learns_of_it_at_once() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let mut socket = Socket::join(&app, &john).await;
    let members = format!("/api/v1/chats/{}/members", jane.general().await);
    assert_eq!(jane.delete(&members).await.status, 204);
    assert_eq!(await_updated(&mut socket).await.role, Some(ChatRole::Owner));
}

#[tokio::test]
async fn a_socket_has_a_bounded_number_of_chats_on_screen_and_may_refresh_each() {
    let app = TestApp::with(|config| config.websocket.subscriptions = 2).await;
    let jane = app.sign_up("jane").await;
    let mut chats = vec![general(&jane).await];
    for name in ["One", "Two"] {
        chats.push(jane.create_chat(name, true).await.parse().unwrap());
    }
    let mut socket = Socket::join(&app, &jane).await;
    socket.subscribe(chats[0]).await;
    socket.subscribe(chats[1]).await;
    socket
        .say(&ClientFrame::Subscribe { chat_id: chats[2] })
        .await;
    let code = socket
        .await_frame(|frame| match frame {
            ServerFrame::Error { code, .. } => Some(code),
            _ => None,
        })
        .await;
    assert_eq!(code, ErrorCode::RateLimited);
    socket.subscribe(chats[0]).await;
    socket
        .say(&ClientFrame::Unsubscribe { chat_id: chats[0] })
        .await;
    socket.subscribe(chats[2]).await;
}

#[tokio::test]
async fn the_members_of_a_chat_arrive_whole_however_many() {
    const MEMBERS: u128 = 400;
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let chat_id: ChatId = jane.create_chat("Everybody", true).await.parse().unwrap();
    let workspace = jane.workspace().await.parse().unwrap();
    let now = app.state.clock.now();
    for n in 1..MEMBERS {
        let user_id = UserId::from_uuid(Uuid::from_u128(n));
        let user = NewUser {
            user_id,
            username: format!("user-{n}"),
            display_name: "\u{1f980}".repeat(80),
            password_hash: String::new(),
            created_at: now,
        };
        let store = &app.state.store;
        store.create_user(user).await.unwrap();
        let joined = store.add_workspace_member(workspace, user_id, WorkspaceRole::Member, now);
        joined.await.unwrap();
        let added = store.add_chat_member(chat_id, user_id, ChatRole::Member, now, None);
        assert_eq!(added.await.unwrap(), store::Joined::Added(None));
    }
    app.state.hub.chat_changed(chat_id).await.unwrap();
    let mut socket = Socket::join(&app, &jane).await;
    assert_eq!(socket.subscribe(chat_id).await.len(), MEMBERS as usize);
}
