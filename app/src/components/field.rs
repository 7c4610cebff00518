use leptos::prelude::*;

/// A line of text with its label.
#[component]
pub fn Field(
    /// What it is called.
    label: &'static str,
    /// Its name in a posted form.
    name: &'static str,
    /// What is in it.
    value: RwSignal<String>,
    /// Where the browser stops taking more; the server counts again.
    max_chars: usize,
    /// Whether it may be empty.
    #[prop(optional)]
    is_required: bool,
    /// Whether it has the focus when it appears.
    #[prop(optional)]
    is_first: bool,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type="text"
                name=name
                maxlength=max_chars.to_string()
                required=is_required
                autocomplete="off"
                autofocus=is_first
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
        </label>
    }
    .into_any()
}
