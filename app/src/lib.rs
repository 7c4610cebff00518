//! What people see: pages, components, server functions, and the driver of the tab's connection.
//!
//! Compiled twice: with `ssr` for the server, which renders every page whole, and with `hydrate` for
//! the browser, which brings that page to life. The first render is the same on both: it depends on
//! no clock, locale or random number. The server is reached through one narrow object only, the
//! [`Service`](service::Service), and nothing here knows a database row or a hub.

#![forbid(unsafe_code)]

pub mod api;
pub mod browser;
pub mod components;
pub mod connection;
pub mod error;
pub mod page;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod shell;
pub mod state;

#[cfg(feature = "ssr")]
pub use shell::shell;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
use pages::{ChatRoute, CreateWorkspace, NotFound, SignIn, SignUp, WorkspaceHome, WorkspaceRoute};

/// Everything within the page's body.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(state::Tab::new());
    provide_context(state::Clock::new());
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
                <Route path=path!("/sign-up") view=SignUp ssr=SsrMode::Async />
                <Route path=path!("/new") view=CreateWorkspace ssr=SsrMode::Async />
                <ParentRoute path=path!("/w/:workspace") view=WorkspaceRoute ssr=SsrMode::Async>
                    <Route path=path!("") view=WorkspaceHome />
                    <Route path=path!("/c/:chat") view=ChatRoute />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
