use http::{HeaderMap, HeaderName};
use protocol::Timestamp;
use serde_json::Value;
use std::fmt;
use uuid::Uuid;

/// An answer.
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: axum::body::Bytes,
}

impl Response {
    pub fn header(&self, name: &HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Where a redirect leads; the status must be 303.
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{self:?}");
        self.header(&http::header::LOCATION)
    }

    /// The code of a problem; it must be one.
    pub fn code(&self) -> String {
        assert_eq!(
            self.header(&http::header::CONTENT_TYPE),
            "application/problem+json",
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self:?}");
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// The status and the body, with ids and times named instead of told: for snapshots.
impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if self.body.is_empty() {
            return Ok(());
        }
        match serde_json::from_slice(&self.body) {
            Ok(body) => write!(f, " {:#}", redacted(body)),
            Err(_) => write!(f, " {}", String::from_utf8_lossy(&self.body)),
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {:?}\n{}",
            self.status,
            self.headers,
            String::from_utf8_lossy(&self.body)
        )
    }
}

fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) if text.parse::<Uuid>().is_ok() => "[id]".into(),
        Value::String(text) if text.parse::<Timestamp>().is_ok() => "[time]".into(),
        Value::Array(values) => values.into_iter().map(redacted).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, redacted(value)))
            .collect(),
        other => other,
    }
}
