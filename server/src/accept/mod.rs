//! The accept loop: from a TCP connection to the requests that it carries, with a deadline for what a
//! peer has to do by itself, and a limit to what one address may hold.
//!
//! Whoever sends the head of a request byte by byte (slow loris) would else hold a connection for ever:
//! axum's own loop sets no deadline.

mod places;

pub use places::{Place, Places};

use crate::{
    config,
    http::problem::Problem,
    metrics::{Limit, Metrics},
};
use axum::{Router, body::Body, extract::ConnectInfo, response::IntoResponse as _};
use http::Request;
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use protocol::ErrorCode;
use std::{
    future::pending,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// Until the next attempt to accept, after one that failed for want of something: of file descriptors,
/// mostly.
const PAUSE: Duration = Duration::from_millis(100);
/// How long somebody who is turned away has to read why.
const GOODBYE: Duration = Duration::from_secs(1);
/// How many are told so at the same time; the others are hung up on.
const GOODBYES: usize = 256;
/// When whoever holds too many connections may try again.
const TOO_MANY_DELAY: Duration = Duration::from_secs(30);

/// Where connections come in.
pub struct Door {
    router: Router,
    http: http1::Builder,
    head_timeout: Duration,
    places: Places,
    /// Of whom many connections are not too many: everybody comes through them.
    trusted_proxies: Vec<IpAddr>,
    goodbyes: Semaphore,
    metrics: Metrics,
}

impl Door {
    /// The door to these routes.
    #[must_use]
    pub fn new(router: Router, config: &config::Server, metrics: Metrics) -> Self {
        let mut http = http1::Builder::new();
        // Counts from the moment at which a request is waited for.
        http.timer(TokioTimer::new())
            .header_read_timeout(config.keep_alive);
        Self {
            router,
            http,
            head_timeout: config.head_timeout,
            places: Places::new(config.connections_per_address),
            trusted_proxies: config.trusted_proxies.clone(),
            goodbyes: Semaphore::new(GOODBYES),
            metrics,
        }
    }

    /// Lets connections in until told to stop; then lets the requests end that are under way.
    pub async fn keep(self, listener: TcpListener, stop: CancellationToken) {
        let door = Arc::new(self);
        let connections = TaskTracker::new();
        while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
            match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(Arc::clone(&door).admit(stream, peer, stop.clone()));
                }
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "connection_not_accepted");
                    door.metrics.limited(Limit::Files);
                    sleep(PAUSE).await;
                }
            }
        }
        drop(listener);
        connections.close();
        connections.wait().await;
    }

    async fn admit(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, stop: CancellationToken) {
        let address = peer.ip().to_canonical();
        if self.trusted_proxies.contains(&address) {
            return self.carry(stream, peer, stop).await;
        }
        match self.places.take(address) {
            Some(_place) => self.carry(stream, peer, stop).await,
            None => {
                self.metrics.limited(Limit::ConnectionsPerAddress);
                let detail = "There are too many connections from this address.";
                let problem = Problem::of(ErrorCode::RateLimited, detail);
                self.turn_away(stream, problem.retry_after(TOO_MANY_DELAY))
                    .await;
            }
        }
    }

    /// Answers the requests of a connection, until it ends or becomes a socket.
    async fn carry(&self, stream: TcpStream, peer: SocketAddr, stop: CancellationToken) {
        // Small frames must not wait for larger ones (Nagle's algorithm).
        drop(stream.set_nodelay(true));
        let progress = Progress::default();
        let service = {
            let (router, progress) = (self.router.clone(), progress.clone());
            service_fn(move |request: Request<Incoming>| {
                progress.set(ANSWERING);
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                let (answer, progress) = (router.clone().oneshot(request), progress.clone());
                async move { answer.await.inspect(|_| progress.set(ANSWERED)) }
            })
        };
        let late = async {
            sleep(self.head_timeout).await;
            if !progress.is(NOTHING_ASKED) {
                pending::<()>().await;
            }
        };
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let mut connection = connection.with_upgrades();
        tokio::select! {
            biased;
            _ = &mut connection => return,
            () = stop.cancelled() => {}
            () = late => {
                // Browsers connect before they know what to ask for, and would take what is said to
                // nothing for the answer to what they ask next.
                let begun = connection.into_parts().filter(|it| !it.read_buf.is_empty());
                if let Some(parts) = begun {
                    self.metrics.limited(Limit::Head);
                    let detail = "The head of the request did not arrive in time.";
                    self.turn_away(parts.io.into_inner(), Problem::late(detail)).await;
                }
                return;
            }
        }
        Pin::new(&mut connection).graceful_shutdown();
        // Whether its last answer arrived is nobody's concern here; and a head of which the rest does not
        // come is not waited for.
        if timeout(GOODBYE, &mut connection).await.is_err() && progress.is(ANSWERING) {
            let _ = connection.await;
        }
    }

    /// Says why somebody is turned away, unless too many are told so already.
    async fn turn_away(&self, stream: TcpStream, problem: Problem) {
        match self.goodbyes.try_acquire() {
            Ok(_goodbye) => say_goodbye(stream, problem).await,
            Err(_) => self.metrics.limited(Limit::Goodbyes),
        }
    }
}

