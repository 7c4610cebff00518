use http::{HeaderName, HeaderValue};
use std::net::SocketAddr;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async, tungstenite::client::IntoClientRequest as _,
};

pub type Stream = WebSocketStream<TcpStream>;

/// Opens a socket with these headers; the upgrade must be accepted.
pub async fn handshake(
    address: SocketAddr,
    path: &str,
    socket: TcpSocket,
    headers: &[(HeaderName, String)],
) -> Stream {
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(name, HeaderValue::from_str(value).unwrap());
    }
    let stream = socket.connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    client_async(request, stream)
        .await
        .expect("an upgrade is always accepted")
        .0
}
