use super::{ModeChoice, OwnDot, OwnStatus, ThemeChoice, avatar};
use crate::{
    browser,
    fetched::{status_dialog, when_opened},
    flow::shown_when,
    state::Tab,
};
use connection::Event;
use leptos::prelude::*;
use protocol::User;

const MENU_ID: &str = "avatar-menu";

/// The signed-in person's menu: how others see them, theme, settings, and the way out.
#[component]
pub fn AvatarMenu(
    /// Who is signed in.
    me: User,
    /// The address of the person's settings.
    settings: String,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let is_choosing = RwSignal::new(false);
    let status = shown_when(
        move || tab.features.read().presence,
        move || {
            view! {
                <ModeChoice />
                <button
                    type="button"
                    class="menu-item needs-script"
                    popovertarget=MENU_ID
                    popovertargetaction="hide"
                    on:click=move |_| is_choosing.set(true)
                >
                    "Set a status…"
                </button>
            }
            .into_any()
        },
    );
    view! {
        <button
            type="button"
            class="avatar-button"
            popovertarget=MENU_ID
            aria-label=format!("Account of {}", me.display_name)
        >
            {avatar(me.user_id, &me.display_name)}
            <OwnDot />
        </button>
        <div id=MENU_ID class="menu" popover="auto">
            <p class="menu-title">
                <bdi>{me.display_name}</bdi>
                <span class="secondary">{format!("@{}", me.username)}</span>
                <OwnStatus />
            </p>
            {status}
            <ThemeChoice name="theme" />
            <a
                class="menu-item"
                href=settings
                on:click=move |_| browser::hide_popover(MENU_ID)
            >
                "Settings"
            </a>
            // The connection ends with the page, and does not ask why the server closes it.
            <form method="post" action="/sign-out" on:submit=move |_| tab.dispatch(Event::Stop)>
                <button type="submit" class="menu-item">
                    "Sign out"
                </button>
            </form>
        </div>
        {when_opened(is_choosing, move || status_dialog(is_choosing))}
    }
    .into_any()
}
