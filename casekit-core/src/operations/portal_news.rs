//! What customers are told of their own cases.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Operation, Portal, PortalEntry, PortalUpdate};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{Case, CaseId, Customer, CustomerId, Entry, Event, EventId, Key, Kind, Seq};
use crate::port::Access;
use crate::query::{Comparison, Direction, Filter, Query};

/// How many events one look for news gives.
const NEWS: u32 = 200;
/// How many customers merged into one are looked after together.
const MAX_STUBS: usize = 1_000;

/// Tells what is new in one's own cases: opened, closed, reopened, and what was said publicly.
///
/// What was imported from another system's log is no news.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct MyUpdates {
    /// Where the last look ended: `upto` of its answer; null for the beginning.
    pub after: Option<EventId>,
}

/// What is new in a customer's cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalUpdates {
    /// What is new, in order.
    pub updates: Vec<PortalUpdate>,
    /// Where the next look continues. There may be more at once if it is not `after`.
    pub upto: Option<EventId>,
}

impl Operation for MyUpdates {
    const NAME: &'static str = "my_updates";
    const ACCESS: Access = Access::Read;
    type For = Portal;
    type Output = PortalUpdates;

    async fn run(&self, cx: &mut Context) -> Result<PortalUpdates> {
        let events = cx.news(self.after).await?;
        let upto = events.last().map(|event| event.id).or(self.after);
        let cases = events.iter().filter_map(|event| event.case);
        let cases = cases.map(|case| cx.key(Kind::Case, case.0));
        let known: Vec<Key> = cases
            .chain(events.iter().map(|event| event.about))
            .collect();
        // In one round trip; the loop below finds them loaded.
        cx.load(&known).await?;
        let mut updates = Vec::new();
        for event in events {
            if let Some(update) = PortalUpdate::of(&event)
                && cx.is_shown(&event, update.case).await?
            {
                updates.push(update);
            }
        }
        Ok(PortalUpdates { updates, upto })
    }
}

impl Context {
    /// The next events that are news for the acting customer. The place where the last look ended is
    /// named by an event of their own: sequence numbers would tell how much happens in others' cases.
    async fn news(&mut self, after: Option<EventId>) -> Result<Vec<Event>> {
        let me = self.customer()?.id;
        let stubs = Query::all(self.workspace_id(), Kind::Customer)
            .filter(Filter::equal("merged_into", me));
        let stubs: Vec<Customer> = self.find_all(stubs, MAX_STUBS).await?;
        let mine: Vec<CustomerId> = stubs.iter().map(|stub| stub.id).chain([me]).collect();
        let seen = match after {
            None => Seq(0),
            Some(id) => {
                let event: Option<Event> = self.find_one(id).await?;
                let event =
                    event.filter(|event| event.told.is_some_and(|told| mine.contains(&told)));
                let unknown =
                    || Error::invalid(format!("`{id}` is not where a look for news ended"));
                event.ok_or_else(unknown)?.seq
            }
        };
        let told = match mine.as_slice() {
            [me] => Filter::equal("told", *me),
            all => Filter::is_in("told", all.iter().copied()),
        };
        let later = Filter::compare("seq", Comparison::Greater, seen.0.cast_signed());
        let query = Query::all(self.workspace_id(), Kind::Event)
            .filter(Filter::all().and(told).and(later))
            .sort("seq", Direction::Ascending)
            .limit(NEWS);
        Ok(self.find(&query).await?.records)
    }

    /// Whether the customer may still see what `event` told them: the case may have been deleted, or the
    /// entry may have gone to a case of somebody else.
    async fn is_shown(&mut self, event: &Event, case: CaseId) -> Result<bool> {
        let me = self.customer()?.id;
        let case: Option<Case> = self.find_one(case).await?;
        let own = case.is_some_and(|case| case.customer == me && self.allow_case(&case).is_ok());
        if !own || event.about.kind != Kind::Entry {
            return Ok(own);
        }
        let entry: Option<Entry> = self.find_one(event.about.id.into()).await?;
        let viewer = BTreeSet::from([me]);
        Ok(entry.is_some_and(|entry| PortalEntry::of(&entry, &viewer).is_some()))
    }
}
