use super::Submission;
use crate::api;
use leptos::prelude::*;
use protocol::LastSeenAudience;

/// Who may know, and what they are called.
const AUDIENCES: [(LastSeenAudience, &str, &str); 3] = [
    (
        LastSeenAudience::Everyone,
        "everyone",
        "Everyone in my workspaces",
    ),
    (LastSeenAudience::Friends, "friends", "Friends"),
    (LastSeenAudience::Nobody, "nobody", "Nobody"),
];

/// Chooses who may see when one was last here.
#[component]
pub fn AudienceChoice(
    /// Who may so far.
    current: LastSeenAudience,
) -> impl IntoView {
    let submission = Submission::new();
    let chosen = RwSignal::new(current);
    // What was refused is not shown as chosen: only an answer changes it.
    let choose = move |audience| {
        submission.send(api::set_last_seen_audience(audience), move |()| {
            chosen.try_set(audience);
        });
    };
    let choices = AUDIENCES.map(|(audience, value, label)| {
        view! {
            <label class="check">
                <input
                    type="radio"
                    name="last_seen_audience"
                    value=value
                    checked=audience == current
                    prop:checked=move || !submission.is_pending() && chosen.get() == audience
                    on:change=move |_| choose(audience)
                />
                {label}
            </label>
        }
        .into_any()
    });
    view! {
        <fieldset class="settings-choice">
            <legend>"Who may see when I was last here"</legend>
            {choices.into_iter().collect::<Vec<_>>()}
            <p class="secondary">"From whom you hide it, you do not see theirs either."</p>
            {submission.alert()}
        </fieldset>
    }
    .into_any()
}
