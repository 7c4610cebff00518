//! What the browser fetches once it is first wanted: dialogs, panels, and pages that few begin with.
//!
//! In a release each group below is a file of its own (`cargo leptos build --split`), so that who only
//! reads and writes does not wait for it. While developing it is all one program.

use crate::{
    components::{
        CreateChatDialog, DeleteDialog, EditChatDialog, InvitationDialog, LeaveDialog, Loader,
        MembersDialog, NewDirectDialog, StatusDialog, notification_panel,
    },
    error::AppError,
    flow::{effect, shown_when},
    pages::{ErrorPage, people_page, settings_page},
    state::Tab,
};
use leptos::{prelude::*, wasm_split::SplitLoaderError};
use leptos_router::LazyRoute;
use protocol::{ChatId, ErrorCode};
use std::{future::Future, pin::Pin};

/// A view whose code had to be fetched.
pub type Fetched = Result<AnyView, SplitLoaderError>;

/// Declares a view of a group, as a function that fetches its code if it is not there; and, for a
/// page, one that only fetches it.
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
    dialogs:
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
    notifications:
    /// What the bell opens.
    fn bell_panel(tab: Tab, loader: Loader) {
        notification_panel(tab, loader)
    }
}

fetched! {
    people, preload(fetch_people):
    /// Friends, requests, and everybody in the workspace.
    fn people() {
        leptos::prefetch_lazy_fn_on_server("people");
        people_page()
    }
}

fetched! {
    settings, preload(fetch_settings):
    /// What a person can choose for themselves.
    fn settings() {
        leptos::prefetch_lazy_fn_on_server("settings");
        settings_page()
    }
}

/// [`people`] as a route.
pub struct PeopleRoute;

impl LazyRoute for PeopleRoute {
    fn data() -> Self {
        Self
    }

    async fn view(_: Self) -> AnyView {
        page(people().await)
    }

    async fn preload() {
        // That it failed is shown in place of the page.
        drop(fetch_people().await);
    }
}

/// [`settings`] as a route.
pub struct SettingsRoute;

impl LazyRoute for SettingsRoute {
    fn data() -> Self {
        Self
    }

    async fn view(_: Self) -> AnyView {
        page(settings().await)
    }

    async fn preload() {
        // That it failed is shown in place of the page.
        drop(fetch_settings().await);
    }
}

fn page(fetched: Fetched) -> AnyView {
    fetched.unwrap_or_else(|_| {
        let error = AppError::new(ErrorCode::Unavailable, "The page could not be loaded.");
        view! { <ErrorPage error /> }.into_any()
    })
}

/// Fetches what the page on screen needs before it can come to life.
#[cfg(feature = "hydrate")]
pub async fn fetch_page() {
    let path = window().location().pathname().unwrap_or_default();
    if path.ends_with("/people") {
        PeopleRoute::preload().await;
    } else if path.ends_with("/settings") {
        SettingsRoute::preload().await;
    }
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
            let fetched: Pin<Box<dyn Future<Output = Fetched> + Send>> = Box::pin(fetch());
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
