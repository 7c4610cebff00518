use super::Administrator;
use crate::{http::problem::Problem, service::admin, state::AppState};
use app::page::admin::{HeldReport, NodeReport};
use axum::extract::State;
use protocol::{NodeId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// A server process, and the connections that it holds.
#[derive(Serialize, ToSchema)]
pub(crate) struct Node {
    /// Which.
    node_id: NodeId,
    /// How many connections it holds.
    connection_count: u64,
    /// How many people have these.
    people: u64,
    /// How long ago it counted them.
    age_ms: u64,
    /// The connections that were opened first, at most 100, of the server that answers; none of others.
    connections: Vec<Held>,
}

/// A connection that a server holds.
#[derive(Serialize, ToSchema)]
pub(crate) struct Held {
    /// The end of its id.
    key: String,
    /// By which it is closed.
    handle: String,
    /// Whose.
    user_id: UserId,
    /// `open` or `closing`.
    state: String,
}

/// The servers with their connections: first the one that answers, then others that have counted within
/// the last minute.
#[utoipa::path(
    get,
    path = "/api/v1/admin/nodes",
    tag = "administration",
    responses((status = 200, description = "The one that answers first.", body = Vec<Node>), Problem),
)]
pub(crate) async fn list_nodes(
    State(state): State<AppState>,
    _: Administrator,
) -> Result<axum::Json<Vec<Node>>, Problem> {
    let nodes = admin::nodes(&state).await?;
    Ok(axum::Json(nodes.into_iter().map(Into::into).collect()))
}

impl From<NodeReport> for Node {
    fn from(node: NodeReport) -> Self {
        let NodeReport {
            node_id,
            connection_count,
            people,
            age_ms,
            connections,
        } = node;
        Self {
            node_id,
            connection_count,
            people,
            age_ms,
            connections: connections.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<HeldReport> for Held {
    fn from(held: HeldReport) -> Self {
        let HeldReport {
            key,
            handle,
            user_id,
            state,
            ..
        } = held;
        Self {
            key,
            handle,
            user_id,
            state,
        }
    }
}
