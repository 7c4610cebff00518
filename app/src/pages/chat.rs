use super::{
    loaded::{load, when_loaded},
    workspace::{Workspace, load_when_connected},
};
use crate::{
    api, browser,
    components::{
        ChatHeader, ChatMembers, Composer, Deleting, JoinPanel, MemberList, MessageList, PageTitle,
        Returned, TypingIndicator, chat_label, title_with_unread,
    },
    fetched::{delete_dialog, when_opened},
    flow::{changing, effect, memo, shown_when},
    page::{ChatPage, WorkspacePage, chat_path},
    state::Tab,
};
use connection::Event;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use protocol::Room;

/// A chat of the workspace on screen.
#[component]
pub fn ChatRoute() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let workspace = expect_context::<Workspace>();
    let params = use_params_map();
    let slugs = memo(move || {
        let params = params.read();
        let part = |name| params.get(name).unwrap_or_default();
        (part("workspace"), part("chat"))
    });
    // Readers without script turn pages; with it, one scrolls.
    let before = use_query_map()
        .read_untracked()
        .get("before")
        .and_then(|sequence| sequence.parse().ok());
    effect(move || {
        if before.is_some() {
            browser::drop_query();
        }
    });
    // After the workspace: that page says from where the connection goes on, so nothing that is
    // written between the two is missed.
    let page = load(
        move || slugs.get(),
        move |(workspace_slug, chat_slug)| async move {
            let workspace = workspace.await?;
            let chat = api::load_chat(workspace_slug, chat_slug, before).await?;
            Ok((workspace, chat))
        },
    );
    load_when_connected(tab, workspace, page);
    when_loaded(
        page,
        || view! { <main class="chat loading" id="main" aria-busy="true"></main> }.into_any(),
        |(workspace, page)| view! { <ChatScreen workspace page /> }.into_any(),
    )
}

#[component]
fn ChatScreen(workspace: WorkspacePage, page: ChatPage) -> impl IntoView {
    let tab = expect_context::<Tab>();
    tab.open_workspace(&workspace);
    let chat_id = page.chat.chat_id;
    let room = Room::Chat(chat_id);
    let address = chat_path(&workspace.workspace.slug, &page.chat.slug);
    let members = ChatMembers(RwSignal::new(page.members.clone()));
    tab.open_chat(page);
    members.follow(tab, chat_id);
    provide_context(members);
    provide_context(Returned(RwSignal::new(None)));

    let editing = RwSignal::new(None);
    let deleting = Deleting(RwSignal::new(None));
    provide_context(deleting);
    let is_deleting = deleting.is_open();
    let is_member = memo(move || tab.is_member());
    Effect::new(move |was_member: Option<bool>| {
        let is_member = is_member.get();
        match (was_member.unwrap_or(false), is_member) {
            (false, true) => tab.dispatch(Event::Subscribe(room)),
            (true, false) => tab.dispatch(Event::Unsubscribe(room)),
            _ => {}
        }
        is_member
    });
    on_cleanup(move || tab.dispatch(Event::Unsubscribe(room)));
    // A private chat that one was removed from shows nothing more.
    let is_lost = memo(move || tab.is_private() && !tab.is_member());

    let title = move || {
        let label = tab.chat.read().as_ref().map(chat_label);
        title_with_unread(tab, &label.unwrap_or_default())
    };
    view! {
        <PageTitle text=Signal::derive(title) />
        <main class="chat" id="main" tabindex="-1">
            <ChatHeader />
            {shown_when(
                move || !is_lost.get(),
                move || {
                    view! {
                        <MessageList chat_id editing />
                        <TypingIndicator chat_id />
                    }
                        .into_any()
                },
            )}
            {changing(move || {
                if is_member.get() {
                    view! { <Composer chat_id action=address.clone() editing /> }.into_any()
                } else {
                    view! { <JoinPanel chat_id action=format!("{address}/join") /> }.into_any()
                }
            })}
            {when_opened(is_deleting, move || delete_dialog(is_deleting, chat_id))}
        </main>
        <MemberList />
    }
    .into_any()
}
