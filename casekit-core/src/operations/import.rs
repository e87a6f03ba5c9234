//! Importing event logs: what another system recorded becomes cases with their history.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Activity, Agent, AgentId, Author, Case, CaseId, Customer, CustomerId, Edited, ExternalId,
    FieldTarget, Happening, Medium, Product, ProductId, Role, Status, Stored, Time, Turn, Unique,
    Version, What, to_millisecond,
};
use crate::port::Access;
use crate::query::{fold, words};
use crate::rules::given::New;
pub use crate::rules::log::LogAction;
use crate::rules::{length, log, status};

/// The most cases and lines of one call.
const MAX_CASES: usize = 1_000;
const MAX_LINES: usize = 20_000;
/// The most characters of a `#` and the place of a line.
const PLACE: usize = 6;

/// Imports cases of an event log (case, activity, time), with the customers, agents and products
/// that they name, all with their original times, in one commit.
///
/// Cases and lines that were imported before are left out, so a log can be imported again when it has
/// grown, or when an import was interrupted: a line is known by its place among those of its case.
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

/// The records behind the names of a log.
#[derive(Debug, Default)]
struct Names {
    /// By name.
    customers: BTreeMap<String, Customer>,
    /// By address.
    agents: BTreeMap<String, Agent>,
    /// By folded name.
    products: BTreeMap<String, Product>,
}

impl Names {
    fn customer(&self, name: &str) -> Result<&Customer> {
        let customer = self.customers.get(name);
        customer.ok_or_else(|| Error::bug("a customer of the log was not loaded"))
    }

