use crate::flow::{memo, shown_when, text};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// So many are shown at first, and so many more at each wish.
const AT_A_TIME: usize = 200;

/// How much of a long list is shown: nobody reads ten thousand names, and to draw them takes a server a
/// second and a browser several.
#[derive(Clone, Copy)]
pub struct Part(RwSignal<usize>);

impl Part {
    /// The first of them; all, if the address asks for them, since without script nothing else can.
    #[must_use]
    pub fn first() -> Self {
        let is_all = use_query_map().read_untracked().get("all").is_some();
        Self(RwSignal::new(if is_all { usize::MAX } else { AT_A_TIME }))
    }

    /// How many are shown at most.
    #[must_use]
    pub fn limit(self) -> usize {
        self.0.get()
    }

    /// What stands below the list while there are more: how many, and a way to them.
    pub fn foot(self, all: impl Fn() -> usize + Send + Sync + 'static) -> AnyView {
        let Self(shown) = self;
        let more = memo(move || all().saturating_sub(shown.get()));
        shown_when(
            move || more.get() > 0,
            move || {
                view! {
                    <div class="list-foot">
                        <span class="secondary">{text(move || format!("{} more", more.get()))}</span>
                        <button
                            type="button"
                            class="button small needs-script"
                            on:click=move |_| shown.update(|shown| *shown += AT_A_TIME)
                        >
                            "Show more"
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
