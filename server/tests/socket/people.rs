//! Friends, blocks, statuses, direct chats and last seen: who is told what, by every path. Nobody
//! learns what is not for them.

use crate::{
    peer::{Socket, changes_in, eventually, general, id_of, transitions},
    support::{Client, PASSWORD, TestApp},
};
use http::Method;
use protocol::{
    Availability, ChatId, ClientFrame, Mode, NotificationKind, PresenceEntry, ServerFrame, UserId,
    WorkspaceId,
};
use serde_json::{Value, json};
use std::time::Duration;

/// People who share a workspace, and nothing on any screen.
struct Scene {
    app: TestApp,
    jane: Client,
    john: Client,
    bob: Client,
}

const GRACE: Duration = Duration::from_millis(200);

async fn scene() -> Scene {
    scene_with(Duration::from_secs(60)).await
}

async fn scene_with(away_after: Duration) -> Scene {
    let app = TestApp::with(|config| {
        config.presence.offline_grace = GRACE;
        config.presence.away_after = away_after;
    })
    .await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let bob = app.sign_up("bob").await;
    Scene {
        app,
        jane,
        john,
        bob,
    }
}

async fn ask(who: &Client, whom: &str) {
    let asked = who
        .post("/api/v1/friends", &json!({ "username": whom }))
        .await;
    assert_eq!(asked.status, 204, "{asked:?}");
}

async fn put(who: &Client, path: &str, body: &Value) {
    let answer = who.json(Method::PUT, path, body).await;
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
}

async fn befriend(one: &Client, other: &Client) {
    put(
        one,
        &format!("/api/v1/friends/{}", other.user_id),
        &Value::Null,
    )
    .await;
}

async fn block(who: &Client, whom: &Client) {
    put(
        who,
        &format!("/api/v1/blocks/{}", whom.user_id),
        &Value::Null,
    )
    .await;
}

async fn choose(who: &Client, status: Value) {
    put(who, "/api/v1/me/status", &status).await;
}

impl Scene {
    async fn are_friends(&self) {
        ask(&self.jane, "john").await;
        befriend(&self.john, &self.jane).await;
    }

    async fn direct(&self, of: &Client, with: &Client) -> ChatId {
        let path = format!("/api/v1/workspaces/{}/direct", of.workspace().await);
        let opened = of.post(&path, &json!({ "user_ids": [with.user_id] })).await;
        assert_eq!(opened.status, 200, "{opened:?}");
        opened.json()["chat_id"].as_str().unwrap().parse().unwrap()
    }
}

/// The friends that a socket was told of with its welcome.
fn friends(socket: &Socket) -> Vec<PresenceEntry> {
    let told = socket.standing.iter().find_map(|frame| match frame {
        ServerFrame::FriendsSnapshot(snapshot) => Some(snapshot.friends.clone()),
        _ => None,
    });
    told.expect("every welcome brings the friends")
}

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
async fn a_friend_is_told_of_wherever_they_are_and_others_are_not() {
    let scene = scene().await;
    scene.are_friends().await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let mut bob = Socket::join(&scene.app, &scene.bob).await;
    let told: Vec<_> = friends(&jane)
        .into_iter()
        .map(|friend| (friend.user_id, friend.is_online))
        .collect();
    assert_eq!(told, [(id_of(&scene.john), false)]);
    let john = Socket::join(&scene.app, &scene.john).await;
    jane.await_presence(id_of(&scene.john), true).await;
    assert!(friends(&john)[0].is_online);
    john.close().await;
    jane.await_presence(id_of(&scene.john), false).await;
    assert_eq!(transitions(&bob.so_far().await), []);
}