    fn held(&self) -> Held {
        Held {
            customers: self
                .customers
                .values()
                .map(|customer| customer.id)
                .collect(),
            agents: self.agents.values().map(|agent| agent.id).collect(),
            products: self.products.values().map(|product| product.id).collect(),
            ..Held::default()
        }
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
        }
        Ok(())
    }

    fn external(&self, id: &str) -> ExternalId {
        ExternalId {
            system: self.system.clone(),
            id: id.to_owned(),
        }
    }

    fn customer_name(case: &LoggedCase) -> &str {
        given(case.customer.as_ref()).unwrap_or("Unknown")
    }

    /// Loads what the log names, and stages what is missing.
    async fn names(&self, cx: &mut Context, imported: &mut Imported) -> Result<Names> {
        let mut names = Names::default();
        let lines = self.cases.iter().flat_map(|case| &case.lines);
        let customers: BTreeSet<&str> = (self.cases.iter().map(Self::customer_name))
            .chain(lines.filter_map(|line| given(line.customer.as_ref())))
            .collect();
        let keys = customers
            .iter()
            .map(|name| Unique::new("customer_external_id", self.external(name).joined()));
        let found = cx.by_uniques::<Customer>(keys.collect()).await?;
        for (name, found) in customers.into_iter().zip(found) {
            let customer = match found {
                Some(customer) => cx.follow_customer(customer).await?,
                None => {
                    imported.customers += 1;
                    self.new_customer(cx, name)?
                }
            };
            names.customers.insert(name.to_owned(), customer);
        }
        // Names of agents that come to the same address are one agent's, names of products that
        // differ in case and accents alone one product's.
        let agents = self
            .cases
            .iter()
            .flat_map(|case| &case.lines)
            .filter_map(agent_name);
        let agents: BTreeMap<_, _> = agents.map(|name| (self.address(name), name)).collect();
        let keys = agents
            .keys()
            .map(|address| Unique::new("agent_email", address.clone()));
        let found = cx.by_uniques::<Agent>(keys.collect()).await?;
        for ((address, name), found) in agents.into_iter().zip(found) {
            let agent = found.unwrap_or_else(|| {
                imported.agents += 1;
                self.new_agent(cx, name)
            });
            names.agents.insert(address, agent);
        }
        let products = self.cases.iter().filter_map(product_name);
        let products: BTreeMap<_, _> = products.map(|name| (fold(name), name)).collect();
        let keys = products
            .keys()
            .map(|folded| Unique::new("product_name", folded.clone()));
        let found = cx.by_uniques::<Product>(keys.collect()).await?;
        for ((folded, name), found) in products.into_iter().zip(found) {
            let product = found.unwrap_or_else(|| {
                imported.products += 1;
                new_product(cx, name)
            });
            names.products.insert(folded.into_owned(), product);
        }
        Ok(names)
    }

    /// An address under which an agent of the log is known. `.invalid` never exists (RFC 2606).
    fn address(&self, name: &str) -> String {
        let plain = |text: &str| words(text).join("-");
        format!("{}@{}.invalid", plain(name), plain(&self.system))
    }

    fn new_customer(&self, cx: &mut Context, name: &str) -> Result<Customer> {
        let mut customer = Customer {
            id: cx.new_id::<CustomerId>(),
            workspace: cx.workspace_id(),
            version: Version(0),
            name: name.to_owned(),
            emails: Vec::new(),
            phones: Vec::new(),
            organisation: None,
            language: None,
            external_ids: BTreeMap::from([(self.system.clone(), name.to_owned())]),
            notes: String::new(),
            custom: cx.default_values(FieldTarget::Customer)?,
            merged_into: None,
            created_at: cx.now(),
            updated_at: cx.now(),
            edited: Edited::default(),
        };
        cx.create(&mut customer);
        Ok(customer)
    }

    fn new_agent(&self, cx: &mut Context, name: &str) -> Agent {
        let mut agent = Agent {
            id: cx.new_id::<AgentId>(),
            workspace: cx.workspace_id(),
            version: Version(0),
            name: name.to_owned(),
            email: self.address(name),
            role: Role::Agent,
            locale: None,
            time_zone: None,
            signature: None,
            products: BTreeSet::new(),
            active: true,
            created_at: cx.now(),
            edited: Edited::default(),
        };
        cx.create(&mut agent);
        agent
    }

    async fn import(
        &self,
        cx: &mut Context,
        logged: &LoggedCase,
        known: Option<Case>,
        names: &Names,
        imported: &mut Imported,
    ) -> Result<HeldCase> {
        let mut lines: Vec<(usize, &LogLine)> = logged.lines.iter().enumerate().collect();
        lines.sort_by_key(|(_, line)| line.at);
        let missing = match &known {
            None => lines,
            Some(_) => self.missing(cx, logged, lines).await?,
        };
        let before = known.clone();
        let mut case = match (known, missing.first()) {
            (Some(case), None) => return Ok(HeldCase::from(&case)),
            (Some(case), Some(_)) => case,
            (None, Some((_, first))) => {
                imported.cases += 1;
                self.new_imported_case(cx, logged, first.at, names)?
            }
            (None, None) => return Err(Error::bug("a case without lines was not refused")),
        };
        for (place, line) in missing {
            self.import_line(cx, &mut case, logged, place, line, names)?;
            imported.activities += 1;
        }
        cx.put(&mut case);
        let (what, changes) = match before {
            None => (What::Opened, case.given()),
            Some(before) => (What::Changed, status::changes(&before, &case)),
        };
        cx.event(what, Some(case.id), case.key(), changes);
        Ok(HeldCase::from(&case))
    }

    /// The lines that were not imported before.
    async fn missing<'a>(
        &self,
        cx: &mut Context,
        logged: &LoggedCase,
        lines: Vec<(usize, &'a LogLine)>,
    ) -> Result<Vec<(usize, &'a LogLine)>> {
        let ids = lines.iter().map(|(place, _)| self.line_id(logged, *place));
        let keys = ids.map(|id| Unique::new("activity_external_id", id.joined()));
        let known = cx.by_uniques::<Activity>(keys.collect()).await?;
        let pairs = lines.into_iter().zip(known);
        Ok(pairs
            .filter(|(_, known)| known.is_none())
            .map(|(line, _)| line)
            .collect())
    }

    fn line_id(&self, logged: &LoggedCase, place: usize) -> ExternalId {
        self.external(&format!("{}#{}", logged.id, place + 1))
    }

    fn new_imported_case(
        &self,
        cx: &mut Context,
        logged: &LoggedCase,
        at: Time,
        names: &Names,
    ) -> Result<Case> {
        let customer = names.customer(Self::customer_name(logged))?;
        let subject = Some(logged.subject.as_str()).filter(|subject| !subject.trim().is_empty());
        let mut case = cx.new_case(customer, subject.unwrap_or(&logged.id), Medium::Import)?;
        let at = to_millisecond(at);
        case.opened_at = at;
        case.updated_at = at;
        case.external_id = Some(self.external(&logged.id));
        case.custom = cx.default_values(FieldTarget::Case)?;
        let product = product_name(logged).and_then(|name| names.products.get(fold(name).as_ref()));
        case.product = product.map(|product| product.id);
        // The log does not say what the customer asked, but somebody did.
        let (origin, turn, stage) = (Medium::Import, Turn::Staff, case.stage.clone());
        cx.history_by(
            &mut case,
            Happening::Opened {
                origin,
                turn,
                stage,
            },
            Author::System,
            at,
        );
        Ok(case)
    }

    fn import_line(
        &self,
        cx: &mut Context,
        case: &mut Case,
        logged: &LoggedCase,
        place: usize,
        line: &LogLine,
        names: &Names,
    ) -> Result<()> {
        let at = to_millisecond(line.at);
        let agent = agent_name(line).and_then(|name| names.agents.get(&self.address(name)));
        let author = agent.map_or(Author::System, |agent| Author::Agent {
            id: agent.id,
            name: agent.name.clone(),
        });
        let mut activity = cx.activity(case, Medium::Import, at);
        activity.subject.clone_from(&line.activity);
        if let Some(name) = given(line.customer.as_ref()) {
            activity.customer = names.customer(name)?.id;
        }
        activity.ended_at = Some(at);
        activity.agents.extend(agent.map(|agent| agent.id));
        activity.external_id = Some(self.line_id(logged, place));
        cx.put(&mut activity);
        let action = self.meaning(&line.activity);
        let logged = Happening::Logged {
            activity: line.activity.clone(),
            turn: log::turn(action),
        };
        let mut entry = cx.history_by(case, logged, author.clone(), at);
        entry.activity = Some(activity.id);
        cx.put(&mut entry);
        let line = log::Line {
            activity: &line.activity,
            at,
            agent,
        };
        for happening in log::apply(case, cx.workspace()?, action, &line)? {
            cx.history_by(case, happening, author.clone(), at);
        }
        Ok(())
    }

    fn meaning(&self, activity: &str) -> LogAction {
        let name = fold(activity.trim());
        let set = self
            .meanings
            .iter()
            .find(|(key, _)| fold(key.trim()) == name);
        set.map_or_else(|| log::meaning(activity), |(_, action)| *action)
    }
}

fn agent_name(line: &LogLine) -> Option<&str> {
    // A name without any word has no address, so it is no agent's.
    given(line.agent.as_ref()).filter(|name| !words(name).is_empty())
}

fn product_name(case: &LoggedCase) -> Option<&str> {
    given(case.product.as_ref())
}

/// A name without blanks around, if it is one.
fn given(name: Option<&String>) -> Option<&str> {
    let name = name.map(|name| name.trim());
    name.filter(|name| !name.is_empty())
}

fn new_product(cx: &mut Context, name: &str) -> Product {
    let mut product = Product {
        id: cx.new_id::<ProductId>(),
        workspace: cx.workspace_id(),
        version: Version(0),
        name: name.to_owned(),
        description: String::new(),
        active: true,
        created_at: cx.now(),
        edited: Edited::default(),
    };
    cx.create(&mut product);
    product
}
