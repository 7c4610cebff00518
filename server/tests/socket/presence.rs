//! What others are told of who is here: never too much, never too early, never twice.

use crate::{
    peer::{Socket, changes_in, eventually, general, id_of, transitions},
    support::{Client, TestApp},
};
use protocol::{ChatId, ClientFrame, ServerFrame};
use std::time::Duration;
use tokio::time::Instant;

const GRACE: Duration = Duration::from_secs(2);

async fn app_with_grace(grace: Duration) -> TestApp {
    TestApp::with(|config| config.presence.offline_grace = grace).await
}

/// Somebody comes and goes, and the observer is told of both: whatever was to be told of things that
/// happened before has been told by then. Returns all that was told meanwhile.
async fn come_and_go(app: &TestApp, observer: &mut Socket, who: &Client) -> Vec<ServerFrame> {
    Socket::join(app, who).await.close().await;
    let mut told = Vec::new();
    while !transitions(&told).contains(&(id_of(who), false)) {
        told.push(observer.hear().await);
    }
    told
}

/// Who was told to come or go.
fn names(told: &[ServerFrame], whose: &Client) -> Vec<bool> {
    let of_theirs = |(user, is_online)| (user == id_of(whose)).then_some(is_online);
    transitions(told)
        .into_iter()
        .filter_map(of_theirs)
        .collect()
}

