//! The command line: one file per command. A command parses, calls a use case of `app`, prints.
//!
//! Data go to stdout, words to stderr, progress to a terminal only. Exit 0: done; 1: failed; 2: wrong use.
//!
//! To add a command: a file here with a struct of its options (`#[derive(clap::Args)]`, its doc comment is
//! its help) and `pub fn run(self, settings: &Settings) -> Result<ExitCode>`; then its line in [`Command`]
//! and in [`Command::run`], and its line in the README.

use std::io::BufWriter;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};

use crate::error::{Code, Error, Result};
use crate::settings::{self, LogFormat, Settings};

mod account;
mod backup;
mod demo;
mod export;
mod import;
pub mod indicators;
mod labels;
mod migrate;
mod openapi;
pub mod out;
mod person;
mod read_pdf;
mod restore;
mod seed;
pub mod serve;
mod show_settings;
mod token;
mod verify;

/// IT asset lifecycle and reuse inventory: from purchase through repair and reuse to recycling
/// collection, with the indicators French law asks for.
#[derive(Debug, Parser)]
#[command(name = "reparc", version, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Labels(labels::Labels),
    Demo(demo::Demo),
    Seed(seed::Seed),
    Indicators(indicators::Indicators),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Verify(verify::Verify),
    Migrate(migrate::Migrate),
    Serve(serve::Serve),
    Token(token::Token),
    Account(account::Account),
    Person(person::Person),
    Import(import::Import),
    Export(export::Export),
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApi),
    Settings(show_settings::ShowSettings),
    #[command(hide = true)]
    ReadPdf(read_pdf::ReadPdf),
}

impl Command {
    /// One line per command.
    fn run(self, settings: &Settings) -> Result<ExitCode> {
        match self {
            Command::Labels(command) => command.run(settings),
            Command::Demo(command) => command.run(settings),
            Command::Seed(command) => command.run(settings),
            Command::Indicators(command) => command.run(settings),
            Command::Backup(command) => command.run(settings),
            Command::Restore(command) => command.run(settings),
            Command::Verify(command) => command.run(settings),
            Command::Migrate(command) => command.run(settings),
            Command::Serve(command) => command.run(settings),
            Command::Token(command) => command.run(settings),
            Command::Account(command) => command.run(settings),
            Command::Person(command) => command.run(settings),
            Command::Import(command) => command.run(settings),
            Command::Export(command) => command.run(settings),
            Command::OpenApi(command) => command.run(settings),
            Command::Settings(command) => command.run(settings),
            Command::ReadPdf(command) => command.run(settings),
        }
    }
}

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    let done = parse().and_then(|cli| {
        cli.settings.check()?;
        let _written_at_the_end = log_to_stderr(&cli.settings)?;
        match cli.command {
            Some(command) => command.run(&cli.settings),
            None => serve::Serve {}.run(&cli.settings),
        }
    });
    done.unwrap_or_else(|error| {
        out::words(&sentence(&error));
        exit_code(&error)
    })
}

/// The whole command line as clap sees it, for the tests of the README and of completeness.
pub fn definition() -> clap::Command {
    Cli::command()
}

/// Reads the arguments twice: first to learn which file of settings is meant, then with its flags before them.
fn parse() -> Result<Cli> {
    let mut arguments: Vec<_> = std::env::args_os().collect();
    let first = Cli::command().get_matches_from(&arguments);
    let of_file = settings::flags_of_file(&first)?;
    let after_name = arguments.len().min(1);
    arguments.splice(after_name..after_name, of_file.into_iter().map(Into::into));
    Ok(Cli::parse_from(arguments))
}

/// What a person at the terminal reads. The operator owns the machine, so a fault is told with its cause.
fn sentence(error: &Error) -> String {
    match (&error.code, &error.cause) {
        (Code::Internal, Some(cause)) => format!("reparc: something failed: {cause}"),
        (_, Some(cause)) => format!("reparc: {} ({cause})", error.detail),
        (_, None) => format!("reparc: {}", error.detail),
    }
}

/// What the API calls 400 is wrong use on the command line; everything else failed.
fn exit_code(error: &Error) -> ExitCode {
    ExitCode::from(if error.code.status() == 400 { 2 } else { 1 })
}

/// Logs go to stderr, never mixed with data; a thread of their own writes what has come together, so that no request
/// waits for whoever reads them. The guard writes the rest when it is dropped.
fn log_to_stderr(settings: &Settings) -> Result<WorkerGuard> {
    let filter =
        tracing_subscriber::EnvFilter::try_new(format!("actix_server=warn,{}", settings.log))
            .map_err(|e| {
                Error::new(
                    Code::InvalidParameter,
                    format!("--log {}: {e}", settings.log),
                )
            })?;
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(false)
        .thread_name("log")
        .finish(BufWriter::new(std::io::stderr()));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Whoever read stderr may have left (a pipe that was closed): a log line is not worth a request.
        .log_internal_errors(false)
        .with_writer(writer);
    let set = match settings.log_format {
        LogFormat::Text => lines.with_ansi(out::stderr_is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    set.map_err(Error::internal)?;
    Ok(guard)
}
