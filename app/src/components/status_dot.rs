use crate::{
    flow::{changing, memo, text},
    state::Tab,
};
use connection::Tone;
use leptos::{ev::KeyboardEvent, prelude::*};

/// The state of the connection: a dot that says more when asked, and mends it when clicked.
///
/// The tooltip opens on hovering and on focus, stays while it is hovered itself, and closes with
/// Esc (WCAG 2.2, 1.4.13). The dot tells its state by shape as well as colour (1.4.1).
#[component]
pub fn StatusDot() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let tone = memo(move || tab.status.read().tone);
    let is_open = RwSignal::new(false);
    let click = move |_| {
        if let Some(action) = tab.status.with_untracked(|view| view.action) {
            tab.act(action);
        }
    };
    let close_on_escape = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            is_open.set(false);
        }
    };
    view! {
        <div
            class="ws-status needs-script"
            on:pointerenter=move |_| is_open.set(true)
            on:pointerleave=move |_| is_open.set(false)
            on:focusin=move |_| is_open.set(true)
            on:focusout=move |_| is_open.set(false)
            on:keydown=close_on_escape
        >
            <button
                type="button"
                id="ws-status"
                class="icon-button"
                data-state=move || tone.get().as_str()
                aria-label="Connection"
                aria-describedby="ws-status-tooltip"
                on:click=click
            >
                <span class=move || format!("status-dot {}", tone.get().as_str())>
                    <svg viewBox="0 0 20 20" aria-hidden="true">
                        {changing(move || shape(tone.get()))}
                    </svg>
                </span>
            </button>
            <div
                id="ws-status-tooltip"
                class="tooltip"
                class:open=move || is_open.get()
                role="tooltip"
            >
                {text(move || tab.status.read().tooltip.clone())}
            </div>
        </div>
    }
    .into_any()
}

/// A disc with a check, a dashed ring, a slashed ring.
fn shape(tone: Tone) -> AnyView {
    let (circle, path) = match tone {
        Tone::Connected => ("disc", "M6.2 10.4l2.6 2.6 5-5.6"),
        Tone::Connecting => ("dashes", ""),
        Tone::Disconnected => ("ring", "M5 15L15 5"),
    };
    view! {
        <circle class=circle cx="10" cy="10" r="7.5" />
        <path d=path />
    }
    .into_any()
}
