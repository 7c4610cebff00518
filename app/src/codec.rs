//! How server functions and the data of pages travel.

#[cfg(feature = "hydrate")]
use crate::browser;
use crate::error::AppError;
use leptos::{
    server::codee::{Decoder, Encoder},
    server_fn::{
        Bytes, ContentType, Decodes, Encodes, Format, FormatType, Http, Protocol, client::Client,
        codec::Post, server::Server,
    },
};
use protocol::json;
use serde::{
    Serialize,
    de::{DeserializeOwned, Error as _},
};
use std::future::Future;

/// JSON, which the browser reads as it reads the socket's frames ([`json`]): it gets one reader for
/// each type and not two.
pub struct JsonText;

impl<T: Serialize> Encoder<T> for JsonText {
    type Error = serde_json::Error;
    type Encoded = String;

    fn encode(value: &T) -> Result<String, serde_json::Error> {
        serde_json::to_string(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for JsonText {
    type Error = json::Unexpected;
    type Encoded = str;

    fn decode(text: &str) -> Result<T, json::Unexpected> {
        json::from_str(text)
    }
}

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        let text = std::str::from_utf8(&bytes).map_err(serde_json::Error::custom)?;
        serde_json::from_str(text)
    }
}

/// Arguments and answers as JSON in the body of a `POST`.
///
/// On the server it is server_fn's own protocol. In the browser all functions share one exchange
/// with the server, where server_fn has the code of one for each.
pub struct Json;

type OnServer = Http<Post<JsonText>, Post<JsonText>>;

impl<I, O, C, S> Protocol<I, O, C, S, AppError> for Json
where
    I: Serialize + DeserializeOwned + Send,
    O: Serialize + DeserializeOwned + Send,
    C: Client<AppError>,
    S: Server<AppError>,
{
    const METHOD: http::Method = http::Method::POST;

    fn run_server<F, Fut>(
        request: S::Request,
        server_fn: F,
    ) -> impl Future<Output = Result<S::Response, AppError>> + Send
    where
        F: Fn(I) -> Fut + Send,
        Fut: Future<Output = Result<O, AppError>> + Send,
    {
        <OnServer as Protocol<I, O, C, S, AppError>>::run_server(request, server_fn)
    }

    #[cfg(not(feature = "hydrate"))]
    fn run_client(path: &str, input: I) -> impl Future<Output = Result<O, AppError>> + Send {
        <OnServer as Protocol<I, O, C, S, AppError>>::run_client(path, input)
    }

    #[cfg(feature = "hydrate")]
    fn run_client(path: &str, input: I) -> impl Future<Output = Result<O, AppError>> + Send {
        use protocol::ErrorCode;

        // What is sent are strings, numbers and ids, which always can be written.
        let body = serde_json::to_string(&input).unwrap_or_default();
        let answer = exchange(path, body);
        async move {
            json::from_str(&answer.await?)
                .map_err(|_| AppError::new(ErrorCode::Internal, "Something went wrong. Try again."))
        }
    }
}

/// Posts a body and reads the answer.
#[cfg(feature = "hydrate")]
fn exchange(
    path: &str,
    body: String,
) -> impl Future<Output = Result<String, AppError>> + Send + use<> {
    let path = path.to_owned();
    // What the browser promises stays in its thread; Leptos wants a future that could leave it.
    let (answer, receiver) = futures::channel::oneshot::channel();
    leptos::task::spawn_local(async move {
        // Nobody waits any longer: the page that asked is gone.
        let _ = answer.send(match browser::ask(&path, Some(&body)).await {
            Some((200..300, text)) => Ok(text),
            // What is not the server's own comes from something before it that does not reach it.
            Some((_, text)) => {
                Err(json::from_str(&text).unwrap_or_else(|_| AppError::unreachable()))
            }
            None => Err(AppError::unreachable()),
        });
    });
    async move {
        receiver
            .await
            .unwrap_or_else(|_| Err(AppError::unreachable()))
    }
}
