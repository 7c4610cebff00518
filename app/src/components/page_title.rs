use crate::state::Tab;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page's title, which may name what people have named. `leptos_meta` writes a title into the
/// document as it is, so on the server it has to be escaped; the browser sets it as plain text.
#[component]
pub fn PageTitle(
    /// What the title says.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    title(text)
}

/// It is asked for when the page has been made, and its signals are gone by then.
#[cfg(feature = "ssr")]
fn title(text: Signal<String>) -> AnyView {
    view! { <Title text=html_escape::encode_text(&*text.read_untracked()).into_owned() /> }
        .into_any()
}

/// While the next page is on its way the title of the one before is still asked for.
#[cfg(not(feature = "ssr"))]
fn title(text: Signal<String>) -> AnyView {
    view! { <Title text=move || text.try_get().unwrap_or_else(|| "Rollcall".to_owned()) /> }
        .into_any()
}

/// The title of a page of a workspace: how many messages are unread, and what is on screen.
#[must_use]
pub fn title_with_unread(tab: Tab, label: &str) -> String {
    match tab.sidebar.read().unread() {
        0 => format!("{label} · Rollcall"),
        unread => format!("({unread}) {label} · Rollcall"),
    }
}
