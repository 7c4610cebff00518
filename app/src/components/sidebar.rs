use super::{ChatMark, Icon};
use crate::{
    browser,
    fetched::{create_chat_dialog, new_direct_dialog, when_opened},
    flow::{ListItem, keyed_list, memo, shown_when, text},
    page::chat_path,
    state::Tab,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use protocol::{Chat, ChatId, ChatKind};

/// The element that becomes a drawer on narrow screens.
pub const SIDEBAR_ID: &str = "sidebar";

/// The chats of the workspace: one's own with what is unread, and those one could join.
#[component]
pub fn Sidebar(
    /// The workspace's part of the address.
    slug: String,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let is_creating = RwSignal::new(false);
    let is_choosing = RwSignal::new(false);
    let own = memo(move || ids(tab.sidebar.read().chats(ChatKind::Channel)));
    let direct = memo(move || ids(tab.sidebar.read().chats(ChatKind::Direct)));
    let joinable = memo(move || ids(tab.sidebar.read().joinable()));
    let slug = StoredValue::new(slug);
    let links = move |list: Memo<Vec<ChatId>>| {
        view! {
            <ul class="chat-links" on:click=move |_| browser::hide_popover(SIDEBAR_ID)>
                {keyed_list(move || {
                    let item = |chat_id| {
                        ListItem::new(
                            &chat_id,
                            move || view! { <ChatLink chat_id slug /> }.into_any(),
                        )
                    };
                    list.get().into_iter().map(item).collect()
                })}
            </ul>
        }
        .into_any()
    };
    view! {
        <nav
            class="sidebar"
            class:stale=move || tab.people.read().is_stale()
            id=SIDEBAR_ID
            popover="auto"
            aria-label="Chats"
        >
            <div class="sidebar-head">
                <h2>"Chats"</h2>
                <button
                    type="button"
                    class="icon-button needs-script"
                    aria-label="Create a chat"
                    on:click=move |_| is_creating.set(true)
                >
                    {Icon::ADD}
                </button>
                <button
                    type="button"
                    class="icon-button drawer-button"
                    popovertarget=SIDEBAR_ID
                    popovertargetaction="hide"
                    aria-label="Close the list of chats"
                    autofocus
                >
                    {Icon::CLOSE}
                </button>
            </div>
            {links(own)}
            {shown_when(
                move || own.read().is_empty(),
                || {
                    view! {
                        <p class="hint">"You have joined no chat yet. Join one below, or create one."</p>
                    }
                        .into_any()
                },
            )}
            <div class="sidebar-head">
                <h2>"Direct messages"</h2>
                <button
                    type="button"
                    class="icon-button needs-script"
                    aria-label="Write to somebody"
                    on:click=move |_| is_choosing.set(true)
                >
                    {Icon::ADD}
                </button>
            </div>
            <PeopleLink slug />
            {links(direct)}
            {shown_when(
                move || !joinable.read().is_empty(),
                move || {
                    view! {
                        <h2>"Browse"</h2>
                        {links(joinable)}
                    }
                        .into_any()
                },
            )}
        </nav>
        {when_opened(is_creating, move || create_chat_dialog(is_creating, slug))}
        {when_opened(is_choosing, move || new_direct_dialog(is_choosing, slug))}
    }
    .into_any()
}

/// The way to everybody, with the number of those who ask to be friends.
#[component]
fn PeopleLink(slug: StoredValue<String>) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let path = use_location().pathname;
    let href = format!("/w/{}/people", slug.read_value());
    let asking = memo(move || tab.relations.read().incoming.len() as u64);
    let is_here = memo({
        let href = href.clone();
        move || *path.read() == href
    });
    view! {
        <a
            class="chat-link people-link"
            href=href
            aria-current=move || is_here.get().then_some("page")
            on:click=move |_| browser::hide_popover(SIDEBAR_ID)
        >
            <span class="chat-mark">{Icon::PEOPLE}</span>
            <span class="chat-name">"People"</span>
            {badge(asking, |count| if count == 1 { " request" } else { " requests" })}
        </a>
    }
    .into_any()
}

/// A link to a chat, with the number of messages unread in it.
#[component]
fn ChatLink(chat_id: ChatId, slug: StoredValue<String>) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let path = use_location().pathname;
    let chat = memo(move || tab.sidebar.read().find(chat_id).cloned());
    let href = memo(move || {
        chat.read()
            .as_ref()
            .map(|chat| chat_path(&slug.read_value(), &chat.slug))
    });
    let is_muted = memo(move || chat.read().as_ref().is_some_and(|chat| chat.is_muted));
    // To a muted chat no attention is drawn.
    let unread = memo(move || {
        let chat = chat.read();
        let chat = chat.as_ref().filter(|chat| !chat.is_muted);
        chat.map_or(0, |chat| chat.unread)
    });
    view! {
        <li>
            <a
                class="chat-link"
                class:unread=move || unread.get() != 0
                class:muted=move || is_muted.get()
                href=move || href.get()
                aria-current=move || {
                    (href.read().as_deref() == Some(path.read().as_str())).then_some("page")
                }
            >
                <ChatMark chat />
                <bdi class="chat-name">{text(move || chat.read().as_ref().map(|chat| chat.name.clone()).unwrap_or_default())}</bdi>
                {badge(unread, |_| " unread")}
                {shown_when(
                    move || is_muted.get(),
                    || view! { <span class="visually-hidden">" muted"</span> }.into_any(),
                )}
            </a>
        </li>
    }
    .into_any()
}

/// Lists a chat that the person has just come into, and goes there.
pub(super) fn enter_chat(tab: Tab, slug: StoredValue<String>, chat: Chat) {
    let path = chat_path(&slug.read_value(), &chat.slug);
    tab.sidebar.update(|sidebar| sidebar.chat_updated(chat));
    browser::follow(&path);
}

fn ids<'a>(chats: impl IntoIterator<Item = &'a Chat>) -> Vec<ChatId> {
    chats.into_iter().map(|chat| chat.chat_id).collect()
}

/// How many of something there are, when there are any.
pub(super) fn badge(number: Memo<u64>, of_what: fn(u64) -> &'static str) -> AnyView {
    shown_when(
        move || number.get() != 0,
        move || {
            view! {
                <span class="badge">
                    {text(move || count(number.get()))}
                    <span class="visually-hidden">{text(move || of_what(number.get()).to_owned())}</span>
                </span>
            }
            .into_any()
        },
    )
}

/// A badge has room for two digits and a plus.
fn count(unread: u64) -> String {
    if unread > 99 {
        "99+".to_owned()
    } else {
        unread.to_string()
    }
}
