//! Bodies written piece by piece from a blocking thread: memory stays small, a slow client slows the writer.

use std::io::Write;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use tokio::sync::mpsc;

use super::extract::State;
use crate::app::App;
use crate::error::{Error, Result};

/// Bytes per piece.
const PIECE: usize = 64 * 1024;
/// Pieces waiting for the client at most.
const WAITING: usize = 8;

/// Collects bytes into pieces and hands them to the answer; waits while the client is slow, and fails when it left.
struct Pieces {
    buffer: Vec<u8>,
    to: mpsc::Sender<Result<Bytes>>,
}

impl Pieces {
    fn send(&mut self) -> std::io::Result<()> {
        let piece = std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE));
        self.to
            .blocking_send(Ok(Bytes::from(piece)))
            .map_err(|_| std::io::Error::from(std::io::ErrorKind::BrokenPipe))
    }
}

impl Write for Pieces {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.buffer.extend_from_slice(data);
        if self.buffer.len() >= PIECE {
            self.send()?;
        }
        Ok(data.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Answers 200 with what `work` writes. A refusal before the first 64 kB becomes a problem document; a fault after
/// them breaks the connection, so that a client never takes half a file for a whole one.
///
/// # Errors
/// Those of `work`, when they come early.
pub async fn stream<F>(
    app: &State,
    media: &str,
    filename: Option<&str>,
    work: F,
) -> Result<HttpResponse>
where
    F: FnOnce(&App, &mut dyn Write) -> Result<()> + Send + 'static,
{
    let (to, mut from) = mpsc::channel::<Result<Bytes>>(WAITING);
    let app = std::sync::Arc::clone(app);
    let span = tracing::Span::current();
    actix_web::rt::spawn(async move {
        let last = to.clone();
        let done = actix_web::web::block(move || {
            let _entered = span.enter();
            let buffer = Vec::with_capacity(PIECE);
            let mut pieces = Pieces { buffer, to };
            work(&app, &mut pieces)?;
            // A client that left is no fault.
            let _ = pieces.send();
            Ok(())
        })
        .await;
        let refused = match done {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(died) => Error::internal(died),
        };
        let _ = last.send(Err(refused)).await;
    });
    let first = match from.recv().await {
        Some(piece) => piece?,
        None => Bytes::new(),
    };
    let rest = futures_util::stream::unfold(from, |mut from| async move {
        let piece = from.recv().await?;
        if let Err(error) = &piece {
            tracing::error!(%error, "an answer broke off");
        }
        Some((piece, from))
    });
    let body = futures_util::StreamExt::chain(futures_util::stream::iter([Ok(first)]), rest);
    let mut answer = HttpResponse::Ok();
    answer.content_type(media);
    if let Some(filename) = filename {
        answer.insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{filename}\""),
        ));
    }
    Ok(answer.streaming(body))
}
