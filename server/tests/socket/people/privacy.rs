//! Nobody learns what is not for them, by whatever path.

use super::{block, choose, friends_of, put, scene};
use crate::{
    peer::{Socket, changes_in, eventually, general, id_of, transitions},
    support::{Client, PASSWORD, TestApp},
};
use futures::future::join_all;
use protocol::{ClientFrame, PresenceEntry, ServerFrame, UserId, WorkspaceId};
use serde_json::json;
use std::time::Duration;

async fn rest(who: &Client, path: &str) -> Vec<PresenceEntry> {
    serde_json::from_value(who.get(path).await.json()).unwrap()
}

/// What a person is told of another by each way of asking.
async fn by_every_path(app: &TestApp, reader: &Client, of: UserId) -> Vec<PresenceEntry> {
    let (chat, workspace) = (general(reader).await, reader.workspace().await);
    let workspace_id: WorkspaceId = workspace.parse().unwrap();
    let mut socket = Socket::join(app, reader).await;
    let in_chat = socket.subscribe(chat).await;
    socket
        .say(&ClientFrame::SubscribeWorkspace { workspace_id })
        .await;
    let in_workspace = socket
        .await_frame(|frame| match frame {
            ServerFrame::WorkspaceUsers { users, .. } => Some(users),
            _ => None,
        })
        .await;
    let function = reader
        .post("/fn/load_chat_presence", &json!({ "chat_id": chat }))
        .await
        .json();
    let page = reader
        .post("/fn/load_people", &json!({ "workspace": workspace }))
        .await
        .json();
    let listed: Vec<PresenceEntry> =
        serde_json::from_value(page["presence"]["users"].clone()).unwrap();
    let by_function: Vec<PresenceEntry> =
        serde_json::from_value(function["users"].clone()).unwrap();
    let paths = [
        in_chat,
        in_workspace,
        rest(reader, &format!("/api/v1/chats/{chat}/presence")).await,
        rest(reader, &format!("/api/v1/workspaces/{workspace}/presence")).await,
        by_function,
        listed,
    ];
    let told: Vec<_> = paths
        .into_iter()
        .map(|users| users.into_iter().find(|user| user.user_id == of).unwrap())
        .collect();
    socket.close().await;
    told
}

#[tokio::test]
async fn two_of_whom_one_has_blocked_the_other_learn_nothing_of_each_other_by_any_path() {
    let scene = scene().await;
    scene.are_friends().await;
    let chat = general(&scene.jane).await;
    let mut blocked = Socket::watch(&scene.app, &scene.john, chat).await;
    let mut blocker = Socket::watch(&scene.app, &scene.jane, chat).await;
    block(&scene.jane, &scene.john).await;
    for (reader, of) in [(&scene.john, &scene.jane), (&scene.jane, &scene.john)] {
        for told in by_every_path(&scene.app, reader, id_of(of)).await {
            assert!(told.is_hidden && !told.is_online, "{told:?}");
            assert_eq!((told.last_seen, told.version), (None, 0));
        }
        let friends = rest_friends(reader).await;
        assert_eq!(friends, 0, "the friendship is over");
    }
    let before = blocked
        .await_frame(|frame| match frame {
            ServerFrame::ConnectedUsers { users, .. } => Some(users),
            _ => None,
        })
        .await;
    let shown = before.iter().find(|it| it.user_id == id_of(&scene.jane));
    assert!(shown.unwrap().is_hidden, "what was on screen is taken back");

    blocker.so_far().await;
    blocked.so_far().await;
    let typing = ClientFrame::Typing {
        chat_id: chat,
        is_typing: true,
    };
    blocker.say(&typing).await;
    blocked.say(&typing).await;
    choose(&scene.jane, json!({ "mode": "dnd", "text": "Busy" })).await;
    let mut witness = Socket::watch(&scene.app, &scene.bob, chat).await;
    blocker.close().await;
    witness.await_presence(id_of(&scene.jane), false).await;
    let frames = blocked.so_far().await;
    let is_of_jane = |frame: &ServerFrame| match frame {
        ServerFrame::Typing { user_id, .. } => *user_id == id_of(&scene.jane),
        frame => changes_in(frame)
            .iter()
            .any(|change| change.user_id == id_of(&scene.jane)),
    };
    let told: Vec<_> = frames.iter().filter(|frame| is_of_jane(frame)).collect();
    assert_eq!(told, [] as [&ServerFrame; 0]);
}

