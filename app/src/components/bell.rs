use super::{Icon, sidebar::badge};
use crate::{
    api, browser,
    fetched::{bell_panel, when_opened},
    flow::{effect, memo, shown_when},
    state::{Bell, Tab},
};
use leptos::{prelude::*, task::spawn_local};
use protocol::NotificationId;

/// The panel that the bell opens.
const PANEL_ID: &str = "notifications";

/// How many notifications wait to be read, and the panel that lists them.
#[component]
pub fn NotificationBell() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let is_open = RwSignal::new(false);
    // Outlives the panel, which may be closed and opened again while a page is on its way.
    let loader = Loader::new(tab);
    // It may have been opened before the page came to life.
    effect(move || is_open.set(browser::is_popover_open(PANEL_ID)));
    // What could not be fetched does not stay open with nothing in it.
    effect(move || {
        if !is_open.get() {
            close_panel();
        }
    });
    let is_connected = memo(move || tab.is_connected());
    effect(move || {
        if !is_connected.get() {
            return;
        }
        // What came and was read while there was no connection is not known.
        if is_open.get_untracked() {
            loader.load_newest();
        } else {
            tab.notifications.set(Bell::default());
        }
    });
    let unread = memo(move || unread(tab));
    let label = move || match unread.get() {
        0 => "Notifications".to_owned(),
        unread => format!("Notifications, {unread} unread"),
    };
    view! {
        <button
            type="button"
            class="icon-button bell needs-script"
            popovertarget=PANEL_ID
            aria-label=label
        >
            {Icon::BELL}
            {badge(unread, |_| " unread")}
        </button>
        <div
            id=PANEL_ID
            class="menu notifications"
            popover="auto"
            role="dialog"
            aria-label="Notifications"
            on:toggle=move |_| is_open.set(browser::is_popover_open(PANEL_ID))
        >
            {shown_when(
                move || is_open.get(),
                move || when_opened(is_open, move || bell_panel(tab, loader)),
            )}
        </div>
    }
    .into_any()
}

/// Closes the panel.
pub(super) fn close_panel() {
    browser::hide_popover(PANEL_ID);
}

/// How many wait to be read, but for those of the chat that the person is looking at.
fn unread(tab: Tab) -> u64 {
    let all = tab.unread_notifications.read().unread;
    let chat_id = tab.chat.read().as_ref().map(|chat| chat.chat_id);
    let bell = tab.notifications.read();
    // None are loaded on the server, which knows of no visibility.
    let is_looking = !bell.notifications().is_empty() && browser::is_visible();
    bell.waiting(all, chat_id.filter(|_| is_looking))
}

/// Fetches notifications, one page at a time.
#[derive(Clone, Copy)]
pub struct Loader {
    tab: Tab,
    /// Whether a page is on its way.
    pub is_loading: RwSignal<bool>,
    /// Why the last one did not come.
    pub error: RwSignal<Option<String>>,
    /// Where that one begins.
    before: StoredValue<Option<NotificationId>>,
}

impl Loader {
    fn new(tab: Tab) -> Self {
        Self {
            tab,
            is_loading: RwSignal::new(false),
            error: RwSignal::new(None),
            before: StoredValue::new(None),
        }
    }

    /// Fetches the newest.
    pub fn load_newest(self) {
        self.load(None);
    }

    /// Fetches those before the oldest.
    pub fn load_older(self) {
        self.load(self.tab.notifications.with_untracked(Bell::oldest));
    }

    /// Fetches again what did not come.
    pub fn retry(self) {
        self.load(self.before.get_value());
    }

    fn load(self, before: Option<NotificationId>) {
        if self.is_loading.get_untracked() {
            return;
        }
        self.before.set_value(before);
        self.is_loading.set(true);
        self.error.set(None);
        let bell = self.tab.notifications;
        bell.update(Bell::begin_load);
        spawn_local(async move {
            let page = api::load_notifications(before).await;
            bell.update(|bell| match (&page, before) {
                (Ok(page), None) => bell.load(page.clone()),
                (Ok(page), Some(_)) => bell.load_more(page.clone()),
                (Err(_), _) => bell.give_up_load(),
            });
            self.error.try_set(page.err().map(|error| error.message));
            self.is_loading.try_set(false);
        });
    }
}
