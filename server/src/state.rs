//! What every request can reach.

use crate::{
    accept::Places,
    auth::{Gate, Passwords, Tokens},
    clock::Clock,
    config::Config,
    hub::Hub,
    messages::Writer,
    metrics::Metrics,
    nodes::Nodes,
    readiness::Readiness,
    socket::Admissions,
};
use ::presence::Directory;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use protocol::NodeId;
use redis_link::Link;
use std::sync::Arc;
use store::Store;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

/// What every request can reach; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// What the operator set.
    pub config: Arc<Config>,
    /// What lasts.
    pub store: Store,
    /// Who is online.
    pub directory: Arc<dyn Directory>,
    /// The way to other servers.
    pub nodes: Nodes,
    /// The link by which presence is shared with them, if it is.
    pub presence_link: Option<Arc<Link>>,
    /// Whether anybody should come here.
    pub readiness: Readiness,
    /// Fan-out to the sockets of this process.
    pub hub: Hub,
    /// The sockets of this process: tasks.
    pub sockets: TaskTracker,
    /// Lets in those who come.
    pub admissions: Admissions,
    /// How many sockets each address has.
    pub places: Places,
    /// Where messages are written.
    pub writer: Writer,
    /// This process.
    pub node: NodeId,
    /// The time of day.
    pub clock: Clock,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Slows down whoever guesses them.
    pub gate: Arc<Gate>,
    /// Issues and verifies tokens for programs.
    pub tokens: Arc<Tokens>,
    /// Rung when a status has another end than before.
    pub status_ends: Arc<Notify>,
    /// What is counted.
    pub metrics: Metrics,
    /// Where pages find their style sheet and script.
    pub leptos: LeptosOptions,
    /// Whether demo accounts are offered for one-click sign-in.
    pub is_demo: bool,
}

impl AppState {
    /// The links to what servers share, by what they are for; none, where there is one server.
    pub fn links(&self) -> impl Iterator<Item = (&'static str, &Link)> {
        links(self.presence_link.as_ref(), &self.nodes)
    }
}

/// See [`AppState::links`].
pub(crate) fn links<'a>(
    presence: Option<&'a Arc<Link>>,
    nodes: &'a Nodes,
) -> impl Iterator<Item = (&'static str, &'a Link)> {
    let presence = presence.map(|link| ("presence", &**link));
    let nodes = nodes.link().map(|link| ("fan_out", &**link));
    presence.into_iter().chain(nodes)
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
