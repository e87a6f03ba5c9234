//! Finding cases: lists with filters and orders, full text, the case load.

use serde::{Deserialize, Serialize};

use super::figures::natural;
use super::filters::awaiting;
use super::{CaseFilter, CaseSort, Operation, Staff};
use crate::desk::{Context, Found};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{AgentId, Case, Entry, EntryId, FromEntity, Kind, Status, Value};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, Query, Scope, TextQuery, excerpt, holds_any};
use crate::rules::length;

/// How long an excerpt is, in characters.
const EXCERPT: usize = 160;

/// Lists cases. Cases that were merged into others are left out.
///
/// Page after page with `after`, every case that does not change meanwhile is given exactly once.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FindCases {
    /// Which cases; all if absent.
    #[serde(default = "everything")]
    pub filter: CaseFilter,
    /// By what they are sorted.
    #[serde(default)]
    pub sort: CaseSort,
    /// In which direction.
    #[serde(default = "descending")]
    pub direction: Direction,
    /// Continues after an earlier page of the same list.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many cases, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

fn everything() -> CaseFilter {
    CaseFilter::All(Vec::new())
}

pub(crate) fn descending() -> Direction {
    Direction::Descending
}

pub(crate) fn fifty() -> u32 {
    50
}

impl Default for FindCases {
    fn default() -> Self {
        Self {
            filter: everything(),
            sort: CaseSort::default(),
            direction: descending(),
            after: None,
            limit: fifty(),
        }
    }
}

/// A page of cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CasePage {
    /// The cases.
    pub cases: Vec<Case>,
    /// Where the next page begins; null when this was the last.
    pub next: Option<Cursor>,
}

impl From<Found<Case>> for CasePage {
    fn from(found: Found<Case>) -> Self {
        Self {
            cases: found.records,
            next: found.next,
        }
    }
}

impl Operation for FindCases {
    const NAME: &'static str = "find_cases";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = CasePage;

    async fn run(&self, cx: &mut Context) -> Result<CasePage> {
        if self.sort == CaseSort::Relevance {
            return Err(Error::invalid(
                "sorting by relevance needs a text: use `search_cases`",
            ));
        }
        let filter = cx.case_filter(&self.filter).await?;
        let query = Query {
            workspace: cx.workspace_id(),
            kind: Kind::Case,
            filter: cx.listed(filter.and(Filter::equal("merged", false))),
            text: None,
            sort: self.sort.compile(self.direction),
            after: self.after.clone(),
            limit: self.limit,
        };
        Ok(cx.find(&query).await?.into())
    }
}

/// Counts the cases that `find_cases` lists with the same filter, up to a number, so that a count of very many takes
/// no longer than that. The figures of reports come from `workspace_statistics`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountCases {
    /// Which cases; all if absent.
    #[serde(default = "everything")]
    pub filter: CaseFilter,
    /// The number up to which they are counted, at most 100,000; 1,000 if absent.
    #[serde(default = "enough")]
    pub at_most: u32,
}

/// The number up to which cases are counted if nobody says.
const ENOUGH: u32 = 1_000;

/// The largest number up to which they are counted.
const MOST_COUNTED: u32 = 100_000;

fn enough() -> u32 {
    ENOUGH
}

impl Default for CountCases {
    fn default() -> Self {
        Self {
            filter: everything(),
            at_most: enough(),
        }
    }
}

/// How many cases there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseCount {
    /// How many, but not more than were to be counted.
    pub count: u64,
    /// Whether there are more: `1,000+`.
    pub more: bool,
}

impl Operation for CountCases {
    const NAME: &'static str = "count_cases";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = CaseCount;

    async fn run(&self, cx: &mut Context) -> Result<CaseCount> {
        if !(1..=MOST_COUNTED).contains(&self.at_most) {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "`at_most` is from 1 to {MOST_COUNTED}, not `{}`: figures of more come from \
                     `workspace_statistics`",
                    self.at_most
                ),
            ));
        }
        let filter = cx.case_filter(&self.filter).await?;
        let listed = cx.listed(filter.and(Filter::equal("merged", false)));
        let count = natural(cx.count_up_to(Kind::Case, listed, self.at_most + 1).await?);
        let at_most = u64::from(self.at_most);
        Ok(CaseCount {
            count: count.min(at_most),
            more: count > at_most,
        })
    }
}

/// Searches cases by number, subject, customer and the full text of their threads.
///
/// Each word must begin a word of the case or its thread, without regard to case and accents.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchCases {
    /// The words.
    pub text: String,
    /// Which cases; all if absent.
    #[serde(default = "everything")]
    pub filter: CaseFilter,
    /// By what they are sorted.
    #[serde(default = "relevance")]
    pub sort: CaseSort,
    /// In which direction.
    #[serde(default = "descending")]
    pub direction: Direction,
    /// Continues after an earlier page of the same search.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many cases, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

fn relevance() -> CaseSort {
    CaseSort::Relevance
}

impl SearchCases {
    /// The best matches for `text`.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            filter: everything(),
            sort: CaseSort::Relevance,
            direction: descending(),
            after: None,
            limit: fifty(),
        }
    }
}

