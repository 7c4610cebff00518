//! What the person sees of the connection: a total function of its state.

use crate::{Phase, Settings, State, Suspension, Terminal};

/// What the indicator shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its colour and shape.
    pub tone: Tone,
    /// Its tooltip.
    pub tooltip: String,
    /// What a click on it does.
    pub action: Option<Action>,
}

/// The three states of the indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Live.
    Connected,
    /// Being established.
    Connecting,
    /// Not being established.
    Disconnected,
}

/// What a click on the indicator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Tries now.
    Retry,
    /// Leads to the sign-in page.
    SignIn,
    /// Loads the page again.
    Reload,
}

impl Tone {
    /// The name that style sheets know it by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Connecting => "connecting",
            Self::Disconnected => "disconnected",
        }
    }
}

impl State {
    /// What the person sees at `now`, in monotonic milliseconds.
    #[must_use]
    pub fn view(&self, now: u64, settings: &Settings) -> View {
        let view = |tone, tooltip: &str, action| View {
            tone,
            tooltip: tooltip.into(),
            action,
        };
        let retry = Some(Action::Retry);
        match self.phase() {
            Phase::Online { .. } if self.is_fresh(now, settings) => {
                view(Tone::Connected, "Real-time updates active", None)
            }
            Phase::Idle | Phase::Online { .. } => view(Tone::Connecting, "Connecting…", None),
            Phase::Connecting { attempt, .. } | Phase::Handshaking { attempt, .. } => {
                view(Tone::Connecting, &trying(*attempt, 0, settings), retry)
            }
            Phase::Backoff { attempt, retry_at } => {
                let wait = retry_at.saturating_sub(now);
                view(Tone::Connecting, &trying(*attempt, wait, settings), retry)
            }
            Phase::Suspended {
                why: Suspension::Offline,
                ..
            } => view(Tone::Disconnected, "You are offline", retry),
            Phase::Suspended { attempt, .. } => {
                view(Tone::Connecting, &trying(*attempt, 0, settings), retry)
            }
            Phase::Exhausted if !self.environment().has_network => {
                view(Tone::Disconnected, "You are offline", retry)
            }
            Phase::Exhausted | Phase::Terminal(Terminal::Forbidden | Terminal::Closed) => {
                view(Tone::Disconnected, "Offline - click to reconnect", retry)
            }
            Phase::Terminal(Terminal::SignedOut) => view(
                Tone::Disconnected,
                "Signed out - sign in",
                Some(Action::SignIn),
            ),
            Phase::Terminal(Terminal::Version) => view(
                Tone::Disconnected,
                "Update available - reload",
                Some(Action::Reload),
            ),
        }
    }

    /// Whether the connection can be called connected: welcomed, undoubted, and heard of lately.
    #[must_use]
    pub fn is_fresh(&self, now: u64, settings: &Settings) -> bool {
        let Phase::Online { last_rx, probe, .. } = self.phase() else {
            return false;
        };
        let silence = now.saturating_sub(*last_rx);
        probe.is_none_or(|probe| !probe.is_doubtful)
            && silence < settings.ping_interval_ms + settings.pong_timeout_ms
    }
}

fn trying(attempt: u32, wait_ms: u64, settings: &Settings) -> String {
    if attempt == 0 {
        return "Connecting…".into();
    }
    let trying = format!("Reconnecting... (attempt {attempt}/{})", settings.attempts);
    if wait_ms >= settings.countdown_from_ms {
        format!("{trying} · next try in {} s", wait_ms.div_ceil(1_000))
    } else {
        trying
    }
}
