//! Why people are online, and what administrators can do about it. What it is asked by whom is for the
//! caller to check; what is done is logged.

use crate::{
    clock::millis,
    error::{Error, Result},
    state::AppState,
};
use app::page::admin::{
    AdminPage, HeldReport, NodeReport, Past, SignInReport, SocketReport, UserReport, redacted,
};
use presence::UserDiagnostics;
use protocol::{ConnectionId, ErrorCode, SessionId, Timestamp, User, UserId};
use sha2::{Digest as _, Sha256};
use std::{collections::HashMap, fmt::Write as _};
use store::{NodeCount, SessionSummary};

/// People who are shown of those found.
const FOUND: usize = 20;

/// Connections of this server that are listed.
const HELD: usize = 100;

/// For how long the count of a server says something, in milliseconds.
const COUNTS_HOLD: i64 = 60 * 1_000;

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

/// What the page of administrators is made of. Without what decides about somebody the rest is there.
///
/// # Errors
/// `not_found` when there is no such account; when the store cannot be read.
pub async fn page(state: &AppState, query: String, user: Option<UserId>) -> Result<AdminPage> {
    let found = search(state, &query).await?;
    let report = match user {
        Some(user) => Some(or_sentence(report(state, user).await)?),
        None => None,
    };
    Ok(AdminPage {
        query,
        found,
        report,
        nodes: nodes(state).await?,
        past: past(state).await?,
    })
}

/// Closes one of somebody's connections for good, wherever it is.
///
/// # Errors
/// `not_found` when there is no such connection; `unavailable` when it is at another server that cannot
/// be told; when the directory cannot be read.
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
    if named.node != state.node && !are_others_reached(state).await {
        return Err(Error::refused(
            ErrorCode::Unavailable,
            "This connection is at another server, which cannot be told at the moment. Please try again.",
        ));
    }
    tracing::warn!(%admin, %user, connection_id = %named.connection, "admin_closed_connection");
    state.hub.close_for_good(user, named.connection);
    Ok(())
}

/// Whether other servers hear what they are told now. A link stands until its silence is noticed.
async fn are_others_reached(state: &AppState) -> bool {
    match state.nodes.link() {
        Some(link) => link.answers().await,
        None => false,
    }
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
    let names = names_of(state, recent.iter().map(|it| it.user).collect()).await?;
    let past = |it: presence::Transition| Past {
        user_id: it.user,
        name: names(it.user),
        was_online: it.before.is_online,
        is_online: it.shown.is_online,
        reason: it.reason.to_string(),
        age_ms: millis(state.directory.age(it.at)),
    };
    Ok(recent.into_iter().map(past).collect())
}

/// A report, or why there is none: the page is more than it.
fn or_sentence(report: Result<UserReport>) -> Result<Result<UserReport, String>> {
    match report {
        Ok(report) => Ok(Ok(report)),
        Err(error) if error.code() == ErrorCode::NotFound => Err(error),
        Err(error) => {
            error.log();
            let why = "Why they are online, or not, cannot be said at the moment.";
            Ok(Err(format!("{why} {error}")))
        }
    }
}

/// What these people are called; the end of their id where there is no such account.
async fn names_of(
    state: &AppState,
    mut users: Vec<UserId>,
) -> Result<impl Fn(UserId) -> String + use<>> {
    users.sort_unstable();
    users.dedup();
    let people = state.store.people(&users).await?;
    let names: HashMap<_, _> = people
        .into_iter()
        .map(|person| (person.user_id, person.display_name))
        .collect();
    Ok(move |user: UserId| {
        let known = names.get(&user).cloned();
        known.unwrap_or_else(|| redacted(&user.to_string()))
    })
}

/// The servers with what they hold: this one now, others as they counted within the last minute; who has
/// not is gone, or alone with its connections.
///
/// # Errors
/// When the store cannot be read.
pub async fn nodes(state: &AppState) -> Result<Vec<NodeReport>> {
    let now = state.clock.now();
    let held = state.hub.first_sockets(HELD);
    let names = names_of(state, held.iter().map(|(_, user, _)| *user).collect()).await?;
    let connections = held.into_iter().map(|(id, user, is_closing)| HeldReport {
        key: redacted(&id.to_string()),
        handle: handle_of(id),
        user_id: user,
        name: names(user),
        state: if is_closing { "closing" } else { "open" }.to_owned(),
    });
    let here = count_here(state);
    let mut nodes = vec![NodeReport {
        connections: connections.collect(),
        ..node_report(here, now)
    }];
    let since = Timestamp::from_unix_millis(now.unix_millis().saturating_sub(COUNTS_HOLD));
    let others = state.store.counts_of_others(state.node, since).await?;
    nodes.extend(others.into_iter().map(|count| node_report(count, now)));
    Ok(nodes)
}

/// Makes known to other servers how many connections are here.
///
/// # Errors
/// When the store cannot be written.
pub async fn count_connections(state: &AppState) -> Result<()> {
    Ok(state.store.count_connections(count_here(state)).await?)
}

fn count_here(state: &AppState) -> NodeCount {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    NodeCount {
        node: state.node,
        connections: number(state.hub.connections()),
        people: number(state.hub.users()),
        counted_at: state.clock.now(),
    }
}

fn node_report(count: NodeCount, now: Timestamp) -> NodeReport {
    NodeReport {
        node_id: count.node,
        connection_count: count.connections,
        people: count.people,
        age_ms: millis(now.since(count.counted_at)),
        connections: Vec::new(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use presence::DirectoryError;

    #[test]
    fn why_somebody_is_online_may_be_unknown_and_the_page_is_there_all_the_same() {
        let away = DirectoryError::Unavailable("no answer".to_owned());
        assert_eq!(
            or_sentence(Err(away.into())).unwrap().unwrap_err(),
            "Why they are online, or not, cannot be said at the moment. \
             This is not available at the moment. Please try again."
        );
        let nobody = or_sentence(Err(Error::not_found("user")));
        assert_eq!(nobody.unwrap_err().code(), ErrorCode::NotFound);
    }
}
