//! Text that means harm is stored as it is, or refused with a clear error.

use crate::fixture::{Fixture, Team, at, new_chat, new_message, new_session, new_user, new_uuid};
use protocol::WorkspaceId;
use std::slice::from_ref;
use store::{Appended, ChatChanges, ChatKey, NewWorkspace, StoreError, WorkspaceKey};

const TEXTS: [&str; 8] = [
    "'; DROP TABLE users; --",
    "\" OR 1=1; DELETE FROM messages WHERE ''='",
    "$1 ?1 :name @name %s %_\\' \\\\",
    "<script>alert(\"x\")</script> &amp; <img src=x onerror=alert(1)>",
    "\u{202e}txet desrever\u{202c} \u{200b}\u{feff}",
    "👩‍👩‍👧‍👦 é e\u{301} ﷽ 𒐫",
    "line\r\nline\ttab \u{1b}[31m \u{7f}\u{1}",
    "  spaces around  ",
];

#[tokio::test]
async fn sql_html_and_odd_characters_are_stored_verbatim_in_every_field() {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    for (number, text) in (0..).zip(TEXTS) {
        let mut new = new_user(text);
        new.display_name = text.to_owned();
        new.password_hash = text.to_owned();
        let user = store.create_user(new).await.unwrap();
        assert_eq!((&*user.username, &*user.display_name), (text, text));
        let credentials = store.credentials(text).await.unwrap().unwrap();
        assert_eq!(credentials.user, user);
        assert_eq!(credentials.password_hash, text);
        assert_eq!(
            store.user_by_username(text).await.unwrap().as_ref(),
            Some(&user)
        );

        let mut session = new_session(&user, number, 100);
        session.user_agent = text.to_owned();
        store.create_session(session, None).await.unwrap();
        let sessions = store.sessions_of(user.user_id).await.unwrap();
        assert_eq!(sessions[0].user_agent, text);

        let workspace = fixture.workspace(text, &user).await;
        let key = WorkspaceKey::Slug(&workspace.slug);
        let found = store.workspace(user.user_id, key).await.unwrap().unwrap();
        assert_eq!(found.name, text);

        let mut chat = new_chat(text, workspace.workspace_id);
        chat.topic = text.to_owned();
        let chat = store.create_chat(chat, user.user_id).await.unwrap();
        let key = ChatKey::Slug(workspace.workspace_id, &chat.slug);
        let found = store.chat(user.user_id, key).await.unwrap().unwrap();
        assert_eq!((&*found.name, &*found.topic), (text, text));

        let message = fixture.say(&chat, &user, text).await;
        assert_eq!(
            (&*message.text, &*message.author.display_name),
            (text, text)
        );
        let edited = format!("{text}{text}");
        let edit = store.edit_message(chat.chat_id, message.id, user.user_id, &edited, at(20));
        assert_eq!(edit.await.unwrap().unwrap().text, edited);
        let history = store.history(chat.chat_id, None, 10).await.unwrap();
        assert_eq!(history.messages[0].text, edited);
    }
}