#[tokio::test]
async fn a_request_is_told_at_once_and_accepting_it_shows_both_to_each_other() {
    let scene = scene().await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let mut john = Socket::join(&scene.app, &scene.john).await;
    ask(&scene.jane, "john").await;
    let kind = john
        .await_frame(|frame| match frame {
            ServerFrame::NotificationCreated(it) => Some((it.kind, it.actor.display_name)),
            _ => None,
        })
        .await;
    assert_eq!(kind, (NotificationKind::FriendRequest, "Jane".to_owned()));
    let incoming = john
        .await_frame(|frame| match frame {
            ServerFrame::Relations(relations) => Some(relations.incoming),
            _ => None,
        })
        .await;
    assert_eq!(incoming[0].user_id, id_of(&scene.jane));
    befriend(&scene.john, &scene.jane).await;
    for (socket, friend) in [(&mut jane, &scene.john), (&mut john, &scene.jane)] {
        let shown = socket
            .await_frame(|frame| match frame {
                ServerFrame::FriendsSnapshot(it) if !it.friends.is_empty() => Some(it.friends),
                _ => None,
            })
            .await;
        assert_eq!(
            (shown[0].user_id, shown[0].is_online),
            (id_of(friend), true)
        );
    }
}

#[tokio::test]
async fn bad_requests_to_be_friends_get_a_sentence_and_change_nothing() {
    let scene = scene().await;
    let refusal = async |who: &Client, whom: &str| {
        let answer = who
            .post("/api/v1/friends", &json!({ "username": whom }))
            .await;
        let problem = answer.json();
        (
            answer.status,
            problem["detail"].as_str().unwrap().to_owned(),
        )
    };
    let (status, detail) = refusal(&scene.jane, "jane").await;
    assert_eq!(
        (status, detail.contains("your own")),
        (400, true),
        "{detail}"
    );
    let (status, detail) = refusal(&scene.jane, "nobody").await;
    assert_eq!(
        (status, detail.contains("nobody with")),
        (404, true),
        "{detail}"
    );
    ask(&scene.jane, "john").await;
    let (status, detail) = refusal(&scene.jane, "john").await;
    assert_eq!(
        (status, detail.as_str()),
        (409, "You have asked John already.")
    );
    befriend(&scene.john, &scene.jane).await;
    let (status, detail) = refusal(&scene.john, "@Jane").await;
    assert_eq!(
        (status, detail.as_str()),
        (409, "You and Jane are friends already.")
    );
    let relations = scene.john.get("/api/v1/friends/requests").await.json();
    assert_eq!(
        relations,
        json!({ "incoming": [], "outgoing": [], "blocked": [] })
    );
    let unknown = format!("/api/v1/friends/{}", uuid::Uuid::new_v4());
    assert_eq!(scene.jane.delete(&unknown).await.status, 404);
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

async fn rest_friends(who: &Client) -> usize {
    let friends = who.get("/api/v1/friends").await.json();
    friends["friends"].as_array().unwrap().len()
}

#[tokio::test]
async fn somebody_who_is_blocked_can_neither_ask_nor_write_to_the_blocker() {
    let scene = scene().await;
    let chat = scene.direct(&scene.john, &scene.jane).await;
    block(&scene.jane, &scene.john).await;
    ask(&scene.john, "jane").await;
    let relations = scene.jane.get("/api/v1/friends/requests").await.json();
    assert_eq!(relations["incoming"], json!([]));
    let path = format!("/api/v1/chats/{chat}/messages");
    let message = json!({ "client_id": uuid::Uuid::new_v4(), "text": "Hello?" });
    let refused = scene.john.post(&path, &message).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let bell = scene.jane.get("/api/v1/notifications").await.json();
    assert_eq!(bell["notifications"], json!([]));
}

#[tokio::test]
async fn the_invisible_are_offline_by_every_path_and_type_unseen() {
    let scene = scene().await;
    scene.are_friends().await;
    choose(&scene.jane, json!({ "mode": "invisible" })).await;
    let chat = general(&scene.jane).await;
    let mut john = Socket::watch(&scene.app, &scene.john, chat).await;
    let mut jane = Socket::watch(&scene.app, &scene.jane, chat).await;
    assert!(!friends(&john)[0].is_online);
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
async fn without_input_somebody_is_away_and_with_the_first_they_are_back() {
    let scene = scene_with(Duration::from_millis(400)).await;
    let chat = general(&scene.jane).await;
    let mut john = Socket::watch(&scene.app, &scene.john, chat).await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let availability = |frame: ServerFrame| {
        let changes = changes_in(&frame);
        let of_jane = changes.iter().find(|it| it.user_id == id_of(&scene.jane))?;
        Some((of_jane.is_online, of_jane.availability))
    };
    assert_eq!(john.await_frame(availability).await, (true, None));
    let away = (true, Some(Availability::Away));
    assert_eq!(john.await_frame(availability).await, away);
    jane.say(&ClientFrame::Input {}).await;
    assert_eq!(john.await_frame(availability).await, (true, None));
}

#[tokio::test]
async fn a_status_is_told_to_others_and_to_ones_own_tabs_and_ends_by_itself() {
    let scene = scene().await;
    let chat = general(&scene.jane).await;
    let mut john = Socket::watch(&scene.app, &scene.john, chat).await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    john.await_presence(id_of(&scene.jane), true).await;
    let shown = |frame: ServerFrame| {
        let changes = changes_in(&frame);
        let of_jane = changes.iter().find(|it| it.user_id == id_of(&scene.jane))?;
        Some((of_jane.availability, of_jane.status_text.clone()))
    };
    choose(
        &scene.jane,
        json!({ "mode": "dnd", "mode_seconds": 60, "text": "Deep work", "text_seconds": 120 }),
    )
    .await;
    let dnd = Some(Availability::Dnd);
    assert_eq!(john.await_frame(shown).await, (dnd, "Deep work".into()));
    let own = |frame| match frame {
        ServerFrame::StatusChanged(status) => Some((status.mode, status.text)),
        _ => None,
    };
    assert_eq!(jane.await_frame(own).await, (Mode::Dnd, "Deep work".into()));
    // The ends are looked for again when another one is chosen, and the time of day has passed.
    scene.app.pass(Duration::from_secs(90));
    scene.app.state.status_ends.notify_one();
    assert_eq!(john.await_frame(shown).await, (None, "Deep work".into()));
    assert_eq!(
        jane.await_frame(own).await,
        (Mode::Automatic, "Deep work".into())
    );
    scene.app.pass(Duration::from_secs(90));
    scene.app.state.status_ends.notify_one();
    assert_eq!(john.await_frame(shown).await, (None, String::new()));
}

#[tokio::test]
async fn a_status_that_cannot_be_is_refused_with_a_sentence() {
    let scene = scene().await;
    for status in [
        json!({ "text": "x".repeat(81) }),
        json!({ "text": "two\nlines" }),
        json!({ "mode": "dnd", "mode_seconds": 0 }),
        json!({ "mode": "dnd", "mode_seconds": u64::MAX }),
        json!({ "mode": "busy" }),
    ] {
        let refused = scene
            .jane
            .json(Method::PUT, "/api/v1/me/status", &status)
            .await;
        assert!(matches!(refused.status, 400 | 413), "{status}: {refused:?}");
        assert!(refused.json()["detail"].is_string());
    }
    let status = scene.jane.get("/api/v1/me/status").await.json();
    assert_eq!(status["status"], json!({ "mode": "automatic", "text": "" }));
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
async fn a_direct_message_reaches_its_people_with_presence_and_one_notification_that_counts() {
    let scene = scene().await;
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let mut john = Socket::join(&scene.app, &scene.john).await;
    let mut bob = Socket::join(&scene.app, &scene.bob).await;
    let chat = scene.direct(&scene.john, &scene.jane).await;
    let partners = jane
        .await_frame(|frame| match frame {
            ServerFrame::DirectUsers { users, .. } => Some(users),
            _ => None,
        })
        .await;
    let told: Vec<_> = partners
        .iter()
        .map(|it| (it.user_id, it.is_online))
        .collect();
    assert_eq!(told, [(id_of(&scene.john), true)]);
    john.write(chat, "Hello Jane").await;
    john.write(chat, "Are you there?").await;
    let noted = |frame| match frame {
        ServerFrame::NotificationCreated(it) => Some((it.id, it.kind, it.count, it.text)),
        _ => None,
    };
    let (id, kind, count, _) = jane.await_frame(noted).await;
    assert_eq!((kind, count), (NotificationKind::DirectMessage, 1));
    let (again, _, count, text) = jane.await_frame(noted).await;
    assert_eq!((again, count, text.as_str()), (id, 2, "Are you there?"));
    let unread = |frame| match frame {
        ServerFrame::NotificationUnread(it) => Some(it.unread),
        _ => None,
    };
    assert_eq!(jane.await_frame(unread).await, 1);
    let newest = jane_reads(&mut jane, chat, &scene.jane).await;
    assert_eq!(newest, 0, "reading the chat reads its notification");
    john.close().await;
    jane.await_presence(id_of(&scene.john), false).await;
    let is_strange = |frame: &ServerFrame| !changes_in(frame).is_empty();
    let told = bob.so_far().await;
    assert!(!told.iter().any(|frame| is_strange(frame)
        || matches!(
            frame,
            ServerFrame::MessageCreated(_) | ServerFrame::ChatUpdated { .. }
        )));
}

/// Reads a chat to its end, and gives how many notifications are unread then.
async fn jane_reads(socket: &mut Socket, chat: ChatId, jane: &Client) -> u64 {
    let path = format!("/api/v1/chats/{chat}/messages");
    let history = jane.get(&path).await.json();
    let newest = history["messages"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    let sequence = newest["sequence"].as_u64().unwrap();
    socket
        .say(&ClientFrame::Read {
            chat_id: chat,
            sequence,
        })
        .await;
    let unread = socket
        .await_frame(|frame| match frame {
            ServerFrame::NotificationUnread(it) => Some(it.unread),
            _ => None,
        })
        .await;
    socket
        .await_frame(|frame| matches!(frame, ServerFrame::NotificationRead { .. }).then_some(()))
        .await;
    unread
}

#[tokio::test]
async fn a_mention_notifies_a_member_and_one_of_an_outsider_is_refused_with_nothing_lost() {
    let scene = scene().await;
    let private = scene.jane.create_chat("Plans", true).await;
    let chat: ChatId = private.parse().unwrap();
    let mut jane = Socket::join(&scene.app, &scene.jane).await;
    let mut john = Socket::join(&scene.app, &scene.john).await;
    let add = json!({ "username": "john" });
    let path = format!("/api/v1/chats/{private}/members");
    assert_eq!(scene.jane.post(&path, &add).await.status, 204);
    let noted = |frame| match frame {
        ServerFrame::NotificationCreated(it) => Some((it.kind, it.chat_name, it.path)),
        _ => None,
    };
    let (kind, name, path) = john.await_frame(noted).await;
    assert_eq!(
        (kind, name.as_str()),
        (NotificationKind::Invitation, "Plans")
    );
    assert!(path.ends_with("/c/plans"), "{path}");
    let client_id = jane.write(chat, "Ask @bob, or @John").await;
    let refusal = jane
        .await_frame(|frame| match frame {
            ServerFrame::Error {
                client_id: Some(of),
                message,
                ..
            } => Some((of, message)),
            _ => None,
        })
        .await;
    assert_eq!(refusal.0, client_id);
    assert!(
        refusal.1.starts_with("Bob is not in this chat."),
        "{}",
        refusal.1
    );
    jane.write(chat, "Ask @john, not @nobody").await;
    assert_eq!(john.await_frame(noted).await.0, NotificationKind::Mention);
    let many: String = (0..10_000).map(|n| format!("@a{n} ")).collect();
    jane.write(chat, &many[..7_000]).await;
    let refusal = jane
        .await_frame(|frame| match frame {
            ServerFrame::Error { message, .. } => Some(message),
            _ => None,
        })
        .await;
    assert_eq!(refusal, "A message can mention at most 50 people.");
}

#[tokio::test]
async fn a_bell_that_was_away_is_told_once_of_all_that_came_meanwhile() {
    let scene = scene().await;
    let chat = general(&scene.jane).await;
    Socket::join(&scene.app, &scene.john).await.close().await;
    for n in 0..3 {
        scene
            .jane
            .write(&chat.to_string(), &format!("@john {n}"))
            .await;
    }
    let john = Socket::join(&scene.app, &scene.john).await;
    let bell = john.standing.iter().find_map(|frame| match frame {
        ServerFrame::NotificationUnread(it) => Some(it.unread),
        _ => None,
    });
    assert_eq!(bell, Some(3));
    let mut second = Socket::join(&scene.app, &scene.john).await;
    let listed = scene.john.get("/api/v1/notifications").await.json();
    let texts: Vec<_> = listed["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["text"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(texts, ["@john 2", "@john 1", "@john 0"]);
    let read = scene
        .john
        .post("/api/v1/notifications/read", &json!({}))
        .await;
    assert_eq!(read.status, 204);
    let unread = second
        .await_frame(|frame| match frame {
            ServerFrame::NotificationUnread(it) => Some(it.unread),
            _ => None,
        })
        .await;
    assert_eq!(unread, 0, "the other tab follows");
}

#[tokio::test]
async fn what_was_read_in_another_tab_while_a_page_loaded_is_told_with_the_welcome() {
    let scene = scene().await;
    let chat = general(&scene.jane).await;
    let message = scene.jane.write(&chat.to_string(), "News").await;
    let sequence = message["sequence"].as_u64().unwrap();
    let mut other_tab = Socket::join(&scene.app, &scene.john).await;
    let read = ClientFrame::Read {
        chat_id: chat,
        sequence,
    };
    other_tab.say(&read).await;
    other_tab.so_far().await;
    let page = Socket::join(&scene.app, &scene.john).await;
    let told = ServerFrame::Read {
        chat_id: chat,
        sequence,
    };
    assert!(page.standing.contains(&told), "{:?}", page.standing);
}

#[tokio::test]
async fn the_people_of_a_direct_chat_never_change() {
    let scene = scene().await;
    let chat = scene.direct(&scene.john, &scene.jane).await;
    let members = format!("/api/v1/chats/{chat}/members");
    let added = scene
        .jane
        .post(&members, &json!({ "username": "bob" }))
        .await;
    assert_eq!(added.status, 400, "{added:?}");
    assert_eq!(scene.jane.delete(&members).await.status, 400);
    let stranger = scene
        .bob
        .get(&format!("/api/v1/chats/{chat}/messages"))
        .await;
    assert_eq!(stranger.status, 404);
    let again = scene.direct(&scene.jane, &scene.john).await;
    assert_eq!(again, chat, "the same people have one");
    let path = format!("/api/v1/workspaces/{}/direct", scene.jane.workspace().await);
    for (others, status) in [
        (json!([]), 400),
        (json!([scene.jane.user_id]), 400),
        (json!([uuid::Uuid::new_v4()]), 404),
        (
            json!((0..9).map(|_| uuid::Uuid::new_v4()).collect::<Vec<_>>()),
            413,
        ),
    ] {
        let refused = scene.jane.post(&path, &json!({ "user_ids": others })).await;
        assert_eq!(refused.status, status, "{refused:?}");
    }
}

#[tokio::test]
async fn a_muted_chat_is_muted_in_every_tab() {
    let scene = scene().await;
    let chat = general(&scene.jane).await;
    let mut other_tab = Socket::join(&scene.app, &scene.jane).await;
    let mut colleague = Socket::join(&scene.app, &scene.john).await;
    let path = format!("/api/v1/chats/{chat}/mute");
    put(&scene.jane, &path, &json!({ "is_muted": true })).await;
    let told = other_tab
        .await_frame(|frame| match frame {
            ServerFrame::ChatUpdated { chat } => Some(chat.is_muted),
            _ => None,
        })
        .await;
    assert!(told);
    assert!(
        !colleague
            .so_far()
            .await
            .iter()
            .any(|frame| matches!(frame, ServerFrame::ChatUpdated { .. })),
        "it is nobody else's business"
    );
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
    assert!(friends(&socket).is_empty());
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
    eventually(async || scene.app.state.hub.count_of(id_of(&scene.jane)) == 1).await;
}
