use super::{COMPOSER_ID, Icon};
use crate::{
    browser,
    flow::{effect, shown_when},
};
use leptos::{html, prelude::*};

/// A modal dialog: the page behind it is inert, Esc and the cross close it, and focus returns to
/// where it was. What is in it is made when it opens and gone when it closes.
#[component]
pub fn Dialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
    /// Its heading.
    title: &'static str,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match (is_open.get(), dialog.open()) {
            // Once what is in it is there: one of its fields may want the focus.
            (true, false) => request_animation_frame(move || {
                // Refuses only when it is open already.
                let _ = dialog.show_modal();
            }),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    view! {
        <dialog
            class="dialog"
            node_ref=dialog
            aria-label=title
            on:close=move |_| {
                is_open.set(false);
                // What opened it may have been in a drawer or menu that closed meanwhile.
                request_animation_frame(|| {
                    if !browser::has_focus() {
                        browser::focus(COMPOSER_ID);
                    }
                    if !browser::has_focus() {
                        browser::focus("main");
                    }
                });
            }
        >
            {shown_when(
                move || is_open.get(),
                move || {
                    view! {
                        <header class="dialog-head">
                            <h2>{title}</h2>
                            <button
                                type="button"
                                class="icon-button"
                                aria-label="Close"
                                on:click=move |_| is_open.set(false)
                            >
                                {Icon::CLOSE}
                            </button>
                        </header>
                        {children()}
                    }
                        .into_any()
                },
            )}
        </dialog>
    }
    .into_any()
}
