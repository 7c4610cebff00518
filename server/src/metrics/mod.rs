//! What is counted. All names are here.

mod limit;
mod readings;

pub use limit::Limit;
pub use readings::{Readings, Sockets};

use presence::{Shown, TransitionReason};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Metric, Registry, Unit},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The counters of this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    reading: Mutex<()>,
    connections: Family<State, Gauge>,
    users_connected: Gauge,
    messages: Counter,
    message_write: Histogram,
    transitions: Family<Transition, Counter>,
    graces: Family<Outcome, Counter>,
    removals: Family<Reason, Counter>,
    false_offline: Counter,
    ghosts: Histogram,
    convergence: Histogram,
    resyncs: Family<What, Counter>,
    fan_out: Family<What, Histogram, fn() -> Histogram>,
    typing: Counter,
    pings: Histogram,
    queued: Gauge,
    longest_queue: Gauge,
    newcomers: Gauge,
    gave_way: Family<What, Counter>,
    refused: Family<Refused, Counter>,
    limited: Family<Limited, Counter>,
    store_probe: Histogram,
    store_failed: Family<Kind, Counter>,
    redis_up: Family<Purpose, Gauge>,
    redis_connected: Family<Purpose, Counter>,
    redis_requests: Family<Purpose, Histogram, fn() -> Histogram>,
    redis_failed: Family<Purpose, Counter>,
    redis_gaps: Family<Purpose, Counter>,
}

/// What a label set with one label looks like.
macro_rules! labels {
    ($($name:ident { $label:ident })*) => {
        $(#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
        struct $name {
            $label: &'static str,
        })*
    };
}

labels! {
    State { state }
    Outcome { outcome }
    Reason { reason }
    What { what }
    Refused { queue }
    Limited { limit }
    Kind { kind }
    Purpose { purpose }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Transition {
    direction: &'static str,
    reason: &'static str,
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
    const ALL: [Self; 2] = [Self::Messages, Self::Passwords];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Passwords => "passwords",
        }
    }
}

/// What is named and registered.
struct Names(Registry);

impl Names {
    fn add<M: Metric + Clone + Default>(&mut self, name: &str, help: &str) -> M {
        let metric = M::default();
        self.0.register(name, help, metric.clone());
        metric
    }

    /// Seconds, see [`doubling`].
    fn seconds(&mut self, name: &str, help: &str, first: f64) -> Histogram {
        let metric = doubling(first);
        let unit = Unit::Seconds;
        self.0.register_with_unit(name, help, unit, metric.clone());
        metric
    }
}

/// In buckets from `first` on, each twice as wide as the one before.
fn doubling(first: f64) -> Histogram {
    Histogram::new(exponential_buckets(first, 2.0, 14))
}

/// What is told to sockets.
const TOLD: [&str; 4] = ["message", "presence", "typing", "other"];
/// What gives way in a full queue.
const YIELDING: [&str; 3] = ["typing", "presence", "connection"];
/// Who has to fetch anew.
const RESYNCED: [&str; 2] = ["client", "presence"];
/// The directions and the reasons of transitions that there are.
const TRANSITIONS: [(&str, TransitionReason); 8] = [
    ("online", TransitionReason::Connected),
    ("online", TransitionReason::Chosen),
    ("offline", TransitionReason::GraceExpired),
    ("offline", TransitionReason::SessionEnded),
    ("offline", TransitionReason::Chosen),
    ("status", TransitionReason::Idle),
    ("status", TransitionReason::Input),
    ("status", TransitionReason::Chosen),
];

impl Inner {
    /// Begins to count what is counted by label. A counter that appears with what it counts first has
    /// not grown, as far as Prometheus can tell: an alert would miss it.
    fn begin(&self) {
        for (direction, reason) in TRANSITIONS {
            let reason = reason.as_str();
            drop(
                self.transitions
                    .get_or_create(&Transition { direction, reason }),
            );
        }
        for what in RESYNCED {
            drop(self.resyncs.get_or_create(&What { what }));
        }
        for what in TOLD {
            drop(self.fan_out.get_or_create(&What { what }));
        }
        for what in YIELDING {
            drop(self.gave_way.get_or_create(&What { what }));
        }
        for queue in FullQueue::ALL.map(FullQueue::as_str) {
            drop(self.refused.get_or_create(&Refused { queue }));
        }
        for limit in Limit::ALL.iter().map(|it| it.as_str()) {
            drop(self.limited.get_or_create(&Limited { limit }));
        }
    }
}

