//! Prints how long the memory store takes, with 100,000 cases: `cargo run --release -p casekit-memory --example figures`.

use std::sync::Arc;
use std::time::Instant;

use casekit_core::model::{
    Case, Customer, Entity, FromEntity, Key, Kind, Stored, Value, What, WorkspaceId,
};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, Direction, Filter, Query, Scope, SortBy, TextQuery};
use casekit_core::{Change, ChangeSet, Result};
use casekit_memory::MemoryStore;
use casekit_testkit::generate::Generator;
use uuid::Uuid;

const CASES: usize = 100_000;

struct Figures {
    store: MemoryStore,
    make: Generator,
    workspace: WorkspaceId,
}

impl Figures {
    fn set(&mut self, changes: Vec<Change>) -> ChangeSet {
        ChangeSet {
            id: self.make.id(),
            workspace: self.workspace,
            changes,
            events: Vec::new(),
        }
    }

    async fn fill(&mut self) -> Result<Vec<Key>> {
        let mut keys = Vec::new();
        while keys.len() < CASES {
            let scene = self.make.scene(1_000);
            let of_cases = scene.records.iter().filter(|r| r.kind() == Kind::Case);
            keys.extend(of_cases.map(Entity::key));
            let mut set = self.set(scene.records.into_iter().map(Change::Create).collect());
            set.events = scene.events;
            self.store.commit(set).await?;
        }
        Ok(keys)
    }

    /// Opens cases as an operation does: case, activity, message, event; checks the customer.
    async fn open(&mut self, count: u32) -> Result<()> {
        let customer: Customer = self.make.customer();
        let set = self.set(vec![Change::Create(customer.clone().into_entity())]);
        self.store.commit(set).await?;
        let mut sets = Vec::new();
        for _ in 0..count {
            let case = self.make.case(&customer);
            let activity = self.make.activity(&case);
            let entry = self.make.entry(&case);
            let event = self.make.event(case.key(), What::Opened);
            let mut set = self.set(vec![
                Change::Check {
                    key: customer.key(),
                    version: casekit_core::model::Version(1),
                },
                Change::Create(case.into_entity()),
                Change::Create(activity.into_entity()),
                Change::Create(entry.into_entity()),
            ]);
            set.events.push(event);
            sets.push(set);
        }
        let start = Instant::now();
        for set in sets {
            self.store.commit(set).await?;
        }
        report("open a case (4 records, 1 event)", start, count);
        Ok(())
    }

    async fn patch(&mut self, keys: &[Key]) -> Result<()> {
        let mut sets = Vec::new();
        for key in keys {
            let found = self.store.load(&[Lookup::Key(*key)]).await?;
            let Some(before) = found.into_iter().next().flatten() else {
                continue;
            };
            let mut after = before.clone();
            if let Entity::Case(case) = &mut after {
                let case = Arc::make_mut(case);
                case.flagged = !case.flagged;
                case.updated_at = self.make.time();
            }
            let event = self.make.event(*key, What::Changed);
            let mut set = self.set(vec![Change::Replace { before, after }]);
            set.events.push(event);
            sets.push(set);
        }
        let count = u32::try_from(sets.len()).unwrap_or(0);
        let start = Instant::now();
        for set in sets {
            self.store.commit(set).await?;
        }
        report("patch a case (1 record, 1 event)", start, count);
        Ok(())
    }

    async fn find(&self, what: &str, query: Query) -> Result<()> {
        let count = 100;
        let start = Instant::now();
        let mut found = 0;
        for _ in 0..count {
            found = self.store.find(&query).await?.records.len();
        }
        report(&format!("{what} ({found} found)"), start, count);
        Ok(())
    }

    async fn aggregate(&self, what: &str, aggregate: Aggregate) -> Result<()> {
        let count = 20;
        let start = Instant::now();
        for _ in 0..count {
            self.store.aggregate(&aggregate).await?;
        }
        report(what, start, count);
        Ok(())
    }

    fn search(&self, words: &str, by: SortBy) -> Query {
        let mut query = Query::all(self.workspace, Kind::Case).limit(50);
        query.text = TextQuery::new(words, Scope::All);
        query.sort.by = by;
        query.sort.direction = Direction::Descending;
        query
    }
}

