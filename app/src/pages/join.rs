use super::door::{BackToChats, Door, DoorAlert, behind_door, query};
use crate::{components::PageTitle, page::DoorPage};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Where an invitation leads somebody who has an account.
#[component]
pub fn Join() -> impl IntoView {
    let address = use_query_map();
    view! {
        <PageTitle text="Join a workspace · Rollcall" />
        {behind_door(move || address.read().get("invitation"), |page| view! { <JoinDoor page /> }.into_any())}
    }
    .into_any()
}

#[component]
fn JoinDoor(page: DoorPage) -> impl IntoView {
    view! {
        <Door heading="Join a workspace">
            <DoorAlert />
            {match page.invited_to {
                Some(workspace) => {
                    view! {
                        <p class="door-lead">
                            <bdi>{format!("You are invited to {workspace}.")}</bdi>
                        </p>
                        <form class="form" method="post" action="/join">
                            <input type="hidden" name="invitation" value=query("invitation") />
                            <button type="submit" class="button primary">
                                "Join"
                            </button>
                        </form>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p class="door-lead">
                            "This invitation is not valid any more. Ask for a new one."
                        </p>
                    }
                        .into_any()
                }
            }}
            <BackToChats />
        </Door>
    }
    .into_any()
}
