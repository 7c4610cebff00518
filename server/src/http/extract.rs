//! Extractors that refuse with problem details.

use super::problem::Problem;
use crate::{
    auth::{self, SignedIn},
    error::Error,
    state::AppState,
};
use axum::{
    body::Bytes,
    extract::{ConnectInfo, FromRequest, FromRequestParts, Request},
};
use http::{HeaderMap, HeaderName, request::Parts};
use percent_encoding::percent_decode;
use protocol::ErrorCode;
use serde::de::DeserializeOwned;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

/// Where proxies write who asked them.
pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Json<T>(pub T);

/// A form, whose text is UTF-8.
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

/// The address that the request came from.
pub struct ClientAddress(pub IpAddr);

impl<T: DeserializeOwned> FromRequest<AppState> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let whole = Request::from_parts(parts.clone(), body);
        let body = Bytes::from_request(whole, state).await?;
        // The parser would replace what is none, and so change what was written.
        if percent_decode(&body).decode_utf8().is_err() {
            return Err(Problem::of(
                ErrorCode::BadRequest,
                "The text of a form must be UTF-8.",
            ));
        }
        let request = Request::from_parts(parts, body.into());
        let axum::Form(fields) = axum::Form::from_request(request, state).await?;
        Ok(Self(fields))
    }
}

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

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        // Without a socket (a request made inside this process) it is this machine.
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| {
                peer.ip()
            });
        let trusted = &state.config.server.trusted_proxies;
        Ok(Self(client_address(peer, &parts.headers, trusted)))
    }
}

/// Who is behind the proxies: each hop names the one before it, and is believed as far as the one who
/// names it is trusted.
#[must_use]
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut address = peer.to_canonical();
    let headers = headers.get_all(X_FORWARDED_FOR).iter();
    let hops: Vec<&str> = headers
        .flat_map(|header| header.to_str().unwrap_or_default().split(','))
        .collect();
    for hop in hops.iter().rev() {
        match hop.trim().parse::<IpAddr>() {
            Ok(named) if trusted.contains(&address) => address = named.to_canonical(),
            _ => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn seen(peer: &str, hops: &[&'static str]) -> String {
        let trusted = ["127.0.0.1", "10.0.0.1"].map(|proxy| proxy.parse().unwrap());
        let hops = hops.iter().copied().map(HeaderValue::from_static);
        let headers = hops.map(|hop| (X_FORWARDED_FOR, hop)).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_trusted_proxy_is_believed() {
        assert_eq!(seen("127.0.0.1", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(seen("::ffff:127.0.0.1", &["2001:db8::7"]), "2001:db8::7");
        for hops in [&["192.0.2.7", " 10.0.0.1"][..], &["192.0.2.7, 10.0.0.1"]] {
            assert_eq!(seen("127.0.0.1", hops), "192.0.2.7", "{hops:?}");
        }
    }

    #[test]
    fn nobody_else_is() {
        assert_eq!(seen("192.0.2.9", &["192.0.2.7"]), "192.0.2.9");
        assert_eq!(
            seen("127.0.0.1", &["1.2.3.4", "192.0.2.7"]),
            "192.0.2.7",
            "forged by 192.0.2.7"
        );
        assert_eq!(seen("127.0.0.1", &["192.0.2.7", "nonsense"]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &[]), "127.0.0.1");
    }
}
