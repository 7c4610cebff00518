//! What people call a browser.

/// Browsers by what stands in what they call themselves; those that also name another come before it.
const BROWSERS: [(&str, &str); 13] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("AppleWebKit/", "Safari"),
];

/// Systems likewise.
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

/// What people call what calls itself so (RFC 9110 §10.1.5): a browser by its name and system, a program
/// by its first product. A name that somebody gave to a token stays as it is.
pub(super) fn browser_name(user_agent: &str) -> String {
    let known = |names: &[(&str, &'static str)]| {
        let named = names.iter().find(|(part, _)| user_agent.contains(part));
        named.map(|(_, name)| *name)
    };
    if user_agent.starts_with("Mozilla/")
        && let Some(browser) = known(&BROWSERS)
    {
        return match known(&SYSTEMS) {
            Some(system) => format!("{browser} on {system}"),
            None => browser.to_owned(),
        };
    }
    match user_agent.split_once('/') {
        Some((product, version))
            if !product.contains(' ') && version.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            product.to_owned()
        }
        _ if user_agent.is_empty() => "unknown".to_owned(),
        _ => user_agent.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser_name;

    #[test]
    fn browsers_are_called_as_people_call_them_and_programs_by_their_name() {
        const KIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let chrome = |system: &str, rest: &str| format!("Mozilla/5.0 ({system}) {KIT} {rest}");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) \
                     AppleWebKit/605.1.15 (KHTML, like Gecko)";
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
                "Firefox on Android",
            ),
            (
                &chrome(
                    "Linux; Android 10; K",
                    "Chrome/138.0.0.0 Mobile Safari/537.36",
                ),
                "Chrome on Android",
            ),
            (
                &chrome(
                    "Macintosh; Intel Mac OS X 10_15_7",
                    "Chrome/138.0.0.0 Safari/537.36",
                ),
                "Chrome on Mac",
            ),
            (
                &chrome(
                    "X11; CrOS x86_64 14541.0.0",
                    "Chrome/138.0.0.0 Safari/537.36",
                ),
                "Chrome on ChromeOS",
            ),
            (
                &chrome(
                    "Windows NT 10.0; Win64; x64",
                    "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
                ),
                "Edge on Windows",
            ),
            (
                &chrome(
                    "X11; Linux x86_64",
                    "Chrome/136.0.0.0 Safari/537.36 OPR/121.0.0.0",
                ),
                "Opera on Linux",
            ),
            (
                &chrome(
                    "Linux; Android 10; K",
                    "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                ),
                "Samsung Internet on Android",
            ),
            (
                &format!("{phone} Version/18.5 Mobile/15E148 Safari/604.1"),
                "Safari on iPhone",
            ),
            (
                &format!("{phone} CriOS/138.0.7204.53 Mobile/15E148 Safari/604.1"),
                "Chrome on iPhone",
            ),
            (
                &format!("{phone} FxiOS/140.0 Mobile/15E148 Safari/605.1.15"),
                "Firefox on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
                "Safari on iPad",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                "Safari on Mac",
            ),
            ("curl/8.14.1", "curl"),
            ("python-requests/2.32.4", "python-requests"),
            ("Mozilla/5.0 (compatible; Googlebot/2.1)", "Mozilla"),
            ("Deployments of ci/cd", "Deployments of ci/cd"),
            ("ci/cd", "ci/cd"),
            ("", "unknown"),
        ] {
            assert_eq!(browser_name(user_agent), name, "{user_agent}");
        }
    }
}
