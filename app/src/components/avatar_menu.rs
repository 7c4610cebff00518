use super::{ThemeChoice, avatar};
use crate::state::Tab;
use connection::Event;
use leptos::prelude::*;
use protocol::User;

/// The signed-in person's menu: theme, and the way out.
#[component]
pub fn AvatarMenu(
    /// Who is signed in.
    me: User,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    view! {
        <button
            type="button"
            class="avatar-button"
            popovertarget="avatar-menu"
            aria-label=format!("Account of {}", me.display_name)
        >
            {avatar(me.user_id, &me.display_name)}
        </button>
        <div id="avatar-menu" class="menu" popover="auto">
            <p class="menu-title">
                <bdi>{me.display_name}</bdi>
                <span class="secondary">{format!("@{}", me.username)}</span>
            </p>
            <ThemeChoice />
            // The connection ends with the page, and does not ask why the server closes it.
            <form method="post" action="/sign-out" on:submit=move |_| tab.dispatch(Event::Stop)>
                <button type="submit" class="menu-item">
                    "Sign out"
                </button>
            </form>
        </div>
    }
    .into_any()
}
