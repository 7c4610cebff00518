use super::door::{BackToChats, Door, DoorAlert, query};
use crate::components::PageTitle;
use leptos::prelude::*;
use protocol::limits::MAX_NAME_CHARS;

/// Makes a workspace; the server leads on to it.
#[component]
pub fn CreateWorkspace() -> impl IntoView {
    view! {
        <PageTitle text="Create a workspace · Rollcall" />
        <Door heading="Create a workspace">
            <DoorAlert />
            <p class="door-lead">"A workspace holds the people and the chats of one team."</p>
            <form class="form" method="post" action="/new">
                <label class="field">
                    <span>"Name"</span>
                    <input
                        type="text"
                        name="name"
                        value=query("name")
                        required
                        maxlength=MAX_NAME_CHARS.to_string()
                        autocomplete="off"
                    />
                </label>
                <button type="submit" class="button primary">
                    "Create the workspace"
                </button>
            </form>
            <BackToChats />
        </Door>
    }
    .into_any()
}
