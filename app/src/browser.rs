//! The browser, as far as pages need it. Nothing here may run on the server: call it from effects
//! and event handlers only, which the server never runs.

use crate::state::Permission;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::prelude::{document, window};
use protocol::Timestamp;
use std::cell::RefCell;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Element, HtmlElement, IdleRequestOptions, Storage};
#[cfg(feature = "hydrate")]
use {
    wasm_bindgen_futures::JsFuture,
    web_sys::{RequestInit, Response},
};

/// Asks the server, with JSON in a `POST` or with nothing in a `GET`: the status of the answer and its
/// text. There is none when the server cannot be reached.
#[cfg(feature = "hydrate")]
pub async fn ask(path: &str, json: Option<&str>) -> Option<(u16, String)> {
    let request = RequestInit::new();
    if let Some(json) = json {
        let headers = Object::new();
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&headers, &"Content-Type".into(), &"application/json".into());
        request.set_method("POST");
        request.set_headers(&headers);
        request.set_body(&json.into());
    }
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await;
    let response: Response = answer.ok()?.dyn_into().ok()?;
    let text = JsFuture::from(response.text().ok()?).await.ok()?;
    Some((response.status(), text.as_string()?))
}

/// The wall clock.
#[must_use]
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a date fits in 53 bits")]
    Timestamp::from_unix_millis(Date::now() as i64)
}

/// How many minutes the reader's clock is ahead of UTC at a time.
#[must_use]
pub fn zone_minutes(time: Timestamp) -> i32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an offset is less than a day"
    )]
    let behind = date(time).get_timezone_offset() as i32;
    -behind
}

/// Does something once the browser has nothing else to do, and after a second at the latest; at once
/// after all else that it is doing where none tells, as in Safari.
pub fn when_idle(act: impl FnOnce() + 'static) {
    const LONGEST_WAIT_MS: u32 = 1_000;
    let options = IdleRequestOptions::new();
    options.set_timeout(LONGEST_WAIT_MS);
    let act = Closure::once_into_js(move |_: JsValue| act());
    let act: &Function = act.unchecked_ref();
    let asked = window().request_idle_callback_with_options(act, &options);
    if asked.is_err() {
        // A timer without a delay is never refused.
        let _ = window().set_timeout_with_callback(act);
    }
}

/// How a time is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Hours and minutes.
    Clock,
    /// The day, with its weekday.
    Day,
    /// The day and the time.
    Full,
}

impl Style {
    /// The options of `Intl.DateTimeFormat`.
    const fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Clock => &[("hour", "2-digit"), ("minute", "2-digit")],
            Self::Day => &[
                ("weekday", "long"),
                ("day", "numeric"),
                ("month", "long"),
                ("year", "numeric"),
            ],
            Self::Full => &[("dateStyle", "full"), ("timeStyle", "short")],
        }
    }
}

thread_local! {
    /// What writes times, for each style and each distance from UTC, in minutes, that the reader's zone
    /// had: to make one takes a browser longer than to draw a message, but it keeps its zone, and readers
    /// travel.
    static FORMATS: RefCell<Vec<(Style, i32, Function)>> = const { RefCell::new(Vec::new()) };
}

/// Writes a time in the reader's locale and zone.
#[must_use]
pub fn write(style: Style, time: Timestamp) -> String {
    let zone = zone_minutes(now());
    FORMATS
        .with_borrow_mut(|formats| {
            let made = formats
                .iter()
                .position(|&(its_style, its_zone, _)| (its_style, its_zone) == (style, zone));
            let index = made.unwrap_or_else(|| {
                formats.push((style, zone, new_format(style)));
                formats.len() - 1
            });
            formats[index].2.call1(&JsValue::UNDEFINED, &date(time))
        })
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_else(|| time.to_string())
}

fn new_format(style: Style) -> Function {
    let options = Object::new();
    for (name, value) in style.options() {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(
            &options,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        );
    }
    Intl::DateTimeFormat::new(&Array::new(), &options).format()
}

/// What was kept under a key, if storage is allowed.
#[must_use]
pub fn load(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Keeps a text under a key, or forgets it when it is empty. Without storage nothing is kept.
pub fn keep(key: &str, text: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden storage loses a draft, which is no reason to stop typing.
        let _ = if text.is_empty() {
            storage.remove_item(key)
        } else {
            storage.set_item(key, text)
        };
    }
}

/// Sets a cookie for the whole site for a year.
pub fn set_cookie(name: &str, value: &str) {
    const YEAR_SECONDS: u32 = 365 * 24 * 60 * 60;
    let text = format!("{name}={value}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax");
    // `document.cookie` throws only in sandboxed frames, where a cookie would not last anyway.
    let _ = Reflect::set(&document(), &"cookie".into(), &text.into());
}

/// The root element, which bears the theme.
#[must_use]
pub fn root() -> Option<Element> {
    document().document_element()
}

/// An element by its id.
#[must_use]
pub fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Whether the page is so wide that no list is a drawer (style/layout.css).
#[must_use]
pub fn is_wide() -> bool {
    const WIDE: f64 = 768.0;
    let width = window().inner_width().ok();
    width.and_then(|width| width.as_f64()) >= Some(WIDE)
}

/// Closes a popover if it is open.
pub fn hide_popover(id: &str) {
    if let Some(element) = element(id) {
        // Throws when it is not open, which is what was asked for.
        let _ = element.hide_popover();
    }
}

