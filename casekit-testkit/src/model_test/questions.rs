//! Random questions, whose answers are compared.

use casekit_core::model::{Entity, Event, Key, Kind, Seq, Stored};
use casekit_core::port::Lookup;
use casekit_core::query::{Page, Query, Scope, SortBy, TextQuery, eval_aggregate, words};

use super::world::{World, answered, same};
use crate::pages::{all_by_eval, all_pages, difference};

/// How many queries are read page by page at the same time.
const READERS: usize = 4;

/// A query in the midst of being read page by page, while others write.
pub(super) struct Reader {
    query: Query,
}

impl World<'_> {
    fn some_kind(&mut self) -> Kind {
        // Cases have most fields and all features; the others have their turn.
        if self.make.rng.bool() {
            return Kind::Case;
        }
        let all = Kind::ALL;
        self.make.rng.choice(all).copied().unwrap_or(Kind::Case)
    }

    pub(super) async fn ask_query(&mut self) -> Result<(), String> {
        let kind = self.some_kind();
        let records = self.records();
        let query = self.make.query(kind, &records);
        self.compare_query(&query).await
    }

    /// Follows a query to its end in both stores, and compares with what it means.
    pub(super) async fn compare_query(&mut self, query: &Query) -> Result<(), String> {
        let shown = || serde_json::to_string(query).unwrap_or_default();
        let records = self.records();
        let wanted = answered(all_by_eval(&records, query))?;
        self.report.queries += 1;
        self.report.found += u32::try_from(wanted.records.len()).unwrap_or(0);
        for (name, store) in [("the oracle", self.oracle), ("the store", self.store)] {
            let got = answered(all_pages(store, query).await)?;
            if let Some(difference) = difference(query, &got, &wanted) {
                return Err(format!("find by {name} {}: {difference}", shown()));
            }
            for (record, hit) in got.records.iter().zip(&got.hits) {
                self.check_hit(query, record.key(), *hit)
                    .map_err(|why| format!("find by {name} {}: {why}", shown()))?;
            }
        }
        Ok(())
    }

    /// A hit is a record of the owner that has one of the words where the one who asks may look.
    fn check_hit(&self, query: &Query, owner: Key, hit: Key) -> Result<(), String> {
        let text = self.known.get(&hit).and_then(Entity::search_text);
        let holds = |query: &TextQuery| {
            let text = text.filter(|text| text.owner == owner)?;
            let mut found = words(&text.public);
            if query.scope == Scope::All {
                found.extend(words(&text.internal));
            }
            let asked = |word: &String| query.words.iter().any(|w| word.starts_with(w.as_str()));
            found.iter().any(asked).then_some(())
        };
        match query.text.as_ref().and_then(holds) {
            Some(()) => Ok(()),
            None => Err(format!("{hit:?} is no hit of {owner:?}")),
        }
    }

    /// Reads one page of a query; others write before the next one is read.
    pub(super) async fn read_on(&mut self) -> Result<(), String> {
        if self.readers.len() < READERS {
            let kind = self.some_kind();
            let records = self.records();
            let mut query = self.make.query(kind, &records);
            query.limit = self.make.rng.u32(1..12);
            // By relevance each store has its own order, so pages cannot be compared one by one.
            if query.sort.by == SortBy::Relevance {
                query.sort.by = SortBy::Id;
            }
            self.readers.push(Reader { query });
        }
        let at = self.make.rng.usize(..self.readers.len());
        let mut reader = self.readers.swap_remove(at);
        let wanted = answered(self.oracle.find(&reader.query).await)?;
        let got = answered(self.store.find(&reader.query).await)?;
        let told = |page: &Page| (page.records.clone(), page.next.clone(), page.hits.len());
        same("find a page", &reader.query, &told(&got), &told(&wanted))?;
        self.report.queries += 1;
        if let Some(next) = got.next {
            reader.query.after = Some(next);
            self.readers.push(reader);
        }
        Ok(())
    }

    pub(super) async fn ask_aggregate(&mut self) -> Result<(), String> {
        let kind = self.some_kind();
        let records = self.records();
        let aggregate = self.make.aggregate(kind, &records);
        let meant = answered(eval_aggregate(&aggregate, records.iter()))?;
        let wanted = answered(self.oracle.aggregate(&aggregate).await)?;
        same("aggregate by the oracle", &aggregate, &wanted, &meant)?;
        let got = answered(self.store.aggregate(&aggregate).await)?;
        self.report.aggregates += 1;
        same("aggregate by the store", &aggregate, &got, &meant)
    }

    pub(super) async fn look_up(&mut self) -> Result<(), String> {
        let mut lookups = Vec::new();
        for _ in 0..self.make.rng.u8(1..8) {
            let at = self.make.rng.usize(..self.past.len().max(1));
            let record = match self.make.rng.u8(..4) {
                0 => self.past.get(at).cloned(),
                _ => self.known_record(),
            };
            let record = record.unwrap_or_else(|| Entity::from(self.make.agent()));
            lookups.push(Lookup::Key(record.key()));
            let unique = record.unique().into_iter();
            lookups.extend(unique.map(|unique| Lookup::Unique(self.workspace, unique)));
        }
        lookups.push(Lookup::Key(self.make.agent().key()));
        self.look_up_both(&lookups).await.map(|_| ())
    }

    pub(super) async fn read_feed(&mut self) -> Result<(), String> {
        let after = Seq(self.make.rng.u64(..self.seq.0 + 2));
        let limit = self.make.rng.u32(..20);
        self.compare_feed(after, limit).await
    }

    pub(super) async fn compare_feed(&mut self, after: Seq, limit: u32) -> Result<(), String> {
        let mut meant: Vec<_> = self
            .known
            .values()
            .filter_map(|record| match record {
                Entity::Event(event) if event.seq > after => Some(Event::clone(event)),
                _ => None,
            })
            .collect();
        meant.sort_by_key(|event| event.seq);
        meant.truncate(limit as usize);
        for (name, store) in [("the oracle", self.oracle), ("the store", self.store)] {
            let got = answered(store.feed(self.workspace, after, limit).await)?;
            same(&format!("feed by {name}"), &(after, limit), &got, &meant)?;
        }
        Ok(())
    }
}
