//! Writing change sets inside a transaction that somebody else begins and ends.

use std::collections::BTreeMap;

use casekit_core::model::{Key, Seq, Unique, Version, WorkspaceId};
use casekit_core::{Committed, Error};

use super::fault::Result;
use super::index::{self, Told};
use super::row::Param;
use super::session::{Session, key};
use super::sql::{Sql, sql};
use crate::plan::{Plan, Text, What, Write, Written};

/// Milliseconds of a day, by which commits are remembered.
pub(super) const DAY_MS: i64 = 86_400_000;

/// From so many texts on a change set indexes its own: written into the index at once they cost less than
/// they would cost to wait.
const MANY_TEXTS: usize = 256;

/// Change sets that share a transaction.
pub(super) struct Batch<'s> {
    session: &'s Session<'s>,
    shared: Shared,
    /// The day, to remember commits by.
    day: i64,
    counters: BTreeMap<WorkspaceId, Counter>,
    /// How many texts wait to be indexed because of it.
    pub(super) texts: u64,
    /// Whether there were events.
    pub(super) events: bool,
}

/// Whether several change sets share the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shared {
    /// No: what is undone is the transaction.
    No,
    /// Yes: each has a savepoint [`SAVEPOINT`] of its own.
    Yes,
}

/// What begins a change set in a shared transaction.
const SAVEPOINT: &str = "SAVEPOINT change_set";

/// What a workspace has counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counter {
    seq: u64,
    number: u64,
    changed: bool,
}

impl<'s> Batch<'s> {
    pub(super) fn new(session: &'s Session<'s>, shared: Shared, now_ms: i64) -> Self {
        Self {
            session,
            shared,
            day: now_ms.div_euclid(DAY_MS),
            counters: BTreeMap::new(),
            texts: 0,
            events: false,
        }
    }

    /// Writes a change set, or nothing.
    pub(super) fn apply(&mut self, plan: &Plan) -> Result<Committed> {
        if self.shared == Shared::Yes {
            self.session.run(SAVEPOINT, &[])?;
        }
        let done = self.attempt(plan);
        if done.is_err() {
            self.undo()?;
        }
        if self.shared == Shared::Yes && self.session.in_transaction() {
            self.session.run("RELEASE change_set", &[])?;
        }
        done
    }

    /// Undoes what was written of the change set; again, where there is nothing more to undo.
    fn undo(&self) -> Result<()> {
        match self.shared {
            // After some faults SQLite has undone the whole transaction by itself.
            _ if !self.session.in_transaction() => {}
            Shared::No => self.session.roll_back(),
            Shared::Yes => {
                self.session.run("ROLLBACK TO change_set", &[])?;
            }
        }
        Ok(())
    }

    fn attempt(&mut self, plan: &Plan) -> Result<Committed> {
        if let Some(answer) = self.remembered(plan)? {
            return Ok(answer);
        }
        let before = self.counter(plan.workspace)?;
        let done = self.write(plan, before);
        if done.is_err() {
            self.counters.insert(plan.workspace, before);
        }
        done
    }

    /// Keeps the counters, before the transaction is committed.
    pub(super) fn finish(&mut self) -> Result<()> {
        for (workspace, counter) in self.counters.iter().filter(|(_, c)| c.changed) {
            self.session.run(
                &sql().count,
                &[
                    Param::Id(&workspace.0),
                    Param::Int(counter.seq.cast_signed()),
                    Param::Int(counter.number.cast_signed()),
                ],
            )?;
        }
        Ok(())
    }

    fn write(&mut self, plan: &Plan, mut counter: Counter) -> Result<Committed> {
        let sql = sql();
        let before = counter.number;
        let (numbered, numbers) = plan.number(&mut counter.number)?;
        counter.changed |= counter.number > before || !plan.events.is_empty();
        let writes = plan.writes(&numbered);
        self.records(sql, plan.workspace, &writes)?;
        self.unique(sql, plan.workspace, &writes)?;
        self.texts(sql, &writes)?;
        for event in &plan.events {
            counter.seq += 1;
            let mut event = event.clone();
            event.seq = Seq(counter.seq);
            self.records(sql, plan.workspace, &[&Write::event(event)?])?;
        }
        self.events |= !plan.events.is_empty();
        let answer = Committed {
            seq: Seq(counter.seq),
            numbers,
        };
        self.remember(sql, plan, &answer)?;
        self.counters.insert(plan.workspace, counter);
        Ok(answer)
    }

