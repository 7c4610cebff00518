use super::{Dialog, Field, Submission};
use crate::{
    api, browser,
    flow::{effect, memo},
    page::StatusDraft,
    state::{Lapse, Tab},
};
use leptos::prelude::*;
use protocol::limits::MAX_STATUS_CHARS;

/// When a status may be cleared, and what that is called.
const LAPSES: [(Lapse, &str); 6] = [
    (Lapse::HalfHour, "30 minutes"),
    (Lapse::Hour, "1 hour"),
    (Lapse::FourHours, "4 hours"),
    (Lapse::Today, "Today"),
    (Lapse::Week, "A week"),
    (Lapse::Never, "Never"),
];

/// Says something of oneself that others see beside one's name.
#[component]
pub fn StatusDialog(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <Dialog is_open title="Set a status">
            <StatusForm dialog=is_open />
        </Dialog>
    }
    .into_any()
}

/// The text, and when it is cleared.
#[component]
pub fn StatusForm(
    /// The dialog that closes once it is saved, if it is in one.
    #[prop(optional)]
    dialog: Option<RwSignal<bool>>,
) -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    let text = RwSignal::new(tab.my_status.with_untracked(|status| status.text.clone()));
    // What is said in another tab is said here, too.
    let said = memo(move || tab.my_status.read().text.clone());
    effect(move || text.set(said.get()));
    let chosen = RwSignal::new(Lapse::Today);
    let save = move |draft_text: String| {
        let now = browser::now();
        let lapse = chosen.get_untracked();
        let seconds = lapse.seconds(now, &browser::zone_minutes);
        let draft = StatusDraft {
            text_seconds: seconds.filter(|_| !draft_text.is_empty()),
            text: draft_text,
            ..tab
                .my_status
                .with_untracked(|status| StatusDraft::of(status, now))
        };
        submission.send(api::set_status(draft), move |status| {
            text.try_set(status.text.clone());
            tab.my_status.set(status);
            if let Some(dialog) = dialog {
                dialog.set(false);
            }
        });
    };
    let choose = move |event| {
        let label = event_target_value(&event);
        if let Some((lapse, _)) = LAPSES.into_iter().find(|(_, name)| *name == label) {
            chosen.set(lapse);
        }
    };
    let options = LAPSES.map(|(lapse, label)| {
        view! {
            <option value=label selected=lapse == Lapse::Today>
                {label}
            </option>
        }
        .into_any()
    });
    view! {
        <form
            class="form needs-script"
            on:submit=move |event| {
                event.prevent_default();
                save(text.get_untracked().trim().to_owned());
            }
        >
            <Field label="What others see" name="text" value=text max_chars=MAX_STATUS_CHARS is_first=dialog.is_some() />
            <label class="field">
                <span>"Clear after"</span>
                <select name="clear_after" on:change=choose>
                    {options.into_iter().collect::<Vec<_>>()}
                </select>
            </label>
            {submission.alert()}
            <div class="dialog-buttons">
                <button
                    type="button"
                    class="button"
                    disabled=move || submission.is_pending()
                    on:click=move |_| save(String::new())
                >
                    "Clear"
                </button>
                <button
                    type="submit"
                    class="button primary"
                    disabled=move || submission.is_pending()
                >
                    "Save"
                </button>
            </div>
        </form>
    }
    .into_any()
}
