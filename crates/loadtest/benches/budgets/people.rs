//! A company: everybody in one large chat, and in a team of their own.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{Method, StatusCode};
use loadtest::{Authorization, HttpError, Server};
use protocol::ChatId;
use serde_json::{Value, json};
use std::error::Error;

/// People in the large chat.
pub(crate) const COUNT: usize = 1_000;
/// People in a team.
const TEAM: usize = 10;
/// Passwords hashed at the same time: more would only wait.
const PARALLEL: usize = 2;
const PASSWORD: &str = "correct horse battery";

/// Everybody.
pub(crate) struct People {
    /// The chat that everybody is in.
    pub(crate) everybody: ChatId,
    /// Where its page is.
    pub(crate) workspace_slug: String,
    /// Each person's sign-in, and the chat of their team.
    pub(crate) members: Vec<(Authorization, ChatId)>,
}

impl People {
    /// Signs everybody up and in, and puts them into teams.
    pub(crate) async fn settle(server: &Server) -> Result<Self, Box<dyn Error>> {
        // The first account makes the workspace.
        let first = enter(server, 0).await?;
        let others = stream::iter(1..COUNT)
            .map(|n| enter(server, n))
            .buffered(PARALLEL);
        let mut sign_ins = vec![first];
        sign_ins.extend(others.try_collect::<Vec<_>>().await?);

        let workspaces: Value = server.get("/api/v1/workspaces", &sign_ins[0]).await?;
        let workspace = text(&workspaces[0]["workspace_id"])?;
        let workspace_slug = text(&workspaces[0]["slug"])?.to_owned();
        let chats_path = format!("/api/v1/workspaces/{workspace}/chats");
        let chats: Value = server.get(&chats_path, &sign_ins[0]).await?;
        let everybody = text(&chats[0]["chat_id"])?.parse()?;

        let mut members = Vec::with_capacity(COUNT);
        for (number, team) in sign_ins.chunks(TEAM).enumerate() {
            let body = json!({ "name": format!("Team {number}"), "is_private": true });
            let chat: Value = server.post(&chats_path, &team[0], &body).await?;
            let chat_id: ChatId = text(&chat["chat_id"])?.parse()?;
            let path = format!("/api/v1/chats/{chat_id}/members");
            for n in 1..team.len() {
                let body = json!({ "username": username(number * TEAM + n) });
                let answer = server
                    .request(Method::POST, &path, Some(&team[0]), Some(&body))
                    .await?;
                if answer.status() != StatusCode::NO_CONTENT {
                    return Err(format!("{path}: {}", answer.status()).into());
                }
            }
            members.extend(team.iter().map(|sign_in| (sign_in.clone(), chat_id)));
        }
        Ok(Self {
            everybody,
            workspace_slug,
            members,
        })
    }
}

async fn enter(server: &Server, n: usize) -> Result<Authorization, HttpError> {
    let name = format!("Person Number {n}");
    server.sign_up(&username(n), &name, PASSWORD).await?;
    server.sign_in(&username(n), PASSWORD).await
}

fn username(n: usize) -> String {
    format!("person-{n}")
}

fn text(value: &Value) -> Result<&str, Box<dyn Error>> {
    value
        .as_str()
        .ok_or_else(|| format!("{value} is no text").into())
}
