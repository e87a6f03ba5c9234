//! A help desk on the command line: the first thing to run, and an example of a program built on
//! casekit. It uses only what any program can: the desk with its operations, and a store.
//!
//! - `args`: what can be asked for
//! - `database`: opening a desk on a store
//! - `demo`: a day at the desk
//! - `import`: an event log becomes cases
//! - `replay`: a clock and ids that make the demo day, or an import, the same every time
//! - `export`: a desk becomes lines of JSON
//! - `show`, `lists`, `journey`, `stats`, `home`: what is shown
//! - `people`, `table`, `text`: names, columns and words

mod args;
mod database;
mod demo;
mod export;
mod home;
mod import;
mod journey;
mod lists;
mod people;
mod replay;
mod show;
mod stats;
mod table;
mod text;

use std::error::Error as _;
use std::io::{self, Write};
use std::process::ExitCode;

use casekit_core::{Error, Result};
use clap::Parser;
use serde::Serialize;

use crate::args::{Arguments, Command};
use crate::database::{Database, Office};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let printed = match run(&arguments).await {
        Ok(answer) => print(&answer),
        Err(error) => {
            complain(&error);
            return ExitCode::FAILURE;
        }
    };
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has seen enough, as in `| head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&Error::new(
                casekit_core::ErrorKind::Unavailable,
                format!("the answer could not be printed: {error}"),
            ));
            ExitCode::FAILURE
        }
    }
}

/// Does what was asked for, and gives what is to be printed.
async fn run(arguments: &Arguments) -> Result<String> {
    let db = &arguments.db;
    match &arguments.command {
        None => home::run(db).await,
        Some(Command::ImportLog(log)) => {
            let office = match log.repeatable {
                true => Office::create_repeatable(db).await?,
                false => Office::open_or_create(db).await?,
            };
            import::run(&office, log).await
        }
        Some(Command::Export(export)) => export::run(&look_at(db).await?, export).await,
        Some(Command::Load(load)) => lists::load(&look_at(db).await?, load).await,
        Some(Command::Show(show)) => show::run(&look_at(db).await?, show).await,
        Some(Command::Find(find)) => lists::find(&look_at(db).await?, find).await,
        Some(Command::Cases(cases)) => lists::cases(&look_at(db).await?, cases).await,
        Some(Command::Journey(journey)) => journey::run(&look_at(db).await?, journey).await,
        Some(Command::Stats(stats)) => stats::run(&look_at(db).await?, stats).await,
    }
}

/// A desk to look at. One in memory is always new, so it gets the demo day.
async fn look_at(database: &Database) -> Result<Office> {
    match database {
        Database::Memory => {
            let office = Office::open_or_create(database).await?;
            demo::play_once(&office).await?;
            Ok(office)
        }
        Database::Sqlite { .. } | Database::Server { .. } => Office::open(database).await,
    }
}

/// `answer` as one JSON document.
fn json(answer: &impl Serialize) -> Result<String> {
    let mut text = serde_json::to_string_pretty(answer)
        .map_err(|error| Error::bug("an answer has no JSON form").with_source(error))?;
    text.push('\n');
    Ok(text)
}

/// Prints with colours where they are wanted: on a terminal, unless `NO_COLOR` is set.
fn print(answer: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(answer.as_bytes())?;
    out.flush()
}

fn complain(error: &Error) {
    let mut message = format!("{} {error}", text::styled(text::URGENT, "error:"));
    let mut cause = error.source();
    while let Some(next) = cause {
        message.push_str(&format!("\n  because: {next}"));
        cause = next.source();
    }
    // If nobody reads this either, the exit code still tells.
    let _ = writeln!(anstream::stderr(), "{message}");
}
