//! What people show of themselves, as sockets are told of it.

use super::{choose, scene, scene_with};
use crate::peer::{Socket, changes_in, general, id_of};
use http::Method;
use protocol::{Availability, ClientFrame, Mode, ServerFrame};
use serde_json::json;
use std::time::Duration;

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