/// How far the newest request of a connection is; clones are the same.
#[derive(Clone, Default)]
struct Progress(Arc<AtomicU8>);

const NOTHING_ASKED: u8 = 0;
const ANSWERING: u8 = 1;
const ANSWERED: u8 = 2;

impl Progress {
    fn set(&self, progress: u8) {
        self.0.store(progress, Ordering::Relaxed);
    }

    fn is(&self, progress: u8) -> bool {
        self.0.load(Ordering::Relaxed) == progress
    }
}

/// Answers before anything was asked, and hangs up.
async fn say_goodbye(mut stream: TcpStream, problem: Problem) {
    let (parts, body) = problem.into_response().into_parts();
    let Ok(body) = body.collect().await else {
        return;
    };
    let body = body.to_bytes();
    let mut answer = format!(
        "HTTP/1.1 {}\r\nconnection: close\r\ncontent-length: {}\r\n",
        parts.status,
        body.len()
    )
    .into_bytes();
    for (name, value) in &parts.headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            answer.extend_from_slice(part);
        }
    }
    answer.extend_from_slice(b"\r\n");
    answer.extend_from_slice(&body);
    let goodbye = async {
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        // Hanging up on unread data resets the connection, and could overtake the answer.
        let mut unread = [0; 512];
        while stream.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    // Whoever does not listen is not waited for.
    let _ = timeout(GOODBYE, goodbye).await;
}

/// Whether an attempt to accept failed because the peer has gone already.
fn is_of_the_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Readings;

    /// Turns somebody away, and gives what they read.
    async fn turned_away(door: &Arc<Door>) -> Vec<u8> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let visitor = TcpStream::connect(listener.local_addr().unwrap());
        let (visitor, accepted) = tokio::join!(visitor, listener.accept());
        let (mut visitor, (stream, peer)) = (visitor.unwrap(), accepted.unwrap());
        let admitted = Arc::clone(door).admit(stream, peer, CancellationToken::new());
        let mut read = Vec::new();
        let (_, ended) = tokio::join!(admitted, visitor.read_to_end(&mut read));
        ended.unwrap();
        read
    }

    #[tokio::test]
    async fn where_too_many_are_turned_away_the_next_one_is_hung_up_on_and_counted() {
        let config = config::Server {
            connections_per_address: 0,
            ..config::Server::default()
        };
        let metrics = Metrics::new();
        let door = Arc::new(Door::new(Router::new(), &config, metrics.clone()));
        assert!(turned_away(&door).await.starts_with(b"HTTP/1.1 429 "));
        let many = u32::try_from(GOODBYES).unwrap();
        let others = door.goodbyes.try_acquire_many(many).unwrap();
        assert_eq!(turned_away(&door).await, b"");
        let counted = "rollcall_limit_reached_total{limit=\"goodbyes\"} 1\n";
        assert!(metrics.encode(&Readings::default()).contains(counted));
        drop(others);
        assert!(turned_away(&door).await.starts_with(b"HTTP/1.1 429 "));
    }
}
