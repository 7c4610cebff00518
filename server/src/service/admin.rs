//! Why people are online, and what administrators can do about it. What it is asked by whom is for the
//! caller to check; what is done is logged.

use crate::{
    clock::millis,
    error::{Error, Result},
    state::AppState,
};
use app::page::admin::{AdminPage, Past, SignInReport, SocketReport, UserReport, redacted};
use presence::UserDiagnostics;
use protocol::{ConnectionId, SessionId, User, UserId};
use sha2::{Digest as _, Sha256};
use std::{collections::HashMap, fmt::Write as _};
use store::SessionSummary;

/// People who are shown of those found.
const FOUND: usize = 20;

/// Everything that decides about somebody.
pub struct Diagnosis {
    /// Who.
    pub account: User,
    /// What decides.
    pub decided: UserDiagnostics,
    /// Each active connection.
    pub connections: Vec<SocketReport>,
    /// Their sign-ins that hold.
    pub sessions: Vec<SessionSummary>,
}

/// Those whose name or username contains this.
///
/// # Errors
/// When the store cannot be read.
pub async fn search(state: &AppState, query: &str) -> Result<Vec<User>> {
    let query = query.trim();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    Ok(state.store.find_users(query, FOUND).await?)
}

/// Everything that decides about somebody. Changes nothing.
///
/// # Errors
/// `not_found` when there is no such account; when the store or the directory cannot be read.
pub async fn diagnose(state: &AppState, user: UserId) -> Result<Diagnosis> {
    let account = state.store.user(user).await?;
    let account = account.ok_or_else(|| Error::not_found("user"))?;
    let now = state.clock.now();
    let mut sessions = state.store.sessions_of(user).await?;
    sessions.retain(|session| session.expires_at > now);
    let decided = state.directory.diagnostics(user).await?;
    let browser = |session: SessionId| {
        let known = sessions.iter().find(|it| it.session_id == session);
        known.map_or_else(String::new, |it| it.user_agent.clone())
    };
    let connections = decided.connections.iter().map(|it| SocketReport {
        key: redacted(&it.connection.to_string()),
        handle: handle_of(it.connection),
        state: it.state.to_string(),
        session_id: it.session,
        node_id: it.node,
        browser: browser(it.session),
        opened_at: it.opened_at,
        age_ms: millis(it.age),
        since_activity_ms: millis(it.since_activity),
        since_pong_ms: state.hub.since_pong(it.connection).map(millis),
        lease_remaining_ms: millis(it.lease_remaining),
    });
    let connections = connections.collect();
    Ok(Diagnosis {
        account,
        decided,
        connections,
        sessions,
    })
}

/// What the page of administrators is made of.
///
/// # Errors
/// As [`search`] and [`diagnose`].
pub async fn page(state: &AppState, query: String, user: Option<UserId>) -> Result<AdminPage> {
    let found = search(state, &query).await?;
    let report = match user {
        Some(user) => Some(report(state, user).await?),
        None => None,
    };
    Ok(AdminPage {
        query,
        found,
        report,
        node: state.node,
        connections: state.hub.connections(),
        people: state.hub.users(),
        past: past(state).await?,
    })
}

/// Closes one of somebody's connections for good, wherever it is.
///
/// # Errors
/// `not_found` when there is no such connection; when the directory cannot be read.
pub async fn close_connection(
    state: &AppState,
    admin: UserId,
    user: UserId,
    handle: &str,
) -> Result<()> {
    let decided = state.directory.diagnostics(user).await?;
    let named = decided
        .connections
        .iter()
        .find(|it| handle_of(it.connection) == handle)
        .ok_or_else(|| Error::not_found("connection"))?;
    tracing::warn!(%admin, %user, connection_id = %named.connection, "admin_closed_connection");
    state.hub.close_for_good(user, named.connection);
    Ok(())
}

/// Ends one of somebody's sign-ins, with its connections.
///
/// # Errors
/// `not_found` when there is no such sign-in; when the store cannot be written.
pub async fn end_session(
    state: &AppState,
    admin: UserId,
    user: UserId,
    session: SessionId,
) -> Result<()> {
    if !state.store.delete_session(user, session).await? {
        return Err(Error::not_found("session"));
    }
    tracing::warn!(%admin, %user, %session, "admin_ended_session");
    state.hub.end_session(user, session).await;
    Ok(())
}

/// What was announced here last, newest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn past(state: &AppState) -> Result<Vec<Past>> {
    let recent = state.hub.recent();
    let mut people: Vec<_> = recent.iter().map(|it| it.user).collect();
    people.sort_unstable();
    people.dedup();
    let people = state.store.people(&people).await?;
    let names: HashMap<_, _> = people
        .into_iter()
        .map(|person| (person.user_id, person.display_name))
        .collect();
    let name = |user: UserId| {
        let known = names.get(&user).cloned();
        known.unwrap_or_else(|| redacted(&user.to_string()))
    };
    let past = |it: presence::Transition| Past {
        user_id: it.user,
        name: name(it.user),
        was_online: it.before.is_online,
        is_online: it.shown.is_online,
        reason: it.reason.to_string(),
        age_ms: millis(state.directory.age(it.at)),
    };
    Ok(recent.into_iter().map(past).collect())
}

async fn report(state: &AppState, user: UserId) -> Result<UserReport> {
    let Diagnosis {
        account,
        decided,
        connections,
        sessions,
    } = diagnose(state, user).await?;
    let now = state.clock.now();
    let sessions = sessions.into_iter().map(|it| SignInReport {
        session_id: it.session_id,
        browser: it.user_agent,
        age_ms: millis(now.since(it.created_at)),
    });
    Ok(UserReport {
        person: account,
        online: decided.online,
        shown_online: decided.shown.is_online,
        pending_offline_ms: decided.pending_offline.map(millis),
        rule: decided.rule,
        connections,
        sessions: sessions.collect(),
    })
}

/// By which a connection is named to those who may close it: nothing that could be taken for its id.
fn handle_of(id: ConnectionId) -> String {
    let digest = Sha256::digest(id.to_string());
    let mut handle = String::new();
    for byte in &digest[..8] {
        let _ = write!(handle, "{byte:02x}");
    }
    handle
}
