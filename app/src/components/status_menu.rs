use super::{Submission, presence_dot};
use crate::{
    api, browser,
    flow::{changing, memo, shown_when, text},
    page::StatusDraft,
    state::{Clock, DotShape, Lapse, Tab, own_shape},
};
use leptos::prelude::*;
use protocol::{Mode, Timestamp};

/// How long not to be disturbed, and what that is called.
const QUIET: [(Lapse, &str); 4] = [
    (Lapse::HalfHour, "30 min"),
    (Lapse::Hour, "1 h"),
    (Lapse::Tomorrow, "Until tomorrow 8:00"),
    (Lapse::Never, "Until I turn it off"),
];

/// The dot of the signed-in person.
#[component]
pub fn OwnDot() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let shape = memo(move || own_shape(tab.my_status.read().mode, tab.is_connected()));
    shown_when(
        move || tab.features.read().presence,
        move || changing(move || presence_dot(shape.get(), false)),
    )
}

/// What the signed-in person shows of themselves, in words.
#[component]
pub fn OwnStatus() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let clock = expect_context::<Clock>();
    let until = move |time: Option<Timestamp>| {
        time.map_or_else(String::new, |time| format!(" until {}", clock.until(time)))
    };
    let mode = move || {
        let status = tab.my_status.read();
        let word = match status.mode {
            Mode::Automatic => "Online",
            Mode::Dnd => "Do not disturb",
            Mode::Invisible => "Invisible",
        };
        format!("{word}{}", until(status.mode_until))
    };
    let own_text = move || tab.my_status.read().text.clone();
    let text_until = move || until(tab.my_status.read().text_until);
    view! {
        <span class="own-status secondary">
            <span>{text(mode)}</span>
            {shown_when(
                move || !tab.my_status.read().text.is_empty(),
                move || {
                    view! {
                        <span class="own-text">
                            <bdi title=own_text>{text(own_text)}</bdi>
                            <span>{text(text_until)}</span>
                        </span>
                    }
                        .into_any()
                },
            )}
        </span>
    }
    .into_any()
}

/// Chooses whether one is shown as online, not to be disturbed, or not at all.
#[component]
pub fn ModeChoice() -> impl IntoView {
    let tab = expect_context::<Tab>();
    let submission = Submission::new();
    let choose = move |mode: Mode, lapse: Lapse| {
        let now = browser::now();
        let draft = StatusDraft {
            mode,
            mode_seconds: lapse.seconds(now, &browser::zone_minutes),
            ..tab
                .my_status
                .with_untracked(|status| StatusDraft::of(status, now))
        };
        submission.send(api::set_status(draft), move |status| {
            tab.my_status.set(status);
        });
    };
    let is_chosen = move |mode: Mode| tab.my_status.read().mode == mode;
    let choice = move |mode: Mode, shape: DotShape, label: &'static str| {
        view! {
            <button
                type="button"
                class="menu-item"
                aria-pressed=move || is_chosen(mode).to_string()
                on:click=move |_| choose(mode, Lapse::Never)
            >
                <span class=format!("presence-dot {}", shape.class()) aria-hidden="true"></span>
                {label}
            </button>
        }
        .into_any()
    };
    let quiet = QUIET.map(|(lapse, label)| {
        view! {
            <button type="button" class="button small" on:click=move |_| choose(Mode::Dnd, lapse)>
                {label}
            </button>
        }
        .into_any()
    });
    view! {
        <div class="mode-choice needs-script" role="group" aria-label="How others see you">
            {choice(Mode::Automatic, DotShape::Online, "Online")}
            {choice(Mode::Dnd, DotShape::Dnd, "Do not disturb")}
            <div class="quiet-choice" role="group" aria-label="Do not disturb for">
                {quiet.into_iter().collect::<Vec<_>>()}
            </div>
            {choice(Mode::Invisible, DotShape::Offline, "Invisible")}
            {submission.alert()}
        </div>
    }
    .into_any()
}
