//! What needs attention, and only that.

/// A note over the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Tells notes apart.
    pub id: u32,
    /// What it says.
    pub text: String,
    /// What can be done about it beside dismissing it.
    pub action: Option<ToastAction>,
}

/// What can be done about a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastAction {
    /// Try to connect.
    Retry,
}