    /// Writes the records and their multi-valued fields.
    fn records(&self, sql: &Sql, workspace: WorkspaceId, writes: &[&Write]) -> Result<()> {
        for write in writes {
            if !self.record(sql, workspace, write)? {
                return Err(self.stale(sql, writes)?.into());
            }
        }
        Ok(())
    }

    /// Writes a record; false if it is not as expected.
    fn record(&self, sql: &Sql, workspace: WorkspaceId, write: &Write) -> Result<bool> {
        let kind = sql.kind(write.key.kind)?;
        let id = Param::Id(&write.key.id);
        let place = Param::Id(&workspace.0);
        let done = match &write.what {
            What::Create(written) => {
                let mut params = vec![place, id, version(written.version)];
                params.extend(written.row.iter().map(Param::Value));
                params.push(Param::Json(&written.json));
                let done = self.session.run(&kind.insert, &params)? == 1;
                if done && !write.values_added.is_empty() {
                    self.values(sql, workspace, write, self.session.inserted())?;
                }
                return Ok(done);
            }
            What::Replace {
                expect,
                written,
                changed,
            } => {
                let statement = kind.update(changed);
                let mut params = update_params(written, changed);
                params.extend([place, id, version(*expect)]);
                self.session.run(&statement, &params)? == 1
            }
            What::Delete { expect } => return self.delete(sql, workspace, write, *expect),
            What::Check { expect } => {
                return Ok(self.version_of(sql, &write.key)? == Some(*expect));
            }
        };
        if done && !(write.values_added.is_empty() && write.values_removed.is_empty()) {
            let handle = self
                .session
                .first(&kind.handle, &[place, id], |row| Ok(row.get(0)?))?;
            let handle = handle.ok_or_else(|| Error::bug("a record is gone that was written"))?;
            self.values(sql, workspace, write, handle)?;
        }
        Ok(done)
    }

    fn delete(
        &self,
        sql: &Sql,
        workspace: WorkspaceId,
        write: &Write,
        expect: Version,
    ) -> Result<bool> {
        let kind = sql.kind(write.key.kind)?;
        let key = [Param::Id(&workspace.0), Param::Id(&write.key.id)];
        // The texts of other records keep a place for their owner, in case it comes again.
        self.session.run(&kind.keep_handle, &key)?;
        if let Some(values) = &kind.values {
            self.session.run(&values.clear, &key)?;
        }
        let [place, id] = key;
        let done = self
            .session
            .run(&kind.delete, &[place, id, version(expect)])?;
        Ok(done == 1)
    }

    fn values(&self, sql: &Sql, workspace: WorkspaceId, write: &Write, handle: i64) -> Result<()> {
        let Some(values) = &sql.kind(write.key.kind)?.values else {
            return Ok(());
        };
        let removed = write.values_removed.iter().map(|v| (&values.remove, v));
        let added = write.values_added.iter().map(|v| (&values.add, v));
        for (statement, (field, value)) in removed.chain(added) {
            let tag = crate::compile::tag(value.holds());
            let params = [
                Param::Id(&workspace.0),
                Param::Text(field),
                Param::Value(&tag),
                Param::Value(value),
                Param::Int(handle),
            ];
            self.session.run(statement, &params)?;
        }
        Ok(())
    }

    /// Which of the records are not as expected, now that one was found that is not.
    fn stale(&self, sql: &Sql, writes: &[&Write]) -> Result<Error> {
        // The set's own writes are in the way.
        self.undo()?;
        let mut stale = Vec::new();
        for write in writes {
            let found = self.version_of(sql, &write.key)?;
            let expected = match &write.what {
                What::Create(_) => None,
                What::Replace { expect, .. } | What::Delete { expect } | What::Check { expect } => {
                    Some(*expect)
                }
            };
            if found != expected {
                stale.push(write.key);
            }
        }
        if stale.is_empty() {
            // Another program has changed one of them back: which, nobody can tell any more.
            stale = writes.iter().map(|write| write.key).collect();
        }
        Ok(Error::stale(stale))
    }

    fn version_of(&self, sql: &Sql, key: &Key) -> Result<Option<Version>> {
        let params = [Param::Id(&key.workspace.0), Param::Id(&key.id)];
        self.session
            .first(&sql.kind(key.kind)?.version, &params, |row| {
                Ok(Version(row.get::<_, i64>(0)?.cast_unsigned()))
            })
    }

