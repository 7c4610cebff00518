use super::{back, door_error};
use crate::{
    auth,
    error::{Error, whole_seconds},
    http::{
        extract::{ClientAddress, Form},
        problem::Problem,
    },
    state::AppState,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use http::HeaderMap;
use serde::Deserialize;
use std::net::IpAddr;

/// The fields of the sign-in page.
#[derive(Deserialize)]
pub(crate) struct SignIn {
    username: String,
    password: String,
    /// Where the person wanted to go.
    #[serde(default)]
    next: String,
}

/// Signs a browser in.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    form: Result<Form<SignIn>, Problem>,
) -> Response {
    let Ok(Form(form)) = form else {
        return back("/sign-in", &[("error", "bad_request")]).into_response();
    };
    let SignIn {
        username,
        password,
        next,
    } = form;
    match enter(&state, &username, password, address, &headers).await {
        Ok(cookie) => (
            CookieJar::new().add(cookie),
            Redirect::to(local(&next).unwrap_or("/")),
        )
            .into_response(),
        Err(error) => {
            let wait = match &error {
                Error::RateLimited { retry_after } => whole_seconds(*retry_after).to_string(),
                _ => String::new(),
            };
            let fields = [
                ("error", door_error(&error)),
                ("wait", &wait),
                ("username", &username),
                ("next", &next),
            ];
            back("/sign-in", &fields).into_response()
        }
    }
}

async fn enter(
    state: &AppState,
    username: &str,
    password: String,
    address: IpAddr,
    headers: &HeaderMap,
) -> Result<Cookie<'static>, Error> {
    let known = auth::verify_password(state, username, password, address).await?;
    auth::replace_session(state, &known.user, Some(&known.password_hash), headers).await
}

/// A path of this site; nothing for what a browser would read as another one (OWASP Unvalidated
/// Redirects): `//host`, `/\host`, or either with characters between that browsers drop.
#[must_use]
pub fn local(next: &str) -> Option<&str> {
    let is_local = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && !next.chars().any(char::is_control);
    is_local.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for next in ["/", "/w/flowra/c/general", "/w/a?x=1#y", "/a//b"] {
            assert_eq!(local(next), Some(next));
        }
        for next in [
            "",
            "w",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(local(next), None, "{next:?}");
        }
    }
}
