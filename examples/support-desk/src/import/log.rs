//! Reading a log: CSV with a header, one line an activity of a case. The lines of a case need not be
//! together, so the whole log is read before its first case is imported.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use casekit_core::operations::{LogLine, LoggedCase};
use casekit_core::{Error, ErrorKind, Result};
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::complaints::Complaints;
use super::time;
use crate::args::ImportArguments;

/// The cases of a log, in the order in which they begin there.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) cases: Vec<ReadCase>,
}

/// A case as it was read.
#[derive(Debug)]
pub(super) struct ReadCase {
    /// The line of the file where it begins.
    pub(super) line: u64,
    pub(super) case: LoggedCase,
}

impl Log {
    /// How many lines there are to import.
    pub(super) fn lines(&self) -> usize {
        self.cases.iter().map(|read| read.case.lines.len()).sum()
    }
}

/// Reads the log. Rows that cannot be understood are complained of and left out.
pub(super) fn read(arguments: &ImportArguments, complaints: &mut Complaints) -> Result<Log> {
    let path = &arguments.file;
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut reader = ReaderBuilder::new()
        .delimiter(arguments.delimiter)
        .from_reader(file);
    let columns = Columns::find(&mut reader, arguments)?;
    let limit = arguments.limit.unwrap_or(usize::MAX);
    let mut gathered = Gathered::default();
    let mut record = ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) if error.is_io_error() => return Err(unreadable(path, &error)),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                complaints.skip(line, 1, broken(&error));
                continue;
            }
        }
        let line = record.position().map_or(0, csv::Position::line);
        match columns.row(&record) {
            Ok(row) => gathered.add(line, row, limit),
            Err(reason) => complaints.skip(line, 1, reason),
        }
    }
    Ok(gathered.log)
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Error {
    let message = format!("`{}` cannot be read: {error}", path.display());
    Error::new(ErrorKind::Unavailable, message)
}

fn broken(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("it has {len} columns where the header has {expected_len}")
        }
        _ => error.to_string(),
    }
}

/// Where in a row things are.
#[derive(Debug)]
struct Columns {
    case: usize,
    activity: usize,
    time: usize,
    agent: Option<usize>,
    customer: Option<usize>,
    product: Option<usize>,
}

/// What a row says.
#[derive(Debug)]
struct Row {
    case: String,
    customer: Option<String>,
    product: Option<String>,
    line: LogLine,
}

impl Columns {
    fn find(reader: &mut Reader<File>, arguments: &ImportArguments) -> Result<Self> {
        let path = &arguments.file;
        let header = reader
            .byte_headers()
            .map_err(|error| unreadable(path, &error))?;
        let names: Vec<String> = header
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        if names.is_empty() {
            return Err(Error::invalid(format!(
                "`{}` is empty: a log begins with a line that names its columns",
                path.display()
            )));
        }
        let find = |name: &str| {
            let place = names.iter().position(|known| known == name.trim());
            place.ok_or_else(|| no_column(name, path, &names))
        };
        let find_given = |name: &Option<String>| name.as_deref().map(find).transpose();
        Ok(Self {
            case: find(&arguments.case)?,
            activity: find(&arguments.activity)?,
            time: find(&arguments.time)?,
            agent: find_given(&arguments.agent)?,
            customer: find_given(&arguments.customer)?,
            product: find_given(&arguments.product)?,
        })
    }

    fn row(&self, record: &ByteRecord) -> Result<Row, String> {
        let text = |place: usize, what: &str| {
            let bytes = record.get(place).unwrap_or_default();
            let text =
                std::str::from_utf8(bytes).map_err(|_| format!("the {what} is not UTF-8"))?;
            Ok::<_, String>(text.trim())
        };
        let needed = |place: usize, what: &str| match text(place, what)? {
            "" => Err(format!("the {what} is missing")),
            text => Ok(text.to_owned()),
        };
        let given = |place: Option<usize>, what: &str| {
            let Some(place) = place else { return Ok(None) };
            let text = text(place, what)?;
            Ok::<_, String>((!text.is_empty()).then(|| text.to_owned()))
        };
        let case = needed(self.case, "case")?;
        let line = LogLine {
            activity: needed(self.activity, "activity")?,
            at: time::parse(&needed(self.time, "time")?)?,
            agent: given(self.agent, "agent")?,
            customer: None,
        };
        Ok(Row {
            case,
            customer: given(self.customer, "customer")?,
            product: given(self.product, "product")?,
            line,
        })
    }
}

fn no_column(name: &str, path: &Path, names: &[String]) -> Error {
    let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let hint = if names.len() == 1 {
        "; if that is several, say what is between them with `--delimiter`"
    } else {
        ""
    };
    Error::invalid(format!(
        "there is no column `{name}` in `{}`: it has {}{hint}",
        path.display(),
        listed.join(", ")
    ))
}

/// Rows put together by case.
#[derive(Debug, Default)]
struct Gathered {
    log: Log,
    places: HashMap<String, usize>,
}

impl Gathered {
    /// Adds a row to its case, which is begun unless there are `limit` of them already.
    fn add(&mut self, at: u64, row: Row, limit: usize) {
        let place = self.places.get(&row.case).copied();
        let place = match place {
            Some(place) => place,
            None if self.log.cases.len() < limit => {
                self.places.insert(row.case.clone(), self.log.cases.len());
                self.log.cases.push(ReadCase {
                    line: at,
                    case: LoggedCase {
                        id: row.case,
                        subject: String::new(),
                        customer: None,
                        product: None,
                        lines: Vec::new(),
                    },
                });
                self.log.cases.len() - 1
            }
            None => return,
        };
        if let Some(ReadCase { case, .. }) = self.log.cases.get_mut(place) {
            let mut line = row.line;
            match &case.customer {
                // The first who is named is the customer of the case, and of every line without one.
                None => case.customer = row.customer,
                Some(customer) if row.customer.as_ref() == Some(customer) => {}
                Some(_) => line.customer = row.customer,
            }
            case.product = case.product.take().or(row.product);
            case.lines.push(line);
        }
    }
}
