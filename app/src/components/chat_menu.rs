use super::Icon;
use crate::{
    api,
    fetched::{edit_chat_dialog, invitation_dialog, leave_dialog, members_dialog, when_opened},
    flow::{memo, shown_when, text},
    state::Tab,
};
use leptos::{prelude::*, task::spawn_local};
use protocol::{Chat, ChatKind, ChatRole, ServerFrame, WorkspaceRole};

/// What one may do with the chat on screen, by role. The people of a direct chat never change, and
/// its name is theirs.
#[component]
pub fn ChatMenu() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let role = memo(move || tab.chat.read().as_ref().and_then(|chat| chat.role));
    let is_admin = tab.workspace.with_untracked(|workspace| {
        workspace
            .as_ref()
            .is_some_and(|it| it.role >= WorkspaceRole::Admin)
    });
    let is_channel = memo(move || {
        let chat = tab.chat.read();
        chat.as_ref()
            .is_some_and(|chat| chat.kind == ChatKind::Channel)
    });
    let may_manage =
        memo(move || is_channel.get() && (is_admin || role.get() == Some(ChatRole::Owner)));
    let is_member = memo(move || role.get().is_some());
    let is_editing = RwSignal::new(false);
    let is_listing = RwSignal::new(false);
    let is_inviting = RwSignal::new(false);
    let is_leaving = RwSignal::new(false);
    view! {
        {shown_when(
            move || may_manage.get() || is_member.get(),
            move || {
                view! {
                    <button
                        type="button"
                        class="icon-button needs-script"
                        popovertarget="chat-menu"
                        aria-label="Chat menu"
                    >
                        {Icon::MORE}
                    </button>
                    <div id="chat-menu" class="menu" popover="auto">
                        {shown_when(move || may_manage.get(), item("Name and topic…", is_editing))}
                        {shown_when(move || is_channel.get(), item("Manage members…", is_listing))}
                        {shown_when(
                            move || is_admin && is_channel.get(),
                            item("Invite to the workspace…", is_inviting),
                        )}
                        {shown_when(move || is_member.get(), move || mute_item(tab))}
                        {shown_when(
                            move || is_member.get() && is_channel.get(),
                            item("Leave the chat…", is_leaving),
                        )}
                    </div>
                }
                    .into_any()
            },
        )}
        {when_opened(is_editing, move || edit_chat_dialog(is_editing))}
        {when_opened(is_listing, move || members_dialog(is_listing, may_manage))}
        {when_opened(is_inviting, move || invitation_dialog(is_inviting))}
        {when_opened(is_leaving, move || leave_dialog(is_leaving))}
    }
    .into_any()
}

/// Draws attention to the chat, or no longer does.
fn mute_item(tab: Tab) -> AnyView {
    let is_muted = memo(move || tab.chat.read().as_ref().is_some_and(|chat| chat.is_muted));
    let toggle = move |_| {
        let Some(chat_id) = tab.chat.read_untracked().as_ref().map(|chat| chat.chat_id) else {
            return;
        };
        let is_muted = !is_muted.get_untracked();
        spawn_local(async move {
            match api::set_muted(chat_id, is_muted).await {
                Ok(()) => {
                    // As the list has it by now: messages may have come meanwhile.
                    let known = tab.sidebar.with_untracked(|it| it.chat(chat_id).cloned());
                    if let Some(known) = known {
                        let chat = Chat { is_muted, ..known };
                        tab.apply(ServerFrame::ChatUpdated { chat });
                    }
                }
                Err(error) => tab.refused(&error),
            }
        });
    };
    view! {
        <button
            type="button"
            class="menu-item"
            popovertarget="chat-menu"
            popovertargetaction="hide"
            on:click=toggle
        >
            {text(move || if is_muted.get() { "Unmute" } else { "Mute" }.to_owned())}
        </button>
    }
    .into_any()
}

/// A line of the menu that opens a dialog and closes the menu.
fn item(label: &'static str, opens: RwSignal<bool>) -> impl Fn() -> AnyView {
    move || {
        view! {
            <button
                type="button"
                class="menu-item"
                popovertarget="chat-menu"
                popovertargetaction="hide"
                on:click=move |_| opens.set(true)
            >
                {label}
            </button>
        }
        .into_any()
    }
}
