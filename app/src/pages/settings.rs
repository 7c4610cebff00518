use super::{
    loaded::{load, when_loaded},
    workspace::{Workspace, load_when_connected},
};
use crate::{
    api,
    components::{
        AudienceChoice, ModeChoice, NotificationPermission, OwnStatus, PageTitle, StatusForm,
        ThemeChoice,
    },
    error::AppError,
    flow::shown_when,
    page::{SettingsPage, WorkspacePage},
    state::Tab,
};
use leptos::prelude::*;

/// What a person can choose for themselves.
pub fn settings_page() -> AnyView {
    let tab = expect_context::<Tab>();
    let workspace = expect_context::<Workspace>();
    let page = load(
        || (),
        move |()| async move {
            let workspace = workspace.await?;
            let settings = api::load_settings().await?;
            Ok::<_, AppError>((workspace, settings))
        },
    );
    load_when_connected(tab, workspace, page);
    when_loaded(
        page,
        || ().into_any(),
        |(workspace, page)| view! { <SettingsScreen workspace page /> }.into_any(),
    )
}

#[component]
fn SettingsScreen(workspace: WorkspacePage, page: SettingsPage) -> impl IntoView {
    let tab = expect_context::<Tab>();
    tab.open_workspace(&workspace);
    tab.chat.set(None);
    let audience = page.last_seen_audience;
    let presence = shown_when(
        move || tab.features.read().presence,
        move || {
            view! {
                <section aria-labelledby="settings-status">
                    <h2 id="settings-status">"Status"</h2>
                    <p>
                        <OwnStatus />
                    </p>
                    <ModeChoice />
                    <StatusForm />
                </section>
                <section aria-labelledby="settings-privacy">
                    <h2 id="settings-privacy">"Privacy"</h2>
                    <AudienceChoice current=audience />
                </section>
            }
            .into_any()
        },
    );
    view! {
        <PageTitle text="Settings · Rollcall" />
        <main class="page settings" id="main" tabindex="-1">
            <h1>"Settings"</h1>
            <p class="secondary">
                <bdi>{page.me.display_name}</bdi>
                {format!(" · @{}", page.me.username)}
            </p>
            <p class="hint without-script">"To change these, allow JavaScript for this site."</p>
            {presence}
            <section aria-labelledby="settings-notifications">
                <h2 id="settings-notifications">"Notifications"</h2>
                <NotificationPermission />
            </section>
            <section aria-labelledby="settings-look">
                <h2 id="settings-look">"Look"</h2>
                <ThemeChoice name="settings-theme" />
            </section>
        </main>
    }
    .into_any()
}
