//! One socket of the browser: reports what happens to it, and sends.

use connection::{Event, Generation};
use leptos::prelude::window;
use protocol::{ClientFrame, CloseCode};
use wasm_bindgen::{JsCast as _, closure::Closure};
use web_sys::{CloseEvent, MessageEvent};

/// Where the page's first script left a socket that is opening already.
const EARLY: &str = "rollcallSocket";

/// One socket of the browser.
pub(super) struct Socket(Option<web_sys::WebSocket>);

impl Socket {
    /// Opens a socket, or takes over the one that the page's first script has opened. What happens
    /// to it is reported, even that it could not be made.
    pub(super) fn open(generation: Generation, report: impl Fn(Event) + 'static) -> Self {
        let Some(socket) = early().or_else(|| web_sys::WebSocket::new(&address()).ok()) else {
            report(Event::Failed(generation));
            return Self(None);
        };
        if socket.ready_state() == web_sys::WebSocket::OPEN {
            report(Event::Opened(generation));
        }
        let listener = move |event: web_sys::Event| report(reported(generation, &event));
        // The browser drops it together with the socket.
        let listener = Closure::<dyn Fn(web_sys::Event)>::new(listener).into_js_value();
        for name in ["open", "message", "error", "close"] {
            // Fails for no name and no function.
            let _ = socket.add_event_listener_with_callback(name, listener.unchecked_ref());
        }
        Self(Some(socket))
    }

    /// Sends a frame. A socket that is no longer open drops it; its end is reported anyway.
    pub(super) fn send(&self, frame: &ClientFrame) {
        if let (Some(socket), Ok(text)) = (&self.0, serde_json::to_string(frame)) {
            let _ = socket.send_with_str(&text);
        }
    }

    /// Closes the socket.
    pub(super) fn close(&self, code: CloseCode) {
        if let Some(socket) = &self.0 {
            // Only refuses codes that no client may send.
            let _ = socket.close_with_code(code.0);
        }
    }
}

/// What an event of the socket is to the machine.
fn reported(generation: Generation, event: &web_sys::Event) -> Event {
    if let Some(message) = event.dyn_ref::<MessageEvent>() {
        let frame = message
            .data()
            .as_string()
            .and_then(|text| text.parse().ok());
        return match frame {
            Some(frame) => Event::Frame(generation, frame),
            // A type of a newer server; that something arrived is what counts.
            None => Event::Received(generation),
        };
    }
    if let Some(close) = event.dyn_ref::<CloseEvent>() {
        return Event::Closed(generation, CloseCode(close.code()), close.reason());
    }
    if event.type_() == "open" {
        Event::Opened(generation)
    } else {
        Event::Failed(generation)
    }
}

fn early() -> Option<web_sys::WebSocket> {
    let left = js_sys::Reflect::get(&window(), &EARLY.into()).ok()?;
    // Taken once only.
    let _ = js_sys::Reflect::set(&window(), &EARLY.into(), &wasm_bindgen::JsValue::UNDEFINED);
    let socket: web_sys::WebSocket = left.dyn_into().ok()?;
    (socket.ready_state() <= web_sys::WebSocket::OPEN).then_some(socket)
}

fn address() -> String {
    let origin = window().location().origin().unwrap_or_default();
    format!("{}/ws", origin.replacen("http", "ws", 1))
}
