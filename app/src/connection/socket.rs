//! One socket of the browser: reports what happens to it, and sends.

use connection::{Event, Generation};
use futures::{SinkExt as _, StreamExt as _};
use gloo_net::websocket::{Message, State, WebSocketError, futures::WebSocket};
use leptos::{prelude::window, task::spawn_local};
use protocol::{ClientFrame, CloseCode};
use std::future::poll_fn;
use wasm_bindgen::JsCast as _;

/// Where the page's first script left a socket that is opening already.
const EARLY: &str = "rollcallSocket";

/// One socket of the browser.
pub(super) struct Socket(Option<web_sys::WebSocket>);

impl Socket {
    /// Opens a socket, or takes over the one that the page's first script has opened. What happens
    /// to it is reported, even that it could not be made.
    pub(super) fn open(generation: Generation, report: impl Fn(Event) + 'static) -> Self {
        let socket = early().or_else(|| web_sys::WebSocket::new(&address()).ok());
        let events = socket
            .clone()
            .and_then(|socket| WebSocket::try_from(socket).ok());
        spawn_local(async move {
            match events {
                Some(events) => listen(generation, events, report).await,
                None => report(Event::Failed(generation)),
            }
        });
        Self(socket)
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

async fn listen(generation: Generation, mut socket: WebSocket, report: impl Fn(Event)) {
    let opened = poll_fn(|context| socket.poll_ready_unpin(context)).await;
    if opened.is_ok() && matches!(socket.state(), State::Open) {
        report(Event::Opened(generation));
    }
    while let Some(received) = socket.next().await {
        report(match received {
            Ok(Message::Text(text)) => match text.parse() {
                Ok(frame) => Event::Frame(generation, frame),
                // A type of a newer server; that something arrived is what counts.
                Err(_) => Event::Received(generation),
            },
            Ok(Message::Bytes(_)) => Event::Received(generation),
            Err(WebSocketError::ConnectionClose(close)) => {
                Event::Closed(generation, CloseCode(close.code), close.reason)
            }
            Err(_) => Event::Failed(generation),
        });
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
