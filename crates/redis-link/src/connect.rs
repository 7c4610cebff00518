//! How a connection is made, and what is learnt about the server with it.

use redis::{
    AsyncConnectionConfig, Client, IntoConnectionInfo as _, ProtocolVersion, RedisError,
    RedisResult, aio::AsyncPushSender, aio::MultiplexedConnection,
};
use std::time::Duration;

/// Within this a connection must stand, and each request be answered.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// Requests that may wait to be written; more wait for their turn.
const PIPELINE: usize = 1_024;

/// Which server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// New with each of its processes.
    run: String,
    /// Its time, since 1970.
    pub(crate) now: Duration,
    /// How long its process has run.
    uptime: Duration,
}

impl Server {
    /// Since when it surely remembers what it was told, by its own time: another process than
    /// `before` may have been told nothing, or have taken over from a copy that was not up to date.
    pub(crate) fn remembers_since(&self, before: Option<(&Self, Duration)>) -> Duration {
        match before {
            Some((before, since)) if before.run == self.run => since,
            Some(_) => self.now,
            None => self.now.saturating_sub(self.uptime),
        }
    }
}

/// A client for an address such as `redis://user:password@host:6379/0`, `rediss://` or `unix://`.
pub(crate) fn client(address: &str) -> RedisResult<Client> {
    let info = address.into_connection_info()?;
    let settings = info.redis_settings().clone();
    let settings = settings.set_protocol(ProtocolVersion::RESP3);
    Client::open(info.set_redis_settings(settings))
}

pub(crate) async fn connect(
    client: &Client,
    pushes: impl AsyncPushSender,
) -> RedisResult<(MultiplexedConnection, Server)> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE))
        .set_pipeline_buffer_size(PIPELINE)
        .set_push_sender(pushes);
    let mut connection = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let mut questions = redis::pipe();
    questions.cmd("TIME").cmd("INFO").arg("server");
    let ((seconds, micros), info): ((u64, u32), String) =
        questions.query_async(&mut connection).await?;
    let server = Server {
        run: value(&info, "run_id")?.to_owned(),
        now: Duration::new(seconds, micros.saturating_mul(1_000)),
        uptime: Duration::from_secs(value(&info, "uptime_in_seconds")?.parse().unwrap_or(0)),
    };
    Ok((connection, server))
}

/// A line of what the command INFO answers.
fn value<'a>(info: &'a str, name: &str) -> RedisResult<&'a str> {
    let of_name = |line: &'a str| line.strip_prefix(name)?.strip_prefix(':');
    info.lines().find_map(of_name).ok_or_else(|| {
        RedisError::from((
            redis::ErrorKind::UnexpectedReturnType,
            "the server does not say who it is",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(run: &str, now: u64, uptime: u64) -> Server {
        Server {
            run: run.to_owned(),
            now: Duration::from_secs(now),
            uptime: Duration::from_secs(uptime),
        }
    }

    #[test]
    fn a_server_remembers_since_it_was_started_and_another_one_since_it_was_met() {
        let first = server("a", 1_000, 400);
        let since = first.remembers_since(None);
        assert_eq!(since, Duration::from_secs(600));
        let again = server("a", 2_000, 1_400);
        assert_eq!(again.remembers_since(Some((&first, since))), since);
        let heir = server("b", 3_000, 90_000);
        assert_eq!(
            heir.remembers_since(Some((&again, since))),
            Duration::from_secs(3_000)
        );
    }
}
