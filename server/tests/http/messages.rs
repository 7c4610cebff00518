use crate::support::{Client, TestApp};
use serde_json::{Value, json};
use uuid::Uuid;

async fn texts(who: &Client, path: &str) -> Vec<String> {
    let page = who.get(path).await.json();
    let messages = page["messages"].as_array().unwrap();
    messages
        .iter()
        .map(|message| message["text"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_message_is_stored_and_read_by_the_other_members() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let general = jane.general().await;
    let path = format!("/api/v1/chats/{general}/messages");
    let message = json!({ "client_id": Uuid::new_v4(), "text": " Hello,\r\nJohn! " });
    insta::assert_snapshot!(jane.post(&path, &message).await, @r#"
    201 {
      "author": {
        "display_name": "Jane",
        "user_id": "[id]"
      },
      "chat_id": "[id]",
      "client_id": "[id]",
      "id": "[id]",
      "offset": 1,
      "sent_at": "[time]",
      "sequence": 1,
      "text": "Hello,\nJohn!"
    }
    "#);
    assert_eq!(texts(&john, &path).await, ["Hello,\nJohn!"]);
}

#[tokio::test]
async fn a_message_sent_twice_under_one_client_id_is_stored_once() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let path = format!("/api/v1/chats/{}/messages", jane.general().await);
    let client_id = Uuid::new_v4();
    let first = jane
        .post(&path, &json!({ "client_id": client_id, "text": "once" }))
        .await;
    let again = jane
        .post(&path, &json!({ "client_id": client_id, "text": "twice" }))
        .await;
    assert_eq!(first.body, again.body);
    assert_eq!(texts(&jane, &path).await, ["once"]);
}

#[tokio::test]
async fn history_comes_in_pages_from_the_newest_back() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let general = jane.general().await;
    let path = format!("/api/v1/chats/{general}/messages");
    for number in 1..=5 {
        jane.write(&general, &number.to_string()).await;
    }
    let mut seen: Vec<Vec<String>> = Vec::new();
    let mut before = String::new();
    loop {
        let page = jane.get(&format!("{path}?limit=2{before}")).await.json();
        let messages = page["messages"].as_array().unwrap();
        seen.push(
            messages
                .iter()
                .map(|m| m["text"].as_str().unwrap().to_owned())
                .collect(),
        );
        before = format!("&before={}", messages[0]["sequence"]);
        if page["has_more"] == false {
            break;
        }
    }
    assert_eq!(seen, [vec!["4", "5"], vec!["2", "3"], vec!["1"]]);
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let path = format!("/api/v1/chats/{}/messages", jane.general().await);
    let mut sentences = Vec::new();
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=-1",
        "before=x",
        "befor=1",
        "limit=4294967296",
    ] {
        let refused = jane.get(&format!("{path}?{query}")).await;
        assert_eq!(refused.code(), "bad_request");
        sentences.push(format!(
            "{query}: {}",
            refused.json()["detail"].as_str().unwrap()
        ));
    }
    insta::assert_snapshot!(sentences.join("\n"), @"
    limit=0: The limit must be between 1 and 200.
    limit=201: The limit must be between 1 and 200.
    limit=x: The value of the field `limit` is not of the right kind.
    limit=-1: The value of the field `limit` is not of the right kind.
    before=x: The value of the field `before` is not of the right kind.
    befor=1: There is no field `befor` here.
    limit=4294967296: The value of the field `limit` is not of the right kind.
    ");
    assert_eq!(
        texts(&jane, &format!("{path}?before=0")).await,
        Vec::<String>::new()
    );
    assert_eq!(
        texts(&jane, &format!("{path}?before=18446744073709551615")).await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn one_edits_and_deletes_ones_own_messages_and_nobody_elses() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let general = jane.general().await;
    let message = jane.write(&general, "Helo").await;
    let path = format!(
        "/api/v1/chats/{general}/messages/{}",
        message["id"].as_str().unwrap()
    );
    let text = json!({ "text": "Hello" });

    insta::assert_snapshot!(john.patch(&path, &text).await, @r#"
    404 {
      "code": "not_found",
      "detail": "You have no such message in this chat.",
      "status": 404,
      "title": "Not Found",
      "type": "about:blank"
    }
    "#);
    assert_eq!(john.delete(&path).await.code(), "not_found");
    insta::assert_snapshot!(jane.patch(&path, &text).await, @r#"
    200 {
      "author": {
        "display_name": "Jane",
        "user_id": "[id]"
      },
      "chat_id": "[id]",
      "client_id": "[id]",
      "edited_at": "[time]",
      "id": "[id]",
      "offset": 2,
      "sent_at": "[time]",
      "sequence": 1,
      "text": "Hello"
    }
    "#);
    insta::assert_snapshot!(jane.delete(&path).await, @r#"
    200 {
      "author": {
        "display_name": "Jane",
        "user_id": "[id]"
      },
      "chat_id": "[id]",
      "client_id": "[id]",
      "deleted_at": "[time]",
      "edited_at": "[time]",
      "id": "[id]",
      "offset": 3,
      "sent_at": "[time]",
      "sequence": 1,
      "text": ""
    }
    "#);
    assert_eq!(
        jane.patch(&path, &text).await.code(),
        "not_found",
        "it is gone"
    );
    assert_eq!(jane.delete(&path).await.code(), "not_found", "it is gone");
}

#[tokio::test]
async fn who_left_can_neither_write_nor_change_what_they_wrote() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let general = jane.general().await;
    let message = john.write(&general, "bye").await;
    john.delete(&format!("/api/v1/chats/{general}/members"))
        .await;
    let path = format!("/api/v1/chats/{general}/messages");
    let new = json!({ "client_id": Uuid::new_v4(), "text": "x" });
    assert_eq!(john.post(&path, &new).await.code(), "not_found");
    let own = format!("{path}/{}", message["id"].as_str().unwrap());
    assert_eq!(
        john.patch(&own, &json!({ "text": "x" })).await.code(),
        "not_found"
    );
    assert_eq!(
        texts(&john, &path).await,
        ["bye"],
        "the chat is public and can still be read"
    );
}

#[tokio::test]
async fn a_text_that_is_no_message_is_refused_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let general = jane.general().await;
    let path = format!("/api/v1/chats/{general}/messages");
    let message = jane.write(&general, "before").await;
    let own = format!("{path}/{}", message["id"].as_str().unwrap());
    for text in [
        "",
        " \n\t ",
        "\u{200B}",
        "a\0b",
        "a\u{1b}[31mb",
        &"x".repeat(8_001),
    ] {
        let new = json!({ "client_id": Uuid::new_v4(), "text": text });
        let refused = jane.post(&path, &new).await;
        assert!(matches!(refused.status, 400 | 413), "{refused:?}");
        assert_eq!(
            jane.patch(&own, &json!({ "text": text })).await.body,
            refused.body
        );
    }
    assert_eq!(texts(&jane, &path).await, ["before"]);
    let longest = "日".repeat(8_000);
    assert_eq!(jane.write(&general, &longest).await["text"], longest);
}

#[tokio::test]
async fn unread_counts_what_others_wrote() {
    let app = TestApp::start().await;
    let jane = app.sign_up("jane").await;
    let john = app.sign_up("john").await;
    let general = jane.general().await;
    jane.write(&general, "one").await;
    jane.write(&general, "two").await;
    let unread = async |who: &Client| -> Value {
        let path = format!("/api/v1/workspaces/{}/chats", who.workspace().await);
        who.get(&path).await.json()[0]["unread"].clone()
    };
    assert_eq!(unread(&john).await, 2);
    assert_eq!(unread(&jane).await, 0);
}
