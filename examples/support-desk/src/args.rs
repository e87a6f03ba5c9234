//! What can be asked for on the command line.

use std::path::PathBuf;

use casekit_core::model::Status;
use casekit_core::operations::{CaseSort, LogAction};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::database::Database;

/// A help desk on the command line, built on casekit.
///
/// Without a command it opens the desk, plays a short demo day the first time, and shows around.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Where the desk is kept: `sqlite://PATH`, `postgres://USER@HOST/DATABASE`,
    /// `mysql://USER@HOST/DATABASE`, or `memory:` for one that is forgotten at the end.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        default_value = "sqlite://support-desk.db"
    )]
    pub(crate) db: Database,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import an event log (CSV): its lines become cases with their history and original times.
    ImportLog(ImportArguments),
    /// Write everything that the desk holds into a file, as lines of JSON.
    Export(ExportArguments),
    /// Show an agent's case load: what needs attention, own cases, unclaimed cases.
    Load(LoadArguments),
    /// Show a case with its thread.
    Show(ShowArguments),
    /// Find cases by words of the subject, the customer or the thread.
    Find(FindArguments),
    /// List cases.
    Cases(CasesArguments),
    /// Show a customer's activities across cases, and what their cases add up to.
    Journey(JourneyArguments),
    /// Show what the desk adds up to.
    Stats(StatsArguments),
}

/// How the answer is printed.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Format {
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Import an event log.
///
/// Timestamps may be RFC 3339, `2024-01-31 13:05:00[.000][+01]`, `2024/01/31 13:05:00.000`, or a date
/// alone; without a zone they are taken as UTC. A log that was imported before can be imported again:
/// only what is new is added. The last line on standard output is JSON.
#[derive(Debug, Args)]
pub(crate) struct ImportArguments {
    /// The log: CSV with a header line.
    pub(crate) file: PathBuf,
    /// The column with the id of the case.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) case: String,
    /// The column with the name of the activity.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) activity: String,
    /// The column with the time.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) time: String,
    /// The column with the agent.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) agent: Option<String>,
    /// The column with the customer.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) customer: Option<String>,
    /// The column with the product.
    #[arg(long, value_name = "COLUMN")]
    pub(crate) product: Option<String>,
    /// Only the first so many cases of the log.
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// What an activity means: take, wait, resolve, close, reopen or record (nothing but that it
    /// happened). Those not named are judged by their first word. May be given several times.
    #[arg(long, value_name = "ACTIVITY=MEANING", value_parser = meaning)]
    pub(crate) map: Vec<(String, LogAction)>,
    /// The name under which the log's ids are known [default: the file's name without its ending].
    #[arg(long, value_name = "NAME")]
    pub(crate) system: Option<String>,
    /// Give everything the ids and times that it gets every time, so that the exports of two desks into
    /// which a log was imported are the same. Only into a new desk.
    #[arg(long)]
    pub(crate) repeatable: bool,
    /// The character between columns.
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    pub(crate) delimiter: u8,
}

/// Write everything that the desk holds into a file, as lines of JSON.
///
/// Each line is a record, with its `kind`. The records of a kind follow each other in the order of their
/// ids; the kinds come in the order in which casekit declares them; last come the events, in the order in
/// which they happened. So two desks that hold the same give the same file, whatever their databases are.
/// Each page of a kind is read as it is at that moment: nobody should write meanwhile.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// The file, which must not be there yet.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct LoadArguments {
    /// The agent, by name or id.
    #[arg(long, value_name = "NAME")]
    pub(crate) agent: String,
    /// At most so many cases in each list.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// The number of the case.
    pub(crate) number: u64,
    /// As its customer sees it.
    #[arg(long)]
    pub(crate) as_customer: bool,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct FindArguments {
    /// The words; each must begin a word of the case. Case and accents do not matter.
    #[arg(required = true)]
    pub(crate) text: Vec<String>,
    /// At most so many cases.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct CasesArguments {
    /// Only those of this status.
    #[arg(long)]
    pub(crate) status: Option<StatusName>,
    /// Only those of this agent, by name or id; `nobody` for those that nobody has.
    #[arg(long, value_name = "NAME")]
    pub(crate) assignee: Option<String>,
    /// Only those with this tag; with all of them if given several times.
    #[arg(long)]
    pub(crate) tag: Vec<String>,
    /// By what they are sorted.
    #[arg(long, value_name = "FIELD", default_value = "updated")]
    pub(crate) sort: SortName,
    /// The smallest, earliest, or first in the alphabet first.
    #[arg(long)]
    pub(crate) ascending: bool,
    /// At most so many cases.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct JourneyArguments {
    /// The customer, by name, address, number or id.
    pub(crate) customer: String,
    /// At most so many activities.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct StatsArguments {
    #[command(flatten)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StatusName {
    #[value(alias = "open")]
    Active,
    Closed,
}

impl From<StatusName> for Status {
    fn from(name: StatusName) -> Self {
        match name {
            StatusName::Active => Self::Active,
            StatusName::Closed => Self::Closed,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SortName {
    /// When it was opened
    Opened,
    /// When it, or anything in it, was last changed
    Updated,
    /// When the customer last wrote or called
    CustomerLast,
    /// How long the customer has waited
    SlaAge,
    /// The name of the customer
    From,
    /// The subject
    Subject,
    /// Flagged or not
    Flag,
    /// The number
    Number,
}

impl From<SortName> for CaseSort {
    fn from(name: SortName) -> Self {
        match name {
            SortName::Opened => Self::Opened,
            SortName::Updated => Self::Updated,
            SortName::CustomerLast => Self::CustomerLast,
            SortName::SlaAge => Self::SlaAge,
            SortName::From => Self::CustomerName,
            SortName::Subject => Self::Subject,
            SortName::Flag => Self::Flag,
            SortName::Number => Self::Number,
        }
    }
}

fn meaning(text: &str) -> Result<(String, LogAction), String> {
    // The name of an activity may itself contain the sign.
    let (activity, action) = text
        .rsplit_once('=')
        .ok_or("expected `ACTIVITY=MEANING`, such as `Escalate=take`")?;
    let action = match action.trim() {
        "take" => LogAction::Take,
        "wait" => LogAction::Wait,
        "resolve" => LogAction::Resolve,
        "close" => LogAction::Close,
        "reopen" => LogAction::Reopen,
        "record" => LogAction::Record,
        other => {
            return Err(format!(
                "`{other}` is not a meaning: use take, wait, resolve, close, reopen or record"
            ));
        }
    };
    Ok((activity.trim().to_owned(), action))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [one] if one.is_ascii() => Ok(*one),
        _ if text == "\\t" => Ok(b'\t'),
        _ => Err("expected one ASCII character, or `\\t` for a tab".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_meaning_is_what_follows_the_last_sign() {
        let escalated = meaning("a=b = take").expect("a meaning");
        assert_eq!(escalated, ("a=b".to_owned(), LogAction::Take));
        assert!(meaning("Escalate").is_err());
        assert!(meaning("Escalate=up").unwrap_err().contains("`up`"));
    }
}
