use super::Administrator;
use crate::{
    http::{extract::Path, problem::Problem},
    service::admin::{self, Diagnosis, handle_of, millis, redacted},
    state::AppState,
};
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
    /// How long ago it last answered a ping; null if it never did, or is at another server.
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
    let (_, diagnosis) = admin::diagnose(&state, user).await?;
    Ok(axum::Json(Diagnostics::new(&state, diagnosis)))
}

impl Diagnostics {
    fn new(state: &AppState, diagnosis: Diagnosis) -> Self {
        let connection = |it: &presence::ConnectionDiagnostics| Connection {
            key: redacted(it.connection),
            handle: handle_of(it.connection),
            session_id: it.session,
            node_id: it.node,
            state: it.state.to_string(),
            opened_at: it.opened_at,
            age_ms: millis(it.age),
            since_activity_ms: millis(it.since_activity),
            since_pong_ms: state.hub.since_pong(it.connection).map(millis),
            browser: diagnosis.browser(it).to_owned(),
            lease_remaining_ms: millis(it.lease_remaining),
        };
        let found = &diagnosis.decided;
        let connections: Vec<_> = found.connections.iter().map(connection).collect();
        Self {
            user_id: found.user,
            online: found.online,
            shown_online: found.shown.is_online,
            availability: found.shown.availability,
            mode: found.mode,
            active_connection_count: found.active_connection_count,
            connection_keys: connections.iter().map(|it| it.key.clone()).collect(),
            connections,
            pending_offline_ms: found.pending_offline.map(millis),
            version: found.version,
            last_seen: found.last_seen,
            rule: diagnosis.decided.rule,
        }
    }
}
