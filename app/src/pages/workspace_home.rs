use super::{loaded::when_loaded, workspace::Workspace};
use crate::{
    components::PageTitle,
    flow::{memo, text},
    page::WorkspacePage,
    state::Tab,
};
use leptos::prelude::*;

/// A workspace with no chat chosen yet.
#[component]
pub fn WorkspaceHome() -> impl IntoView {
    when_loaded(
        expect_context::<Workspace>(),
        || ().into_any(),
        |page| view! { <Choose page /> }.into_any(),
    )
}

#[component]
fn Choose(page: WorkspacePage) -> impl IntoView {
    let tab = expect_context::<Tab>();
    tab.open_workspace(&page);
    tab.chat.set(None);
    let advice = memo(move || {
        let sidebar = tab.sidebar.read();
        match (sidebar.is_empty(), sidebar.joinable().is_empty()) {
            (false, _) => "Choose a chat from the list to read and write.",
            (true, false) => "Join a chat from the list under Browse.",
            (true, true) => {
                "There are no chats yet. Create the first with the plus above the list."
            }
        }
    });
    view! {
        <PageTitle text=format!("{} · Rollcall", page.workspace.name) />
        <main class="notice" id="main" tabindex="-1">
            <h1>
                <bdi>{page.workspace.name.clone()}</bdi>
            </h1>
            <p>{text(move || advice.get().to_owned())}</p>
        </main>
    }
    .into_any()
}
