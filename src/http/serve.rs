//! The sockets: listen, say so, stop when asked.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::io::Write;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::dev::{Extensions, ServerHandle};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{HttpServer, web};

use super::{Shared, configure, log, tls};
use crate::app::{App, idempotency, sessions};
use crate::error::{Code, Error, Result};
use crate::jobs;
use crate::settings::Cidr;

/// How the server listens.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Certificate chain and key (PEM): HTTPS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted: Vec<Cidr>,
    /// Requests a second per client address; 0 = no limit.
    pub rate: u32,
    /// A sample fleet: a banner on every page says so.
    pub demo: bool,
    /// The settings in force, by name, secrets hidden: what the settings page shows.
    pub settings: Vec<(String, String)>,
    /// Threads that answer; one per core when absent.
    pub workers: Option<usize>,
}

/// A server that listens.
pub struct Ready {
    /// `http://ADDRESS`, the port it really took.
    pub url: String,
    /// Stops it.
    pub handle: ServerHandle,
}

/// Seconds that requests under way get to end after SIGTERM.
const GRACE: u64 = 30;

/// Serves until SIGTERM or SIGINT. `ready` is called once the server listens, before the line
/// `listening on http://ADDRESS` goes to stderr.
///
/// # Errors
/// `invalid_value` for an address or certificate that cannot be used.
pub fn serve(app: Arc<App>, options: Options, ready: impl FnOnce(&Ready)) -> Result<()> {
    actix_web::rt::System::new().block_on(run(app, options, ready))
}

/// What is written leaves at once. Head and body are two writes; a client that is slow to say that it has the first
/// would wait forty milliseconds for the second.
fn at_once(connection: &dyn Any, _: &mut Extensions) {
    let plain = connection.downcast_ref::<TcpStream>();
    let within = || {
        Some(
            connection
                .downcast_ref::<TlsStream<TcpStream>>()?
                .get_ref()
                .0,
        )
    };
    if let Some(stream) = plain.or_else(within) {
        let _ = stream.set_nodelay(true);
    }
}

async fn run(app: Arc<App>, options: Options, ready: impl FnOnce(&Ready)) -> Result<()> {
    let shared = web::Data::new(Shared {
        settings: options.settings,
        ..Shared::new(options.rate, options.trusted, options.demo)?
    });
    let _jobs = jobs::start(Arc::clone(&app))?;
    let housekeeping = actix_web::rt::spawn(housekeeping(Arc::clone(&app)));
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .configure(configure(Arc::clone(&app), shared.clone()))
            .wrap(from_fn(log::observe))
            .wrap(Compress::default())
    })
    .on_connect(at_once)
    // A refusal may leave while the body is still coming: the client gets this long to hear it.
    .client_disconnect_timeout(Duration::from_secs(5))
    .client_request_timeout(Duration::from_secs(10))
    .keep_alive(Duration::from_secs(75))
    .shutdown_timeout(GRACE);
    let server = match options.workers {
        Some(workers) => server.workers(workers),
        None => server,
    };
    let unusable = |e: std::io::Error| {
        let listen = &options.listen;
        Error::new(
            Code::InvalidValue,
            format!("cannot listen on {listen}: {e}"),
        )
    };
    let (server, scheme) = match &options.tls {
        None => (server.bind(&options.listen).map_err(unusable)?, "http"),
        Some((cert, key)) => {
            let config = tls::config(cert, key)?;
            (
                server
                    .bind_rustls_0_23(&options.listen, config)
                    .map_err(unusable)?,
                "https",
            )
        }
    };
    let address = server
        .addrs()
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut server = server.run();
    let up = Ready {
        url: format!("{scheme}://{address}"),
        handle: server.handle(),
    };
    // The first poll starts the workers and takes over SIGTERM: who reads the line may send it at once.
    let begun = poll_fn(|cx| Poll::Ready(Pin::new(&mut server).poll(cx))).await;
    ready(&up);
    let _ = writeln!(std::io::stderr().lock(), "listening on {}", up.url);
    let ended = match begun {
        Poll::Ready(ended) => ended,
        Poll::Pending => server.await,
    };
    let ended = ended.map_err(Error::internal);
    housekeeping.abort();
    ended
}

/// Once an hour: keys and sessions that are over are forgotten.
async fn housekeeping(app: Arc<App>) {
    let mut hour = actix_web::rt::time::interval(Duration::from_secs(3600));
    loop {
        hour.tick().await;
        let app = Arc::clone(&app);
        let purge = move || {
            sessions::purge(&app)?;
            idempotency::purge(&app)
        };
        match web::block(purge).await {
            Ok(Ok(0)) => {}
            Ok(Ok(keys)) => tracing::info!(keys, "old idempotency keys forgotten"),
            Ok(Err(error)) => tracing::warn!(%error, "old idempotency keys could not be forgotten"),
            Err(died) => tracing::error!(%died, "housekeeping died"),
        }
    }
}
