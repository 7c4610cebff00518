use leptos::prelude::*;

/// What went wrong, said at once.
pub fn alert(text: String) -> AnyView {
    view! { <p class="alert" role="alert">{text}</p> }.into_any()
}
