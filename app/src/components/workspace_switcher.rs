use super::Icon;
use leptos::prelude::*;
use protocol::Workspace;

/// The workspace on screen, and the way to the others.
#[component]
pub fn WorkspaceSwitcher(
    /// The workspace on screen.
    current: Workspace,
    /// All of the person's workspaces.
    all: Vec<Workspace>,
) -> impl IntoView {
    let workspaces = all
        .into_iter()
        .map(|workspace| {
            let is_current = workspace.workspace_id == current.workspace_id;
            view! {
                <li>
                    <a
                        class="menu-item"
                        href=format!("/w/{}", workspace.slug)
                        rel="external"
                        aria-current=is_current.then_some("page")
                    >
                        <bdi>{workspace.name}</bdi>
                    </a>
                </li>
            }
            .into_any()
        })
        .collect::<Vec<_>>();
    view! {
        <button type="button" class="workspace-button" popovertarget="workspace-menu">
            <span class="visually-hidden">"Workspace: "</span>
            <bdi>{current.name}</bdi>
            {Icon::EXPAND}
        </button>
        <div id="workspace-menu" class="menu" popover="auto">
            <ul>{workspaces}</ul>
            <a class="menu-item" href="/new" rel="external">
                "Create a workspace…"
            </a>
        </div>
    }
    .into_any()
}
