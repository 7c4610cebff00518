//! Opens the socket while the page is still loading.

/// A script for the start of the page: opens the socket before the program has arrived, so that
/// whoever refreshes a page is back within moments however slow their machine is. The driver takes
/// the socket over; nothing is said on it before.
pub const SCRIPT: &str =
    "window.rollcallSocket=new WebSocket(location.origin.replace('http','ws')+'/ws')";
