//! A company: everybody in one large chat, and in a team of their own.

use loadtest::{Authorization, Server};
use protocol::ChatId;
use std::error::Error;

/// People in the large chat.
pub(crate) const COUNT: usize = 1_000;
/// People in a team.
const TEAM: usize = 10;

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
        let mut people = loadtest::People::default();
        people.grow(server, COUNT, |_| {}).await?;
        let mut members = Vec::with_capacity(COUNT);
        for team in people.rooms(server, TEAM).await? {
            for person in &people.members[team.people] {
                members.push((person.authorization()?, team.chat_id));
            }
        }
        Ok(Self {
            everybody: people.everybody()?.chat_id,
            workspace_slug: people.workspace_slug,
            members,
        })
    }
}