/// Whether the person can see the page.
#[must_use]
pub fn is_visible() -> bool {
    !document().hidden()
}

/// A path of this site as a whole address; an address as it is.
#[must_use]
pub fn absolute(address: &str) -> String {
    if address.starts_with('/') {
        window().location().origin().unwrap_or_default() + address
    } else {
        address.to_owned()
    }
}

/// Puts a text on the clipboard, where the browser allows it: it does not without encryption.
#[must_use]
pub fn copy(text: &str) -> bool {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into());
    let Some(clipboard) = clipboard.ok().filter(JsValue::is_object) else {
        return false;
    };
    let write = Reflect::get(&clipboard, &"writeText".into()).map(Function::from);
    write.is_ok_and(|write| write.call1(&clipboard, &text.into()).is_ok())
}

/// Whether a popover is open.
#[must_use]
pub fn is_popover_open(id: &str) -> bool {
    // Browsers without popovers do not know the selector, and open none.
    element(id).is_some_and(|element| element.matches(":popover-open").unwrap_or(false))
}

/// Whether the browser shows notifications outside the page.
#[must_use]
pub fn notification_permission() -> Permission {
    let permission = Reflect::get(&notification_class(), &"permission".into());
    match permission.ok().and_then(|it| it.as_string()).as_deref() {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        Some(_) => Permission::Unasked,
        None => Permission::Unsupported,
    }
}

/// Lets the browser ask whether notifications may be shown outside the page, and does `then` once
/// that is answered.
pub fn ask_for_notifications(then: impl FnOnce() + 'static) {
    let class = notification_class();
    if let Ok(ask) = Reflect::get(&class, &"requestPermission".into()).map(Function::from)
        && ask.is_function()
    {
        // The promise that it also returns is of no use: the answer comes by the callback.
        let _ = ask.call1(&class, &Closure::once_into_js(move |_: JsValue| then()));
    }
}

/// Shows a notification outside the page, in the place of one with the same tag. A click on it
/// leads to a path of this site. Browsers that show them only on behalf of an installed site show
/// nothing.
pub fn show_notification(title: &str, body: &str, tag: &str, path: String) {
    let options = Object::new();
    for (name, value) in [("body", body), ("tag", tag)] {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let arguments = Array::of2(&title.into(), &options);
    let Ok(shown) = Reflect::construct(&Function::from(notification_class()), &arguments) else {
        return;
    };
    let notification = shown.clone();
    let click = Closure::once_into_js(move |_: JsValue| {
        // Fails only in frames that may not take the focus.
        let _ = window().focus();
        follow(&path);
        if let Ok(close) = Reflect::get(&notification, &"close".into()).map(Function::from) {
            let _ = close.call0(&notification);
        }
    });
    let _ = Reflect::set(&shown, &"onclick".into(), &click);
}

/// What notifications are made of; undefined where there are none.
fn notification_class() -> JsValue {
    Reflect::get(&window(), &"Notification".into()).unwrap_or(JsValue::UNDEFINED)
}

/// Goes to a path of this site as a click on a link to it does: without leaving the page where the
/// router knows the way.
pub fn follow(path: &str) {
    if !path.starts_with("/w/") {
        return go(path);
    }
    let Some(link) = document()
        .create_element("a")
        .ok()
        .and_then(|link| link.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let is_placed = link.set_attribute("href", path).is_ok()
        && document()
            .body()
            .is_some_and(|body| body.append_child(&link).is_ok());
    if is_placed {
        link.click();
        link.remove();
    }
}

/// Whether the focus is on something within an element.
#[must_use]
pub fn has_focus_within(id: &str) -> bool {
    document()
        .active_element()
        .and_then(|active| active.closest(&format!("#{id}")).ok().flatten())
        .is_some()
}

/// Whether the focus is on this very element.
#[must_use]
pub fn is_focused(element: &web_sys::Element) -> bool {
    document()
        .active_element()
        .is_some_and(|active| active == *element)
}

/// Whether the focus is on anything.
#[must_use]
pub fn has_focus() -> bool {
    document()
        .active_element()
        .is_some_and(|active| active.tag_name() != "BODY")
}

/// Puts the focus on an element, if it is there.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        // Fails on elements that cannot have the focus, which none of those asked for is.
        let _ = element.focus();
    }
}

/// The path of this page's address.
#[must_use]
pub fn path() -> String {
    // Fails only in documents that have no address.
    window().location().pathname().unwrap_or_default()
}

/// Lets the person sign in, and come back to this page.
pub fn sign_in() {
    go(&format!(
        "/sign-in?next={}",
        String::from(js_sys::encode_uri_component(&path()))
    ));
}

/// Loads the page afresh.
pub fn reload() {
    // Fails only while the page is being left already.
    let _ = window().location().reload();
}

/// Shows this page as its address without a query does, and leaves no way back to the other.
pub fn drop_query() {
    // Fails only while the page is being left already.
    let _ = window().location().replace(&path());
}

/// Goes to another page, leaving this one.
pub fn go(address: &str) {
    // Fails only while the page is being left already.
    let _ = window().location().set_href(address);
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn date(time: Timestamp) -> Date {
    #[expect(clippy::cast_precision_loss, reason = "a date fits in 53 bits")]
    Date::new(&JsValue::from_f64(time.unix_millis() as f64))
}
