use super::door::{Door, DoorAlert, behind_door, query};
use crate::{
    components::{PageTitle, avatar},
    page::{DemoAccount, DoorPage},
};
use leptos::prelude::*;

/// The password of every demo account.
const DEMO_PASSWORD: &str = "rollcall-demo";

/// Lets people in.
#[component]
pub fn SignIn() -> impl IntoView {
    view! {
        <PageTitle text="Sign in · Rollcall" />
        {behind_door(|| None, |page| view! { <SignInDoor page /> }.into_any())}
    }
    .into_any()
}

#[component]
fn SignInDoor(page: DoorPage) -> impl IntoView {
    view! {
        <Door heading="Sign in">
            <DoorAlert />
            <form class="form" method="post" action="/sign-in">
                <input type="hidden" name="next" value=query("next") />
                <label class="field">
                    <span>"Username"</span>
                    <input
                        type="text"
                        name="username"
                        value=query("username")
                        required
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                    />
                </label>
                <label class="field">
                    <span>"Password"</span>
                    <input
                        type="password"
                        name="password"
                        required
                        autocomplete="current-password"
                    />
                </label>
                <button type="submit" class="button primary">
                    "Sign in"
                </button>
            </form>
            {(!page.demo_accounts.is_empty())
                .then(|| view! { <DemoAccounts accounts=page.demo_accounts /> })}
            {page
                .sign_up_open
                .then(|| {
                    view! {
                        <p class="door-foot">
                            "New here? " <a href="/sign-up" rel="external">"Create an account"</a>
                        </p>
                    }
                })}
        </Door>
    }
    .into_any()
}

/// One click signs in as a demo account; two windows show what presence is.
#[component]
fn DemoAccounts(accounts: Vec<DemoAccount>) -> impl IntoView {
    view! {
        <section class="demo" aria-labelledby="demo-heading">
            <h2 id="demo-heading">"Or look around as"</h2>
            {accounts
                .into_iter()
                .map(|account| {
                    view! {
                        <form method="post" action="/sign-in">
                            <input type="hidden" name="next" value=query("next") />
                            <input type="hidden" name="username" value=account.username />
                            <input type="hidden" name="password" value=DEMO_PASSWORD />
                            <button type="submit" class="demo-account">
                                {avatar(account.user_id, &account.display_name)}
                                <bdi>{account.display_name}</bdi>
                            </button>
                        </form>
                    }
                })
                .collect_view()}
        </section>
    }
    .into_any()
}
