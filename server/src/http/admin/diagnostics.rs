use super::Administrator;
use crate::{
    clock::millis,
    http::{extract::Path, problem::Problem},
    service::admin::{self, Diagnosis},
    state::AppState,
};
use app::page::admin::SocketReport;
use axum::extract::State;
use protocol::{Availability, Mode, NodeId, SessionId, Timestamp, UserId};
use serde::Serialize;
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
    /// By which it is closed.
    handle: String,
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
    /// How long ago it last answered a ping of this server, which pings only into silence; null if it
    /// never did, or is at another server.
    since_pong_ms: Option<u64>,
    /// What the browser or program calls itself.
    browser: String,
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
    _: Administrator,
    id: Result<Path<UserId>, Problem>,
) -> Result<axum::Json<Diagnostics>, Problem> {
    let Path(user) = id?;
    let diagnosis = admin::diagnose(&state, user).await?;
    Ok(axum::Json(diagnosis.into()))
}

impl From<Diagnosis> for Diagnostics {
    fn from(found: Diagnosis) -> Self {
        let Diagnosis {
            decided,
            connections,
            ..
        } = found;
        Self {
            user_id: decided.user,
            online: decided.online,
            shown_online: decided.shown.is_online,
            availability: decided.shown.availability,
            mode: decided.mode,
            active_connection_count: decided.active_connection_count,
            connection_keys: connections.iter().map(|it| it.key.clone()).collect(),
            connections: connections.into_iter().map(Into::into).collect(),
            pending_offline_ms: decided.pending_offline.map(millis),
            version: decided.version,
            last_seen: decided.last_seen,
            rule: decided.rule,
        }
    }
}

impl From<SocketReport> for Connection {
    fn from(found: SocketReport) -> Self {
        let SocketReport {
            key,
            handle,
            state,
            session_id,
            node_id,
            browser,
            opened_at,
            age_ms,
            since_activity_ms,
            since_pong_ms,
            lease_remaining_ms,
        } = found;
        Self {
            key,
            handle,
            session_id,
            node_id,
            state,
            opened_at,
            age_ms,
            since_activity_ms,
            since_pong_ms,
            browser,
            lease_remaining_ms,
        }
    }
}
