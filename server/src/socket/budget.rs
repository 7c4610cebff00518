//! How much a connection may send: token buckets, one for each kind of thing.

use super::reading::Incoming;
use crate::{config::Websocket, metrics::Limit};
use protocol::ClientFrame;
use std::time::Duration;
use tokio::time::Instant;

/// What is counted: a bucket each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bucket {
    Frames,
    Bytes,
    Messages,
    Typing,
}

impl Bucket {
    const ALL: [Self; 4] = [Self::Frames, Self::Bytes, Self::Messages, Self::Typing];

    /// What is poured in each second, and what it holds.
    #[expect(clippy::cast_precision_loss, reason = "nobody sets limits that large")]
    const fn rate(self, limits: &Websocket) -> (f32, f32) {
        let (per_second, burst) = match self {
            Self::Frames => (limits.frames_per_second, limits.burst),
            Self::Bytes => (limits.bytes_per_second, limits.byte_burst),
            Self::Messages => (limits.messages_per_second, limits.message_burst),
            Self::Typing => (limits.typing_per_second, limits.typing_burst),
        };
        (per_second as f32, burst as f32)
    }

    const fn limit(self) -> Limit {
        match self {
            Self::Frames => Limit::Frames,
            Self::Bytes => Limit::Bytes,
            Self::Messages => Limit::Messages,
            Self::Typing => Limit::Typing,
        }
    }
}

/// What is left of what a connection may send. The rates are the configuration's: a connection owns
/// little.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    left: [f32; Bucket::ALL.len()],
    filled_at: Instant,
}

/// Whether a frame may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It may.
    Granted,
    /// It may not, because of this limit; the sender is told.
    Refused(Limit),
    /// The sender was told and goes on, past this limit by as much as may come at once: close the
    /// connection, which may be back after this long.
    Abuse(Limit, Duration),
}

impl Budget {
    /// Full buckets.
    pub(super) fn new(limits: &Websocket, now: Instant) -> Self {
        Self {
            left: Bucket::ALL.map(|bucket| bucket.rate(limits).1),
            filled_at: now,
        }
    }

    /// Takes what something costs that has arrived, with all that it came in: so many bytes.
    ///
    /// What is refused has arrived all the same, so its frame and its bytes are a debt: however
    /// somebody goes about it, no more arrives than the rates give and twice what may come at once.
    #[expect(clippy::cast_precision_loss, reason = "frames are short")]
    pub(super) fn spend(
        &mut self,
        incoming: &Incoming,
        bytes: usize,
        limits: &Websocket,
        now: Instant,
    ) -> Admission {
        let elapsed = now.saturating_duration_since(self.filled_at).as_secs_f32();
        self.filled_at = now;
        let is = |wanted: bool| f32::from(u8::from(wanted));
        let frame = incoming.frame();
        let costs = [
            1.0,
            bytes as f32,
            is(matches!(frame, Some(ClientFrame::Send { .. }))),
            is(matches!(frame, Some(ClientFrame::Typing { .. }))),
        ];
        for (left, bucket) in self.left.iter_mut().zip(Bucket::ALL) {
            let (per_second, burst) = bucket.rate(limits);
            *left = (*left + elapsed * per_second).min(burst);
        }
        let costly = self.left.iter().zip(costs).map(|(left, cost)| *left < cost);
        let short = first(costly);
        let [frame, bytes, ..] = costs;
        let charged = match short {
            None => costs,
            Some(_) => [frame, bytes, 0.0, 0.0],
        };
        for (left, cost) in self.left.iter_mut().zip(charged) {
            *left -= cost;
        }
        let abused = match incoming {
            Incoming::Endless => Some(Bucket::Bytes),
            _ => first(
                Bucket::ALL
                    .into_iter()
                    .zip(self.left)
                    .map(|(bucket, left)| left < -bucket.rate(limits).1),
            ),
        };
        match (abused, short) {
            (Some(bucket), _) => Admission::Abuse(bucket.limit(), self.recovery(limits)),
            (None, Some(bucket)) => Admission::Refused(bucket.limit()),
            (None, None) => Admission::Granted,
        }
    }

    /// How long it takes until all buckets are full.
    fn recovery(&self, limits: &Websocket) -> Duration {
        let times = Bucket::ALL.into_iter().zip(self.left);
        let times = times.map(|(bucket, left)| {
            let (per_second, burst) = bucket.rate(limits);
            (burst - left).max(0.0) / per_second
        });
        Duration::from_secs_f32(times.fold(0.0, f32::max))
    }
}

