//! One address for several servers.

use std::{net::SocketAddr, sync::Arc};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// An address whose connections go to one server after the other.
pub struct Balancer {
    address: SocketAddr,
    servers: watch::Sender<Arc<[SocketAddr]>>,
    running: JoinHandle<()>,
}

impl Balancer {
    /// In front of these, of which there is at least one.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn before(servers: &[SocketAddr]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (servers, known) = watch::channel::<Arc<[SocketAddr]>>(Arc::from(servers));
        let running = tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((mut client, _)) = listener.accept().await {
                let servers = Arc::clone(&known.borrow());
                turn += 1;
                tokio::spawn(async move {
                    // The next one that answers.
                    for n in 0..servers.len() {
                        let server = servers[(turn + n) % servers.len()];
                        if let Ok(mut server) = TcpStream::connect(server).await {
                            let _ = client.set_nodelay(true);
                            let _ = server.set_nodelay(true);
                            let _ = copy_bidirectional(&mut client, &mut server).await;
                            return;
                        }
                    }
                });
            }
        });
        Self {
            address,
            servers,
            running,
        }
    }

    /// Where to connect to.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// New connections go to these from now on.
    pub fn set(&self, servers: &[SocketAddr]) {
        self.servers.send_replace(Arc::from(servers));
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.running.abort();
    }
}
