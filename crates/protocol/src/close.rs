//! Close codes: a contract with the client, which reads from each whether and how to come back.
//!
//! RFC 6455 §7.4 keeps 4000-4999 for applications. Of these, 4000-4499 invite a retry and
//! 4500-4999 are final.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A WebSocket close code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CloseCode(pub u16);

/// What a close code advises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconnect {
    /// Come back after the usual delay.
    Retry,
    /// Check the sign-in first; come back if it still holds.
    RefreshSession,
    /// Do not come back unless the person asks.
    Never,
}

impl CloseCode {
    /// Done, on purpose. From the server: final.
    pub const NORMAL: Self = Self(1000);
    /// The server or the page is going away.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the WebSocket protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// A binary frame where only text is spoken.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// No code was given; never sent (RFC 6455 §7.4.1).
    pub const NO_STATUS: Self = Self(1005);
    /// The connection broke; never sent (RFC 6455 §7.4.1).
    pub const ABNORMAL: Self = Self(1006);
    /// Text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// A frame over its size limit.
    pub const TOO_BIG: Self = Self(1009);
    /// The server failed.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The server restarts.
    pub const SERVICE_RESTART: Self = Self(1012);
    /// The server is too busy.
    pub const TRY_AGAIN_LATER: Self = Self(1013);

    /// Nothing was heard for the pong timeout.
    pub const PONG_TIMEOUT: Self = Self(4001);
    /// The client read slower than its queue filled.
    pub const SLOW_CONSUMER: Self = Self(4008);
    /// The client itself closes but keeps its session: the page is being frozen.
    pub const FROZEN: Self = Self(4100);
    /// The client itself closes a socket that stopped answering.
    pub const PROBE_FAILED: Self = Self(4101);
    /// The client itself closes a socket that a newer one has replaced.
    pub const REPLACED: Self = Self(4102);
    /// The sign-in has expired or was revoked.
    pub const SESSION_EXPIRED: Self = Self(4401);
    /// No `hello` arrived in time.
    pub const HELLO_TIMEOUT: Self = Self(4408);
    /// Too many connections, or frames; the close reason is `retry_after_ms=N`.
    pub const TOO_MANY: Self = Self(4429);
    /// The server does not speak the client's protocol version.
    pub const UNSUPPORTED_VERSION: Self = Self(4500);
    /// An administrator closed this connection for good.
    pub const CLOSED_BY_ADMIN: Self = Self(4501);
    /// The page's origin is not allowed.
    pub const FORBIDDEN_ORIGIN: Self = Self(4503);

    /// What a client should do after the server closed with this code.
    #[must_use]
    pub const fn advice(self) -> Reconnect {
        match self.0 {
            4401 => Reconnect::RefreshSession,
            1001 | 1005 | 1006 | 1011..=1014 | 4000..=4499 => Reconnect::Retry,
            _ => Reconnect::Never,
        }
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseCode({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_gives_the_advice_of_the_contract() {
        for code in [
            1001, 1005, 1006, 1011, 1012, 1013, 1014, 4000, 4008, 4429, 4499,
        ] {
            assert_eq!(CloseCode(code).advice(), Reconnect::Retry, "{code}");
        }
        assert_eq!(CloseCode(4401).advice(), Reconnect::RefreshSession);
        for code in [1000, 1002, 1003, 1007, 1008, 1009, 1010, 4500, 4999] {
            assert_eq!(CloseCode(code).advice(), Reconnect::Never, "{code}");
        }
    }
}
