//! What a person has chosen to show of themselves.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// How a person wants to be shown while connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As they are: online, or away when there was no input for a while.
    #[default]
    Automatic,
    /// Not to be disturbed: notifications are kept, but make no noise.
    Dnd,
    /// Offline to others, whatever they do.
    Invisible,
}

/// What a person has chosen to show of themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    /// How they want to be shown.
    pub mode: Mode,
    /// When the mode becomes automatic again; absent when it does not by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode_until: Option<Timestamp>,
    /// What they say of themselves; may be empty.
    #[serde(default)]
    pub text: String,
    /// When the text becomes empty; absent when it does not by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_until: Option<Timestamp>,
}

/// Who may know when a person was last here. Who hides it from somebody is not told theirs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LastSeenAudience {
    /// Everybody in a workspace of theirs, and friends.
    #[default]
    Everyone,
    /// Friends.
    Friends,
    /// Nobody.
    Nobody,
}
