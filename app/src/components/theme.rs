use crate::{browser, flow::effect, state::Tab};
use leptos::prelude::*;

/// The names of the themes: as in the cookie, in `data-theme`, and for people.
const THEMES: [(&str, &str); 3] = [("system", "System"), ("light", "Light"), ("dark", "Dark")];
const COOKIE: &str = "theme";

/// What a `Cookie` header says of the theme: `light` or `dark`, or nothing when the system decides.
#[must_use]
pub fn theme_in(cookies: &str) -> Option<&'static str> {
    cookies
        .split(';')
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, value)| match value {
            "light" => Some("light"),
            "dark" => Some("dark"),
            _ => None,
        })
}

/// Lets the person choose between light and dark, and remembers it.
#[component]
pub fn ThemeChoice(
    /// Tells apart the choices of one page.
    name: &'static str,
) -> impl IntoView {
    let chosen = expect_context::<Tab>().theme;
    effect(move || {
        let theme = browser::root().and_then(|root| root.get_attribute("data-theme"));
        chosen.set(Some(theme.unwrap_or_else(|| "system".to_owned())));
    });
    let choose = move |theme: &'static str| {
        chosen.set(Some(theme.to_owned()));
        browser::set_cookie(COOKIE, theme);
        if let Some(root) = browser::root() {
            // The name is a valid attribute name, which is all that could be wrong.
            let _ = root.set_attribute("data-theme", theme);
        }
    };
    view! {
        <fieldset class="theme-choice needs-script">
            <legend>"Theme"</legend>
            {THEMES
                .into_iter()
                .map(|(theme, label)| {
                    view! {
                        <label>
                            <input
                                type="radio"
                                name=name
                                value=theme
                                prop:checked=move || chosen.read().as_deref() == Some(theme)
                                on:change=move |_| choose(theme)
                            />
                            <span>{label}</span>
                        </label>
                    }
                        .into_any()
                })
                .collect::<Vec<_>>()}
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_is_found_among_other_cookies() {
        assert_eq!(theme_in("session=abc; theme=dark"), Some("dark"));
        assert_eq!(theme_in("theme=light"), Some("light"));
    }

    #[test]
    fn what_is_no_theme_leaves_the_choice_to_the_system() {
        for cookies in [
            "",
            "theme=system",
            "theme=\"><script>",
            "mytheme=dark",
            "theme",
        ] {
            assert_eq!(theme_in(cookies), None, "{cookies}");
        }
    }
}
