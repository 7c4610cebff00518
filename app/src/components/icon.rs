use leptos::prelude::*;

/// Lines on a 20 by 20 grid, drawn in the colour of the text. Decoration: its button has a name.
#[derive(Clone, Copy)]
pub struct Icon(&'static str);

impl Icon {
    /// A plus.
    pub const ADD: Self = Self("M10 4v12M4 10h12");
    /// A cross.
    pub const CLOSE: Self = Self("M5 5l10 10M15 5L5 15");
    /// Three lines.
    pub const MENU: Self = Self("M3 5h14M3 10h14M3 15h14");
    /// Two people.
    pub const PEOPLE: Self = Self(
        "M7.5 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 17a5.5 5.5 0 0 1 11 0M13 3.2a3 3 0 0 1 0 5.6M15 12a5.5 5.5 0 0 1 3 5",
    );
    /// Three dots.
    pub const MORE: Self = Self(
        "M4 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M9.4 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0M14.8 10a.6.6 0 1 0 1.2 0 .6.6 0 1 0-1.2 0",
    );
    /// A pencil.
    pub const EDIT: Self = Self("M4 16l.8-3.4L13.6 3.8a1.7 1.7 0 0 1 2.6 2.6L7.4 15.2 4 16Z");
    /// A bin.
    pub const DELETE: Self = Self("M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6");
    /// An arrow down.
    pub const DOWN: Self = Self("M10 4v12M5 11l5 5 5-5");
    /// A corner pointing down.
    pub const EXPAND: Self = Self("M5 8l5 5 5-5");
    /// A padlock.
    pub const LOCK: Self = Self("M6 9V6.5a4 4 0 0 1 8 0V9M5 9h10v7H5Z");
    /// A bell.
    pub const BELL: Self =
        Self("M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13ZM8.3 17.8a1.9 1.9 0 0 0 3.4 0");
    /// A check mark.
    pub const CHECK: Self = Self("M4.5 10.5l3.5 3.5 7.5-8");
}

impl IntoRender for Icon {
    type Output = AnyView;

    fn into_render(self) -> AnyView {
        view! {
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                <path d=self.0 />
            </svg>
        }
        .into_any()
    }
}