/// A page of cases that were found by words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SearchPage {
    /// The cases, each with where it was found.
    pub found: Vec<FoundCase>,
    /// Where the next page begins; null when this was the last.
    pub next: Option<Cursor>,
}

/// A case that was found by words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FoundCase {
    /// The case.
    pub case: Case,
    /// The entry in which a word was found; null when it was in the case itself.
    pub entry: Option<EntryId>,
    /// The text around the word.
    pub excerpt: String,
}

impl Operation for SearchCases {
    const NAME: &'static str = "search_cases";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = SearchPage;

    async fn run(&self, cx: &mut Context) -> Result<SearchPage> {
        length::search("text", &self.text)?;
        let text = TextQuery::new(&self.text, Scope::All)
            .ok_or_else(|| Error::invalid("there is no word to search for"))?;
        let filter = cx.case_filter(&self.filter).await?;
        let query = Query {
            workspace: cx.workspace_id(),
            kind: Kind::Case,
            filter: cx.listed(filter.and(Filter::equal("merged", false))),
            text: Some(text.clone()),
            sort: self.sort.compile(self.direction),
            after: self.after.clone(),
            limit: self.limit,
        };
        let page = cx.find::<Case>(&query).await?;
        let hits = cx.load(&page.hits).await?;
        let found = page.records.into_iter().zip(hits);
        Ok(SearchPage {
            found: found
                .map(|(case, hit)| {
                    let entry = hit.and_then(Entry::from_entity);
                    let source = match &entry {
                        Some(entry) => entry.text(),
                        None => text_with(&case, &text.words),
                    };
                    FoundCase {
                        excerpt: excerpt(source.trim(), &text.words, EXCERPT),
                        entry: entry.map(|entry| entry.id),
                        case,
                    }
                })
                .collect(),
            next: page.next,
        })
    }
}

/// The first text of a case that holds one of `words`.
fn text_with(case: &Case, words: &[String]) -> String {
    let numbers = case.numbers();
    let texts = [
        &case.subject,
        &case.description,
        &case.notes,
        &case.customer_name,
        &numbers,
    ];
    let found = texts.into_iter().find(|text| holds_any(text, words));
    found.unwrap_or(&case.subject).clone()
}

/// An agent's home: what needs attention, own cases, those of others on which they work, unclaimed cases.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetCaseLoad {
    /// Whose; null for one's own. That of another needs the right to supervise.
    #[serde(default)]
    pub agent: Option<AgentId>,
    /// At most so many cases in each list, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

impl Default for GetCaseLoad {
    fn default() -> Self {
        Self {
            agent: None,
            limit: fifty(),
        }
    }
}

/// The first cases of a list of the case load. `find_cases` with the same filter gives them all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseList {
    /// The cases.
    pub cases: Vec<Case>,
    /// Whether there are more. How many, `count_cases` tells: that looks at all of them.
    pub more: bool,
}

impl From<Found<Case>> for CaseList {
    fn from(found: Found<Case>) -> Self {
        Self {
            more: found.next.is_some(),
            cases: found.records,
        }
    }
}

/// An agent's home.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseLoad {
    /// Active cases whose customer waits, the longest wait first: of products in which the agent is
    /// expert, and those without product, which are everyone's.
    pub needs_attention: CaseList,
    /// The agent's active cases, the latest changed first.
    pub own: CaseList,
    /// Active cases of others on which the agent works as an operator, the latest changed first.
    pub operating: CaseList,
    /// Active cases that nobody has, the longest untouched first.
    pub unclaimed: CaseList,
}

impl Operation for GetCaseLoad {
    const NAME: &'static str = "get_case_load";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = CaseLoad;

    async fn run(&self, cx: &mut Context) -> Result<CaseLoad> {
        let agent = match self.agent {
            Some(id) if cx.actor().agent() != Some(id) => {
                cx.require(Access::Supervise)?;
                cx.get(id).await?
            }
            _ => cx.acting_agent()?.clone(),
        };
        let active = || Filter::all().and(Filter::equal("status", Status::Active.name()));
        let mine = std::iter::once(Value::nil()).chain(agent.products.iter().map(|&p| p.into()));
        let attention = active().and(awaiting()).and(Filter::is_in("product", mine));
        let own = active().and(Filter::equal("assignee", agent.id));
        let beside = Filter::equal("assignee", agent.id).negate();
        let operating = active()
            .and(Filter::equal("operators", agent.id))
            .and(beside);
        let unclaimed = active().and(Filter::equal("assignee", Value::nil()));
        let list = |filter, field, direction| {
            Query::all(agent.workspace, Kind::Case)
                .filter(cx.listed(filter))
                .sort(field, direction)
                .limit(self.limit)
        };
        let attention = list(attention, "awaiting_since", Direction::Ascending);
        let own = list(own, "updated_at", Direction::Descending);
        let operating = list(operating, "updated_at", Direction::Descending);
        let unclaimed = list(unclaimed, "updated_at", Direction::Ascending);
        Ok(CaseLoad {
            needs_attention: cx.find(&attention).await?.into(),
            own: cx.find(&own).await?.into(),
            operating: cx.find(&operating).await?.into(),
            unclaimed: cx.find(&unclaimed).await?.into(),
        })
    }
}
