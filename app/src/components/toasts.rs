use super::Icon;
use crate::{
    flow::{ListItem, keyed_list},
    state::{Tab, Toast, ToastAction},
};
use connection::Action;
use leptos::prelude::*;

/// What needs attention, over the page.
#[component]
pub fn Toasts() -> impl IntoView {
    let tab = expect_context::<Tab>();
    view! {
        <div class="toasts" role="region" aria-label="Notes" aria-live="polite">
            {keyed_list(move || {
                let item = |toast: Toast| {
                    let id = toast.id;
                    ListItem::new(&id, || view! { <ToastNote toast /> }.into_any())
                };
                tab.toasts.get().into_iter().map(item).collect()
            })}
        </div>
    }
    .into_any()
}

#[component]
fn ToastNote(toast: Toast) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let retry = toast.action.map(|ToastAction::Retry| {
        view! {
            <button type="button" class="toast-action" on:click=move |_| tab.act(Action::Retry)>
                "Retry"
            </button>
        }
        .into_any()
    });
    view! {
        <div class="toast">
            <p>{toast.text}</p>
            {retry}
            <button
                type="button"
                class="icon-button"
                aria-label="Dismiss"
                on:click=move |_| tab.dismiss(toast.id)
            >
                {Icon::CLOSE}
            </button>
        </div>
    }
    .into_any()
}
