//! Why people are online, and what administrators can do about it. What it is asked by whom is for the
//! caller to check; what is done is logged.

use crate::{
    auth,
    error::{Error, Result},
    state::AppState,
};
use app::page::admin::{AdminPage, Found, Past, SignInReport, SocketReport, UserReport};
use presence::{ConnectionDiagnostics, UserDiagnostics};
use protocol::{ConnectionId, SessionId, User, UserId};
use sha2::{Digest as _, Sha256};
use std::{collections::HashMap, fmt::Write as _, time::Duration};
use store::SessionSummary;

/// People who are shown of those found.
const FOUND: usize = 20;

/// Everything that decides about somebody, with what their browsers call themselves.
pub struct Diagnosis {
    /// What decides.
    pub decided: UserDiagnostics,
    /// Their sign-ins that hold.
    pub sessions: Vec<SessionSummary>,
}

impl Diagnosis {
    /// What the browser of a connection calls itself; empty when its sign-in has ended.
    #[must_use]
    pub fn browser(&self, connection: &ConnectionDiagnostics) -> &str {
        let mut sessions = self.sessions.iter();
        sessions
            .find(|it| it.session_id == connection.session)
            .map_or("", |it| it.user_agent.as_str())
    }
}

/// Those whose name or username begins with this.
///
/// # Errors
/// When the store cannot be read.
pub async fn search(state: &AppState, query: &str) -> Result<Vec<Found>> {
    let query = query.trim();
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let people = state.store.find_people(query, FOUND).await?;
    Ok(people.into_iter().map(found).collect())
}

/// Everything that decides about somebody. Changes nothing.
///
/// # Errors
/// `not_found` when there is no such account; when the store or the directory cannot be read.
pub async fn diagnose(state: &AppState, user: UserId) -> Result<(User, Diagnosis)> {
    let account = state.store.user(user).await?;
    let account = account.ok_or_else(|| Error::not_found("user"))?;
    let now = state.clock.now();
    let mut sessions = state.store.sessions_of(user).await?;
    sessions.retain(|session| session.expires_at > now);
    let decided = state.directory.diagnostics(user).await?;
    Ok((account, Diagnosis { decided, sessions }))
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
    let sockets = state.hub.sockets();
    Ok(AdminPage {
        query,
        found,
        report,
        node: state.node,
        connections: sockets.open + sockets.closing,
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
    let sessions = state.store.sessions_of(user).await?;
    if !sessions.iter().any(|it| it.session_id == session) {
        return Err(Error::not_found("session"));
    }
    tracing::warn!(%admin, %user, %session, "admin_ended_session");
    auth::end_session(state, user, session).await
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
    let people: HashMap<_, _> = people
        .into_iter()
        .map(|person| (person.user_id, found(person)))
        .collect();
    let past = |it: presence::Transition| Past {
        person: people.get(&it.user).cloned(),
        user_id: it.user,
        was_online: it.before.is_online,
        is_online: it.shown.is_online,
        reason: it.reason.to_string(),
        age_ms: millis(state.directory.age(it.at)),
    };
    Ok(recent.into_iter().map(past).collect())
}

async fn report(state: &AppState, user: UserId) -> Result<UserReport> {
    let (account, diagnosis) = diagnose(state, user).await?;
    let now = state.clock.now();
    let connections = diagnosis.decided.connections.iter().map(|it| SocketReport {
        key: redacted(it.connection),
        handle: handle_of(it.connection),
        state: it.state.to_string(),
        session_id: it.session,
        node_id: it.node,
        browser: diagnosis.browser(it).to_owned(),
        age_ms: millis(it.age),
        since_activity_ms: millis(it.since_activity),
        since_pong_ms: state.hub.since_pong(it.connection).map(millis),
        lease_remaining_ms: millis(it.lease_remaining),
    });
    let connections = connections.collect();
    let sessions = diagnosis.sessions.iter().map(|it| SignInReport {
        session_id: it.session_id,
        browser: it.user_agent.clone(),
        age_ms: millis(now.since(it.created_at)),
    });
    let sessions = sessions.collect();
    let decided = diagnosis.decided;
    Ok(UserReport {
        person: Found {
            user_id: account.user_id,
            username: account.username,
            display_name: account.display_name,
        },
        online: decided.online,
        shown_online: decided.shown.is_online,
        pending_offline_ms: decided.pending_offline.map(millis),
        rule: decided.rule,
        connections,
        sessions,
    })
}

/// Enough to tell connections apart, too little to name one: the end of the id, which is random (RFC
/// 9562 §5.7).
#[must_use]
pub fn redacted(id: ConnectionId) -> String {
    let id = id.to_string();
    format!("…{}", &id[id.len().saturating_sub(4)..])
}

/// By which a connection is named to those who may close it: nothing that could be taken for its id.
#[must_use]
pub fn handle_of(id: ConnectionId) -> String {
    let digest = Sha256::digest(id.to_string());
    let mut handle = String::new();
    for byte in &digest[..8] {
        let _ = write!(handle, "{byte:02x}");
    }
    handle
}

/// For JSON and for people.
#[must_use]
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn found(person: store::Person) -> Found {
    Found {
        user_id: person.user_id,
        username: person.username,
        display_name: person.display_name,
    }
}
