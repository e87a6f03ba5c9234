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
        // A row with too few columns is one of its case, so it has to be looked at.
        .flexible(true)
        .from_reader(file);
    let columns = Columns::find(&mut reader, arguments)?;
    let limit = arguments.limit.unwrap_or(usize::MAX);
    let mut gathered = Gathered::default();
    let mut record = ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
        let line = record.position().map_or(0, csv::Position::line);
        let place = gathered.place(columns.case(&record).ok());
        match columns.row(&record, place) {
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

/// Where in a row things are.
#[derive(Debug)]
struct Columns {
    /// How many there are.
    count: usize,
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
            count: names.len(),
            case: find(&arguments.case)?,
            activity: find(&arguments.activity)?,
            time: find(&arguments.time)?,
            agent: find_given(&arguments.agent)?,
            customer: find_given(&arguments.customer)?,
            product: find_given(&arguments.product)?,
        })
    }

    /// The case of a row.
    fn case<'a>(&self, record: &'a ByteRecord) -> Result<&'a str, String> {
        needed(record, self.case, "case")
    }

    /// What a row says, which is at `place` among those of its case.
    fn row(&self, record: &ByteRecord, place: Option<u32>) -> Result<Row, String> {
        if record.len() != self.count {
            let (has, wanted) = (record.len(), self.count);
            return Err(format!(
                "it has {has} columns where the header has {wanted}"
            ));
        }
        let given = |place: Option<usize>, what: &str| {
            let Some(place) = place else { return Ok(None) };
            let text = text(record, place, what)?;
            Ok::<_, String>((!text.is_empty()).then(|| text.to_owned()))
        };
        let case = self.case(record)?.to_owned();
        let line = LogLine {
            activity: needed(record, self.activity, "activity")?.to_owned(),
            at: time::parse(needed(record, self.time, "time")?)?,
            agent: given(self.agent, "agent")?,
            customer: None,
            place,
        };
        Ok(Row {
            case,
            customer: given(self.customer, "customer")?,
            product: given(self.product, "product")?,
            line,
        })
    }
}

/// What stands in a column, without blanks around.
fn text<'a>(record: &'a ByteRecord, column: usize, what: &str) -> Result<&'a str, String> {
    let bytes = record.get(column).unwrap_or_default();
    let text = std::str::from_utf8(bytes).map_err(|_| format!("the {what} is not UTF-8"))?;
    Ok(text.trim())
}

/// What must stand in a column.
fn needed<'a>(record: &'a ByteRecord, column: usize, what: &str) -> Result<&'a str, String> {
    match text(record, column, what)? {
        "" => Err(format!("the {what} is missing")),
        text => Ok(text),
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
    /// Where among those of the log a case is.
    cases: HashMap<String, usize>,
    /// How many rows a case has had, also those that cannot be understood.
    rows: HashMap<String, u32>,
}

impl Gathered {
    /// The place of the next row of `case` among its rows. One that cannot be understood has a place too, so
    /// that those after it keep theirs when it is mended.
    fn place(&mut self, case: Option<&str>) -> Option<u32> {
        let case = case?;
        if let Some(rows) = self.rows.get_mut(case) {
            *rows += 1;
            return Some(*rows);
        }
        self.rows.insert(case.to_owned(), 1);
        Some(1)
    }

    /// Adds a row to its case, which is begun unless there are `limit` of them already.
    fn add(&mut self, at: u64, row: Row, limit: usize) {
        let known = self.cases.get(&row.case).copied();
        let index = match known {
            Some(index) => index,
            None if self.log.cases.len() < limit => self.begin(at, &row.case),
            None => return,
        };
        if let Some(ReadCase { case, .. }) = self.log.cases.get_mut(index) {
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

    /// Begins a case, and gives where it is.
    fn begin(&mut self, line: u64, id: &str) -> usize {
        let index = self.log.cases.len();
        self.cases.insert(id.to_owned(), index);
        self.log.cases.push(ReadCase {
            line,
            case: LoggedCase {
                id: id.to_owned(),
                subject: String::new(),
                customer: None,
                product: None,
                lines: Vec::new(),
            },
        });
        index
    }
}