    fn unique(&self, sql: &Sql, workspace: WorkspaceId, writes: &[&Write]) -> Result<()> {
        let place = Param::Id(&workspace.0);
        for write in writes {
            for Unique { name, value } in &write.released {
                let kind = Param::Text(write.key.kind.name());
                let id = Param::Id(&write.key.id);
                let held = [place, Param::Text(name), Param::Text(value), kind, id];
                self.session.run(&sql.release, &held)?;
            }
        }
        for write in writes {
            for Unique { name, value } in &write.claimed {
                let kind = Param::Text(write.key.kind.name());
                let id = Param::Id(&write.key.id);
                let claim = [place, Param::Text(name), Param::Text(value), kind, id];
                if self.session.run(&sql.claim, &claim)? == 0 {
                    let [place, name_of, value_of, ..] = claim;
                    let holder =
                        self.session
                            .first(&sql.holder, &[place, name_of, value_of], |row| {
                                key(workspace, row, 0)
                            })?;
                    let holder = holder.unwrap_or(write.key);
                    return Err(Error::taken(name, value, &holder).into());
                }
            }
        }
        Ok(())
    }

    /// Has the texts indexed: later, together with those of other commits, unless they are many.
    fn texts(&mut self, sql: &Sql, writes: &[&Write]) -> Result<()> {
        let texts: Vec<Told<'_>> = writes.iter().copied().filter_map(told).collect();
        if texts.len() >= MANY_TEXTS {
            return index::index_now(self.session, texts.into_iter());
        }
        for told in texts {
            self.texts += 1;
            self.session.run(
                &sql.await_index,
                &[
                    Param::Id(&told.record.workspace.0),
                    Param::Text(told.record.kind.name()),
                    Param::Id(&told.record.id),
                    Param::Text(told.owner.kind.name()),
                    Param::Id(&told.owner.id),
                    Param::Text(told.public),
                    Param::Text(told.internal),
                ],
            )?;
        }
        Ok(())
    }

    fn counter(&mut self, workspace: WorkspaceId) -> Result<Counter> {
        if let Some(counter) = self.counters.get(&workspace) {
            return Ok(*counter);
        }
        let place = [Param::Id(&workspace.0)];
        let counter = self.session.first(&sql().counter, &place, |row| {
            Ok(Counter {
                seq: row.get::<_, i64>(0)?.cast_unsigned(),
                number: row.get::<_, i64>(1)?.cast_unsigned(),
                changed: false,
            })
        })?;
        let counter = counter.unwrap_or_default();
        self.counters.insert(workspace, counter);
        Ok(counter)
    }

    /// The answer to an earlier commit with the same id.
    fn remembered(&self, plan: &Plan) -> Result<Option<Committed>> {
        let params = [
            Param::Int(self.day),
            Param::Id(&plan.workspace.0),
            Param::Id(&plan.id),
        ];
        self.session.first(&sql().remembered, &params, |row| {
            let numbers = match row.get_ref(1)?.as_bytes_or_null()? {
                None => Vec::new(),
                Some(json) => serde_json::from_slice(json)
                    .map_err(|error| Error::bug("a commit's answer").with_source(error))?,
            };
            Ok(Committed {
                seq: Seq(row.get::<_, i64>(0)?.cast_unsigned()),
                numbers,
            })
        })
    }

    fn remember(&self, sql: &Sql, plan: &Plan, answer: &Committed) -> Result<()> {
        let numbers = match answer.numbers.as_slice() {
            [] => None,
            numbers => Some(serde_json::to_vec(numbers).map_err(Error::from)?),
        };
        let numbers = numbers.as_deref().map_or(Param::Null, Param::Json);
        let params = [
            Param::Int(self.day),
            Param::Id(&plan.workspace.0),
            Param::Id(&plan.id),
            Param::Int(answer.seq.0.cast_signed()),
            numbers,
        ];
        self.session.run(&sql.remember, &params)?;
        Ok(())
    }
}

/// The words that a write gives its record; none if they stay as they are.
fn told(write: &Write) -> Option<Told<'_>> {
    let record = write.key;
    match &write.text {
        Text::Same => None,
        Text::Now(words) => Some(Told {
            record,
            owner: words.owner,
            public: &words.public,
            internal: &words.internal,
        }),
        Text::Gone => Some(Told {
            record,
            owner: record,
            public: "",
            internal: "",
        }),
    }
}

fn version(version: Version) -> Param<'static> {
    Param::Int(version.0.cast_signed())
}

fn update_params<'w>(written: &'w Written, changed: &[usize]) -> Vec<Param<'w>> {
    let mut params = vec![version(written.version)];
    let fields = changed.iter().filter_map(|&at| written.row.get(at));
    params.extend(fields.map(Param::Value));
    params.push(Param::Json(&written.json));
    params
}
