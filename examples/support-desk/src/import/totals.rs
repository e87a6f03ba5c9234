//! What the desk holds of a log, added up over the batches.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use casekit_core::model::{AgentId, CaseId, CustomerId, ProductId, Status};
use casekit_core::operations::Imported;
use casekit_core::{Error, Result};
use serde::Serialize;

#[derive(Debug, Default)]
pub(super) struct Totals {
    cases: BTreeMap<CaseId, Status>,
    activities: u64,
    customers: BTreeSet<CustomerId>,
    agents: BTreeSet<AgentId>,
    products: BTreeSet<ProductId>,
    new_cases: u64,
    new_activities: u64,
}

/// The last line on standard output.
#[derive(Debug, Serialize)]
struct Summary {
    /// What the desk holds of the log, whether this run imported it or an earlier one.
    cases: usize,
    activities: u64,
    customers: usize,
    agents: usize,
    products: usize,
    open: usize,
    closed: usize,
    /// Rows that were left out.
    skipped: usize,
    /// Activities that are new in this run, and cases.
    imported: u64,
    imported_cases: u64,
    seconds: f64,
}

impl Totals {
    /// Adds what a batch came to.
    pub(super) fn add(&mut self, imported: &Imported) {
        let held = &imported.held;
        self.cases
            .extend(held.cases.iter().map(|case| (case.id, case.status)));
        self.activities += held.activities;
        self.customers.extend(&held.customers);
        self.agents.extend(&held.agents);
        self.products.extend(&held.products);
        self.new_cases += imported.cases;
        self.new_activities += imported.activities;
    }

    /// How many cases there are so far.
    pub(super) fn cases(&self) -> usize {
        self.cases.len()
    }

    pub(super) fn to_json(&self, skipped: usize, took: Duration) -> Result<String> {
        let with = |status| self.cases.values().filter(move |held| **held == status);
        let summary = Summary {
            cases: self.cases.len(),
            activities: self.activities,
            customers: self.customers.len(),
            agents: self.agents.len(),
            products: self.products.len(),
            open: with(Status::Active).count(),
            closed: with(Status::Closed).count(),
            skipped,
            imported: self.new_activities,
            imported_cases: self.new_cases,
            seconds: (took.as_secs_f64() * 1_000.0).round() / 1_000.0,
        };
        let json = serde_json::to_string(&summary)
            .map_err(|error| Error::bug("the totals have no JSON form").with_source(error))?;
        Ok(json + "\n")
    }
}
