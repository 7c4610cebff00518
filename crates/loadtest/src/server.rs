//! A server to talk to: what a program needs of the REST API.

use crate::Authorization;
use http::{
    HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{CONTENT_TYPE, SET_COOKIE},
    uri::{Authority, Scheme},
};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use protocol::User;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest as _};

/// A server to talk to, over plain HTTP; cheap to clone, and clones share their connections.
#[derive(Clone, Debug)]
pub struct Server {
    authority: Authority,
    origin: HeaderValue,
    client: Client,
}

type Client = legacy::Client<HttpConnector, Full<Bytes>>;

fn client() -> Client {
    legacy::Client::builder(TokioExecutor::new()).build_http()
}

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// This is not the address of a server.
    #[error("{0:?} is not like http://127.0.0.1:3000")]
    Address(String),
    /// The request cannot be written.
    #[error(transparent)]
    Request(#[from] http::Error),
    /// The server cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Unreachable(#[from] legacy::Error),
    /// The answer broke off.
    #[error("the answer broke off: {0}")]
    BrokenOff(#[from] hyper::Error),
    /// The server refused, and said why.
    #[error("{status}: {body}")]
    Refused {
        /// The status.
        status: StatusCode,
        /// Usually problem details (RFC 9457).
        body: String,
    },
    /// The answer is not what was expected.
    #[error("the answer is not understood: {0}")]
    Unexpected(#[from] serde_json::Error),
    /// Signing in brought no credential that could be sent.
    #[error("the sign-in brought no credential")]
    NoCredential,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

impl Server {
    /// The server at an origin: `http://127.0.0.1:3000`.
    ///
    /// # Errors
    /// When that is not a plain HTTP origin.
    pub fn new(origin: &str) -> Result<Self, HttpError> {
        let invalid = || HttpError::Address(origin.to_owned());
        let parts = origin.parse::<Uri>().map_err(|_| invalid())?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(invalid());
        };
        if scheme != Scheme::HTTP || parts.path_and_query.is_some_and(|path| path != "/") {
            return Err(invalid());
        }
        Ok(Self {
            origin: HeaderValue::from_str(&format!("http://{authority}")).map_err(|_| invalid())?,
            authority,
            client: client(),
        })
    }

    /// The same server, over connections of its own.
    #[must_use]
    pub(crate) fn apart(&self) -> Self {
        Self {
            client: client(),
            ..self.clone()
        }
    }

    /// Makes an account.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn sign_up(
        &self,
        username: &str,
        display_name: &str,
        password: &str,
    ) -> Result<User, HttpError> {
        let body = json!({
            "username": username, "display_name": display_name, "password": password,
        });
        self.send(Method::POST, "/api/v1/users", None, Some(&body))
            .await
    }

    /// Signs in as a browser does.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Authorization, HttpError> {
        let body = json!({ "username": username, "password": password });
        let answer = self
            .request(Method::POST, "/api/v1/session", None, Some(&body))
            .await?;
        let cookie = accepted(answer)?
            .headers()
            .get(SET_COOKIE)
            .and_then(|cookie| cookie.to_str().ok()?.split(';').next().map(str::to_owned))
            .ok_or(HttpError::NoCredential)?;
        Authorization::cookie(&cookie).map_err(|_| HttpError::NoCredential)
    }

    /// Signs in as a program does.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn token(&self, username: &str, password: &str) -> Result<Authorization, HttpError> {
        let body = json!({ "username": username, "password": password });
        let Token { token } = self
            .send(Method::POST, "/api/v1/token", None, Some(&body))
            .await?;
        Authorization::bearer(&token).map_err(|_| HttpError::NoCredential)
    }

    /// Reads what is at a path.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, or its answer is not understood.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        authorization: &Authorization,
    ) -> Result<T, HttpError> {
        self.send(Method::GET, path, Some(authorization), None)
            .await
    }

    /// Sends a body, and reads the answer.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses, or its answer is not understood.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        authorization: &Authorization,
        body: &impl Serialize,
    ) -> Result<T, HttpError> {
        let body = serde_json::to_value(body)?;
        self.send(Method::POST, path, Some(authorization), Some(&body))
            .await
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        authorization: Option<&Authorization>,
        body: Option<&Value>,
    ) -> Result<Response<Bytes>, HttpError> {
        let mut request = Request::builder()
            .method(method)
            .uri(self.uri(Scheme::HTTP, path)?);
        let bytes = body.map(Value::to_string).unwrap_or_default();
        if let Some(headers) = request.headers_mut() {
            if body.is_some() {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            if let Some(authorization) = authorization {
                authorization.apply(&self.origin, headers);
            }
        }
        self.exchange(request.body(bytes)?).await
    }

    /// Sends a request as it is, to a whole address, and reads the whole answer.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn exchange(
        &self,
        request: Request<impl Into<Bytes>>,
    ) -> Result<Response<Bytes>, HttpError> {
        let request = request.map(|body| Full::new(body.into()));
        let (parts, body) = self.client.request(request).await?.into_parts();
        Ok(Response::from_parts(
            parts,
            body.collect().await?.to_bytes(),
        ))
    }

    /// The request that opens a socket.
    pub(crate) fn upgrade(
        &self,
        authorization: &Authorization,
    ) -> Result<Request<()>, tungstenite::Error> {
        let ws = "ws".parse().expect("ws is a scheme");
        let uri = self
            .uri(ws, "/ws")
            .map_err(tungstenite::Error::HttpFormat)?;
        let mut request = uri.into_client_request()?;
        authorization.apply(&self.origin, request.headers_mut());
        Ok(request)
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        authorization: Option<&Authorization>,
        body: Option<&Value>,
    ) -> Result<T, HttpError> {
        let answer = self.request(method, path, authorization, body).await?;
        Ok(serde_json::from_slice(accepted(answer)?.body())?)
    }

    fn uri(&self, scheme: Scheme, path: &str) -> Result<Uri, http::Error> {
        Uri::builder()
            .scheme(scheme)
            .authority(self.authority.clone())
            .path_and_query(path)
            .build()
    }
}

fn accepted(answer: Response<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = String::from_utf8_lossy(answer.body()).into_owned();
    Err(HttpError::Refused { status, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_http_origin_is_a_server() {
        assert!(Server::new("http://127.0.0.1:3000").is_ok());
        assert!(Server::new("http://[::1]:3000/").is_ok());
        for address in [
            "https://a",
            "127.0.0.1:3000",
            "http://a/b",
            "/",
            "",
            "http://",
        ] {
            assert!(Server::new(address).is_err(), "{address}");
        }
    }
}
