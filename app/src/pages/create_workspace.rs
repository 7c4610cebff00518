use super::door::Door;
use crate::{
    api,
    components::{Field, Submission},
};
use leptos::prelude::*;
use leptos_meta::Title;
use protocol::limits::MAX_NAME_CHARS;

/// Makes a workspace; the server leads on to it.
#[component]
pub fn CreateWorkspace() -> impl IntoView {
    let submission = Submission::new();
    let name = RwSignal::new(String::new());
    let submit = move |event| {
        submission.submit(&event, api::create_workspace(name.get_untracked()), |()| {});
    };
    view! {
        <Title text="Create a workspace · Rollcall" />
        <Door heading="Create a workspace">
            <p class="door-lead">"A workspace holds the people and the chats of one team."</p>
            <form class="form" method="post" action="/fn/create_workspace" on:submit=submit>
                <Field label="Name" name="name" value=name max_chars=MAX_NAME_CHARS is_required=true />
                {submission.alert()}
                <button type="submit" class="button primary" disabled=move || submission.is_pending()>
                    "Create the workspace"
                </button>
            </form>
            <p class="door-foot">
                <a href="/" rel="external">"Back to your chats"</a>
            </p>
        </Door>
    }
    .into_any()
}
