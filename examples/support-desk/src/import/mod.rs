//! An event log becomes cases: read, grouped by case, and handed to the desk in batches. Each batch is
//! one atomic step, and the desk knows what it has, so an import can be interrupted and run again.

mod complaints;
mod log;
mod progress;
mod time;
mod totals;

use std::path::Path;
use std::time::Instant;

use casekit_core::operations::{ImportLog, Imported, LoggedCase};
use casekit_core::query::fold;
use casekit_core::{Error, ErrorKind, Result};
use tokio::task::JoinHandle;

use crate::args::ImportArguments;
use crate::database::Office;
use complaints::Complaints;
use log::{Log, ReadCase};
use progress::Progress;
use totals::Totals;

/// A batch is closed when it has so many lines or cases. On a log of 21,348 lines, batches of 200 lines
/// take a third more processor time and batches of 50 nearly twice as much; larger ones save next to
/// nothing, and make the progress jump.
const BATCH_LINES: usize = 2_000;
const BATCH_CASES: usize = 1_000;

pub(crate) async fn run(office: &Office, arguments: &ImportArguments) -> Result<String> {
    let began = Instant::now();
    let interrupted = interruption();
    let mut complaints = Complaints::default();
    let log = log::read(arguments, &mut complaints)?;
    warn_of_idle_meanings(arguments, &log, &mut complaints);
    let import = ImportLog {
        system: system(arguments),
        cases: Vec::new(),
        meanings: arguments.map.iter().cloned().collect(),
    };
    let mut totals = Totals::default();
    let mut progress = Progress::new(log.lines());
    for batch in batches(log.cases) {
        if interrupted.is_finished() {
            return Err(stopped(&totals));
        }
        let lines = batch.iter().map(|case| case.case.lines.len()).sum();
        import_batch(office, &import, batch, &mut totals, &mut complaints).await?;
        progress.advance(lines);
    }
    progress.finish();
    complaints.conclude();
    totals.to_json(complaints.skipped(), began.elapsed())
}

/// Cases in groups, each as large as one call should be.
fn batches(cases: Vec<ReadCase>) -> Vec<Vec<ReadCase>> {
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    let mut lines = 0;
    for case in cases {
        lines += case.case.lines.len();
        batch.push(case);
        if lines >= BATCH_LINES || batch.len() >= BATCH_CASES {
            batches.push(std::mem::take(&mut batch));
            lines = 0;
        }
    }
    batches.push(batch);
    batches
}

/// Imports a batch. If the desk refuses something in it, its cases are imported one by one, so that
/// only what is refused is left out.
async fn import_batch(
    office: &Office,
    import: &ImportLog,
    batch: Vec<ReadCase>,
    totals: &mut Totals,
    complaints: &mut Complaints,
) -> Result<()> {
    let cases = batch.iter().map(|read| read.case.clone()).collect();
    match import_cases(office, import, cases).await {
        Ok(imported) => totals.add(&imported),
        Err(error) if is_refusal(&error) => {
            for read in batch {
                let (line, lines) = (read.line, read.case.lines.len());
                match import_cases(office, import, vec![read.case]).await {
                    Ok(imported) => totals.add(&imported),
                    Err(error) if is_refusal(&error) => complaints.skip(line, lines, &error),
                    Err(error) => return Err(error),
                }
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn import_cases(
    office: &Office,
    import: &ImportLog,
    cases: Vec<LoggedCase>,
) -> Result<Imported> {
    let import = ImportLog {
        cases,
        ..import.clone()
    };
    office.system().run(import).await
}

/// Whether the fault lies in what was imported.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Invalid | ErrorKind::Limit | ErrorKind::Taken
    )
}

/// What ends when the user presses Ctrl-C.
fn interruption() -> JoinHandle<()> {
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // The signal then ends the program by itself, which loses nothing either.
            std::future::pending::<()>().await;
        }
    })
}

fn stopped(totals: &Totals) -> Error {
    let message = format!(
        "interrupted after {} cases: run the same command again for the rest",
        totals.cases()
    );
    Error::new(ErrorKind::Unavailable, message)
}

/// The name under which the ids of the log are known.
fn system(arguments: &ImportArguments) -> String {
    let name = arguments.system.as_deref();
    let stem = arguments.file.file_stem().map(Path::new);
    let name = name.map_or_else(
        || {
            stem.map(|stem| stem.display().to_string())
                .unwrap_or_default()
        },
        str::to_owned,
    );
    // It stands before an id, with a colon between.
    name.replace(':', "-")
}

fn warn_of_idle_meanings(arguments: &ImportArguments, log: &Log, complaints: &mut Complaints) {
    for (activity, _) in &arguments.map {
        let wanted = fold(activity);
        let mut lines = log.cases.iter().flat_map(|read| &read.case.lines);
        if !lines.any(|line| fold(&line.activity) == wanted) {
            complaints.warn(&format!("no line has the activity `{activity}` of `--map`"));
        }
    }
}
