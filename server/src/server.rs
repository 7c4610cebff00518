//! A server from its start to its end.

use crate::{
    accept::{Door, Places},
    auth::{Gate, Passwords, Tokens},
    clock::Clock,
    config::Config,
    data::{DataError, DataFolder},
    database, demo,
    error::Error,
    http,
    hub::Hub,
    jobs,
    messages::Writer,
    metrics::Metrics,
    nodes::{run_deaf, run_hearing, run_witness},
    presence::Presence,
    readiness::Readiness,
    service,
    site::{HASHES, MissingSiteError, Site},
    socket::Admissions,
    state::AppState,
};
use leptos::config::LeptosOptions;
use protocol::{CloseCode, NodeId};
use redis_link::RefusedError;
use std::{io, net::SocketAddr, path::Path, sync::Arc};
use store::{OpenError, StoreError};
use tokio::{
    net::TcpListener,
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};
use uuid::Uuid;

/// A server that is ready to accept connections.
pub struct Server {
    state: AppState,
    listener: TcpListener,
    /// Where only metrics are told, if that is elsewhere.
    metrics_listener: Option<TcpListener>,
    writer: JoinHandle<()>,
    tasks: JoinSet<()>,
    data: DataFolder,
}

/// Why a server did not start: a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A demo would be open to others.
    #[error(
        "--demo listens on loopback addresses only, because its passwords are public: use \
         --listen 127.0.0.1:3000 instead of {0}"
    )]
    DemoAddress(SocketAddr),
    /// A demo would move in with others.
    #[error(
        "the data folder holds accounts that are not the demo's: choose another folder with --data \
         to try the demo, or start without --demo"
    )]
    DemoData,
    /// There is nothing to serve.
    #[error(transparent)]
    Site(#[from] MissingSiteError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}, the setting `{setting}`: {source}")]
    Listen {
        /// Which setting says so.
        setting: &'static str,
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The Redis that servers share does not let this one in.
    #[error("the Redis that the setting `redis.url` names refuses: {0}")]
    Redis(#[from] RefusedError),
    /// The store could not be read.
    #[error("the database could not be read: {0}")]
    Read(StoreError),
    /// The demo could not be seeded.
    #[error("the demo could not be seeded: {0}")]
    Seed(#[from] Error),
}

impl Server {
    /// Takes the data folder, opens the store, and listens.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(config: Config, clock: Clock, is_demo: bool) -> Result<Self, StartError> {
        let address = config.server.listen;
        if is_demo && !address.ip().is_loopback() {
            return Err(StartError::DemoAddress(address));
        }
        let site = Site::find(config.server.site_root.as_deref())?;
        let data = DataFolder::open(&config.server.data)?;
        let site = site.folder(&data)?;
        let tokens = Tokens::new(
            &data.signing_key(config.token.key_file.as_deref())?,
            &config.token,
        );
        let listener = listen("server.listen", address).await?;
        let metrics_listener = match config.metrics_apart() {
            None => None,
            Some(apart) => Some(listen("metrics.listen", apart).await?),
        };
        let address = listener
            .local_addr()
            .map_err(not_listening("server.listen", address))?;
        let store = database::open(&config).await?;

        let mut tasks = JoinSet::new();
        let node = NodeId::from_uuid(Uuid::now_v7());
        let presence = Presence::start(&config, node, clock.clone(), &mut tasks).await?;
        let Presence {
            directory,
            nodes,
            link,
        } = presence;
        let metrics = Metrics::new();
        let hub = Hub::new(
            store.clone(),
            Arc::clone(&directory),
            nodes.clone(),
            metrics.clone(),
            config.chat.presence_enabled,
        );
        let (writer, writing) = Writer::new(
            store.clone(),
            hub.clone(),
            nodes.clone(),
            metrics.clone(),
            clock.clone(),
        )
        .await
        .map_err(StartError::Read)?;
        tasks.spawn(
            hub.clone()
                .run_announcements(config.presence.coalesce_window),
        );
        tasks.spawn(hub.clone().run_reaper());
        tasks.spawn(hub.clone().run_last_seen());
        tasks.spawn(hub.clone().run_currency());
        let state = AppState {
            passwords: Passwords::new(config.sign_in.hashing_parallelism, metrics.clone()),
            gate: Arc::new(Gate::new(&config.sign_in, metrics.clone())),
            tokens: Arc::new(tokens),
            metrics,
            leptos: leptos_options(&site, address),
            node,
            nodes,
            presence_link: link,
            readiness: Readiness::default(),
            sockets: TaskTracker::new(),
            admissions: Admissions::new(config.websocket.admissions, config.websocket.waiting),
            places: Places::new(config.server.connections_per_address),
            config: Arc::new(config),
            store,
            directory,
            hub,
            writer,
            clock,
            status_ends: Arc::default(),
            is_demo,
        };
        if is_demo && !demo::seed(&state).await? {
            return Err(StartError::DemoData);
        }
        tasks.spawn(jobs::expire_sessions(state.clone()));
        tasks.spawn(jobs::probe_store(state.clone()));
        if state.nodes.are_possible() {
            tasks.spawn(state.hub.clone().run_forgetting());
            tasks.spawn(run_hearing(state.clone()));
            tasks.spawn(run_witness(state.clone()));
            tasks.spawn(run_deaf(state.clone()));
        }
        tasks.spawn(service::status::run_expiry(state.clone()));
        Ok(Self {
            state,
            listener,
            metrics_listener,
            writer: tokio::spawn(writing),
            tasks,
            data,
        })
    }

    /// What its requests can reach.
    #[must_use]
    pub const fn state(&self) -> &AppState {
        &self.state
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until told to stop. Then it sends its people to other servers, if there are any, while
    /// it goes on; then accepts no more, lets requests end, closes the sockets that are left with a
    /// code that invites them back, and closes the store once all that was accepted is on disk.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send) {
        let Self {
            state,
            listener,
            metrics_listener,
            writer,
            tasks,
            data,
        } = self;
        let door = |router| Door::new(router, &state.config.server, state.metrics.clone());
        let closing = CancellationToken::new();
        let serving =
            tokio::spawn(door(http::router(state.clone())).keep(listener, closing.clone()));
        // Until there is nothing more to tell.
        let _metrics = metrics_listener.map(|listener| {
            let router = http::metrics_router(&state);
            AbortOnDropHandle::new(tokio::spawn(
                door(router).keep(listener, CancellationToken::new()),
            ))
        });
        stop.await;
        drain(&state).await;
        tracing::info!("stopping");
        closing.cancel();
        state.hub.store_last_seen(state.clock.now()).await;
        state
            .hub
            .close_all(CloseCode::SERVICE_RESTART, "the server restarts");
        let patience = state.config.server.shutdown_timeout;
        let ended = timeout(patience, async {
            state.sockets.close();
            state.sockets.wait().await;
            serving.await
        });
        if ended.await.is_err() {
            let connections = state.sockets.len();
            tracing::warn!(connections, "stopped_before_all_had_ended");
        }
        drop(tasks);
        let store = state.store.clone();
        // The writer ends once nobody can send to it any more.
        drop(state);
        if timeout(patience, writer).await.is_err() {
            tracing::warn!("stopped_before_all_was_written");
        }
        store.close().await;
        drop(data);
        tracing::info!("stopped");
    }
}

/// Lets nobody more in, sends those who are here to other servers, if there are any, and waits until
/// they have gone: each makes a connection there before leaving this one.
async fn drain(state: &AppState) {
    state.readiness.drain();
    if !state.nodes.are_possible() || state.sockets.is_empty() {
        return;
    }
    let patience = state.config.server.drain_timeout;
    tracing::info!(connections = state.sockets.len(), "draining");
    state.hub.send_elsewhere(patience / 2);
    state.sockets.close();
    if timeout(patience, state.sockets.wait()).await.is_err() {
        tracing::warn!(connections = state.sockets.len(), "drained_in_part");
    }
}

async fn listen(setting: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let listening = TcpListener::bind(address).await;
    listening.map_err(not_listening(setting, address))
}

fn not_listening(
    setting: &'static str,
    address: SocketAddr,
) -> impl FnOnce(io::Error) -> StartError {
    move |source| StartError::Listen {
        setting,
        address,
        source,
    }
}

fn leptos_options(site: &Path, address: SocketAddr) -> LeptosOptions {
    let hashes = std::path::absolute(site.join(HASHES)).unwrap_or_else(|_| site.join(HASHES));
    LeptosOptions::builder()
        .output_name("rollcall")
        .site_root(site.to_string_lossy())
        .site_addr(address)
        .hash_files(hashes.is_file())
        .hash_file(hashes.to_string_lossy().into())
        .build()
}
