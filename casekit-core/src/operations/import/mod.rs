//! Importing event logs: what another system recorded becomes cases with their history.

use std::collections::{BTreeMap, BTreeSet};

mod lines;
mod names;

use serde::{Deserialize, Serialize};

use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    AgentId, Case, CaseId, CustomerId, ExternalId, ProductId, Status, Time, Unique,
};
use crate::port::Access;
use crate::rules::length;
pub use crate::rules::log::LogAction;

/// The most cases and lines of one call.
const MAX_CASES: usize = 1_000;
const MAX_LINES: usize = 20_000;
/// The most characters of a `#` and the place of a line.
const PLACE: usize = 6;

/// Imports cases of an event log (case, activity, time), with the customers, agents and products
/// that they name, all with their original times, in one commit.
///
/// Cases and lines that were imported before are left out, so a log can be imported again when it has
/// grown, or when an import was interrupted: a line is known by its `place` among those of its case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportLog {
    /// The name of the system that the log comes from; ids are unique in it.
    pub system: String,
    /// The cases, at most 1,000 with 20,000 lines in all.
    pub cases: Vec<LoggedCase>,
    /// What activities mean, by name without regard to case and accents. Those that are not named are
    /// judged by their first word: take, wait, resolve, close, reopen.
    #[serde(default)]
    pub meanings: BTreeMap<String, LogAction>,
}

/// A case of a log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LoggedCase {
    /// Its id in the log.
    pub id: String,
    /// The subject; empty for the id.
    #[serde(default)]
    pub subject: String,
    /// What the log calls the customer.
    #[serde(default)]
    pub customer: Option<String>,
    /// What the log calls the product.
    #[serde(default)]
    pub product: Option<String>,
    /// The lines, at least one. They are sorted by time, equals as they come.
    pub lines: Vec<LogLine>,
}

/// A line of a log.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LogLine {
    /// What the log calls it.
    pub activity: String,
    /// When it happened.
    pub at: Time,
    /// What the log calls the agent who did it.
    #[serde(default)]
    pub agent: Option<String>,
    /// What the log calls the customer it was done with; none for the customer of the case.
    #[serde(default)]
    pub customer: Option<String>,
    /// Its place among the lines of its case, from 1 to 99,999, by which it is known when the log is imported
    /// again; none for the place at which it comes. Lines that are left out because they cannot be read have
    /// one too: when they are mended, those after them keep theirs.
    #[serde(default)]
    pub place: Option<u32>,
}

/// What an import wrote, and what the workspace holds since.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imported {
    /// New cases.
    pub cases: u64,
    /// New activities.
    pub activities: u64,
    /// New customers.
    pub customers: u64,
    /// New agents.
    pub agents: u64,
    /// New products.
    pub products: u64,
    /// What the workspace holds of the cases of this call, whether it is new or was there before.
    pub held: Held,
}

/// What a workspace holds of cases of a log. Ids, so that a host which imports a log in several calls
/// can count what occurs in more than one of them once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Held {
    /// The cases, in the order of the call.
    pub cases: Vec<HeldCase>,
    /// How many activities.
    pub activities: u64,
    /// The customers.
    pub customers: BTreeSet<CustomerId>,
    /// The agents.
    pub agents: BTreeSet<AgentId>,
    /// The products.
    pub products: BTreeSet<ProductId>,
}

/// A case of a log as the workspace holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HeldCase {
    /// The case.
    pub id: CaseId,
    /// Whether it is worked on.
    pub status: Status,
}

impl Operation for ImportLog {
    const NAME: &'static str = "import_log";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Imported;

    async fn run(&self, cx: &mut Context) -> Result<Imported> {
        self.check()?;
        let mut imported = Imported::default();
        let names = self.names(cx, &mut imported).await?;
        imported.held = names.held();
        let ids = self.cases.iter().map(|logged| self.external(&logged.id));
        let keys = ids.map(|id| Unique::new("case_external_id", id.joined()));
        let known = cx.by_uniques::<Case>(keys.collect()).await?;
        for (logged, known) in self.cases.iter().zip(known) {
            // A case that was merged goes on in the one it went into.
            let known = match known {
                Some(case) => Some(cx.case(case.id.into()).await?),
                None => None,
            };
            let case = self
                .import(cx, logged, known, &names, &mut imported)
                .await?;
            imported.held.cases.push(case);
            imported.held.activities += logged.lines.len() as u64;
        }
        Ok(imported)
    }
}

impl From<&Case> for HeldCase {
    fn from(case: &Case) -> Self {
        Self {
            id: case.id,
            status: case.status,
        }
    }
}

impl ImportLog {
    fn check(&self) -> Result<()> {
        length::external_id(&self.system, "any")?;
        if self.system.contains(':') {
            return Err(Error::invalid("`system` must not contain a colon"));
        }
        let lines: usize = self.cases.iter().map(|case| case.lines.len()).sum();
        if self.cases.len() > MAX_CASES || lines > MAX_LINES {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("at most {MAX_CASES} cases and {MAX_LINES} lines in one call"),
            ));
        }
        let mut ids = BTreeSet::new();
        for case in &self.cases {
            // Lines are known by the id of their case with their number behind it.
            length::title("id", &case.id)?;
            length::at_most("id", &case.id, length::EXTERNAL_ID - PLACE)?;
            length::short("subject", &case.subject)?;
            let lines = case.lines.iter();
            let names = lines.flat_map(|line| line.agent.iter().chain(&line.customer));
            for name in names.chain(&case.customer).chain(&case.product) {
                length::at_most("name", name, length::NAME)?;
            }
            if !ids.insert(&case.id) {
                return Err(Error::invalid(format!(
                    "case `{}` comes twice in one call",
                    case.id
                )));
            }
            if case.lines.is_empty() {
                return Err(Error::invalid(format!("case `{}` has no lines", case.id)));
            }
            case.lines
                .iter()
                .try_for_each(|line| length::title("activity", &line.activity))?;
            case.check_places()?;
        }
        Ok(())
    }

    fn external(&self, id: &str) -> ExternalId {
        ExternalId {
            system: self.system.clone(),
            id: id.to_owned(),
        }
    }
}
