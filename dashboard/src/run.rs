//! Serves the pages until the process is told to stop.

use std::future::IntoFuture as _;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::Clock;
use crate::config::Settings;
use crate::connection::{Limited, Sender};
use crate::dashboard::{CannotBegin, Dashboard};
use crate::routes::router;

/// How long answers may take to leave after the stop.
const DRAIN: Duration = Duration::from_secs(5);

/// Why serving ended.
#[derive(Debug, thiserror::Error)]
pub enum RunFault {
    /// It did not begin.
    #[error(transparent)]
    Begin(#[from] CannotBegin),
    /// The address can not be listened on.
    #[error("can not listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system failed.
    #[error("the dashboard stopped: {0}")]
    System(#[from] io::Error),
}

/// What ends the serving, besides a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Nothing else.
    Signal,
    /// The end of standard input: whoever started it is gone, however that came.
    InputEnds,
}

/// Prints one line with the address to standard output, then serves until it is told to stop.
///
/// # Errors
/// Says why it can not begin or go on.
pub async fn run(settings: Settings, until: Until) -> Result<(), RunFault> {
    let address = settings.listen.socket();
    let clock = Clock::system(settings.clock_offset);
    let dashboard = Arc::new(Dashboard::begin(settings, clock)?);
    let listener =
        TcpListener::bind(address).await.map_err(|source| RunFault::Listen { address, source })?;
    let bound = listener.local_addr()?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    {
        let mut out = io::stdout().lock();
        writeln!(out, "listening on http://{bound}")?;
        out.flush()?;
    }
    let service = router(dashboard).into_make_service_with_connect_info::<Sender>();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = axum::serve(Limited::new(listener), service).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let mut serving = tokio::spawn(serving.into_future());
    let mut input_ended = match until {
        Until::Signal => None,
        Until::InputEnds => Some(input_end()),
    };
    tokio::select! {
        ended = &mut serving => return Ok(ended.map_err(io::Error::other)??),
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = async {
            match &mut input_ended {
                Some(ended) => drop(ended.await),
                None => std::future::pending().await,
            }
        } => {}
    }
    let _ = stop.send(());
    // An idle browser keeps its connection open: the drain has an end.
    let _ = tokio::time::timeout(DRAIN, &mut serving).await;
    serving.abort();
    Ok(())
}

/// Told when standard input ends. A thread of its own reads it: a read that waits for ever
/// must not hold up the end of the others.
fn input_end() -> tokio::sync::oneshot::Receiver<()> {
    let (tell, ended) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // What is written there means nothing; an error is an end as well.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = tell.send(());
    });
    ended
}
