//! A company: everybody in one large chat, and in rooms of their own.

use crate::{Authorization, HttpError, Server};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{Method, StatusCode};
use protocol::{ChatId, User, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, ops::Range};

/// Passwords hashed at the same time: more would only wait.
const PARALLEL: usize = 2;
const PASSWORD: &str = "correct horse battery";

/// Everybody, as they can be kept for the next time: who has signed in stays so for weeks.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct People {
    /// Everybody's sign-in, in the order in which they came.
    pub members: Vec<Person>,
    /// Where the pages are: `/w/` and this.
    pub workspace_slug: String,
    workspace_id: String,
    everybody: Option<ChatId>,
    /// The chats of each size.
    rooms: BTreeMap<usize, Vec<ChatId>>,
}

/// Somebody.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub user_id: UserId,
    cookie: String,
}

/// A chat, and who of [`People::members`] is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRoom {
    /// The chat.
    pub chat_id: ChatId,
    /// Its members, by their places.
    pub people: Range<usize>,
}

impl Person {
    /// The sign-in.
    ///
    /// # Errors
    /// When what was kept cannot be sent.
    pub fn authorization(&self) -> Result<Authorization, HttpError> {
        Authorization::cookie(&self.cookie).map_err(|_| HttpError::NoCredential)
    }
}

impl People {
    /// Signs people up until there are `count`; `told` hears how many there are.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn grow(
        &mut self,
        server: &Server,
        count: usize,
        told: impl Fn(usize),
    ) -> Result<(), HttpError> {
        if self.members.is_empty() && count > 0 {
            // The first account makes the workspace.
            let first = enter(server, 0).await?;
            let authorization = first.authorization()?;
            let workspaces: Value = server.get("/api/v1/workspaces", &authorization).await?;
            self.workspace_id = read(&workspaces[0]["workspace_id"])?;
            self.workspace_slug = read(&workspaces[0]["slug"])?;
            let chats: Value = server.get(&self.chats_path(), &authorization).await?;
            self.everybody = Some(read(&chats[0]["chat_id"])?);
            self.members.push(first);
        }
        let mut others = stream::iter(self.members.len()..count)
            .map(|n| enter(server, n))
            .buffered(PARALLEL);
        while let Some(person) = others.try_next().await? {
            self.members.push(person);
            told(self.members.len());
        }
        Ok(())
    }

    /// The chat that everybody is in.
    ///
    /// # Errors
    /// When there is nobody yet.
    pub fn everybody(&self) -> Result<ChatRoom, HttpError> {
        Ok(ChatRoom {
            chat_id: self.everybody.ok_or(HttpError::NoCredential)?,
            people: 0..self.members.len(),
        })
    }

    /// Rooms of so many people each, which are made unless they are there: everybody is in one of them,
    /// in their order. Rooms for all are the one that everybody is in.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn rooms(
        &mut self,
        server: &Server,
        size: usize,
    ) -> Result<Vec<ChatRoom>, HttpError> {
        if size >= self.members.len() {
            return Ok(vec![self.everybody()?]);
        }
        let made = self.rooms.get(&size).map_or(0, Vec::len);
        for number in made..self.members.len() / size {
            let chat_id = self
                .make_room(server, number * size..(number + 1) * size)
                .await?;
            self.rooms.entry(size).or_default().push(chat_id);
        }
        let chats = self.rooms.get(&size).into_iter().flatten();
        let room = |(number, chat_id): (usize, &ChatId)| ChatRoom {
            chat_id: *chat_id,
            people: number * size..(number + 1) * size,
        };
        Ok(chats.enumerate().map(room).collect())
    }

    async fn make_room(&self, server: &Server, people: Range<usize>) -> Result<ChatId, HttpError> {
        let founder = self.members[people.start].authorization()?;
        let name = format!("Room {}-{}", people.start, people.end);
        let body = json!({ "name": name, "is_private": true });
        let chat: Value = server.post(&self.chats_path(), &founder, &body).await?;
        let chat_id: ChatId = read(&chat["chat_id"])?;
        let path = format!("/api/v1/chats/{chat_id}/members");
        for n in people.skip(1) {
            let body = json!({ "username": username(n) });
            let answer = server
                .request(Method::POST, &path, Some(&founder), Some(&body))
                .await?;
            if answer.status() != StatusCode::NO_CONTENT {
                let body = String::from_utf8_lossy(answer.body()).into_owned();
                let status = answer.status();
                return Err(HttpError::Refused { status, body });
            }
        }
        Ok(chat_id)
    }

    fn chats_path(&self) -> String {
        format!("/api/v1/workspaces/{}/chats", self.workspace_id)
    }
}

async fn enter(server: &Server, n: usize) -> Result<Person, HttpError> {
    let name = format!("Person Number {n}");
    let User { user_id, .. } = server.sign_up(&username(n), &name, PASSWORD).await?;
    let Authorization::Cookie(cookie) = server.sign_in(&username(n), PASSWORD).await? else {
        return Err(HttpError::NoCredential);
    };
    let cookie = cookie.to_str().map_err(|_| HttpError::NoCredential)?;
    Ok(Person {
        user_id,
        cookie: cookie.to_owned(),
    })
}

fn username(n: usize) -> String {
    format!("person-{n}")
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, HttpError> {
    Ok(T::deserialize(value)?)
}
