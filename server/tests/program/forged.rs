//! What somebody writes cannot pass for a line of the log, or for a part of one (ASVS 5.0, 16.4.1).

use crate::{
    process::{Program, rollcall},
    support::{Client, PASSWORD},
};
use futures::{SinkExt as _, StreamExt as _};
use http::header::{AUTHORIZATION, COOKIE};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};
use uuid::Uuid;

/// Another line, an end of what is quoted, a colour, and the end of an object.
const LINES: &str = "x\n2026-01-01T00:00:00.000000Z  INFO server: signed_in user=forged\r\n\
    {\"message\":\"forged\"}\u{1b}[31m\u{2028}\" user=forged reason=\"\\";
/// As much of that as a header takes.
const HEADER: &str = "x\t\\\" user=forged hint=\\\"\\";
/// As much of that as a name takes.
const NAME: &str = "x\" user=forged reason=\"\\";
/// As much of that as the path of an address takes.
const PATH: &str = "/x\"}:signed_in:user=forged%0auser=forged%1b[31m\"";

/// Writes these wherever somebody can write something.
async fn write_everywhere(server: &Program) {
    let mut jane = Client::browser(server.address);
    for (username, display_name, is_made) in [
        (LINES, LINES, false),
        ("jane", LINES, false),
        ("jane", NAME, true),
    ] {
        let account = json!({
            "username": username, "display_name": display_name, "password": PASSWORD,
        });
        let made = jane.post("/api/v1/users", &account).await;
        assert_eq!(made.status == 201, is_made, "{made:?}");
    }
    for name in ["user-agent", "x-request-id", "x-forwarded-for", "referer"] {
        jane.header(name.parse().unwrap(), HEADER);
    }
    for username in [LINES, "jane"] {
        let credentials = json!({ "username": username, "password": LINES });
        jane.post("/api/v1/session", &credentials).await;
        let fields = [("username", username), ("password", LINES)];
        jane.form("/sign-in", &fields).await;
    }
    let credentials = json!({ "username": "jane", "password": PASSWORD });
    assert_eq!(jane.post("/api/v1/session", &credentials).await.status, 200);

    let workspaces = jane.get("/api/v1/workspaces").await.json();
    let workspace = workspaces[0]["workspace_id"].as_str().unwrap();
    let chats = format!("/api/v1/workspaces/{workspace}/chats");
    jane.post(&chats, &json!({ "name": LINES })).await;
    let chat = jane.get(&chats).await.json()[0]["chat_id"].clone();
    let text = LINES.replace('\u{1b}', "");
    let message = json!({ "client_id": Uuid::new_v4(), "text": text });
    let messages = format!("/api/v1/chats/{}/messages", chat.as_str().unwrap());
    assert_eq!(jane.post(&messages, &message).await.status, 201);

    for headers in [
        format!("Origin: {HEADER}\r\nSec-Fetch-Site: {HEADER}\r\n"),
        format!("{COOKIE}: rollcall_session={HEADER}\r\nAccept: text/html\r\n"),
        format!("{AUTHORIZATION}: Bearer {HEADER}\r\n"),
    ] {
        for start in ["GET /", "POST /sign-out", "GET ", "POST ", "FORGED "] {
            let path = if start.ends_with(' ') { PATH } else { "" };
            let request = format!("{start}{path} HTTP/1.1\r\nHost: {HEADER}\r\n{headers}");
            let whole = format!("{request}Connection: close\r\nContent-Length: 0\r\n\r\n");
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(whole.as_bytes()).await.unwrap();
            // However it is answered.
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    }

    let mut socket = server.socket(&jane.page_headers(server.address)).await;
    for frame in [
        json!({ "type": "hello", "protocol": 1 }).to_string(),
        json!({ "type": LINES }).to_string(),
        json!({ "type": "message.send", "chat_id": chat, "client_id": LINES, "text": LINES })
            .to_string(),
        LINES.to_owned(),
    ] {
        socket.send(Message::text(frame)).await.unwrap();
    }
    let goodbye = CloseFrame {
        code: CloseCode::Normal,
        reason: HEADER.into(),
    };
    socket.close(Some(goodbye)).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

/// The log of a server on which they were written.
async fn log_of(format: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rollcall(&["serve", "--listen", "127.0.0.1:0"]);
    let filter = "info,server=trace,presence=trace,store=trace,app=trace";
    command
        .current_dir(folder.path())
        .env("ROLLCALL_LOG__FORMAT", format)
        .env("ROLLCALL_LOG__FILTER", filter)
        .env("ROLLCALL_SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#);
    let server = Program::start(&mut command).await;
    write_everywhere(&server).await;
    let (status, log) = server.stop("-TERM").await;
    assert_eq!(status, Some(0), "{log}");
    for line in ["cross_origin_refused", "sign_in_refused", "ws_closed"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(log.contains("forged"), "what was written is quoted: {log}");
    log
}

/// What of a line is not between quotation marks.
fn outside_quotes(line: &str) -> String {
    let (mut outside, mut is_inside, mut is_escaped) = (String::new(), false, false);
    for letter in line.chars() {
        match letter {
            '"' if !is_escaped => is_inside = !is_inside,
            _ if is_inside => {}
            _ => outside.push(letter),
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    outside
}

#[tokio::test]
async fn nothing_that_is_written_passes_for_a_line_of_the_log_or_a_part_of_one() {
    for line in log_of("text").await.lines() {
        let words: Vec<_> = line.split_whitespace().take(2).collect();
        let is_time = |it: &str| it.len() == 27 && it.starts_with("20") && it.ends_with('Z');
        assert!(is_time(words[0]), "{line}");
        let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
        assert!(levels.contains(&words[1]), "{line}");
        assert!(!outside_quotes(line).contains("forged"), "{line}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

#[tokio::test]
async fn nothing_that_is_written_passes_for_a_line_or_a_field_of_the_log_in_json() {
    for line in log_of("json").await.lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        let event = event.as_object().unwrap();
        for (field, value) in event {
            assert!(!field.contains("forged"), "{line}");
            let is_ours = ["message", "level", "target", "timestamp", "user"].contains(&&**field);
            assert!(!is_ours || !value.to_string().contains("forged"), "{line}");
        }
    }
}
