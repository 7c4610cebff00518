//! What the browser says of time, network and page.

use connection::{Environment, Event, Now};
use leptos::prelude::{document, window, window_event_listener_untyped};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::AddEventListenerOptions;

/// Input is reported at most this often, in milliseconds: a pointer moves many times a second.
const INPUT_PACE_MS: u64 = 1_000;

/// The time. The monotonic part stands still on some systems while the machine sleeps.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times of this era"
)]
pub(super) fn now() -> Now {
    let monotonic = window()
        .performance()
        .map_or(0.0, |performance| performance.now());
    Now {
        monotonic_ms: monotonic as u64,
        wall_ms: js_sys::Date::now() as i64,
    }
}

/// What the browser says of itself at the moment.
pub(super) fn environment() -> Environment {
    Environment {
        has_network: window().navigator().on_line(),
        is_visible: !document().hidden(),
    }
}

/// Reports every event that concerns the connection, for the rest of the page's life.
pub(super) fn listen(dispatch: &(impl Fn(Event) + Clone + 'static)) {
    let events: [(_, fn() -> Event); 5] = [
        ("online", || Event::NetworkOnline),
        ("offline", || Event::Offline),
        ("focus", || Event::Focus),
        ("pagehide", || Event::PageHide),
        ("pageshow", || Event::PageShow),
    ];
    for (name, event) in events {
        let dispatch = dispatch.clone();
        // The handle only serves to stop listening, which the end of the page does.
        let _ = window_event_listener_untyped(name, move |_| dispatch(event()));
    }
    let visibility = dispatch.clone();
    let _ = window_event_listener_untyped("visibilitychange", move |_| {
        visibility(if document().hidden() {
            Event::Hidden
        } else {
            Event::Visible
        });
    });
    listen_to_network(Rc::new(dispatch.clone()));
    listen_to_input(Rc::new(dispatch.clone()));
}

/// Asks before the page is left while something would be lost by it.
pub(super) fn warn_of_loss(would_lose: impl Fn() -> bool + 'static) {
    let _ = window_event_listener_untyped("beforeunload", move |event| {
        if would_lose() {
            event.prevent_default();
        }
    });
}

/// Input anywhere in the page, whatever becomes of it there.
fn listen_to_input(dispatch: Rc<dyn Fn(Event)>) {
    let last = Cell::new(0);
    let given = Closure::<dyn Fn()>::new(move || {
        let now = now().monotonic_ms;
        if now >= last.get() + INPUT_PACE_MS {
            last.set(now);
            dispatch(Event::Input);
        }
    });
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    options.set_passive(true);
    for name in [
        "pointerdown",
        "pointermove",
        "keydown",
        "wheel",
        "touchstart",
    ] {
        // Fails for no name and no function.
        let _ = window().add_event_listener_with_callback_and_add_event_listener_options(
            name,
            given.as_ref().unchecked_ref(),
            &options,
        );
    }
    given.forget();
}

/// Not every browser tells of a change of network.
fn listen_to_network(dispatch: Rc<dyn Fn(Event)>) {
    let navigator = window().navigator();
    let connection = js_sys::Reflect::get(&navigator, &"connection".into());
    let Ok(Ok(connection)) = connection.map(wasm_bindgen::JsCast::dyn_into::<web_sys::EventTarget>)
    else {
        return;
    };
    let changed = Closure::<dyn Fn()>::new(move || dispatch(Event::NetworkChanged));
    let callback = changed.as_ref().unchecked_ref();
    if connection
        .add_event_listener_with_callback("change", callback)
        .is_ok()
    {
        changed.forget();
    }
}
