//! Somebody who reads pages while others do something.

use crate::{Authorization, HttpError, Server};
use http::{Method, StatusCode};
use std::{io, thread, time::Duration};
use tokio::{
    runtime::Builder,
    select,
    sync::oneshot,
    time::{Instant, sleep},
};

/// Between a page and the next.
const PAUSE: Duration = Duration::from_millis(100);

/// Why pages were not read to the end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system has no thread for it.
    #[error("there is no thread to read pages in: {0}")]
    NoThread(#[from] io::Error),
    /// A page did not come.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The thread has ended.
    #[error("the thread that reads pages has ended")]
    Ended(#[from] oneshot::error::RecvError),
}

/// Somebody who reads pages. In a thread of their own: what the others of this program are told just then keeps
/// no page waiting, which a server would be blamed for.
#[derive(Clone, Debug)]
pub struct Reader {
    server: Server,
    authorization: Authorization,
    page: String,
}

impl Reader {
    /// Reads the page at this path.
    #[must_use]
    pub fn new(server: &Server, authorization: Authorization, page: String) -> Self {
        Self {
            server: server.apart(),
            authorization,
            page,
        }
    }

    /// Reads it again and again until `work` is done, and gives how long the slowest took.
    ///
    /// # Errors
    /// When the server cannot be reached, or answers with something else.
    pub async fn during<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> Result<(T, Duration), ReadError> {
        let (stop, stopped) = oneshot::channel::<()>();
        let (read, slowest) = oneshot::channel();
        let reader = self.clone();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        thread::spawn(move || {
            let outcome = runtime.block_on(reader.read_until(stopped));
            // Whoever waited may have given up.
            drop(read.send(outcome));
        });
        let done = work.await;
        drop(stop);
        Ok((done, slowest.await??))
    }

    async fn read_until(&self, mut stopped: oneshot::Receiver<()>) -> Result<Duration, HttpError> {
        let mut slowest = Duration::ZERO;
        loop {
            let asked = Instant::now();
            let (method, authorization) = (Method::GET, Some(&self.authorization));
            let request = self.server.request(method, &self.page, authorization, None);
            let answer = request.await?;
            slowest = asked.elapsed().max(slowest);
            if answer.status() != StatusCode::OK {
                let body = String::from_utf8_lossy(answer.body()).into_owned();
                let status = answer.status();
                return Err(HttpError::Refused { status, body });
            }
            select! {
                _ = &mut stopped => return Ok(slowest),
                () = sleep(PAUSE) => {}
            }
        }
    }
}
