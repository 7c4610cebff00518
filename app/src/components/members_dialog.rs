use super::{Dialog, Icon, Submission, avatar};
use crate::{api, flow::effect, page::Member, state::Tab};
use leptos::prelude::*;
use protocol::{ChatId, ChatRole, UserId};

/// Who is in the chat with which role; adds people, and removes them where one may.
#[component]
pub fn MembersDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
    /// Whether the person may remove members.
    may_remove: Memo<bool>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let chat_id = move || tab.chat.read_untracked().as_ref().map(|chat| chat.chat_id);
    view! {
        <Dialog is_open title="Members">
            {chat_id().map(|chat_id| view! { <Members chat_id may_remove /> }.into_any())}
        </Dialog>
    }
    .into_any()
}

/// Everybody in the workspace: those in the chat have a role in it.
#[derive(Clone, Default, PartialEq)]
struct People {
    members: Vec<Member>,
    others: Vec<Member>,
}

#[component]
fn Members(chat_id: ChatId, may_remove: Memo<bool>) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    let people = RwSignal::new(None::<People>);
    let username = RwSignal::new(String::new());
    let workspace_id = tab
        .workspace
        .with_untracked(|it| it.as_ref().map(|it| it.workspace_id));
    let load = move || {
        let request = async move {
            let members = api::load_chat_members(chat_id).await?;
            let everybody = match workspace_id {
                Some(workspace_id) => api::load_workspace_members(workspace_id).await?,
                None => Vec::new(),
            };
            let is_member = |id: UserId| members.iter().any(|member| member.user_id == id);
            let others = everybody
                .into_iter()
                .filter(|it| !is_member(it.user_id))
                .collect();
            Ok(People { members, others })
        };
        submission.send(request, move |loaded| {
            people.try_set(Some(loaded));
        });
    };
    effect(load);
    let add = move |event| {
        let request = api::add_chat_member(chat_id, username.get_untracked());
        submission.submit(&event, request, move |()| {
            username.set(String::new());
            load();
        });
    };
    let remove = move |user_id| {
        submission.send(api::remove_chat_member(chat_id, user_id), move |()| load());
    };
    let list = move || people.get().unwrap_or_default();
    view! {
        <form class="form add-member" on:submit=add>
            <label class="field">
                <span>"Add a person"</span>
                <select
                    required
                    prop:value=move || username.get()
                    on:change=move |event| username.set(event_target_value(&event))
                >
                    <option value="">"Choose…"</option>
                    {move || {
                        list()
                            .others
                            .into_iter()
                            .map(|other| {
                                let label = format!("{} (@{})", other.display_name, other.username);
                                view! { <option value=other.username>{label}</option> }.into_any()
                            })
                            .collect::<Vec<_>>()
                    }}
                </select>
            </label>
            <button type="submit" class="button primary" disabled=move || submission.is_pending()>
                "Add"
            </button>
        </form>
        {submission.alert()}
        <ul class="people">
            {move || {
                list()
                    .members
                    .into_iter()
                    .map(|member| {
                        let is_removable = may_remove.get() && tab.my_id() != Some(member.user_id);
                        view! { <MemberLine member is_removable remove /> }.into_any()
                    })
                    .collect::<Vec<_>>()
            }}
        </ul>
    }
    .into_any()
}

#[component]
fn MemberLine(
    member: Member,
    is_removable: bool,
    remove: impl Fn(UserId) + 'static,
) -> impl IntoView {
    let user_id = member.user_id;
    let remove = is_removable.then(|| {
        view! {
            <button
                type="button"
                class="icon-button"
                aria-label=format!("Remove {}", member.display_name)
                on:click=move |_| remove(user_id)
            >
                {Icon::CLOSE}
            </button>
        }
        .into_any()
    });
    view! {
        <li>
            {avatar(user_id, &member.display_name)}
            <span class="member-text">
                <bdi>{member.display_name}</bdi>
                <span class="secondary">
                    {format!("@{}", member.username)}
                    {(member.role == Some(ChatRole::Owner)).then_some(" · owner")}
                </span>
            </span>
            {remove}
        </li>
    }
    .into_any()
}
