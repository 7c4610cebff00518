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
use tokio::{net::TcpListener, select, task::JoinSet, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

/// A server that is ready to accept connections.
pub struct Server {
    state: AppState,
    listener: TcpListener,
    /// Where only metrics are told, if that is elsewhere.
    metrics_listener: Option<TcpListener>,
    writer: JoinSet<()>,
    tasks: JoinSet<()>,
    data: DataFolder,
}

/// Why a server did not end in order: a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServeError {
    /// A task ended that runs for as long as the server does.
    #[error("a part of the server ended by itself; the line `task_ended` of the log says why")]
    TaskEnded,
    /// Something that was accepted may not be on disk.
    #[error(
        "stopped before all was written that was accepted: is the disk or the database slow, or the \
         setting `server.shutdown_timeout` too short?"
    )]
    Unwritten,
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
        let metrics = Metrics::new();
        let presence = Presence::start(&config, node, clock.clone(), &metrics, &mut tasks).await?;
        let Presence {
            directory,
            nodes,
            link,
        } = presence;
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
            tasks.spawn(jobs::count_connections(state.clone()));
        }
        tasks.spawn(service::status::run_expiry(state.clone()));
        let mut writer = JoinSet::new();
        writer.spawn(writing);
        Ok(Self {
            state,
            listener,
            metrics_listener,
            writer,
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

    /// Serves until told to stop, or until a part of it has ended by itself: what is left would look
    /// well and do half of its work. Then it sends its people to other servers, if there are any, while
    /// it goes on; then accepts no more, lets requests end, closes the sockets that are left with a
    /// code that invites them back, and closes the store once all that was accepted is on disk.
    ///
    /// # Errors
    /// When it ended by itself, or before all was on disk.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send) -> Result<(), ServeError> {
        let Self {
            state,
            listener,
            metrics_listener,
            mut writer,
            mut tasks,
            data,
        } = self;
        let door = |router| Door::new(router, &state.config.server, state.metrics.clone());
        let closing = CancellationToken::new();
        let mut serving = JoinSet::new();
        serving.spawn(door(http::router(state.clone())).keep(listener, closing.clone()));
        // Until there is nothing more to tell.
        let mut metrics = JoinSet::new();
        if let Some(listener) = metrics_listener {
            let router = http::metrics_router(&state);
            metrics.spawn(door(router).keep(listener, CancellationToken::new()));
        }
        let ended_by_itself = select! {
            () = stop => None,
            Some(ended) = tasks.join_next() => Some(ended),
            Some(ended) = writer.join_next() => Some(ended),
            Some(ended) = serving.join_next() => Some(ended),
            Some(ended) = metrics.join_next() => Some(ended),
        };
        let mut outcome = Ok(());
        if let Some(ended) = ended_by_itself {
            let error = ended.err().map(tracing::field::display);
            tracing::error!(error, "task_ended");
            outcome = Err(ServeError::TaskEnded);
        }
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
            serving.join_next().await
        });
        if ended.await.is_err() {
            let connections = state.sockets.len();
            tracing::warn!(connections, "stopped_before_all_had_ended");
        }
        drop(tasks);
        let store = state.store.clone();
        // The writer ends once nobody can send to it any more.
        drop(state);
        match timeout(patience, writer.join_next()).await {
            Err(_) => {
                tracing::warn!("stopped_before_all_was_written");
                outcome = outcome.and(Err(ServeError::Unwritten));
            }
            Ok(Some(Err(error))) => {
                tracing::error!(%error, "task_ended");
                outcome = outcome.and(Err(ServeError::TaskEnded));
            }
            Ok(_) => {}
        }
        store.close().await;
        drop(data);
        tracing::info!("stopped");
        outcome
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readiness::Unready;
    use std::{
        fs,
        future::{pending, ready},
        time::Duration,
    };
    use tempfile::TempDir;

    async fn server(folder: &TempDir) -> Server {
        let site = folder.path().join("site");
        fs::create_dir_all(site.join("pkg")).unwrap();
        fs::write(site.join("pkg/rollcall.js"), "").unwrap();
        let mut config = Config::default();
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        config.server.listen = anywhere;
        config.metrics.listen = anywhere;
        config.server.data = folder.path().join("data");
        config.server.site_root = Some(site);
        config.server.shutdown_timeout = Duration::from_millis(50);
        let started = Server::start(config, Clock::system(), false).await;
        started.unwrap()
    }

    #[tokio::test]
    async fn a_part_that_ends_by_itself_ends_the_server_which_is_not_ready_any_more() {
        for fails in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let mut server = server(&folder).await;
            let readiness = server.state().readiness.clone();
            server
                .tasks
                .spawn(async move { assert!(!fails, "a defect") });
            assert_eq!(readiness.unready(), None);
            assert_eq!(server.serve(pending()).await, Err(ServeError::TaskEnded));
            assert_eq!(readiness.unready(), Some(Unready::Draining));
        }
    }

    #[tokio::test]
    async fn a_writer_that_fails_ends_the_server() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = server(&folder).await;
        server.writer.spawn(async { panic!("a defect") });
        assert_eq!(server.serve(pending()).await, Err(ServeError::TaskEnded));
    }

    #[tokio::test]
    async fn to_stop_before_all_was_written_is_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let server = server(&folder).await;
        // Whoever can still send keeps the writer from its end.
        let _writer = server.state().writer.clone();
        assert_eq!(server.serve(ready(())).await, Err(ServeError::Unwritten));
    }

    #[tokio::test]
    async fn a_server_that_is_told_to_stop_ends_in_order() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(server(&folder).await.serve(ready(())).await, Ok(()));
    }
}
