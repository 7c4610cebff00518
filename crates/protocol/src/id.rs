//! Identities: one newtype each, so that a session can never be passed where a connection is meant.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID; the caller decides where its randomness and time came from.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A person's account.
    UserId;
    /// One signed-in browser or token. It is not the secret that proves the sign-in.
    SessionId;
    /// One socket.
    ConnectionId;
    /// One server process.
    NodeId;
    /// A workspace: the people and chats of one team.
    WorkspaceId;
    /// A chat within a workspace.
    ChatId;
    /// A stored message.
    MessageId;
    /// A notification of one person.
    NotificationId;
    /// Made by the sender before sending; a message that arrives twice under one is stored once.
    ClientMessageId;
    /// One unbroken history of offsets or versions. Numbers of two epochs cannot be compared.
    Epoch;
}
