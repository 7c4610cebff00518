//! What is counted. All names are here.

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use std::sync::Arc;

/// The counters of this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    connections: Gauge,
    messages: Counter,
    transitions: Family<Transition, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Transition {
    direction: &'static str,
    reason: &'static str,
}

impl Metrics {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("rollcall");
        let connections = Gauge::default();
        registry.register("connections", "Sockets on this server", connections.clone());
        let messages = Counter::default();
        registry.register(
            "messages_stored",
            "Messages written to disk",
            messages.clone(),
        );
        let transitions = Family::default();
        registry.register(
            "presence_transitions",
            "Changes between online and offline that were announced",
            transitions.clone(),
        );
        Self(Arc::new(Inner {
            registry,
            connections,
            messages,
            transitions,
        }))
    }

    /// A message was stored.
    pub fn message_stored(&self) {
        self.0.messages.inc();
    }

    /// A transition was announced.
    pub fn transition(&self, is_online: bool, reason: &'static str) {
        let direction = if is_online { "online" } else { "offline" };
        self.0
            .transitions
            .get_or_create(&Transition { direction, reason })
            .inc();
    }

    /// Everything, as OpenMetrics text, with what is read when it is asked for.
    #[must_use]
    pub fn encode(&self, connections: usize) -> String {
        self.0
            .connections
            .set(i64::try_from(connections).unwrap_or(i64::MAX));
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
