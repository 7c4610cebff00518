use super::door::{Door, DoorAlert, behind_door, query};
use crate::{
    components::{PageTitle, alert},
    page::DoorPage,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use protocol::limits::{
    MAX_DISPLAY_NAME_CHARS, MAX_NAME_CHARS, MAX_USERNAME_CHARS, MIN_PASSWORD_CHARS,
};

/// Makes an account.
#[component]
pub fn SignUp() -> impl IntoView {
    let address = use_query_map();
    view! {
        <PageTitle text="Create an account · Rollcall" />
        {behind_door(move || address.read().get("invitation"), |page| view! { <SignUpDoor page /> }.into_any())}
    }
    .into_any()
}

#[component]
fn SignUpDoor(page: DoorPage) -> impl IntoView {
    let may_sign_up = page.sign_up_open || page.is_first_account || page.invited_to.is_some();
    let lead = match &page.invited_to {
        _ if page.is_first_account => {
            Some("Yours is the first account: it will administer this installation.".to_owned())
        }
        Some(workspace) => Some(format!("You are invited to {workspace}.")),
        None => None,
    };
    let is_first = page.is_first_account;
    // When the form was refused for it, that is said already.
    let is_stale = page.invited_to.is_none()
        && !is_first
        && !query("invitation").is_empty()
        && query("error").is_empty();
    let sign_in = match query("invitation") {
        // What a secret is made of needs no escaping, and any other leads nowhere.
        secret if page.invited_to.is_some() => {
            format!("/sign-in?next=/join%3Finvitation%3D{secret}")
        }
        _ => "/sign-in".to_owned(),
    };
    view! {
        <Door heading="Create an account">
            <DoorAlert />
            {is_stale
                .then(|| alert("This invitation is not valid any more. Ask for a new one.".to_owned()))}
            {lead.map(|lead| view! { <p class="door-lead"><bdi>{lead}</bdi></p> })}
            {if may_sign_up {
                view! { <SignUpForm is_first /> }.into_any()
            } else {
                view! {
                    <p>
                        "New accounts need an invitation here. Ask somebody who has an account for a link."
                    </p>
                }
                    .into_any()
            }}
            <p class="door-foot">
                "Have an account? " <a href=sign_in rel="external">"Sign in"</a>
            </p>
        </Door>
    }
    .into_any()
}

#[component]
fn SignUpForm(is_first: bool) -> impl IntoView {
    view! {
        <form class="form" method="post" action="/sign-up">
            <input type="hidden" name="invitation" value=query("invitation") />
            <label class="field">
                <span>"Username"</span>
                <input
                    type="text"
                    name="username"
                    value=query("username")
                    required
                    maxlength=MAX_USERNAME_CHARS.to_string()
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                />
                <small>"To sign in with: a-z, digits, dots, hyphens or underscores"</small>
            </label>
            <label class="field">
                <span>"Name"</span>
                <input
                    type="text"
                    name="display_name"
                    value=query("display_name")
                    required
                    maxlength=MAX_DISPLAY_NAME_CHARS.to_string()
                    autocomplete="name"
                />
                <small>"What others see"</small>
            </label>
            <label class="field">
                <span>"Password"</span>
                <input
                    type="password"
                    name="password"
                    required
                    minlength=MIN_PASSWORD_CHARS.to_string()
                    autocomplete="new-password"
                />
                <small>{format!("At least {MIN_PASSWORD_CHARS} characters")}</small>
            </label>
            {is_first
                .then(|| {
                    view! {
                        <label class="field">
                            <span>"Workspace"</span>
                            <input
                                type="text"
                                name="workspace"
                                value=query("workspace")
                                required
                                maxlength=MAX_NAME_CHARS.to_string()
                                autocomplete="organization"
                            />
                            <small>"Your team's name"</small>
                        </label>
                    }
                })}
            <button type="submit" class="button primary">
                "Create the account"
            </button>
        </form>
    }
    .into_any()
}
