//! What is counted. All names are here.

use presence::Shown;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use redis_link::Health;
use std::sync::Arc;

/// The counters of this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    connections: Gauge,
    users_connected: Gauge,
    messages: Counter,
    transitions: Family<Transition, Counter>,
    gave_way: Family<GaveWay, Counter>,
    refused: Family<Refused, Counter>,
    redis_up: Family<Purpose, Gauge>,
    redis_connected: Family<Purpose, Counter>,
    redis_failed: Family<Purpose, Counter>,
    redis_gaps: Family<Purpose, Counter>,
}

/// What is read when it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// Sockets on this server.
    pub connections: usize,
    /// Those whose they are.
    pub users: usize,
    /// The links to Redis, by what they are for.
    pub links: Vec<(&'static str, Health)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Purpose {
    purpose: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Transition {
    direction: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GaveWay {
    what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    queue: &'static str,
}

/// A queue of the whole server that turns away whoever comes when it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FullQueue {
    /// Messages that wait to be written.
    Messages,
    /// Passwords that wait to be hashed.
    Passwords,
}

impl FullQueue {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Passwords => "passwords",
        }
    }
}

impl Metrics {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("rollcall");
        let connections = Gauge::default();
        registry.register("connections", "Sockets on this server", connections.clone());
        let users_connected = Gauge::default();
        registry.register(
            "users_connected",
            "People with a socket on this server, however they are shown",
            users_connected.clone(),
        );
        let messages = Counter::default();
        registry.register(
            "messages_stored",
            "Messages written to disk",
            messages.clone(),
        );
        let transitions = Family::default();
        registry.register(
            "presence_transitions",
            "Changes that were announced: between online and offline, or of the status beside",
            transitions.clone(),
        );
        let gave_way = Family::default();
        registry.register(
            "queue_gave_way",
            "What gave way in the full queue of a slow connection: typing, presence (replaced by a \
             snapshot), or the connection itself",
            gave_way.clone(),
        );
        let refused = Family::default();
        registry.register(
            "queue_refused",
            "Requests that were turned away because a queue of the server was full",
            refused.clone(),
        );
        let redis_up = Family::default();
        registry.register(
            "redis_up",
            "Whether the link to Redis stands, by what it is for",
            redis_up.clone(),
        );
        let redis_connected = Family::default();
        registry.register(
            "redis_connected",
            "How often the link to Redis came to stand",
            redis_connected.clone(),
        );
        let redis_failed = Family::default();
        registry.register(
            "redis_failed_requests",
            "Requests to Redis without an answer in time",
            redis_failed.clone(),
        );
        let redis_gaps = Family::default();
        registry.register(
            "redis_gaps",
            "How often news may have passed unheard, so that all was looked at",
            redis_gaps.clone(),
        );
        Self(Arc::new(Inner {
            registry,
            connections,
            users_connected,
            messages,
            transitions,
            gave_way,
            refused,
            redis_up,
            redis_connected,
            redis_failed,
            redis_gaps,
        }))
    }

    /// A message was stored.
    pub fn message_stored(&self) {
        self.0.messages.inc();
    }

    /// A transition was announced.
    pub fn transition(&self, before: &Shown, shown: &Shown, reason: &'static str) {
        let direction = match (before.is_online, shown.is_online) {
            (false, true) => "online",
            (true, false) => "offline",
            (true, true) | (false, false) => "status",
        };
        self.0
            .transitions
            .get_or_create(&Transition { direction, reason })
            .inc();
    }

    /// Something gave way in the full queue of a slow connection.
    pub fn gave_way(&self, what: &'static str) {
        self.0.gave_way.get_or_create(&GaveWay { what }).inc();
    }

    /// Somebody was turned away because a queue was full.
    pub fn refused(&self, queue: FullQueue) {
        let queue = queue.as_str();
        self.0.refused.get_or_create(&Refused { queue }).inc();
    }

    /// Everything, as OpenMetrics text, with what is read when it is asked for.
    #[must_use]
    pub fn encode(&self, readings: &Readings) -> String {
        let gauge = |count| i64::try_from(count).unwrap_or(i64::MAX);
        self.0.connections.set(gauge(readings.connections));
        self.0.users_connected.set(gauge(readings.users));
        for &(purpose, health) in &readings.links {
            let of = Purpose { purpose };
            let inner = &self.0;
            let is_up = inner.redis_up.get_or_create(&of);
            is_up.set(i64::from(health.is_up));
            let counts = [
                (&inner.redis_connected, health.connected),
                (&inner.redis_failed, health.failed),
                (&inner.redis_gaps, health.gaps),
            ];
            for (counter, count) in counts {
                let counter = counter.get_or_create(&of);
                counter.inc_by(count.saturating_sub(counter.get()));
            }
        }
        let mut text = String::new();
        encode(&mut text, &self.0.registry).expect("a String takes whatever is written");
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(is_online: bool) -> Shown {
        Shown {
            is_online,
            ..Shown::default()
        }
    }

    #[test]
    fn transitions_are_counted_by_direction_and_reason_and_readings_as_they_are() {
        let metrics = Metrics::new();
        let (gone, here) = (Shown::default(), shown(true));
        metrics.transition(&gone, &here, "connected");
        metrics.transition(&gone, &here, "connected");
        metrics.transition(&here, &gone, "grace_expired");
        let link = Health {
            is_up: true,
            connected: 2,
            failed: 5,
            gaps: 2,
        };
        let readings = Readings {
            connections: 3,
            users: 1,
            links: vec![("presence", link)],
        };
        let text = metrics.encode(&readings);
        assert_eq!(metrics.encode(&readings), text, "reading counts nothing");
        for line in [
            "rollcall_connections 3",
            "rollcall_users_connected 1",
            "rollcall_presence_transitions_total{direction=\"online\",reason=\"connected\"} 2",
            "rollcall_presence_transitions_total{direction=\"offline\",reason=\"grace_expired\"} 1",
            "rollcall_redis_up{purpose=\"presence\"} 1",
            "rollcall_redis_failed_requests_total{purpose=\"presence\"} 5",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
    }
}
