use super::{AvatarMenu, Icon, Logo, NotificationBell, StatusDot, WorkspaceSwitcher};
use crate::page::WorkspacePage;
use leptos::prelude::*;

/// What stands above every page of a workspace.
#[component]
pub fn Navbar(
    /// What surrounds the page.
    page: WorkspacePage,
) -> impl IntoView {
    let home = format!("/w/{}", page.workspace.slug);
    let settings = format!("{home}/settings");
    view! {
        <header class="navbar">
            <button
                type="button"
                class="icon-button drawer-button"
                popovertarget="sidebar"
                aria-label="Chats"
            >
                {Icon::MENU}
            </button>
            <a class="brand" href=home>
                <Logo />
            </a>
            <WorkspaceSwitcher current=page.workspace all=page.workspaces />
            <div class="navbar-end">
                <NotificationBell />
                <StatusDot />
                <AvatarMenu me=page.me settings />
            </div>
        </header>
    }
    .into_any()
}
