use super::{Dialog, Submission};
use crate::{api, browser, state::Tab};
use leptos::prelude::*;

/// Makes a link by which others can join the workspace.
#[component]
pub fn InvitationDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog is_open title="Invite to the workspace">
            <Invitation />
        </Dialog>
    }
    .into_any()
}

#[component]
fn Invitation() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    let link = RwSignal::new(None::<String>);
    let is_copied = RwSignal::new(false);
    let make = move |_| {
        let Some(workspace) = tab.workspace.get_untracked() else {
            return;
        };
        submission.send(
            api::create_invitation(workspace.workspace_id),
            move |made| {
                link.set(Some(browser::absolute(&made)));
            },
        );
    };
    let copy = move |_| {
        if let Some(link) = link.get_untracked() {
            is_copied.set(browser::copy(&link));
        }
    };
    view! {
        <p>"Whoever has the link can make an account and join this workspace."</p>
        {submission.alert()}
        {move || match link.get() {
            None => {
                view! {
                    <button
                        type="button"
                        class="button primary"
                        disabled=move || submission.is_pending()
                        on:click=make
                    >
                        "Make a link"
                    </button>
                }
                    .into_any()
            }
            Some(link) => {
                view! {
                    <label class="field">
                        <span>"Link"</span>
                        <input type="text" readonly value=link />
                    </label>
                    <button type="button" class="button primary" on:click=copy>
                        {move || if is_copied.get() { "Copied" } else { "Copy" }.to_owned()}
                    </button>
                }
                    .into_any()
            }
        }}
    }
    .into_any()
}
