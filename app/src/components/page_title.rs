use crate::state::Tab;
use leptos::prelude::*;

/// The page's title, which may name what people have named.
#[component]
pub fn PageTitle(
    /// What the title says.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    show_title(text);
}

/// It is asked for when the page has been made, and its signals are gone by then. `leptos_meta` writes
/// it into the document as it is, so it has to be escaped.
#[cfg(feature = "ssr")]
fn show_title(text: Signal<String>) {
    let text = html_escape::encode_text(&*text.read_untracked()).into_owned();
    // Asks for nothing to be shown.
    let _ = view! { <leptos_meta::Title text /> };
}

/// The browser takes plain text.
#[cfg(not(feature = "ssr"))]
fn show_title(text: Signal<String>) {
    crate::flow::effect(move || document().set_title(&text.read()));
}

/// The title of a page of a workspace: how many messages are unread, and what is on screen.
#[must_use]
pub fn title_with_unread(tab: Tab, label: &str) -> String {
    match tab.sidebar.read().unread() {
        0 => format!("{label} · Rollcall"),
        unread => format!("({unread}) {label} · Rollcall"),
    }
}