/// Thousands come into a room at once: it is read and serialised for many of them together, though not
/// all may know the same.
#[tokio::test]
async fn of_many_who_open_a_chat_at_once_each_is_shown_it_once_and_what_they_may_know() {
    let scene = scene().await;
    block(&scene.jane, &scene.john).await;
    let chat_id = general(&scene.jane).await;
    let mut tabs = Vec::new();
    for reader in [&scene.jane, &scene.john, &scene.bob].repeat(10) {
        tabs.push((id_of(reader), Socket::join(&scene.app, reader).await));
    }
    let told = join_all(tabs.iter_mut().map(async |(reader, socket)| {
        socket.say(&ClientFrame::Subscribe { chat_id }).await;
        (*reader, socket.so_far().await)
    }))
    .await;
    let apart = [id_of(&scene.jane), id_of(&scene.john)];
    for (reader, frames) in told {
        let shown: Vec<_> = frames
            .iter()
            .filter_map(|frame| match frame {
                ServerFrame::ConnectedUsers { users, .. } => Some(users),
                _ => None,
            })
            .collect();
        let [users] = shown[..] else {
            panic!("{shown:?}");
        };
        for user in users {
            let pair = [reader, user.user_id];
            let are_apart = apart.iter().all(|it| pair.contains(it));
            assert_eq!((user.is_online, user.is_hidden), (!are_apart, are_apart));
        }
        assert_eq!(users.len(), 3);
    }
}

