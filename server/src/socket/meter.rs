//! Counts what arrives on a transport, and stops whoever sends without an end.

use std::{
    io::{self, IoSlice},
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A transport that counts what it gives, and from `limit` bytes on gives no more until it is asked
/// how many they were.
///
/// A message may come in any number of fragments, empty ones among them (RFC 6455 §5.4), and
/// tungstenite reads on until it is whole: one that never is would cost its sender nothing.
#[derive(Debug)]
pub(super) struct Metered<T> {
    transport: T,
    given: usize,
    limit: usize,
}

impl<T> Metered<T> {
    pub(super) const fn new(transport: T, limit: usize) -> Self {
        Self {
            transport,
            given: 0,
            limit,
        }
    }

    /// How many bytes it has given since it was last asked.
    pub(super) const fn take_count(&mut self) -> usize {
        mem::replace(&mut self.given, 0)
    }
}

/// Whether a transport gave no more because of its limit.
pub(super) fn is_past_limit(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::QuotaExceeded
}

impl<T: AsyncRead + Unpin> AsyncRead for Metered<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.given >= self.limit {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.transport).poll_read(context, buffer))?;
        self.given += buffer.filled().len() - before;
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Metered<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn nothing_is_given_past_the_limit_until_what_was_given_is_asked_for() {
        let mut metered = Metered::new(&b"abcdef"[..], 4);
        let mut pair = [0; 2];
        metered.read_exact(&mut pair).await.unwrap();
        metered.read_exact(&mut pair).await.unwrap();
        let refused = metered.read_exact(&mut pair).await.unwrap_err();
        assert!(is_past_limit(&refused), "{refused}");
        assert_eq!(metered.take_count(), 4);
        metered.read_exact(&mut pair).await.unwrap();
        assert_eq!((&pair, metered.take_count()), (b"ef", 2));
    }
}
