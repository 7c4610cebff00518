//! The limits that somebody may run into.

/// The limits, each with the name that metrics and sentences give it.
macro_rules! limits {
    ($($(#[$doc:meta])* $limit:ident = $name:literal,)*) => {
        /// A limit that somebody ran into.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Limit {
            $($(#[$doc])* $limit,)*
        }

        impl Limit {
            /// Each of them.
            pub const ALL: &[Self] = &[$(Self::$limit),*];

            /// As metrics and sentences name it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$limit => $name,)*
                }
            }
        }
    };
}

limits! {
    /// Newcomers who may wait for their turn.
    Admissions = "admissions",
    /// The size of a request's body.
    Body = "body",
    /// How long a request's body may take.
    BodyTime = "body_time",
    /// Bytes that one connection may send.
    Bytes = "bytes",
    /// Connections that one address may hold.
    ConnectionsPerAddress = "connections_per_address",
    /// Sockets that one person may have.
    ConnectionsPerUser = "connections_per_user",
    /// Files that the system lets this process open.
    Files = "files",
    /// The size of a frame.
    FrameSize = "frame_size",
    /// Frames that one connection may send.
    Frames = "frames",
    /// Goodbyes that are said at the same time to those who are turned away.
    Goodbyes = "goodbyes",
    /// How long the head of a first request may take.
    Head = "head",
    /// How long `hello` may take.
    Hello = "hello",
    /// Messages that one connection may send.
    Messages = "messages",
    /// Attempts to sign in.
    SignIn = "sign_in",
    /// Accounts made from one address.
    SignUp = "sign_up",
    /// Rooms that one connection may have on screen.
    Subscriptions = "subscriptions",
    /// Signs of typing that one connection may send.
    Typing = "typing",
}
