//! How a server function refuses.

use crate::codec::JsonText;
use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use protocol::ErrorCode;
use serde::{Deserialize, Serialize};

/// Why a server function refused: a code for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    /// For programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
}

impl AppError {
    /// An error with this code and sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// The server did not answer.
    #[must_use]
    pub fn unreachable() -> Self {
        Self::new(
            ErrorCode::Unavailable,
            "The server could not be reached. Check the connection and try again.",
        )
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::unreachable(),
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => {
                Self::new(ErrorCode::BadRequest, "The request was not understood.")
            }
            _ => Self::new(ErrorCode::Internal, "Something went wrong. Try again."),
        }
    }
}
