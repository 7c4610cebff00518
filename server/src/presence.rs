//! Where it is kept who is online: in this process, or in a Redis that servers share.

use crate::{clock::Clock, config::Config, metrics::Metrics, nodes::Nodes};
use ::presence::{Directory, MemoryDirectory, redis::RedisStore, shared::SharedDirectory};
use protocol::{Epoch, NodeId};
use rand::RngExt as _;
use redis_link::{Link, RefusedError};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::task::JoinSet;
use uuid::Uuid;

/// What a server knows of presence, and of other servers.
pub struct Presence {
    /// Who is online.
    pub directory: Arc<dyn Directory>,
    /// The way to other servers.
    pub nodes: Nodes,
    /// The link by which presence is shared, if it is.
    pub link: Option<Arc<Link>>,
}

impl Presence {
    /// As configured; time passes in it while `tasks` run.
    ///
    /// # Errors
    /// When the Redis that is to be used is there and refuses. One that does not answer is waited for.
    pub async fn start(
        config: &Config,
        node: NodeId,
        clock: Clock,
        metrics: &Metrics,
        tasks: &mut JoinSet<()>,
    ) -> Result<Self, RefusedError> {
        let settings = (&config.presence).into();
        let Some(address) = &config.redis.url else {
            let epoch = Epoch::from_uuid(Uuid::now_v7());
            let directory = Arc::new(MemoryDirectory::new(settings, epoch, move || clock.now()));
            spawn(tasks, Arc::clone(&directory).run());
            return Ok(Self {
                directory,
                nodes: Nodes::alone(),
                link: None,
            });
        };
        let prefix = &config.redis.prefix;
        // One for each purpose: much talk must not hold up a lease.
        let last_seen = config.presence.pong_timeout;
        let store = RedisStore::new(address, prefix, last_seen, random_part)?;
        let link = Arc::clone(store.link());
        let to_nodes = Arc::new(Link::new(address, Vec::new(), random_part)?);
        link.measure(metrics.redis_answers("presence"));
        to_nodes.measure(metrics.redis_answers("fan_out"));
        link.check().await?;
        spawn(tasks, Arc::clone(&link).run());
        spawn(tasks, Arc::clone(&to_nodes).run());
        let began = clock.now();
        let directory = SharedDirectory::new(store, node, settings, began, random_part);
        let measuring = metrics.clone();
        let directory = Arc::new(directory.measured(move |ghost| measuring.ghost(ghost)));
        spawn(tasks, Arc::clone(&directory).run());
        let (nodes, telling) = Nodes::at(to_nodes, prefix.clone(), node);
        tasks.spawn(telling);
        Ok(Self {
            directory,
            nodes,
            link: Some(link),
        })
    }
}

fn spawn(tasks: &mut JoinSet<()>, task: impl Future<Output = Infallible> + Send + 'static) {
    tasks.spawn(async move { match task.await {} });
}

pub(crate) fn random_part(time: Duration) -> Duration {
    time.mul_f64(rand::rng().random_range(0.0..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Readings;
    use protocol::UserId;
    use testbed::Redis;

    #[tokio::test]
    async fn what_redis_answers_is_measured_by_what_it_is_for_and_what_it_does_not_is_counted() {
        let mut redis = Redis::start().await;
        let mut config = Config::default();
        config.redis.url = Some(redis.address());
        let (metrics, mut tasks) = (Metrics::new(), JoinSet::new());
        let node = NodeId::from_uuid(Uuid::now_v7());
        let started = Presence::start(&config, node, Clock::system(), &metrics, &mut tasks).await;
        let Presence {
            directory,
            nodes,
            link,
        } = started.unwrap();
        let (presence, fan_out) = (link.unwrap(), nodes.link().unwrap());
        presence.until_up(true).await;
        fan_out.until_up(true).await;
        let user = UserId::from_uuid(Uuid::now_v7());
        directory.diagnostics(user).await.unwrap();
        assert!(fan_out.answers().await);
        let measured = || {
            let readings = Readings {
                links: vec![
                    ("presence", presence.health()),
                    ("fan_out", fan_out.health()),
                ],
                ..Readings::default()
            };
            metrics.encode(&readings)
        };
        let has = |series: &str| {
            let purposes = ["presence", "fan_out"];
            purposes.map(|purpose| {
                let series = format!("rollcall_redis_{series}{{purpose=\"{purpose}\"}} ");
                let text = measured();
                let mut values = text.lines().filter_map(|line| line.strip_prefix(&series));
                values.next().unwrap().parse::<u64>().unwrap()
            })
        };
        assert!(has("request_seconds_count").iter().all(|count| *count > 0));
        assert_eq!(has("up"), [1, 1]);
        assert_eq!(has("connected_total"), [1, 1]);
        assert_eq!(has("gaps_total"), [1, 1], "what was before is unknown");

        redis.kill().await;
        presence.until_up(false).await;
        fan_out.until_up(false).await;
        assert!(directory.diagnostics(user).await.is_err() && !fan_out.answers().await);
        assert_eq!(has("up"), [0, 0]);
        assert!(has("failed_requests_total").iter().all(|count| *count > 0));
    }
}
