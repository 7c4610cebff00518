//! People, as others see them.

use crate::UserId;
use serde::{Deserialize, Serialize};

/// The signed-in person, as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Whose account.
    pub user_id: UserId,
    /// The name used to sign in; unique, lower case.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// Whether this account administers the installation.
    pub is_admin: bool,
}

/// Who wrote something, or who is typing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Author {
    /// Whose account.
    pub user_id: UserId,
    /// The name that others see.
    pub display_name: String,
}
