//! Whether a request comes from our own pages: the guard against cross-site request forgery and
//! cross-site WebSocket hijacking.
//!
//! By the OWASP CSRF Prevention Cheat Sheet (Fetch Metadata, with the origin as fallback), beside
//! `SameSite=Lax` on the cookie. In this order:
//! 1. `Sec-Fetch-Site: same-origin` or `none` (the person's own act: typed, a bookmark) passes. Pages
//!    cannot forge this header.
//! 2. An `Origin` passes if it is ours or listed in `server.allowed_origins`. Ours is
//!    `server.public_url`; without one, whatever host the request was sent to.
//! 3. Without either header it is no browser but a program. It passes unless it carries a cookie, as
//!    programs sign in with tokens.

use super::problem::Problem;
use crate::{
    config::{Origin, Server},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, HOST, HeaderName, ORIGIN},
};
use protocol::ErrorCode;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request with these headers may change something or open a socket.
#[must_use]
pub fn is_allowed(state: &AppState, headers: &HeaderMap) -> bool {
    is_own(&state.config.server, headers)
}

/// Tells the operator who may have set something wrong.
pub fn log_refusal(path: &str, headers: &HeaderMap) {
    // As a text: what a header writes of itself leaves backslashes as they are, and with one before a
    // quotation mark it would end the quotation.
    let origin = headers.get(ORIGIN).map(HeaderValue::as_bytes);
    let origin = origin.map(String::from_utf8_lossy);
    tracing::warn!(
        path,
        ?origin,
        hint =
            "if this is an address of this server: set server.public_url or server.allowed_origins",
        "cross_origin_refused"
    );
}

/// Refuses requests that would change something and do not come from our own pages.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_allowed(&state, request.headers()) {
        return next.run(request).await;
    }
    let origin = request.headers().get(ORIGIN);
    log_refusal(request.uri().path(), request.headers());
    let is_from_a_page = origin.is_some() || request.headers().contains_key(SEC_FETCH_SITE);
    let detail = if is_from_a_page {
        "This request did not come from a page of this server."
    } else {
        "This request carries a cookie and does not say which page sent it. Programs sign in with a \
         token: Authorization: Bearer."
    };
    Problem::of(ErrorCode::Forbidden, detail).into_response()
}

fn is_own(server: &Server, headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let site = text(&SEC_FETCH_SITE);
    if matches!(site, Some("same-origin" | "none")) {
        return true;
    }
    match text(&ORIGIN) {
        Some(origin) => origin
            .parse()
            .is_ok_and(|origin| is_known(server, &origin, text(&HOST))),
        None => site.is_none() && !headers.contains_key(COOKIE),
    }
}

fn is_known(server: &Server, origin: &Origin, host: Option<&str>) -> bool {
    let is_ours = match &server.public_url {
        Some(own) => origin == own,
        None => host.is_some_and(|host| origin.authority().eq_ignore_ascii_case(host)),
    };
    is_ours || server.allowed_origins.contains(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(public_url: Option<&str>, allowed: &[&str]) -> Server {
        Server {
            public_url: public_url.map(|url| url.parse().unwrap()),
            allowed_origins: allowed.iter().map(|url| url.parse().unwrap()).collect(),
            ..Server::default()
        }
    }

    fn passes(server: &Server, headers: &[(HeaderName, &str)]) -> bool {
        let mut map = HeaderMap::new();
        map.insert(HOST, HeaderValue::from_static("chat.example:3000"));
        for (name, value) in headers {
            map.insert(name, value.parse().unwrap());
        }
        is_own(server, &map)
    }

    #[test]
    fn our_own_pages_pass() {
        let server = server(None, &[]);
        assert!(passes(
            &server,
            &[
                (SEC_FETCH_SITE, "same-origin"),
                (ORIGIN, "http://chat.example:3000")
            ]
        ));
        assert!(passes(&server, &[(SEC_FETCH_SITE, "same-origin")]));
        assert!(passes(&server, &[(SEC_FETCH_SITE, "none")]));
        assert!(passes(
            &server,
            &[(ORIGIN, "http://chat.example:3000"), (COOKIE, "a=b")]
        ));
        assert!(passes(&server, &[(ORIGIN, "https://chat.example:3000")]));
        // A sandbox or a referrer policy hides the origin of our own page; the site stays true.
        assert!(passes(
            &server,
            &[(SEC_FETCH_SITE, "same-origin"), (ORIGIN, "null")]
        ));
    }

    #[test]
    fn other_sites_do_not_pass() {
        let server = server(None, &[]);
        for origin in [
            "http://evil.example",
            "http://chat.example",
            "http://chat.example:3001",
            "http://evil.chat.example:3000",
            "http://chat.example:3000.evil.example",
            "null",
            "",
        ] {
            assert!(!passes(&server, &[(ORIGIN, origin)]), "{origin}");
            assert!(
                !passes(&server, &[(ORIGIN, origin), (SEC_FETCH_SITE, "cross-site")]),
                "{origin}"
            );
        }
        assert!(!passes(&server, &[(SEC_FETCH_SITE, "cross-site")]));
        assert!(!passes(&server, &[(SEC_FETCH_SITE, "same-site")]));
        assert!(!passes(&server, &[(SEC_FETCH_SITE, "something-new")]));
    }

    #[test]
    fn behind_a_proxy_only_the_public_address_and_listed_origins_are_ours() {
        let server = server(
            Some("https://chat.example.org"),
            &["https://intranet.example"],
        );
        assert!(passes(&server, &[(ORIGIN, "https://chat.example.org")]));
        assert!(passes(
            &server,
            &[
                (ORIGIN, "https://intranet.example"),
                (SEC_FETCH_SITE, "cross-site")
            ]
        ));
        assert!(!passes(&server, &[(ORIGIN, "http://chat.example.org")]));
        assert!(!passes(&server, &[(ORIGIN, "http://chat.example:3000")]));
    }

    #[test]
    fn a_program_passes_unless_it_brings_a_cookie() {
        let server = server(None, &[]);
        assert!(passes(&server, &[]));
        assert!(!passes(&server, &[(COOKIE, "rollcall_session=x")]));
    }
}
