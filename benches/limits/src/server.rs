//! The bare and the naked server: scan, list of 50, filtered list of 50, event, export.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use actix_web::{App, HttpResponse, HttpServer, web};
use rusqlite::Connection;
use serde::Deserialize;

use crate::Result;
use crate::fleet::{self, COLUMNS, Device};
use crate::writer::Writer;

/// How a statement is reached.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Pool and `web::block`.
    Bare,
    /// A connection per thread.
    Naked,
}

struct Manager(PathBuf);

impl r2d2::ManageConnection for Manager {
    type Connection = Connection;
    type Error = rusqlite::Error;
    fn connect(&self) -> rusqlite::Result<Connection> {
        fleet::open(&self.0)
    }
    fn is_valid(&self, _: &mut Connection) -> rusqlite::Result<()> {
        Ok(())
    }
    fn has_broken(&self, _: &mut Connection) -> bool {
        false
    }
}

#[derive(Clone)]
struct Bench {
    mode: Mode,
    database: PathBuf,
    pool: r2d2::Pool<Manager>,
    writer: Writer,
}

thread_local! {
    static OWN: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

impl Bench {
    /// Runs one statement in the manner of the mode.
    async fn read<T: Send + 'static>(
        &self,
        statement: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> actix_web::Result<T> {
        let done = match self.mode {
            Mode::Bare => {
                let pool = self.pool.clone();
                web::block(move || statement(&*pool.get()?).map_err(crate_error)).await?
            }
            Mode::Naked => OWN.with_borrow_mut(|own| {
                if own.is_none() {
                    *own = Some(fleet::open(&self.database)?);
                }
                let connection = own.as_ref().ok_or("no connection")?;
                statement(connection).map_err(crate_error)
            }),
        };
        done.map_err(actix_web::error::ErrorInternalServerError)
    }
}

fn crate_error(error: rusqlite::Error) -> Box<dyn std::error::Error + Send + Sync> {
    error.into()
}

#[derive(Deserialize)]
struct Scan {
    code: String,
}

#[derive(Deserialize)]
struct Filter {
    stage: Option<String>,
    category: Option<String>,
}

async fn scan(bench: web::Data<Bench>, query: web::Query<Scan>) -> actix_web::Result<HttpResponse> {
    let code = query.into_inner().code;
    let device = bench
        .read(move |c| {
            c.prepare_cached(&format!("SELECT {COLUMNS} FROM devices WHERE tag = ?1"))?
                .query_row([code], Device::read)
        })
        .await?;
    Ok(HttpResponse::Ok().json(device))
}

async fn list(
    bench: web::Data<Bench>,
    query: web::Query<Filter>,
) -> actix_web::Result<HttpResponse> {
    let filter = query.into_inner();
    let devices: Vec<Device> = bench
        .read(move |c| match (filter.stage, filter.category) {
            (Some(stage), Some(category)) => c
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM devices WHERE stage = ?1 AND category = ?2 ORDER BY tag LIMIT 50"
                ))?
                .query_map([stage, category], Device::read)?
                .collect(),
            _ => c
                .prepare_cached(&format!("SELECT {COLUMNS} FROM devices ORDER BY tag LIMIT 50"))?
                .query_map([], Device::read)?
                .collect(),
        })
        .await?;
    Ok(HttpResponse::Ok().json(devices))
}

async fn record(
    bench: web::Data<Bench>,
    tag: web::Path<String>,
    body: String,
) -> actix_web::Result<HttpResponse> {
    let writer = bench.writer.clone();
    let tag = tag.into_inner();
    match web::block(move || writer.record(tag, body)).await? {
        true => Ok(HttpResponse::Created().body("{}")),
        false => Ok(HttpResponse::InternalServerError().finish()),
    }
}

/// Serves on a free port, told on stderr in Reparc's own words.
pub fn serve(database: &Path, mode: Mode) -> Result<()> {
    let bench = Bench {
        mode,
        database: database.to_owned(),
        pool: r2d2::Pool::builder()
            .max_size(8)
            .build(Manager(database.to_owned()))?,
        writer: Writer::start(database)?,
    };
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(bench.clone()))
                .route("/healthz", web::get().to(HttpResponse::Ok))
                .route("/scan", web::get().to(scan))
                .route("/devices", web::get().to(list))
                .route("/devices/{tag}/events", web::post().to(record))
        })
        .bind("127.0.0.1:0")?;
        for address in server.addrs() {
            eprintln!("listening on http://{address}");
        }
        server.run().await?;
        Ok(())
    })
}
