//! The pages of the app, rendered here first, and the server functions behind them.

use crate::{
    auth::{self, SignedIn},
    error::Error,
    http::{complete::in_own_task, problem::Problem},
    service::{RequestService, pages},
    state::AppState,
};
use app::{App, error::AppError, service::Service, shell};
use axum::{
    Router,
    body::{self, Body, Bytes},
    extract::{Path, Request, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{MethodFilter, get, on},
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header::CONTENT_SECURITY_POLICY};
use leptos::{
    context::{provide_context, use_context},
    nonce::use_nonce,
    server_fn::axum::server_fn_paths,
};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes as _, ResponseOptions, generate_route_list_with_exclusions,
    handle_server_fns_with_context, render_app_async_with_context,
};
use std::{
    env,
    sync::{Arc, LazyLock},
};

/// Addresses that lead on to a page without being one.
const HOME: &str = "/";
const WORKSPACE: &str = "/w/{workspace}";
const PEOPLE: &str = "/people";
const SETTINGS: &str = "/settings";

/// Set by `cargo leptos watch`, for which Leptos writes a script into each page.
const WATCHED: &str = "LEPTOS_WATCH";

/// The error of a server function has at most this many bytes.
const MAX_ERROR: usize = 64 * 1024;
/// Where somebody without a sign-in is sent.
const SIGN_IN: &str = "/sign-in";
/// Where an invitation leads, with its secret; and where it leads somebody who has an account.
const SIGN_UP: &str = "/sign-up";
const JOIN: &str = "/join";
/// The pages that nobody needs once signed in.
const DOORS: [&str; 2] = [SIGN_IN, SIGN_UP];

/// The addresses of the pages. Leptos finds them by a dry run of the app, during which no page can be
/// rendered anywhere in the process: it is made once, before the first page.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| {
    let excluded = [HOME, WORKSPACE].map(str::to_owned).to_vec();
    generate_route_list_with_exclusions(App, Some(excluded))
});

/// The routes of the pages and of their server functions.
pub(super) fn routes() -> Router<AppState> {
    let mut router = Router::new()
        .route(HOME, get(home))
        .route(WORKSPACE, get(workspace))
        .route(PEOPLE, get(in_home_workspace))
        .route(SETTINGS, get(in_home_workspace))
        .leptos_routes_with_handler(PAGES.clone(), page);
    for (path, method) in server_fn_paths() {
        if let Ok(method) = MethodFilter::try_from(method) {
            router = router.route(path, on(method, server_function));
        }
    }
    router
}

/// A page of the app that is not there.
pub(super) async fn not_found(state: AppState, request: Request) -> Response {
    let signed_in = signed_in(&state, request.headers()).await;
    let mut response = render(state, signed_in, request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Where to sign in, and to come back from.
pub(super) fn sign_in_and_return_to(path: &str) -> Redirect {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", path)
        .finish();
    Redirect::to(&format!("{SIGN_IN}?{query}"))
}

async fn home(State(state): State<AppState>, request: Request) -> Response {
    let signed_in = signed_in(&state, request.headers()).await;
    match &signed_in {
        Ok(None) => return Redirect::to(SIGN_IN).into_response(),
        Ok(Some(me)) => match pages::home(&state, me.user.user_id).await {
            Ok(path) => return Redirect::to(&path).into_response(),
            Err(error) => error.log(),
        },
        Err(_) => {}
    }
    render(state, signed_in, request).await
}

async fn workspace(
    State(state): State<AppState>,
    Path(key): Path<String>,
    request: Request,
) -> Response {
    let signed_in = signed_in(&state, request.headers()).await;
    if let Ok(Some(me)) = &signed_in
        && let Ok(path) = pages::workspace_home(&state, me.user.user_id, &key).await
    {
        return Redirect::to(&path).into_response();
    }
    show(state, signed_in, request).await
}

/// Leads on to the page of this name in the workspace that the person's home is in.
async fn in_home_workspace(State(state): State<AppState>, request: Request) -> Response {
    let signed_in = signed_in(&state, request.headers()).await;
    if let Ok(Some(me)) = &signed_in {
        let page = request.uri().path().trim_start_matches('/');
        if let Ok(path) = pages::in_home_workspace(&state, me.user.user_id, page).await {
            return Redirect::to(&path).into_response();
        }
    }
    show(state, signed_in, request).await
}

async fn page(State(state): State<AppState>, request: Request) -> Response {
    let signed_in = signed_in(&state, request.headers()).await;
    show(state, signed_in, request).await
}

async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let signed_in = signed_in(&state, request.headers()).await;
    let service = service(state, signed_in);
    let context = move || provide_context(Arc::clone(&service));
    let response = handle_server_fns_with_context(context, request).await;
    with_status(response.into_response()).await
}

/// Server functions answer every error with 500; an error of ours has a status of its own.
async fn with_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = body::to_bytes(body, MAX_ERROR).await.unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<AppError>(&body)
        && let Ok(status) = StatusCode::from_u16(error.code.status())
    {
        parts.status = status;
    }
    Response::from_parts(parts, Body::from(body))
}