fn report(what: &str, start: Instant, count: u32) {
    let each = start.elapsed() / count.max(1);
    let micros = each.as_secs_f64() * 1e6;
    println!("{what:<58} {micros:>10.2} µs {:>10.0} /s", 1e6 / micros);
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let workspace = WorkspaceId(Uuid::from_u128(1));
    let mut figures = Figures {
        store: MemoryStore::new(),
        make: Generator::new(1, workspace),
        workspace,
    };
    let start = Instant::now();
    let keys = figures.fill().await?;
    println!("filled with {} cases in {:?}", keys.len(), start.elapsed());

    figures.open(20_000).await?;
    let some: Vec<Key> = keys.iter().step_by(7).copied().collect();
    figures.patch(&some).await?;
    let start = Instant::now();
    for key in &some {
        figures.store.load(&[Lookup::Key(*key)]).await?;
    }
    report("load by key", start, u32::try_from(some.len()).unwrap_or(0));

    let cases = || Query::all(workspace, Kind::Case).limit(50);
    let active = || Filter::equal("status", "active");
    let newest = Direction::Descending;
    figures
        .find(
            "by number",
            cases().filter(Filter::equal("number", 777_i64)),
        )
        .await?;
    figures.find("all by id", cases()).await?;
    figures
        .find(
            "active by update",
            cases().filter(active()).sort("updated_at", newest),
        )
        .await?;
    let some: Vec<Lookup> = keys
        .iter()
        .skip(5)
        .take(1)
        .copied()
        .map(Lookup::Key)
        .collect();
    let found = figures.store.load(&some).await?;
    let case = found
        .into_iter()
        .next()
        .flatten()
        .and_then(Case::from_entity);
    if let Some(case) = case {
        let of_agent = Filter::equal("assignee", case.assignee).and(active());
        figures
            .find(
                "of an agent by update",
                cases().filter(of_agent.clone()).sort("updated_at", newest),
            )
            .await?;
        figures
            .find(
                "of an agent by subject",
                cases().filter(of_agent).sort("subject", newest),
            )
            .await?;
        let of_customer = Filter::equal("customer", case.customer);
        figures
            .find(
                "of a customer",
                cases().filter(of_customer).sort("opened_at", newest),
            )
            .await?;
    }
    let waiting = active().and(Filter::compare(
        "awaiting_since",
        casekit_core::query::Comparison::Less,
        Value::never(),
    ));
    figures
        .find(
            "attention list",
            cases()
                .filter(waiting)
                .sort("awaiting_since", Direction::Ascending),
        )
        .await?;
    figures
        .find(
            "tag by update",
            cases()
                .filter(Filter::equal("tags", "vip"))
                .sort("updated_at", newest),
        )
        .await?;
    figures
        .find("all by subject", cases().sort("subject", newest))
        .await?;
    figures
        .find(
            "all by priority (no index)",
            cases().sort("priority", newest),
        )
        .await?;
    figures
        .find(
            "urgent by language (no index)",
            cases()
                .filter(Filter::equal("priority", 3_i64))
                .sort("language", newest),
        )
        .await?;
    figures
        .find(
            "search a rare word",
            figures.search("99123", SortBy::Relevance),
        )
        .await?;
    figures
        .find(
            "search two words",
            figures.search("printer refund", SortBy::Relevance),
        )
        .await?;
    figures
        .find(
            "search a common word",
            figures.search("invoice", SortBy::Relevance),
        )
        .await?;
    figures
        .find(
            "search a common word by update",
            figures.search("invoice", SortBy::Field("updated_at".to_owned())),
        )
        .await?;
    figures
        .find("search one letter", figures.search("e", SortBy::Relevance))
        .await?;
    figures
        .aggregate(
            "count all by status",
            Aggregate::count(workspace, Kind::Case, Filter::all()).by(&["status"]),
        )
        .await?;
    figures
        .aggregate(
            "count active",
            Aggregate::count(workspace, Kind::Case, active()),
        )
        .await
}
