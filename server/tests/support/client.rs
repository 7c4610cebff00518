use super::Response;
use axum::body::Bytes;
use http::{
    HeaderName, HeaderValue, Method, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE},
};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// Somebody who talks HTTP: a browser, which keeps cookies and says where its page is from, or a
/// program.
pub struct Client {
    http: HttpClient<HttpConnector, Body>,
    address: SocketAddr,
    headers: Vec<(HeaderName, HeaderValue)>,
    cookies: Option<Mutex<BTreeMap<String, String>>>,
    /// Who is signed in.
    pub user_id: String,
}

impl Client {
    pub fn browser(address: SocketAddr) -> Self {
        let mut browser = Self::program(address);
        browser.cookies = Some(Mutex::default());
        browser.header(ORIGIN, &format!("http://{address}"));
        browser
    }

    pub fn program(address: SocketAddr) -> Self {
        Self {
            http: HttpClient::builder(TokioExecutor::new()).build_http(),
            address,
            headers: Vec::new(),
            cookies: None,
            user_id: String::new(),
        }
    }

    /// Sends a header with every request from now on, instead of what was sent before.
    pub fn header(&mut self, name: HeaderName, value: &str) {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.parse().unwrap()));
    }

    /// Leaves a header away from now on.
    pub fn without(&mut self, name: &HeaderName) {
        self.headers.retain(|(known, _)| known != name);
    }

    pub fn set_token(&mut self, token: &str) {
        self.header(AUTHORIZATION, &format!("Bearer {token}"));
    }

    /// The cookies, as the browser sends them.
    pub fn cookie(&self) -> String {
        let Some(cookies) = &self.cookies else {
            return String::new();
        };
        let cookies = cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let pairs: Vec<_> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        if let Some(cookies) = &self.cookies {
            let mut cookies = cookies.lock().unwrap_or_else(PoisonError::into_inner);
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// What a page of a server sends along when it opens a socket.
    pub fn page_headers(&self, address: SocketAddr) -> [(HeaderName, String); 2] {
        [
            (COOKIE, self.cookie()),
            (ORIGIN, format!("http://{address}")),
        ]
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None, Vec::new()).await
    }

    /// As a person who types the address.
    pub async fn visit(&self, path: &str) -> Response {
        let request = self.builder(Method::GET, path).header(ACCEPT, "text/html");
        self.run(request.body(whole(Vec::new())).unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.json(Method::POST, path, body).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Response {
        self.json(Method::PATCH, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.send(Method::DELETE, path, None, Vec::new()).await
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let kind = Some("application/x-www-form-urlencoded");
        self.send(Method::POST, path, kind, body.into_bytes()).await
    }

    pub async fn json(&self, method: Method, path: &str, body: &Value) -> Response {
        self.send(
            method,
            path,
            Some("application/json"),
            body.to_string().into_bytes(),
        )
        .await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Vec<u8>,
    ) -> Response {
        let mut request = self.builder(method, path);
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        self.run(request.body(whole(body)).unwrap()).await
    }

    /// A JSON body of which the length is not told beforehand.
    pub async fn stream(&self, method: Method, path: &str, body: String) -> Response {
        let request = self
            .builder(method, path)
            .header(CONTENT_TYPE, "application/json");
        let chunks = futures::stream::iter([Ok::<_, std::io::Error>(Frame::data(body.into()))]);
        self.run(
            request
                .body(StreamBody::new(chunks).boxed_unsync())
                .unwrap(),
        )
        .await
    }

    fn builder(&self, method: Method, path: &str) -> http::request::Builder {
        let uri = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let cookie = self.cookie();
        if !cookie.is_empty() {
            request = request.header(COOKIE, cookie);
        }
        request
    }

    async fn run(&self, request: Request<Body>) -> Response {
        let (parts, body) = self.http.request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.set_cookie(name, value);
        }
        Response {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }
}

fn whole(body: Vec<u8>) -> Body {
    Full::from(body)
        .map_err(|never| match never {})
        .boxed_unsync()
}
