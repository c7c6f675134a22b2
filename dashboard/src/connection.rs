//! Connections: so many at once, each with an end to its silence.

use std::future::Future as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;

/// How many connections are held at once; one more waits in the kernel's queue.
const CONNECTIONS: usize = 256;

/// A peer that sends nothing for this long is cut off: its place is for somebody else.
/// It bounds slow headers and idle browsers alike; a browser simply connects again.
const SILENCE: Duration = Duration::from_secs(30);

/// Takes a connection only where there is a place for it.
pub(crate) struct Limited {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Limited {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(CONNECTIONS)) }
    }
}

impl Listener for Limited {
    type Io = Held<TcpStream, Option<OwnedSemaphorePermit>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, from) = Listener::accept(&mut self.listener).await;
        (Held::new(stream, place, SILENCE), from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        TcpListener::local_addr(&self.listener)
    }
}

/// The address a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender(pub IpAddr);

impl Connected<IncomingStream<'_, Limited>> for Sender {
    fn connect_info(stream: IncomingStream<'_, Limited>) -> Self {
        Self(stream.remote_addr().ip())
    }
}

/// A stream that keeps `place` for as long as it lives and ends when its peer is silent.
#[derive(Debug)]
pub(crate) struct Held<S, P> {
    stream: S,
    silence: Pin<Box<Sleep>>,
    patience: Duration,
    _place: P,
}

impl<S, P> Held<S, P> {
    pub(crate) fn new(stream: S, place: P, patience: Duration) -> Self {
        let silence = Box::pin(tokio::time::sleep(patience));
        Self { stream, silence, patience, _place: place }
    }
}

impl<S: AsyncRead + Unpin, P: Unpin> AsyncRead for Held<S, P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_ready() {
            self.silence = Box::pin(tokio::time::sleep(self.patience));
            return read;
        }
        match self.silence.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin, P: Unpin> AsyncWrite for Held<S, P> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn a_peer_that_sends_nothing_is_cut_off() {
        let (near, _far) = tokio::io::duplex(64);
        let mut held = Held::new(near, (), Duration::from_millis(1));
        let ended = held.read_u8().await.unwrap_err();
        assert_eq!(ended.kind(), io::ErrorKind::TimedOut);
    }
}
