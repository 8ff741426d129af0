//! Servers on free ports of loopback, and clients for them.

use std::net::SocketAddr;

use kargo_core::port::{PortError, Reply};
use kargo_http::{HttpSettings, reqwest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Settings that no proxy of the machine disturbs.
pub(crate) fn settings() -> HttpSettings {
    let mut settings = HttpSettings::default();
    settings.system_proxy = false;
    settings
}

pub(crate) fn client() -> reqwest::Client {
    settings().client().unwrap()
}

/// Answers every connection with these bytes, whatever is asked, and closes it.
pub(crate) async fn serve_bytes(answer: Vec<u8>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(&answer).await;
            });
        }
    });
    address
}

/// GET, as an adapter would.
pub(crate) async fn get(client: &reqwest::Client, url: String) -> Result<Reply<serde_json::Value>, PortError> {
    let request = client.get(url).build().map_err(kargo_http::failed)?;
    kargo_http::reply(kargo_http::send(client, request).await?).await
}
