use crate::{
    flow::{changing, memo, shown_when},
    state::Tab,
};
use leptos::prelude::*;

/// How many members are online: a number when it is known, a dash when it is only the last known.
#[component]
pub fn OnlineCount() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let count = memo(move || {
        let roster = tab.roster.read();
        let is_known = tab.is_live.get() && !roster.is_doubtful();
        is_known.then(|| roster.online_count())
    });
    // Who has not joined is told nothing of presence, and so is nobody where it is switched off.
    let is_told = memo(move || tab.features.read().presence && tab.is_member());
    let words = move || match count.get() {
        Some(count) => format!("{count} online").into_any(),
        None => view! {
            "–"
            <span class="online-word">" online"</span>
            <span class="last-known">" · last known"</span>
        }
        .into_any(),
    };
    shown_when(
        move || is_told.get(),
        move || {
            view! {
                <span class="online-count" class:stale=move || count.read().is_none()>
                    {changing(words)}
                </span>
            }
            .into_any()
        },
    )
}
