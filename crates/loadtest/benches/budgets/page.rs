//! The first page.

use crate::{
    people::People,
    samples::Samples,
    table::{Row, Table},
};
use http::{Method, StatusCode};
use loadtest::Program;
use protocol::limits::HISTORY_PAGE;
use serde_json::{Value, json};
use std::error::Error;
use uuid::Uuid;

const ROUNDS: usize = 300;

/// Adds how long the first page takes, with as many messages as fit on it.
pub(crate) async fn measure(
    program: &Program,
    people: &People,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let server = &program.server;
    let (reader, team) = &people.members[0];
    let messages = format!("/api/v1/chats/{team}/messages");
    for n in 1..=HISTORY_PAGE {
        let text = format!("Message {n} of those that are on the first page, a sentence long.");
        let body = json!({ "client_id": Uuid::new_v4(), "text": text });
        server.post::<Value>(&messages, reader, &body).await?;
    }
    let page = format!("/w/{}/c/{team}", people.workspace_slug);
    let samples = Samples::take::<Box<dyn Error>>(100, ROUNDS, async || {
        let answer = server
            .request(Method::GET, &page, Some(reader), None)
            .await?;
        let html = String::from_utf8_lossy(answer.body());
        if answer.status() != StatusCode::OK || html.matches("data-message-id").count() < 50 {
            return Err(format!("{page}: {} without 50 messages", answer.status()).into());
        }
        Ok(())
    })
    .await?;
    for (what, percent) in [
        ("First page, 50 messages, median", 50),
        ("First page, 50 messages, p95", 95),
    ] {
        table.add(Row {
            what,
            measured: samples.percentile_ms(percent),
            aim: Some(10.0),
            unit: "ms",
            how: format!(
                "request to last byte, seen by a client beside the server, {ROUNDS} times"
            ),
        });
    }
    Ok(())
}
