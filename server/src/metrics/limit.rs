//! The limits that somebody may run into.

/// A limit that somebody ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Newcomers who may wait for their turn.
    Admissions,
    /// The size of a request's body.
    Body,
    /// How long a request's body may take.
    BodyTime,
    /// Bytes that one connection may send.
    Bytes,
    /// Connections that one address may hold.
    ConnectionsPerAddress,
    /// Sockets that one person may have.
    ConnectionsPerUser,
    /// Files that the system lets this process open.
    Files,
    /// Frames that one connection may send.
    Frames,
    /// How long the head of a first request may take.
    Head,
    /// How long `hello` may take.
    Hello,
    /// Messages that one connection may send.
    Messages,
    /// Attempts to sign in.
    SignIn,
    /// Rooms that one connection may have on screen.
    Subscriptions,
    /// Signs of typing that one connection may send.
    Typing,
}

impl Limit {
    /// As metrics and sentences name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admissions => "admissions",
            Self::Body => "body",
            Self::BodyTime => "body_time",
            Self::Bytes => "bytes",
            Self::ConnectionsPerAddress => "connections_per_address",
            Self::ConnectionsPerUser => "connections_per_user",
            Self::Files => "files",
            Self::Frames => "frames",
            Self::Head => "head",
            Self::Hello => "hello",
            Self::Messages => "messages",
            Self::SignIn => "sign_in",
            Self::Subscriptions => "subscriptions",
            Self::Typing => "typing",
        }
    }
}