/// The page, or another one that has to come first.
async fn show(
    state: AppState,
    signed_in: Result<Option<SignedIn>, AppError>,
    request: Request,
) -> Response {
    let is_door = DOORS.contains(&request.uri().path());
    match &signed_in {
        Ok(None) if !is_door => sign_in_and_return_to(local(request.uri())).into_response(),
        Ok(Some(_)) if is_door => Redirect::to(&behind_door(request.uri())).into_response(),
        _ => render(state, signed_in, request).await,
    }
}

/// Where somebody who is signed in is led from a door.
fn behind_door(uri: &Uri) -> String {
    match uri.query() {
        Some(query) if uri.path() == SIGN_UP && query.contains("invitation=") => {
            format!("{JOIN}?{query}")
        }
        _ => HOME.to_owned(),
    }
}

async fn render(
    state: AppState,
    signed_in: Result<Option<SignedIn>, AppError>,
    request: Request,
) -> Response {
    let options = state.leptos.clone();
    let reload_port = env::var_os(WATCHED).map(|_| options.reload_port);
    let service = service(state, signed_in);
    let context = move || {
        provide_context(Arc::clone(&service));
        admit_what_is_own(reload_port);
    };
    let page = render_app_async_with_context(context, move || shell(options.clone()))(request);
    // What a page is made of must not be taken away from what still loads for it when the browser goes
    // away.
    let rendered = async move {
        let (parts, body) = page.await.into_parts();
        match whole(body).await {
            Ok(body) => Response::from_parts(parts, Body::from(body)),
            Err(error) => Problem::from(error).into_response(),
        }
    };
    in_own_task(rendered).await
}

/// All of a page: it is in memory already.
async fn whole(body: Body) -> Result<Bytes, Error> {
    body::to_bytes(body, usize::MAX)
        .await
        .map_err(|error| Error::Internal(error.into()))
}

/// Lets the page do what it is made to, see [`policy`].
fn admit_what_is_own(reload_port: Option<u32>) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    if let Ok(policy) = HeaderValue::try_from(policy(&nonce, reload_port)) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

/// What a page may do: run the scripts that were written into it and what they load (OWASP Content
/// Security Policy Cheat Sheet, strict policy), show what is of this site, ask this server, open a socket
/// to it, and send it forms. Nothing else; but while it is developed it is told of what was built anew.
fn policy(nonce: &str, reload_port: Option<u32>) -> String {
    let reload = reload_port.map(|port| format!(" ws://*:{port}"));
    let reload = reload.unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         connect-src 'self'{reload}; img-src 'self'; style-src 'self'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

fn service(state: AppState, signed_in: Result<Option<SignedIn>, AppError>) -> Arc<dyn Service> {
    Arc::new(RequestService::new(state, signed_in))
}

/// A sign-in that could not be checked does not keep the page from being shown: whatever it asks for
/// fails with the reason, in the page's own words.
async fn signed_in(state: &AppState, headers: &HeaderMap) -> Result<Option<SignedIn>, AppError> {
    auth::authenticate(state, headers)
        .await
        .map_err(|error| Error::from(error).into())
}

/// The address within this site.
fn local(uri: &Uri) -> &str {
    uri.path_and_query().map_or(HOME, |local| local.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_hears_of_another_build_only_while_it_is_developed() {
        assert!(policy("n", None).contains("; connect-src 'self'; "));
        let watched = policy("n", Some(3001));
        assert!(
            watched.contains("; connect-src 'self' ws://*:3001; "),
            "{watched}"
        );
    }
}
