use crate::{
    error::Error,
    http::{
        extract::{Caller, Path},
        problem::{Problem, no_such_route},
    },
    state::AppState,
};
use axum::extract::State;
use presence::{ConnectionDiagnostics, UserDiagnostics};
use protocol::{Availability, Mode, NodeId, SessionId, Timestamp, UserId};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// Everything that decides whether a person counts as online.
#[derive(Serialize, ToSchema)]
pub(crate) struct Diagnostics {
    /// Who.
    user_id: UserId,
    /// Connected, or within the grace: the truth, whatever others are shown.
    online: bool,
    /// Whether others are shown online.
    shown_online: bool,
    /// What more others are shown while online.
    availability: Option<Availability>,
    /// What the person has chosen.
    mode: Mode,
    /// Open and closing connections.
    active_connection_count: usize,
    /// The ends of their ids.
    connection_keys: Vec<String>,
    /// Each of them.
    connections: Vec<Connection>,
    /// How long until the person is offline, unless a connection opens; null unless a grace runs.
    pending_offline_ms: Option<u64>,
    /// The version of the newest transition.
    version: u64,
    /// When the person was last shown online; null while they are, or never were.
    last_seen: Option<Timestamp>,
    /// The rule that decided.
    rule: String,
}

/// One active connection.
#[derive(Serialize, ToSchema)]
pub(crate) struct Connection {
    /// The end of its id.
    key: String,
    /// The sign-in that it belongs to.
    session_id: SessionId,
    /// The server process that holds the socket.
    node_id: NodeId,
    /// `open` or `closing`.
    state: String,
    /// When it was registered.
    opened_at: Timestamp,
    /// How long ago that was.
    age_ms: u64,
    /// How long ago it last showed activity.
    since_activity_ms: u64,
    /// How long it goes on counting without any.
    lease_remaining_ms: u64,
}

/// Why a person is, or is not, online. Reading it changes nothing.
#[utoipa::path(
    get,
    path = "/api/v1/admin/users/{id}/diagnostics",
    tag = "administration",
    params(("id" = UserId, Path, description = "Which person.")),
    responses((status = 200, description = "What decides.", body = Diagnostics), Problem),
)]
pub(crate) async fn user_diagnostics(
    State(state): State<AppState>,
    Caller(me): Caller,
    id: Result<Path<UserId>, Problem>,
) -> Result<axum::Json<Diagnostics>, Problem> {
    if !me.user.is_admin {
        return Err(no_such_route().await);
    }
    let Path(user) = id?;
    if state.store.user(user).await?.is_none() {
        return Err(Error::not_found("user").into());
    }
    let diagnostics = state
        .directory
        .diagnostics(user)
        .await
        .map_err(Error::from)?;
    Ok(axum::Json(diagnostics.into()))
}

impl From<UserDiagnostics> for Diagnostics {
    fn from(found: UserDiagnostics) -> Self {
        let connections: Vec<Connection> = found.connections.into_iter().map(Into::into).collect();
        Self {
            user_id: found.user,
            online: found.online,
            shown_online: found.shown.is_online,
            availability: found.shown.availability,
            mode: found.mode,
            active_connection_count: found.active_connection_count,
            connection_keys: connections.iter().map(|c| c.key.clone()).collect(),
            connections,
            pending_offline_ms: found.pending_offline.map(millis),
            version: found.version,
            last_seen: found.last_seen,
            rule: found.rule,
        }
    }
}

impl From<ConnectionDiagnostics> for Connection {
    fn from(found: ConnectionDiagnostics) -> Self {
        Self {
            key: redacted(&found.connection.to_string()),
            session_id: found.session,
            node_id: found.node,
            state: found.state.to_string(),
            opened_at: found.opened_at,
            age_ms: millis(found.age),
            since_activity_ms: millis(found.since_activity),
            lease_remaining_ms: millis(found.lease_remaining),
        }
    }
}

/// Enough to tell connections apart, too little to name one: the end of the id, which is random (RFC
/// 9562 §5.7).
fn redacted(id: &str) -> String {
    let end = id.len().saturating_sub(4);
    format!("…{}", &id[end..])
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
