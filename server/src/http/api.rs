//! The REST routes, each with its description in OpenAPI.

use super::{admin, chats, friends, health, me, notifications, session, token, users, workspaces};
use crate::state::AppState;
use axum::{Router, routing::get};
use protocol::ProblemDetails;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Rollcall",
        description = "Team chat that tells the truth about who is here. Errors are problem details \
                       (RFC 9457) with a stable `code`. Live events travel over the WebSocket at \
                       `/ws`.",
    ),
    components(schemas(ProblemDetails)),
    security(("token" = []), ("session" = [])),
    modifiers(&Credentials),
)]
struct Description;

/// How a request proves who sends it.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let components = description.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("For programs: a token from `POST /api/v1/token`."))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            "rollcall_session",
            "For browsers: the cookie from `POST /api/v1/session`; behind TLS its name begins with \
             `__Host-`.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

/// The routes, and their description at `/api/openapi.json`.
pub(super) fn routes() -> Router<AppState> {
    let (router, description) = described().split_for_parts();
    let description = axum::Json(description);
    router.route("/api/openapi.json", get(async move || description))
}

fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(users::create::create_user))
        .routes(routes!(session::create::sign_in, session::delete::sign_out))
        .routes(routes!(token::create::issue_token))
        .routes(routes!(me::account::me))
        .routes(routes!(
            me::read_status::read_status,
            me::set_status::set_status
        ))
        .routes(routes!(me::last_seen::set_last_seen_audience))
        .routes(routes!(
            friends::list::list_friends,
            friends::ask::ask_friend
        ))
        .routes(routes!(friends::requests::list_requests))
        .routes(routes!(
            friends::accept::accept_friend,
            friends::end::end_friendship
        ))
        .routes(routes!(
            friends::block::block_user,
            friends::unblock::unblock_user
        ))
        .routes(routes!(notifications::list::list_notifications))
        .routes(routes!(notifications::read::read_notifications))
        .routes(routes!(
            workspaces::list::list_workspaces,
            workspaces::create::create_workspace
        ))
        .routes(routes!(
            workspaces::list_chats::list_chats,
            workspaces::create_chat::create_chat
        ))
        .routes(routes!(workspaces::presence::workspace_presence))
        .routes(routes!(workspaces::open_direct::open_direct))
        .routes(routes!(chats::update::update_chat))
        .routes(routes!(chats::mute::mute_chat))
        .routes(routes!(
            chats::members::list::list_members,
            chats::members::add::add_member,
            chats::members::remove::remove_member
        ))
        .routes(routes!(
            chats::messages::list::list_messages,
            chats::messages::send::send_message
        ))
        .routes(routes!(
            chats::messages::edit::edit_message,
            chats::messages::delete::delete_message
        ))
        .routes(routes!(chats::presence::chat_presence))
        .routes(routes!(admin::users::search_users))
        .routes(routes!(admin::diagnostics::user_diagnostics))
        .routes(routes!(admin::connections::close_connection))
        .routes(routes!(admin::sessions::end_session))
        .routes(routes!(admin::nodes::list_nodes))
        .routes(routes!(admin::transitions::list_transitions))
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
}
