//! A desk becomes lines of JSON, in an order that does not depend on its database.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use casekit_core::model::{Kind, Seq};
use casekit_core::query::Query;
use casekit_core::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::args::ExportArguments;
use crate::database::Office;

/// How many records are read at once.
const PAGE: u32 = 1_000;

/// The answer: how many records of each kind were written.
#[derive(Debug, Serialize)]
struct Summary {
    lines: u64,
    kinds: BTreeMap<&'static str, u64>,
}

pub(crate) async fn run(office: &Office, arguments: &ExportArguments) -> Result<String> {
    let path = &arguments.file;
    // Not over a file that is there: it may be the only export of a desk that is gone.
    let file = File::create_new(path).map_err(|error| unwritable(path, &error))?;
    let mut lines = Lines {
        path,
        file: BufWriter::new(file),
        kinds: BTreeMap::new(),
    };
    match write(office, &mut lines).await {
        Ok(()) => crate::json(&lines.summary()),
        Err(error) => {
            // A part of a desk must not be taken for the whole.
            let _ = std::fs::remove_file(path);
            Err(error)
        }
    }
}

async fn write(office: &Office, lines: &mut Lines<'_>) -> Result<()> {
    for kind in Kind::ALL.iter().filter(|kind| **kind != Kind::Event) {
        let mut query = Query::all(office.workspace, *kind).limit(PAGE);
        loop {
            let page = office.store.find(&query).await?;
            for record in &page.records {
                lines.write(*kind, record)?;
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
    }
    let mut last = Seq(0);
    loop {
        let events = office.store.feed(office.workspace, last, PAGE).await?;
        let Some(newest) = events.last() else { break };
        last = newest.seq;
        for event in events {
            lines.write(Kind::Event, &casekit_core::model::Entity::from(event))?;
        }
    }
    lines.finish()
}

/// The file.
struct Lines<'p> {
    path: &'p Path,
    file: BufWriter<File>,
    kinds: BTreeMap<&'static str, u64>,
}

impl Lines<'_> {
    fn write(&mut self, kind: Kind, record: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(record)
            .map_err(|error| Error::bug("a record has no JSON form").with_source(error))?;
        line.push(b'\n');
        let written = self.file.write_all(&line);
        written.map_err(|error| unwritable(self.path, &error))?;
        *self.kinds.entry(kind.name()).or_default() += 1;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        let written = self.file.flush();
        written.map_err(|error| unwritable(self.path, &error))
    }

    fn summary(&self) -> Summary {
        Summary {
            lines: self.kinds.values().sum(),
            kinds: self.kinds.clone(),
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    let message = format!("`{}` cannot be written: {error}", path.display());
    Error::new(ErrorKind::Unavailable, message)
}
