//! What the browser fetches after a chat has come to life: dialogs, the bell's panel, and the pages
//! of people and settings.
//!
//! In a release each group below is a file of its own (`cargo leptos build --split`), so that the page
//! does not wait for it. While developing it is all one program.

use crate::{
    components::{
        CreateChatDialog, DeleteDialog, EditChatDialog, InvitationDialog, LeaveDialog, Loader,
        MembersDialog, NewDirectDialog, StatusDialog, notification_panel,
    },
    error::AppError,
    flow::{changing, effect, shown_when},
    pages::{ErrorPage, people_page, settings_page},
    state::Tab,
};
#[cfg(feature = "hydrate")]
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, wasm_split::SplitLoaderError};
use protocol::{ChatId, ErrorCode};
use std::{future::Future, pin::Pin};

/// When a page whose code did not come is fetched again, in milliseconds.
#[cfg(feature = "hydrate")]
const TRY_AGAIN_MS: u32 = 2_000;

/// A view whose code had to be fetched.
pub type Fetched = Result<AnyView, SplitLoaderError>;

/// Such a view on its way.
type Fetching = Pin<Box<dyn Future<Output = Fetched> + Send>>;

/// Declares a view of a group, as a function that fetches its code if it is not there; and, once a
/// group and for each page, one that only fetches it: after that, the view is there without a wait.
macro_rules! fetched {
    ($group:ident $(, preload($preload:ident))?: $(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*) $body:block) => {
        #[cfg(not(debug_assertions))]
        $(#[$doc])*
        #[leptos::wasm_split::wasm_split($group, fallible, wasm_split_path = leptos::wasm_split $(, preload(#[doc = "Fetches its code."] $preload))?)]
        pub fn $name($($argument: $type),*) -> Fetched {
            Ok($body)
        }

        #[cfg(debug_assertions)]
        $(#[$doc])*
        pub async fn $name($($argument: $type),*) -> Fetched {
            Ok($body)
        }

        $(
            #[cfg(debug_assertions)]
            async fn $preload() -> Result<(), SplitLoaderError> {
                Ok(())
            }
        )?
    };
}

fetched! {
    dialogs, preload(fetch_dialogs):
    /// Makes a chat.
    fn create_chat_dialog(is_open: RwSignal<bool>, slug: StoredValue<String>) {
        view! { <CreateChatDialog is_open slug /> }.into_any()
    }
}

fetched! {
    dialogs:
    /// Opens a direct chat.
    fn new_direct_dialog(is_open: RwSignal<bool>, slug: StoredValue<String>) {
        view! { <NewDirectDialog is_open slug /> }.into_any()
    }
}

fetched! {
    dialogs:
    /// Renames the chat on screen and changes its topic.
    fn edit_chat_dialog(is_open: RwSignal<bool>) {
        view! { <EditChatDialog is_open /> }.into_any()
    }
}

fetched! {
    dialogs:
    /// Who is in the chat on screen.
    fn members_dialog(is_open: RwSignal<bool>, may_remove: Memo<bool>) {
        view! { <MembersDialog is_open may_remove /> }.into_any()
    }
}

fetched! {
    dialogs:
    /// Makes a link by which others join the workspace.
    fn invitation_dialog(is_open: RwSignal<bool>) {
        view! { <InvitationDialog is_open /> }.into_any()
    }
}

fetched! {
    dialogs:
    /// Asks before the person leaves the chat on screen.
    fn leave_dialog(is_open: RwSignal<bool>) {
        view! { <LeaveDialog is_open /> }.into_any()
    }
}

fetched! {
    dialogs:
    /// Asks before a message is deleted.
    fn delete_dialog(is_open: RwSignal<bool>, chat_id: ChatId) {
        view! { <DeleteDialog is_open chat_id /> }.into_any()
    }
}

fetched! {
    dialogs:
    /// Says something of oneself.
    fn status_dialog(is_open: RwSignal<bool>) {
        view! { <StatusDialog is_open /> }.into_any()
    }
}

fetched! {
    notifications, preload(fetch_notifications):
    /// What the bell opens.
    fn bell_panel(tab: Tab, loader: Loader) {
        notification_panel(tab, loader)
    }
}

fetched! {
    pages, preload(fetch_people):
    /// Friends, requests, and everybody in the workspace.
    fn people() {
        people_page()
    }
}

fetched! {
    pages, preload(fetch_settings):
    /// What a person can choose for themselves.
    fn settings() {
        settings_page()
    }
}

/// Fetches all of this: once the page is up, so that what opens does so at once, and also while the
/// connection is broken.
pub async fn fetch_all() {
    // What did not come is fetched when it is wanted.
    drop(fetch_people().await);
    drop(fetch_settings().await);
    drop(fetch_dialogs().await);
    drop(fetch_notifications().await);
}

/// Fetches what the page of this path is made of, which cannot come to life without it. Until it has come
/// the page stays as the server has made it.
#[cfg(feature = "hydrate")]
pub async fn fetch_page(path: &str) {
    let path: Vec<_> = path.trim_end_matches('/').split('/').collect();
    loop {
        let fetched = match path[..] {
            ["", "w", _, "people"] => fetch_people().await,
            ["", "w", _, "settings"] => fetch_settings().await,
            _ => Ok(()),
        };
        if fetched.is_ok() {
            return;
        }
        TimeoutFuture::new(TRY_AGAIN_MS).await;
    }
}

/// A page. When its code cannot be fetched it says so, and tries again once there is a connection.
pub fn fetched_page<F>(fetch: impl Fn() -> F + Send + 'static) -> AnyView
where
    F: Future<Output = Fetched> + Send + 'static,
{
    page_of(Box::new(move || Box::pin(fetch())))
}

fn page_of(fetch: Box<dyn Fn() -> Fetching + Send>) -> AnyView {
    let tab = expect_context::<Tab>();
    let has_failed = RwSignal::new(false);
    effect(move || {
        if tab.is_connected() && has_failed.get_untracked() {
            has_failed.set(false);
        }
    });
    changing(move || {
        if has_failed.get() {
            let error = AppError::new(ErrorCode::Unavailable, "The page could not be loaded.");
            return view! { <ErrorPage error /> }.into_any();
        }
        let fetched = fetch();
        let page = Suspend::new(async move {
            fetched.await.unwrap_or_else(|_| {
                has_failed.set(true);
                ().into_any()
            })
        });
        page.into_any()
    })
}

/// Something that opens, and is neither in the page nor its code in the browser before it opens for
/// the first time. When its code cannot be fetched it does not open, and opening it again tries
/// again.
pub fn when_opened<F>(
    is_open: RwSignal<bool>,
    fetch: impl Fn() -> F + Send + Sync + 'static,
) -> AnyView
where
    F: Future<Output = Fetched> + Send + 'static,
{
    opened(is_open, Box::new(move || Box::pin(fetch())))
}

fn opened(is_open: RwSignal<bool>, fetch: Box<dyn Fn() -> Fetching + Send + Sync>) -> AnyView {
    let tab = expect_context::<Tab>();
    let is_wanted = RwSignal::new(false);
    effect(move || {
        if is_open.get() {
            is_wanted.set(true);
        }
    });
    shown_when(
        move || is_wanted.get(),
        move || {
            let fetched = fetch();
            Suspend::new(async move {
                fetched.await.unwrap_or_else(|_| {
                    is_open.set(false);
                    is_wanted.set(false);
                    tab.toast("That could not be loaded. Try again.".to_owned(), None);
                    ().into_any()
                })
            })
            .into_any()
        },
    )
}
