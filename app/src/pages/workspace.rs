use super::loaded::{Loading, Page, load, when_settled};
use crate::{
    api, browser,
    components::{Logo, MEMBERS_ID, Navbar, SIDEBAR_ID, Sidebar, Toasts},
    error::AppError,
    fetched,
    flow::{effect, memo, text},
    page::WorkspacePage,
    state::Tab,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{components::Outlet, hooks::use_params_map};
use protocol::ErrorCode;

/// The page of the workspace on screen, for the pages within it. A context.
pub type Workspace = Loading<WorkspacePage>;

/// What could not be loaded while there was no connection is loaded once there is one.
pub(super) fn load_when_connected<T: Page>(tab: Tab, workspace: Workspace, page: Loading<T>) {
    effect(move || {
        let is_missing = |page: &Option<Result<T, AppError>>| matches!(page, Some(Err(error)) if error.code == ErrorCode::Unavailable);
        if tab.is_connected() && page.with_untracked(is_missing) {
            workspace.refetch();
            page.refetch();
        }
    });
}

/// What surrounds every page of a workspace: navbar and sidebar, which stay while chats come and go.
///
/// An error is told by the page within: it waits for the workspace as well.
#[component]
pub fn WorkspaceRoute() -> impl IntoView {
    let params = use_params_map();
    let slug = memo(move || params.read().get("workspace").unwrap_or_default());
    let page: Workspace = load(move || slug.get(), api::load_workspace);
    provide_context(page);
    let tab = expect_context::<Tab>();
    view! {
        <div class="workspace">
            <a class="skip-link" href="#main" rel="external">
                "Skip to the chat"
            </a>
            {when_settled(page, || ().into_any(), frame)}
            <Outlet />
            <Toasts />
            <div class="visually-hidden" role="status" aria-atomic="true">
                {text(move || tab.announcement.get().to_owned())}
            </div>
        </div>
    }
    .into_any()
}

/// The lists stand beside a wide page: a drawer left open would cover it.
fn close_drawers_when_wide() {
    let listener = window_event_listener_untyped("resize", |_| {
        if browser::is_wide() {
            browser::hide_popover(SIDEBAR_ID);
            browser::hide_popover(MEMBERS_ID);
        }
    });
    on_cleanup(move || listener.remove());
}

fn frame(page: Result<WorkspacePage, AppError>) -> AnyView {
    let tab = expect_context::<Tab>();
    let Ok(page) = page else {
        return view! {
            <header class="navbar">
                <a class="brand" href="/" rel="external">
                    <Logo />
                </a>
            </header>
        }
        .into_any();
    };
    tab.open_workspace(&page);
    #[cfg(feature = "hydrate")]
    {
        let page = page.clone();
        effect(move || crate::connection::start(tab, &page));
    }
    effect(close_drawers_when_wide);
    let is_connected = memo(move || tab.is_connected());
    Effect::new(move |was_connected: Option<Option<bool>>| {
        let is_connected = is_connected.get();
        // Nothing before the first connection: the page is fresh then.
        match was_connected.flatten() {
            None => {
                if is_connected {
                    spawn_local(fetched::fetch_all());
                }
                is_connected.then_some(true)
            }
            Some(was_connected) => {
                if is_connected && !was_connected {
                    tab.reload_chats();
                }
                Some(is_connected)
            }
        }
    });
    let slug = page.workspace.slug.clone();
    view! {
        <Navbar page />
        <Sidebar slug />
    }
    .into_any()
}
