use leptos::prelude::*;

/// The mark and the name of the product.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <span class="logo">
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <circle cx="12" cy="12" r="10" />
                <path d="M7.5 12.5l3 3 6-6.5" />
            </svg>
            <span>"Rollcall"</span>
        </span>
    }
    .into_any()
}
