//! A way to a server that fails when told to.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep_until},
};

/// How what is sent travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// At once.
    Open,
    /// So much later, in each direction.
    Slow(Duration),
    /// Not at all, and nobody is told: connections stand, and new ones are accepted.
    Silent,
    /// Connections are closed, and new ones as soon as they are made.
    Closed,
}

/// A TCP address that leads to a Unix socket.
pub struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
    running: JoinHandle<()>,
}

impl Proxy {
    /// An open way to a socket.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (way, told) = watch::channel(Way::Open);
        let running = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (socket, mut told) = (socket.clone(), told.clone());
                tokio::spawn(async move {
                    let closed = told.clone();
                    tokio::select! {
                        _ = told.wait_for(|way| *way == Way::Closed) => {}
                        _ = join(client, socket, closed) => {}
                    }
                });
            }
        });
        Self {
            address,
            way,
            running,
        }
    }

    /// Where to connect to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on everything travels like this.
    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.running.abort();
        self.set(Way::Closed);
    }
}

async fn join(client: TcpStream, socket: PathBuf, mut way: watch::Receiver<Way>) -> io::Result<()> {
    client.set_nodelay(true)?;
    // While the way is silent the server never hears of the connection.
    let _ = way.wait_for(|way| *way != Way::Silent).await;
    let server = UnixStream::connect(socket).await?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::try_join!(
        carry(from_client, to_server, way.clone()),
        carry(from_server, to_client, way),
    )?;
    Ok(())
}

/// Carries bytes in order, each piece when its time has come.
async fn carry(
    mut from: impl AsyncRead + Unpin + Send + 'static,
    mut to: impl AsyncWrite + Unpin,
    mut way: watch::Receiver<Way>,
) -> io::Result<()> {
    let (pieces, mut waiting) = mpsc::channel::<(Instant, Vec<u8>)>(1_024);
    let timing = way.clone();
    let reading = tokio::spawn(async move {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = from.read(&mut buffer).await?;
            let delay = match *timing.borrow() {
                Way::Slow(delay) => delay,
                Way::Open | Way::Silent | Way::Closed => Duration::ZERO,
            };
            let piece = (Instant::now() + delay, buffer[..length].to_vec());
            if pieces.send(piece).await.is_err() || length == 0 {
                return io::Result::Ok(());
            }
        }
    });
    let ended = async {
        while let Some((at, piece)) = waiting.recv().await {
            sleep_until(at).await;
            let _ = way.wait_for(|way| *way != Way::Silent).await;
            if piece.is_empty() {
                return to.shutdown().await;
            }
            to.write_all(&piece).await?;
        }
        Ok(())
    };
    let ended = ended.await;
    reading.abort();
    ended
}