impl Metrics {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        let mut names = Names(Registry::with_prefix("rollcall"));
        let fan_out = Family::new_with_constructor(
            (|| Histogram::new(exponential_buckets(1.0, 4.0, 8))) as fn() -> Histogram,
        );
        let redis_requests =
            Family::new_with_constructor((|| doubling(0.000_1)) as fn() -> Histogram);
        let inner = Inner {
            reading: Mutex::new(()),
            connections: names.add("connections", "Sockets on this server, by state"),
            users_connected: names.add(
                "users_connected",
                "People with a socket on this server, however they are shown",
            ),
            messages: names.add("messages_stored", "Messages written to disk"),
            message_write: names.seconds(
                "message_write",
                "How long a batch of messages took to be written",
                0.000_25,
            ),
            transitions: names.add(
                "presence_transitions",
                "Changes that were announced: between online and offline, or of the status beside",
            ),
            graces: names.add(
                "presence_graces",
                "Graces that were started, cancelled by a return, or expired",
            ),
            removals: names.add(
                "presence_removals",
                "Connections that presence gave up by itself",
            ),
            false_offline: names.add(
                "presence_false_offline",
                "Announced as offline by an expired grace while a socket of theirs was here",
            ),
            ghosts: names.seconds(
                "presence_ghost",
                "How long nothing had been heard of a connection that was removed for it: of its \
                 socket, or of the server that held it",
                1.0,
            ),
            convergence: names.seconds(
                "presence_convergence",
                "From a change, wherever it was made, to when a frame that tells of it was written \
                 to a socket here; by the oldest change in the frame",
                0.001,
            ),
            resyncs: names.add(
                "resyncs",
                "How often somebody had to fetch anew: a client that could not go on where it left \
                 off, or presence that gave way",
            ),
            fan_out: fan_out.clone(),
            typing: names.add("typing_events", "Signs of typing that were told here"),
            pings: names.seconds("ping", "Round trips of pings to clients", 0.000_5),
            queued: names.add(
                "queue_frames",
                "Frames that wait in the queues of all sockets",
            ),
            longest_queue: names.add(
                "queue_longest_frames",
                "Frames that wait in the longest queue of a socket",
            ),
            newcomers: names.add("newcomers_waiting", "Sockets that wait for their turn"),
            gave_way: names.add(
                "queue_gave_way",
                "What gave way in the full queue of a slow connection: typing, presence (replaced \
                 by a snapshot), or the connection itself",
            ),
            refused: names.add(
                "queue_refused",
                "Requests that were turned away because a queue of the server was full",
            ),
            limited: names.add(
                "limit_reached",
                "What was refused because of a limit, by the limit",
            ),
            store_probe: names.seconds(
                "store_probe",
                "How long the database takes to answer a question that is asked now and then",
                0.000_1,
            ),
            store_failed: names.add("store_failed", "Statements of the database that failed"),
            redis_up: names.add(
                "redis_up",
                "Whether the link to Redis stands, by what it is for",
            ),
            redis_connected: names.add(
                "redis_connected",
                "How often the link to Redis came to stand",
            ),
            redis_requests: redis_requests.clone(),
            redis_failed: names.add(
                "redis_failed_requests",
                "Requests to Redis without an answer in time",
            ),
            redis_gaps: names.add(
                "redis_gaps",
                "How often news may have passed unheard, so that all was looked at",
            ),
            registry: {
                let help = "Sockets that were told of one thing";
                names.0.register("fan_out_sockets", help, fan_out);
                let help = "How long Redis took to answer, by what the link is for";
                let unit = Unit::Seconds;
                names
                    .0
                    .register_with_unit("redis_request", help, unit, redis_requests);
                names.0
            },
        };
        inner.begin();
        Self(Arc::new(inner))
    }

    /// A message was stored.
    pub fn message_stored(&self) {
        self.0.messages.inc();
    }

    /// A batch of messages was written.
    pub fn messages_written(&self, took: Duration) {
        self.0.message_write.observe(took.as_secs_f64());
    }

    /// A transition was announced.
    pub fn transition(&self, before: &Shown, shown: &Shown, reason: &'static str) {
        let direction = match (before.is_online, shown.is_online) {
            (false, true) => "online",
            (true, false) => "offline",
            (true, true) | (false, false) => "status",
        };
        let of = Transition { direction, reason };
        self.0.transitions.get_or_create(&of).inc();
    }

    /// A frame that tells of transitions was written to a socket, so long after the oldest of them was made.
    pub fn converged(&self, after: Duration) {
        self.0.convergence.observe(after.as_secs_f64());
    }

    /// Somebody was announced as offline who is here.
    pub fn false_offline(&self) {
        self.0.false_offline.inc();
    }

    /// A connection was removed of which nothing had been heard for so long.
    pub fn ghost(&self, unheard_for: Duration) {
        self.0.ghosts.observe(unheard_for.as_secs_f64());
    }

    /// Somebody has to fetch anew.
    pub fn resync(&self, what: &'static str) {
        self.0.resyncs.get_or_create(&What { what }).inc();
    }

    /// So many sockets were told of one thing.
    pub fn fan_out(&self, what: &'static str, sockets: usize) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no server has that many sockets"
        )]
        let sockets = sockets as f64;
        self.0
            .fan_out
            .get_or_create(&What { what })
            .observe(sockets);
    }

    /// Somebody types, or stops.
    pub fn typing(&self) {
        self.0.typing.inc();
    }

    /// A client answered a ping.
    pub fn ping(&self, round_trip: Duration) {
        self.0.pings.observe(round_trip.as_secs_f64());
    }

    /// Something gave way in the full queue of a slow connection.
    pub fn gave_way(&self, what: &'static str) {
        self.0.gave_way.get_or_create(&What { what }).inc();
    }

    /// Somebody was turned away because a queue was full.
    pub fn refused(&self, queue: FullQueue) {
        let queue = queue.as_str();
        self.0.refused.get_or_create(&Refused { queue }).inc();
    }

    /// Something was refused because of a limit.
    pub fn limited(&self, limit: Limit) {
        let limit = limit.as_str();
        self.0.limited.get_or_create(&Limited { limit }).inc();
    }

    /// The database answered.
    pub fn store_probed(&self, took: Duration) {
        self.0.store_probe.observe(took.as_secs_f64());
    }

    /// What is to be told how long each answer of Redis took, by what the link to it is for.
    pub fn redis_answers(&self, purpose: &'static str) -> impl Fn(Duration) + use<> {
        let requests = &self.0.redis_requests;
        let answers = requests.get_or_create(&Purpose { purpose }).clone();
        move |took| answers.observe(took.as_secs_f64())
    }

    /// Everything, as OpenMetrics text, with what is read when it is asked for.
    #[must_use]
    pub fn encode(&self, readings: &Readings) -> String {
        // Two who ask at once must not both add what others have counted since.
        let _alone = self
            .0
            .reading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        readings.note(&self.0);
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
    use redis_link::Health;

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
        metrics.redis_answers("presence")(Duration::from_micros(300));
        let link = Health {
            is_up: true,
            connected: 2,
            failed: 5,
            gaps: 2,
        };
        let readings = Readings {
            sockets: Sockets {
                open: 3,
                closing: 1,
                queued: 5,
                longest: 4,
            },
            users: 1,
            links: vec![("presence", link)],
            ..Readings::default()
        };
        let text = metrics.encode(&readings);
        assert_eq!(metrics.encode(&readings), text, "reading counts nothing");
        for line in [
            "rollcall_connections{state=\"open\"} 3",
            "rollcall_connections{state=\"closing\"} 1",
            "rollcall_queue_longest_frames 4",
            "rollcall_redis_request_seconds_count{purpose=\"presence\"} 1",
            "rollcall_redis_request_seconds_bucket{le=\"0.0002\",purpose=\"presence\"} 0",
            "rollcall_redis_request_seconds_bucket{le=\"0.0004\",purpose=\"presence\"} 1",
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
