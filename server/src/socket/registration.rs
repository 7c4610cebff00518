//! A connection's place in presence and fan-out, given back on every way out.

use super::end::End;
use crate::{
    hub::{EnterError, Hub, Kind, Outgoing, Queue},
    metrics::Limit,
    state::AppState,
};
use presence::{CloseReason, ConnectionKey, Directory, OpenError, Registration};
use protocol::{CloseCode, ConnectionId, ServerFrame};
use std::{sync::Arc, time::Duration};
use store::SignedIn;
use uuid::Uuid;

/// When a person with too many connections may try again.
pub(super) const TOO_MANY_DELAY: Duration = Duration::from_secs(30);

/// Where one connection's own frames go: answers, and what only it is told.
#[derive(Clone)]
pub(super) struct Outlet {
    hub: Hub,
    queue: Arc<Queue>,
}

impl Outlet {
    /// Queues a frame.
    pub(super) fn send(&self, frame: &ServerFrame) {
        self.hub
            .push(&self.queue, Outgoing::new(Kind::Reliable, frame));
    }
}

/// A registered connection. Dropping it (a panic, the runtime's end) gives its place back too.
pub(super) struct Registered {
    key: ConnectionKey,
    outlet: Outlet,
    directory: Arc<dyn Directory>,
    is_closed: bool,
}

impl Registered {
    /// Registers a new connection with fan-out, then with presence, so that whoever ends the session
    /// meanwhile finds it in one of the two.
    pub(super) async fn open(state: &AppState, signed_in: &SignedIn) -> Result<Self, End> {
        if let Some(unready) = state.readiness.unready() {
            let reason = unready.to_string();
            return Err(End::close(CloseCode::TRY_AGAIN_LATER, reason));
        }
        let limits = &state.config.websocket;
        let connection = ConnectionId::from_uuid(Uuid::now_v7());
        let user = signed_in.user.user_id;
        let queue = Arc::new(Queue::new(limits.queue_capacity));
        let session = signed_in.session_id;
        let is_admitted = state.hub.register(
            connection,
            user,
            session,
            Arc::clone(&queue),
            limits.connections_per_user,
        );
        if !is_admitted {
            state.metrics.limited(Limit::ConnectionsPerUser);
            return Err(End::too_many(TOO_MANY_DELAY));
        }
        let registered = Self {
            key: ConnectionKey { user, connection },
            outlet: Outlet {
                hub: state.hub.clone(),
                queue,
            },
            directory: Arc::clone(&state.directory),
            is_closed: false,
        };
        let registration = Registration {
            connection,
            user,
            session,
            node: state.node,
        };
        let (code, reason) = match state.hub.enter(registration).await {
            Ok(()) => return Ok(registered),
            Err(EnterError::NotOpened(OpenError::Refused(_))) => {
                (CloseCode::SESSION_EXPIRED, "signed out")
            }
            Err(EnterError::NotOpened(OpenError::Directory(error))) => {
                tracing::error!(%error, "connection_not_registered");
                (CloseCode::TRY_AGAIN_LATER, "presence is unavailable")
            }
            Err(EnterError::Unknown(error)) => {
                tracing::warn!(%error, "person_not_known");
                let reason = "this account could not be read";
                (CloseCode::TRY_AGAIN_LATER, reason)
            }
        };
        Err(End::close(code, reason))
    }

    /// Which connection.
    pub(super) const fn key(&self) -> ConnectionKey {
        self.key
    }

    /// Where its frames wait.
    pub(super) const fn queue(&self) -> &Arc<Queue> {
        &self.outlet.queue
    }

    /// Where its own frames go.
    pub(super) const fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    /// It showed a sign of life.
    pub(super) async fn activity(&self) {
        if let Err(error) = self.directory.activity(&[self.key]).await {
            tracing::warn!(%error, "activity_not_recorded");
        }
    }

    /// Input was given this long ago; nothing, when the client never tells.
    pub(super) async fn input(&self, idle: Option<Duration>) {
        if let Err(error) = self.directory.input(self.key, idle).await {
            tracing::warn!(%error, "input_not_recorded");
        }
    }

    /// The closing handshake begins; it still counts.
    pub(super) async fn closing(&self) {
        self.outlet.hub.closing(self.key.connection);
        if let Err(error) = self.directory.closing(self.key).await {
            tracing::warn!(%error, "closing_not_recorded");
        }
    }

    /// It is gone.
    pub(super) async fn closed(mut self, reason: CloseReason) {
        self.is_closed = true;
        self.outlet.hub.unregister(self.key.connection);
        if let Err(error) = self.directory.closed(self.key, reason).await {
            tracing::warn!(%error, "close_not_recorded");
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        if self.is_closed {
            return;
        }
        self.outlet.hub.unregister(self.key.connection);
        let (directory, key) = (Arc::clone(&self.directory), self.key);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { directory.closed(key, CloseReason::TransportLost).await });
        }
    }
}
