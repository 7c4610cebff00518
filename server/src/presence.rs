//! Where it is kept who is online: in this process, or in a Redis that servers share.

use crate::{clock::Clock, config::Config, nodes::Nodes};
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
        link.check().await?;
        spawn(tasks, Arc::clone(&link).run());
        spawn(tasks, Arc::clone(&to_nodes).run());
        let directory = Arc::new(SharedDirectory::new(
            store,
            node,
            settings,
            clock.now(),
            random_part,
        ));
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
