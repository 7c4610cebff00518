use super::{
    ErrorPage,
    door::{Door, DoorAlert, query},
};
use crate::{api, page::DoorPage};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// Where an invitation leads somebody who has an account.
#[component]
pub fn Join() -> impl IntoView {
    let address = use_query_map();
    let page = Resource::new(move || address.read().get("invitation"), api::load_door);
    view! {
        <Title text="Join a workspace · Rollcall" />
        <Transition>
            {move || {
                page.get()
                    .map(|page| match page {
                        Ok(page) => view! { <JoinDoor page /> }.into_any(),
                        Err(error) => view! { <ErrorPage error /> }.into_any(),
                    })
            }}
        </Transition>
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
            <p class="door-foot">
                <a href="/" rel="external">
                    "Back to your chats"
                </a>
            </p>
        </Door>
    }
    .into_any()
}
