use crate::flow::{memo, shown_when, text};
use leptos::{ev::MouseEvent, prelude::*};
use leptos_router::hooks::use_query_map;

/// So many are shown at first, and twice as many at each wish.
const AT_FIRST: usize = 200;

/// How much of a long list is shown: nobody reads ten thousand names, and to draw them takes a server a
/// second and a browser several.
#[derive(Clone, Copy)]
pub struct Part(RwSignal<usize>);

impl Part {
    /// The first of them; all, if the address asks for them, since without script nothing else can.
    #[must_use]
    pub fn first() -> Self {
        let is_all = use_query_map().read_untracked().get("all").is_some();
        Self(RwSignal::new(if is_all { usize::MAX } else { AT_FIRST }))
    }

    /// How many are shown at most.
    #[must_use]
    pub fn limit(self) -> usize {
        self.0.get()
    }

    /// What stands below a list of more than are shown at first: how many more there are, and a way
    /// to them. Once all are shown the same button leads back, so that whoever presses it by keyboard
    /// stays where they are (WCAG 2.2, 2.4.3).
    pub fn foot(self, all: impl Fn() -> usize + Send + Sync + 'static) -> AnyView {
        let Self(shown) = self;
        let all = memo(all);
        let more = memo(move || all.get().saturating_sub(shown.get()));
        let press = move |event: MouseEvent| {
            let is_more = more.get_untracked() > 0;
            // The second half of a double click: the first asked for more.
            if !is_more && event.detail() > 1 {
                return;
            }
            shown.update(|shown| {
                *shown = if is_more {
                    shown.saturating_mul(2)
                } else {
                    AT_FIRST
                };
            });
        };
        let rest = move || match more.get() {
            0 => String::new(),
            more => format!("{more} more"),
        };
        let label = move || {
            let label = match more.get() {
                0 => "Show fewer",
                _ => "Show more",
            };
            label.to_owned()
        };
        shown_when(
            move || all.get() > AT_FIRST,
            move || {
                view! {
                    <div class="list-foot" class:needs-script=move || more.get() == 0>
                        <span class="secondary">{text(rest)}</span>
                        <button type="button" class="button small needs-script" on:click=press>
                            {text(label)}
                        </button>
                        <a class="without-script" href="?all=1" rel="external">
                            "Show all"
                        </a>
                    </div>
                }
                .into_any()
            },
        )
    }
}
