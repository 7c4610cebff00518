//! Extractors that refuse with problem details.

use super::problem::Problem;
use crate::{
    auth::{self, SignedIn},
    error::Error,
    state::AppState,
};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts};
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Json<T>(pub T);

/// A form.
#[derive(FromRequest)]
#[from_request(via(axum::Form), rejection(Problem))]
pub struct Form<T>(pub T);

/// The ids in the address.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// What follows the `?`.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// Who is signed in; without anybody the request ends here.
pub struct Caller(pub SignedIn);

/// Who is signed in, if anybody is.
pub struct MaybeCaller(pub Option<SignedIn>);

/// Where the request came from.
pub struct PeerAddress(pub IpAddr);

impl FromRequestParts<AppState> for MaybeCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        Ok(Self(auth::authenticate(state, &parts.headers).await?))
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let MaybeCaller(signed_in) = MaybeCaller::from_request_parts(parts, state).await?;
        signed_in
            .map(Self)
            .ok_or_else(|| Error::unauthorized().into())
    }
}

impl<S: Sync> FromRequestParts<S> for PeerAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        // Without a socket (a request made inside this process) it is this machine.
        let address = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| {
                peer.ip()
            });
        Ok(Self(address))
    }
}
