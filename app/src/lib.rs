//! What people see: pages, components, server functions, and the driver of the tab's connection.
//!
//! Compiled twice: with `ssr` for the server, which renders every page whole, and with `hydrate` for
//! the browser, which brings that page to life. The first render is the same on both: it depends on
//! no clock, locale or random number. The server is reached through one narrow object only, the
//! [`Service`](service::Service), and nothing here knows a database row or a hub.

#![forbid(unsafe_code)]

pub mod api;
pub mod browser;
pub mod codec;
pub mod components;
pub mod connection;
pub mod error;
pub mod fetched;
pub mod flow;
pub mod page;
pub mod pages;
#[cfg(feature = "ssr")]
pub mod service;
#[cfg(feature = "ssr")]
mod shell;
pub mod state;

#[cfg(feature = "ssr")]
pub use shell::shell;

use fetched::{fetched_page, people, settings};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};
#[cfg(feature = "ssr")]
use pages::{Admin, CreateWorkspace, Home, Join, SignIn, SignUp};
use pages::{ChatRoute, NotFound, WorkspaceHome, WorkspaceRoute};

/// Everything within the page's body.
///
/// The pages before signing in are plain forms: the server alone knows them, and they come to no
/// life in the browser, which is spared their code.
#[component]
pub fn App() -> impl IntoView {
    #[cfg(feature = "ssr")]
    leptos_meta::provide_meta_context();
    provide_context(state::Tab::new());
    provide_context(state::Clock::new());
    #[cfg(feature = "ssr")]
    return view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=Home ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
                <Route path=path!("/sign-up") view=SignUp ssr=SsrMode::Async />
                <Route path=path!("/new") view=CreateWorkspace ssr=SsrMode::Async />
                <Route path=path!("/join") view=Join ssr=SsrMode::Async />
                <Route path=path!("/admin") view=Admin ssr=SsrMode::Async />
                <WorkspaceRoutes />
            </Routes>
        </Router>
    };
    #[cfg(not(feature = "ssr"))]
    view! {
        <Router>
            <Routes fallback=NotFound>
                <WorkspaceRoutes />
            </Routes>
        </Router>
    }
}

/// The pages that come to life in the browser.
#[component(transparent)]
fn WorkspaceRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <ParentRoute path=path!("/w/:workspace") view=WorkspaceRoute ssr=SsrMode::Async>
            <Route path=path!("") view=WorkspaceHome />
            <Route path=path!("/c/:chat") view=ChatRoute />
            <Route path=path!("/people") view=|| fetched_page(people) />
            <Route path=path!("/settings") view=|| fetched_page(settings) />
        </ParentRoute>
    }
    .into_inner()
}