/// The first bucket of which this is true.
fn first(is_so: impl Iterator<Item = bool>) -> Option<Bucket> {
    let mut all = Bucket::ALL.into_iter().zip(is_so);
    all.find_map(|(bucket, is_so)| is_so.then_some(bucket))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ChatId, ClientMessageId};
    use uuid::Uuid;

    fn limits() -> Websocket {
        Websocket {
            frames_per_second: 1,
            burst: 3,
            bytes_per_second: 10,
            byte_burst: 100,
            messages_per_second: 1,
            message_burst: 2,
            typing_per_second: 1,
            typing_burst: 1,
            ..Websocket::default()
        }
    }

    fn typing() -> Incoming {
        Incoming::Frame(ClientFrame::Typing {
            chat_id: ChatId::from_uuid(Uuid::from_u128(1)),
            is_typing: true,
        })
    }

    fn message() -> Incoming {
        Incoming::Frame(ClientFrame::Send {
            chat_id: ChatId::from_uuid(Uuid::from_u128(1)),
            client_id: ClientMessageId::from_uuid(Uuid::from_u128(1)),
            text: "Hello".to_owned(),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_a_flood_is_refused_and_then_closed() {
        let now = Instant::now();
        let limits = limits();
        let mut budget = Budget::new(&limits, now);
        let mut beat = || budget.spend(&Incoming::Ping, 0, &limits, now);
        assert!((0..3).all(|_| beat() == Admission::Granted));
        assert!((0..3).all(|_| beat() == Admission::Refused(Limit::Frames)));
        let full_again = Duration::from_secs(7);
        assert_eq!(beat(), Admission::Abuse(Limit::Frames, full_again));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_slows_down_is_forgiven() {
        let now = Instant::now();
        let limits = limits();
        let mut budget = Budget::new(&limits, now);
        let mut spend = |at| budget.spend(&typing(), 0, &limits, at);
        assert_eq!(spend(now), Admission::Granted);
        assert_eq!(spend(now), Admission::Refused(Limit::Typing));
        assert_eq!(spend(now + Duration::from_secs(1)), Admission::Granted);
    }

    #[tokio::test(start_paused = true)]
    async fn a_debt_is_forgiven_to_who_pauses_and_to_nobody_who_goes_on() {
        let start = Instant::now();
        let limits = limits();
        let is_closed = |interval, count| {
            let mut budget = Budget::new(&limits, start);
            let mut times = (0..count).map(|n| start + n * interval);
            times.any(|at| {
                let admission = budget.spend(&Incoming::Ping, 0, &limits, at);
                matches!(admission, Admission::Abuse(..))
            })
        };
        // Twice as fast as may be: one frame is granted now and then.
        assert!(is_closed(Duration::from_millis(500), 20));
        assert!(!is_closed(Duration::from_secs(1), 1_000));
        let mut budget = Budget::new(&limits, start);
        for round in 0..100 {
            let at = start + round * Duration::from_secs(6);
            let mut beat = || budget.spend(&Incoming::Ping, 0, &limits, at);
            assert!((0..3).all(|_| beat() == Admission::Granted), "{round}");
            assert!((0..3).all(|_| beat() == Admission::Refused(Limit::Frames)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_never_ends_is_abuse_at_once() {
        let now = Instant::now();
        let limits = limits();
        let mut budget = Budget::new(&limits, now);
        let endless = budget.spend(&Incoming::Endless, 100, &limits, now);
        let full_again = Duration::from_secs(10);
        assert_eq!(endless, Admission::Abuse(Limit::Bytes, full_again));
    }

    #[tokio::test(start_paused = true)]
    async fn one_kind_of_frame_does_not_use_up_what_others_may_send() {
        let now = Instant::now();
        let limits = limits();
        let mut budget = Budget::new(&limits, now);
        let mut spend = |incoming, bytes| budget.spend(&incoming, bytes, &limits, now);
        assert_eq!(spend(typing(), 10), Admission::Granted);
        assert_eq!(spend(typing(), 10), Admission::Refused(Limit::Typing));
        assert_eq!(
            spend(message(), 80),
            Admission::Granted,
            "what was refused has cost its bytes, and nothing else"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_refused_costs_its_frame_and_its_bytes_and_no_message() {
        let start = Instant::now();
        let limits = limits();
        let mut budget = Budget::new(&limits, start);
        let mut spend = |bytes, at| budget.spend(&message(), bytes, &limits, at);
        assert_eq!(spend(101, start), Admission::Refused(Limit::Bytes));
        let later = start + Duration::from_secs(1);
        assert_eq!(spend(10, later), Admission::Refused(Limit::Bytes));
        let later = later + Duration::from_secs(2);
        assert_eq!(spend(1, later), Admission::Granted);
        assert_eq!(spend(0, later), Admission::Granted, "two messages are left");
    }
}
