use super::{EditChatDialog, Icon, InvitationDialog, LeaveDialog, MembersDialog};
use crate::{
    flow::{memo, shown_when},
    state::Tab,
};
use leptos::prelude::*;
use protocol::{ChatRole, WorkspaceRole};

/// What one may do with the chat on screen, by role.
#[component]
pub fn ChatMenu() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let role = memo(move || tab.chat.read().as_ref().and_then(|chat| chat.role));
    let is_admin = tab.workspace.with_untracked(|workspace| {
        workspace
            .as_ref()
            .is_some_and(|it| it.role >= WorkspaceRole::Admin)
    });
    let may_manage = memo(move || is_admin || role.get() == Some(ChatRole::Owner));
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
                        {item("Manage members…", is_listing)()}
                        {is_admin.then(item("Invite to the workspace…", is_inviting))}
                        {shown_when(move || is_member.get(), item("Leave the chat…", is_leaving))}
                    </div>
                }
                    .into_any()
            },
        )}
        <EditChatDialog is_open=is_editing />
        <MembersDialog is_open=is_listing may_remove=may_manage />
        <InvitationDialog is_open=is_inviting />
        <LeaveDialog is_open=is_leaving />
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