async fn rest_friends(who: &Client) -> usize {
    let friends = who.get("/api/v1/friends").await.json();
    friends["friends"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_invisible_are_offline_by_every_path_and_type_unseen() {
    let scene = scene().await;
    scene.are_friends().await;
    choose(&scene.jane, json!({ "mode": "invisible" })).await;
    let chat = general(&scene.jane).await;
    let mut john = Socket::watch(&scene.app, &scene.john, chat).await;
    let mut jane = Socket::watch(&scene.app, &scene.jane, chat).await;
    assert!(!friends_of(&john)[0].is_online);
    for told in by_every_path(&scene.app, &scene.john, id_of(&scene.jane)).await {
        assert_eq!(
            (told.is_online, told.availability, told.last_seen),
            (false, None, None),
            "she was never seen"
        );
    }
    jane.say(&ClientFrame::Typing {
        chat_id: chat,
        is_typing: true,
    })
    .await;
    jane.say(&ClientFrame::Input {}).await;
    jane.so_far().await;
    jane.close().await;
    let _jane = Socket::watch(&scene.app, &scene.jane, chat).await;
    let frames = john.so_far().await;
    let of_jane: Vec<_> = frames
        .iter()
        .filter(|frame| match frame {
            ServerFrame::Typing { user_id, .. } => *user_id == id_of(&scene.jane),
            frame => changes_in(frame)
                .iter()
                .any(|change| change.user_id == id_of(&scene.jane)),
        })
        .collect();
    assert_eq!(of_jane, [] as [&ServerFrame; 0]);
    choose(&scene.jane, json!({ "mode": "automatic" })).await;
    john.await_presence(id_of(&scene.jane), true).await;
}

#[tokio::test]
async fn going_invisible_looks_like_leaving_and_a_stop_of_the_server_tells_nothing_more() {
    let scene = scene().await;
    let chat = general(&scene.jane).await;
    let mut john = Socket::watch(&scene.app, &scene.john, chat).await;
    let _jane = Socket::join(&scene.app, &scene.jane).await;
    john.await_presence(id_of(&scene.jane), true).await;
    choose(&scene.jane, json!({ "mode": "invisible" })).await;
    john.await_presence(id_of(&scene.jane), false).await;
    let path = format!("/api/v1/chats/{chat}/presence");
    let seen = |users: Vec<PresenceEntry>| {
        let jane = users
            .into_iter()
            .find(|it| it.user_id == id_of(&scene.jane));
        jane.unwrap().last_seen
    };
    let left = seen(rest(&scene.john, &path).await);
    assert!(left.is_some());
    scene.app.pass(Duration::from_secs(3_600));
    scene
        .app
        .state
        .hub
        .store_last_seen(scene.app.state.clock.now())
        .await;
    let stored = scene.app.state.store.chat_members(chat).await.unwrap();
    let stored = stored
        .into_iter()
        .find(|it| it.person.user_id == id_of(&scene.jane));
    assert_eq!(stored.unwrap().person.last_seen, left);
}

#[tokio::test]
async fn last_seen_is_told_to_whom_it_is_shown_and_whoever_hides_it_is_told_nobodys() {
    let scene = scene().await;
    scene.are_friends().await;
    let chat = general(&scene.jane).await;
    let (mut john, mut bob) = (
        Socket::watch(&scene.app, &scene.john, chat).await,
        Socket::watch(&scene.app, &scene.bob, chat).await,
    );
    let audience = async |who: &Client, audience: &str| {
        put(
            who,
            "/api/v1/me/last-seen",
            &json!({ "audience": audience }),
        )
        .await;
    };
    let left = |frame: ServerFrame| {
        let changes = changes_in(&frame);
        let gone = changes
            .iter()
            .find(|it| it.user_id == id_of(&scene.jane) && !it.is_online)?;
        Some(gone.last_seen.is_some())
    };
    for (shown_to, bobs, expected) in [
        ("everyone", "everyone", (true, true)),
        ("friends", "everyone", (true, false)),
        ("nobody", "everyone", (false, false)),
        ("everyone", "nobody", (true, false)),
    ] {
        audience(&scene.jane, shown_to).await;
        audience(&scene.bob, bobs).await;
        Socket::join(&scene.app, &scene.jane).await.close().await;
        let live = (john.await_frame(left).await, bob.await_frame(left).await);
        assert_eq!(live, expected, "live, {shown_to}");
        for (reader, is_told) in [(&scene.john, expected.0), (&scene.bob, expected.1)] {
            for told in by_every_path(&scene.app, reader, id_of(&scene.jane)).await {
                assert_eq!(told.last_seen.is_some(), is_told, "{shown_to}: {told:?}");
            }
        }
    }
}

#[tokio::test]
async fn somebody_who_shares_nothing_learns_nothing_by_any_path() {
    let scene = scene().await;
    let password_hash = scene.app.state.passwords.hash(PASSWORD.to_owned()).await;
    let eve = store::NewUser {
        user_id: UserId::from_uuid(uuid::Uuid::now_v7()),
        username: "eve".into(),
        display_name: "Eve".into(),
        password_hash: password_hash.unwrap(),
        created_at: scene.app.state.clock.now(),
    };
    scene.app.state.store.create_user(eve).await.unwrap();
    let eve = scene.app.sign_in("eve").await;
    let (chat, workspace) = (general(&scene.jane).await, scene.jane.workspace().await);
    let mut socket = Socket::join(&scene.app, &eve).await;
    assert!(friends_of(&socket).is_empty());
    let workspace_id: WorkspaceId = workspace.parse().unwrap();
    for frame in [
        ClientFrame::Subscribe { chat_id: chat },
        ClientFrame::SubscribeWorkspace { workspace_id },
    ] {
        socket.say(&frame).await;
        let answer = socket.hear().await;
        assert!(matches!(answer, ServerFrame::Error { .. }), "{answer:?}");
    }
    for path in [
        format!("/api/v1/chats/{chat}/presence"),
        format!("/api/v1/workspaces/{workspace}/presence"),
    ] {
        assert_eq!(eve.get(&path).await.status, 404, "{path}");
    }
    for (function, body) in [
        ("load_chat_presence", json!({ "chat_id": chat })),
        ("load_people", json!({ "workspace": workspace })),
    ] {
        let answer = eve.post(&format!("/fn/{function}"), &body).await;
        assert_eq!(answer.status, 404, "{function}");
    }
    let mut witness = Socket::watch(&scene.app, &scene.bob, chat).await;
    Socket::join(&scene.app, &scene.jane).await.close().await;
    witness.await_presence(id_of(&scene.jane), false).await;
    assert_eq!(transitions(&socket.so_far().await), []);
}

#[tokio::test]
async fn a_workspace_that_one_is_not_in_cannot_be_put_on_screen() {
    let scene = scene().await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let workspace_id = WorkspaceId::from_uuid(uuid::Uuid::new_v4());
    jane.say(&ClientFrame::SubscribeWorkspace { workspace_id })
        .await;
    let message = jane
        .await_frame(|frame| match frame {
            ServerFrame::Error { message, .. } => Some(message),
            _ => None,
        })
        .await;
    assert_eq!(message, "there is no such workspace");
    let path = format!("/api/v1/workspaces/{workspace_id}/presence");
    assert_eq!(scene.jane.get(&path).await.status, 404);
    eventually(async || scene.app.sockets_of(id_of(&scene.jane)) == 1).await;
}