#[tokio::test]
async fn a_text_that_looks_like_sql_finds_nothing_it_should_not() {
    let team = Team::new().await;
    let (store, jane) = (team.store(), team.jane.user_id);
    for text in TEXTS
        .into_iter()
        .chain(["%", "_", "gener%", "GENERAL\0", "\0"])
    {
        assert!(store.credentials(text).await.unwrap().is_none());
        assert_eq!(store.user_by_username(text).await.unwrap(), None);
        let key = WorkspaceKey::Slug(text);
        assert_eq!(store.workspace(jane, key).await.unwrap(), None);
        let key = ChatKey::Slug(team.flowra.workspace_id, text);
        assert_eq!(store.chat(jane, key).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_nul_is_refused_by_name_in_every_field_and_nothing_is_stored() {
    let team = Team::new().await;
    let (store, jane) = (team.store(), &team.jane);
    let message = team.fixture.say(&team.general, jane, "Hello").await;
    let nul = || "a\0b".to_owned();
    let refused = |error: StoreError| {
        assert_eq!(error.label(), "bad_value");
        error.to_string()
    };

    let mut sentences = Vec::new();
    for field in 0..3 {
        let mut user = new_user("eve");
        match field {
            0 => user.username = nul(),
            1 => user.display_name = nul(),
            _ => user.password_hash = nul(),
        }
        sentences.push(refused(store.create_user(user).await.unwrap_err()));
    }
    let error = store.set_password_hash(jane.user_id, &nul()).await;
    sentences.push(refused(error.unwrap_err()));
    let mut session = new_session(jane, 1, 100);
    session.user_agent = nul();
    let error = store.create_session(session, None).await;
    sentences.push(refused(error.unwrap_err()));
    let workspace = NewWorkspace {
        workspace_id: WorkspaceId::from_uuid(new_uuid()),
        name: nul(),
        created_at: at(0),
    };
    let error = store.create_workspace(workspace, jane.user_id).await;
    sentences.push(refused(error.unwrap_err()));
    for field in 0..2 {
        let mut chat = new_chat("fine", team.flowra.workspace_id);
        let mut changes = ChatChanges::default();
        if field == 0 {
            chat.name = nul();
            changes.name = Some(nul());
        } else {
            chat.topic = nul();
            changes.topic = Some(nul());
        }
        let error = store.create_chat(chat, jane.user_id).await;
        sentences.push(refused(error.unwrap_err()));
        let error = store.update_chat(team.general.chat_id, changes).await;
        sentences.push(refused(error.unwrap_err()));
    }
    let (chat_id, id) = (message.chat_id, message.id);
    let error = store
        .edit_message(chat_id, id, jane.user_id, &nul(), at(20))
        .await;
    sentences.push(refused(error.unwrap_err()));
    let new = new_message(chat_id, jane.user_id, &nul());
    assert_eq!(team.fixture.append_one(new).await, Appended::BadValue);

    let named = [
        "username",
        "display name",
        "password hash",
        "password hash",
        "user agent",
        "name",
        "name",
        "name",
        "topic",
        "topic",
        "message",
    ];
    let expected =
        named.map(|what| format!("The {what} contains a character that cannot be stored (NUL)."));
    assert_eq!(sentences, expected);
    assert_eq!(store.user_by_username("eve").await.unwrap(), None);
    assert_eq!(
        store.workspaces_of(jane.user_id).await.unwrap(),
        from_ref(&team.flowra)
    );
    let chats = store
        .chats_of(jane.user_id, team.flowra.workspace_id)
        .await
        .unwrap();
    assert_eq!(chats, from_ref(&team.general));
    let history = store.history(chat_id, None, 10).await.unwrap();
    assert_eq!(history.messages, [message]);
}

#[tokio::test]
async fn very_long_text_is_stored_whole() {
    let team = Team::new().await;
    let long = "ä🙂 ".repeat(150_000);
    let message = team.fixture.say(&team.general, &team.jane, &long).await;
    assert_eq!(message.text, long);
    let changes = ChatChanges {
        topic: Some(long.clone()),
        ..ChatChanges::default()
    };
    let chat_id = team.general.chat_id;
    team.store().update_chat(chat_id, changes).await.unwrap();

    let history = team.store().history(chat_id, None, 1).await.unwrap();
    assert_eq!(history.messages[0].text, long);
    let chat = team
        .store()
        .chat(team.john.user_id, ChatKey::Id(chat_id))
        .await;
    assert_eq!(chat.unwrap().unwrap().topic, long);
}

#[tokio::test]
async fn a_name_of_any_length_gets_a_short_slug() {
    let team = Team::new().await;
    let name = "Quarterly planning ".repeat(200);
    let chat = team.fixture.chat(&name, &team.flowra, &team.jane).await;
    assert_eq!(chat.name, name);
    assert_eq!(chat.slug, "quarterly-planning-quarterly-planning-qu");
}