#[tokio::test]
async fn subscribing_brings_all_members_online_first_and_rest_tells_the_same() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat = general(&jane).await;
    let _john = Socket::join(&app, &john).await;
    app.sign_up("amy").await;
    let mut socket = Socket::join(&app, &jane).await;
    let users = socket.subscribe(chat).await;
    let told: Vec<_> = users
        .iter()
        .map(|u| (u.display_name.as_str(), u.is_online))
        .collect();
    assert_eq!(told, [("Jane", true), ("John", true), ("Amy", false)]);
    let rest = john
        .get(&format!("/api/v1/chats/{chat}/presence"))
        .await
        .json();
    let rest: Vec<_> = rest
        .as_array()
        .unwrap()
        .iter()
        .map(|u| {
            (
                u["display_name"].as_str().unwrap(),
                u["is_online"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(rest, told);
}

#[tokio::test]
async fn who_comes_is_told_at_once_and_who_goes_after_the_grace_and_not_sooner() {
    let grace = Duration::from_millis(400);
    let app = app_with_grace(grace).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let socket = Socket::join(&app, &jane).await;
    observer.await_presence(id_of(&jane), true).await;
    let leaving = Instant::now();
    socket.close().await;
    observer.await_presence(id_of(&jane), false).await;
    assert!(leaving.elapsed() >= grace);
    assert_eq!(transitions(&observer.so_far().await), []);
}

#[tokio::test]
async fn a_transport_that_breaks_without_a_goodbye_ends_like_any_other() {
    let app = app_with_grace(Duration::from_millis(100)).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let socket = Socket::join(&app, &jane).await;
    observer.await_presence(id_of(&jane), true).await;
    drop(socket);
    observer.await_presence(id_of(&jane), false).await;
}

#[tokio::test]
async fn one_of_two_sockets_closes_and_nobody_hears_of_it() {
    let app = app_with_grace(Duration::from_millis(300)).await;
    let [jane, john, bob] = [
        app.sign_up("jane").await,
        app.sign_up("john").await,
        app.sign_up("bob").await,
    ];
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let first = Socket::join(&app, &jane).await;
    let _second = Socket::join(&app, &jane).await;
    observer.await_presence(id_of(&jane), true).await;
    first.close().await;
    let told = come_and_go(&app, &mut observer, &bob).await;
    assert_eq!(names(&told, &jane), [] as [bool; 0]);
}

#[tokio::test]
async fn a_refresh_however_often_is_told_to_nobody() {
    let app = app_with_grace(GRACE).await;
    let [jane, john, bob] = [
        app.sign_up("jane").await,
        app.sign_up("john").await,
        app.sign_up("bob").await,
    ];
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let mut socket = Socket::join(&app, &jane).await;
    observer.await_presence(id_of(&jane), true).await;
    for _ in 0..10 {
        socket.close().await;
        eventually(async || app.sockets_of(id_of(&jane)) == 0).await;
        socket = Socket::join(&app, &jane).await;
    }
    let told = come_and_go(&app, &mut observer, &bob).await;
    assert_eq!(names(&told, &jane), [] as [bool; 0]);
    assert_eq!(
        told.len(),
        2,
        "Bob came and went, and not a frame more: {told:?}"
    );
}

#[tokio::test]
async fn the_late_close_of_an_old_socket_takes_no_newer_one_along() {
    let app = app_with_grace(Duration::from_millis(300)).await;
    let [jane, john, bob] = [
        app.sign_up("jane").await,
        app.sign_up("john").await,
        app.sign_up("bob").await,
    ];
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let old = Socket::join(&app, &jane).await;
    observer.await_presence(id_of(&jane), true).await;
    let mut new = Socket::join(&app, &jane).await;
    old.close().await;
    eventually(async || app.sockets_of(id_of(&jane)) == 1).await;
    let told = come_and_go(&app, &mut observer, &bob).await;
    assert_eq!(names(&told, &jane), [] as [bool; 0]);
    assert_eq!(new.so_far().await, []);
}

#[tokio::test]
async fn whoever_signs_out_is_offline_at_once_whatever_the_grace() {
    let app = app_with_grace(Duration::from_secs(60 * 60)).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let _tabs = [
        Socket::join(&app, &jane).await,
        Socket::join(&app, &jane).await,
    ];
    observer.await_presence(id_of(&jane), true).await;
    assert_eq!(jane.delete("/api/v1/session").await.status, 204);
    observer.await_presence(id_of(&jane), false).await;
}

#[tokio::test]
async fn whoever_signs_out_of_one_of_two_browsers_stays_online() {
    let app = app_with_grace(Duration::from_millis(200)).await;
    let [jane, john, bob] = [
        app.sign_up("jane").await,
        app.sign_up("john").await,
        app.sign_up("bob").await,
    ];
    let elsewhere = app.sign_in("jane").await;
    let mut observer = Socket::watch(&app, &john, general(&john).await).await;
    let mut here = Socket::join(&app, &jane).await;
    let _there = Socket::join(&app, &elsewhere).await;
    observer.await_presence(id_of(&jane), true).await;
    assert_eq!(jane.delete("/api/v1/session").await.status, 204);
    here.end().await;
    let told = come_and_go(&app, &mut observer, &bob).await;
    assert_eq!(names(&told, &jane), [] as [bool; 0]);
}

#[tokio::test]
async fn a_chat_that_is_not_on_screen_sends_no_presence_and_no_typing() {
    let app = app_with_grace(Duration::from_millis(50)).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let bob = app.sign_up("bob").await;
    let chat = general(&john).await;
    let mut never = Socket::join(&app, &john).await;
    let mut no_more = Socket::watch(&app, &john, chat).await;
    no_more
        .say(&ClientFrame::Unsubscribe { chat_id: chat })
        .await;
    no_more.so_far().await;
    let mut observer = Socket::watch(&app, &bob, chat).await;
    let mut socket = Socket::join(&app, &jane).await;
    socket
        .say(&ClientFrame::Typing {
            chat_id: chat,
            is_typing: true,
        })
        .await;
    socket.so_far().await;
    socket.close().await;
    observer.await_presence(id_of(&jane), false).await;
    assert_eq!(never.so_far().await, []);
    assert_eq!(no_more.so_far().await, []);
}

#[tokio::test]
async fn the_presence_of_people_who_share_no_chat_is_never_told() {
    let app = app_with_grace(Duration::from_millis(50)).await;
    let [jane, john, eve] = [
        app.sign_up("jane").await,
        app.sign_up("john").await,
        app.sign_up("eve").await,
    ];
    let everybody = general(&jane).await;
    let theirs: ChatId = jane.create_chat("Theirs", true).await.parse().unwrap();
    let joined = jane
        .post(
            &format!("/api/v1/chats/{theirs}/members"),
            &serde_json::json!({ "username": "john" }),
        )
        .await;
    assert_eq!(joined.status, 204, "{joined:?}");
    // Eve shares no chat with the others any more, but keeps one of her own on screen.
    let left = eve
        .delete(&format!("/api/v1/chats/{everybody}/members"))
        .await;
    assert_eq!(left.status, 204, "{left:?}");
    let own: ChatId = eve.create_chat("Mine", true).await.parse().unwrap();
    let mut stranger = Socket::watch(&app, &eve, own).await;
    for chat_id in [everybody, theirs] {
        stranger.say(&ClientFrame::Subscribe { chat_id }).await;
    }

    let mut observer = Socket::watch(&app, &john, theirs).await;
    let mut socket = Socket::watch(&app, &jane, theirs).await;
    observer.await_presence(id_of(&jane), true).await;
    socket
        .say(&ClientFrame::Typing {
            chat_id: theirs,
            is_typing: true,
        })
        .await;
    socket.write(theirs, "Between us").await;
    socket.so_far().await;
    socket.close().await;
    observer.await_presence(id_of(&jane), false).await;
    for frame in stranger.so_far().await {
        let changes = changes_in(&frame);
        let is_own =
            !changes.is_empty() && changes.iter().all(|change| change.user_id == id_of(&eve));
        assert!(
            is_own || matches!(frame, ServerFrame::Error { .. }),
            "{frame:?}"
        );
    }
}

#[tokio::test]
async fn each_socket_is_told_of_a_change_once() {
    let app = TestApp::start().await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let general = general(&john).await;
    let mut here = Socket::watch(&app, &john, general).await;
    let mut there = Socket::watch(&app, &john, general).await;
    let _jane = Socket::join(&app, &jane).await;
    for socket in [&mut here, &mut there] {
        socket.await_presence(id_of(&jane), true).await;
        assert_eq!(names(&socket.so_far().await, &jane), [] as [bool; 0]);
    }
}

/// Two chats on one screen, shared with the same person: each announced their coming and going.
#[tokio::test]
async fn a_socket_with_two_shared_chats_on_screen_is_told_of_a_change_once() {
    let app = app_with_grace(Duration::from_millis(50)).await;
    let [jane, john, bob] = [
        app.sign_up("jane").await,
        app.sign_up("john").await,
        app.sign_up("bob").await,
    ];
    let design: ChatId = jane.create_chat("design", false).await.parse().unwrap();
    let members = format!("/api/v1/chats/{design}/members");
    let john_too = serde_json::json!({ "username": "john" });
    assert_eq!(jane.post(&members, &john_too).await.status, 204);
    let general = general(&john).await;
    let mut both = Socket::watch(&app, &john, general).await;
    both.subscribe(design).await;
    let mut one = Socket::watch(&app, &bob, general).await;

    Socket::join(&app, &jane).await.close().await;
    for socket in [&mut one, &mut both] {
        let mut told = Vec::new();
        while names(&told, &jane).last() != Some(&false) {
            told.push(socket.hear().await);
        }
        told.extend(socket.so_far().await);
        assert_eq!(names(&told, &jane), [true, false]);
    }
}

#[tokio::test]
async fn with_presence_switched_off_nobody_is_told_anything() {
    let app = TestApp::with(|config| config.chat.presence_enabled = false).await;
    let (jane, john) = (app.sign_up("jane").await, app.sign_up("john").await);
    let chat_id = general(&john).await;
    let mut observer = Socket::join(&app, &john).await;
    observer.say(&ClientFrame::Subscribe { chat_id }).await;
    let mut socket = Socket::join(&app, &jane).await;
    socket.write(chat_id, "Hello").await;
    let mut told = Vec::new();
    while !told
        .iter()
        .any(|frame| matches!(frame, ServerFrame::MessageCreated(_)))
    {
        told.push(observer.hear().await);
    }
    assert_eq!(told.len(), 1, "{told:?}");
}
