//! Writing a change set in a transaction.

use std::collections::BTreeMap;

use casekit_core::model::{Key, Kind, Seq, Unique, Value, WorkspaceId};
use casekit_core::{Committed, Error};
use uuid::Uuid;

use super::row::bytes;
use crate::compile::{Statement, tag_number};
use crate::dialect::{Dialect, Mysql, held_text};
use crate::plan::{Numbers, Plan, Write};
use crate::schema::{Table, kind_named};
use crate::server::{Batch, Core, OfKind, Result, Rows, Session, TextOf, holders, id, int, remove};

/// What begins a transaction: it sees what others have committed by each statement, so that what is
/// read under the lock of the workspace is what counts.
const BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";

/// The most records that one statement looks at.
const AT_ONCE: usize = 512;

/// Of so many commits, one forgets old ones.
const SELDOM: u8 = 200;

/// Writes a change set, or nothing.
pub(super) async fn apply(core: &Core<Mysql>, plan: &Plan, day: i64) -> Result<Committed> {
    let session = core.transaction(BEGIN).await?;
    let mut writer = Writer {
        session,
        server: &core.server,
        workspace: plan.workspace,
    };
    let written = writer.write(plan, day).await;
    match written {
        Ok(committed) => writer.session.commit().await.map(|()| committed),
        Err(fault) => {
            // Fails only where the connection is gone, or a deadlock has ended the transaction already.
            if let Err(failure) = writer.session.roll_back().await {
                tracing::debug!(target: "casekit_sqlx", ?failure, "roll back");
            }
            Err(fault)
        }
    }
}

struct Writer<'c> {
    session: Session<'c, Mysql>,
    server: &'c Mysql,
    workspace: WorkspaceId,
}

impl Writer<'_> {
    async fn write(&mut self, plan: &Plan, day: i64) -> Result<Committed> {
        // From here on no other commit to the workspace is under way.
        let (seq, last) = self.counter().await?;
        if let Some(answer) = self.remembered(plan.id).await? {
            return Ok(answer);
        }
        let mut number = last;
        let (numbered, numbers) = plan.number(&mut number)?;
        let events = plan.events.iter().zip(seq + 1..).map(|(event, place)| {
            let mut event = event.clone();
            event.seq = Seq(place);
            Write::event(event)
        });
        let events: Vec<Write> = events.collect::<Result<_, _>>()?;
        let changes = plan.writes(&numbered);
        let batch = Batch::of(changes.iter().copied().chain(&events));
        self.check(&batch).await?;
        self.claims(&batch).await?;
        for (kind, of) in &batch.kinds {
            self.records(*kind, of).await?;
        }
        self.unique(&batch).await?;
        self.texts(&batch).await?;
        let seq = seq + u64::try_from(events.len()).unwrap_or(0);
        if number != last || !events.is_empty() {
            self.count(seq, number).await?;
        }
        let answer = Committed {
            seq: Seq(seq),
            numbers,
        };
        self.remember(plan.id, day, &answer).await?;
        Ok(answer)
    }

    /// The last sequence number and the last number, locked.
    async fn counter(&mut self) -> Result<(u64, u64)> {
        let table = self.named("counter");
        let sql = format!("SELECT seq, number FROM {table} WHERE workspace = ? FOR UPDATE");
        for attempt in 0..2 {
            let rows = self.run(&sql, vec![self.place()]).await?;
            if let Some(row) = rows.first() {
                let (seq, number) = (int::<Mysql>(row, 0)?, int::<Mysql>(row, 1)?);
                return Ok((seq.cast_unsigned(), number.cast_unsigned()));
            }
            if attempt == 0 {
                let sql =
                    format!("INSERT IGNORE INTO {table} (workspace, seq, number) VALUES (?, 0, 0)");
                self.run(&sql, vec![self.place()]).await?;
            }
        }
        Err(Error::bug("a workspace has no counter").into())
    }

    async fn count(&mut self, seq: u64, number: u64) -> Result<()> {
        let table = self.named("counter");
        let sql = format!("UPDATE {table} SET seq = ?, number = ? WHERE workspace = ?");
        let params = vec![
            Value::Int(seq.cast_signed()),
            Value::Int(number.cast_signed()),
            self.place(),
        ];
        self.run(&sql, params).await?;
        Ok(())
    }

    /// The answer to an earlier commit with the same id.
    async fn remembered(&mut self, commit: Uuid) -> Result<Option<Committed>> {
        let table = self.named("commit");
        let sql =
            format!("SELECT seq, numbers FROM {table} WHERE workspace = ? AND id = ? FOR UPDATE");
        let rows = self
            .run(&sql, vec![self.place(), Value::Id(commit)])
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let numbers: Numbers = serde_json::from_slice(&bytes(row, 1)?)
            .map_err(|error| Error::bug("a commit's answer").with_source(error))?;
        Ok(Some(Committed {
            seq: Seq(int::<Mysql>(row, 0)?.cast_unsigned()),
            numbers,
        }))
    }

    async fn remember(&mut self, commit: Uuid, day: i64, answer: &Committed) -> Result<()> {
        let table = self.named("commit");
        let sql = format!(
            "INSERT INTO {table} (workspace, id, day, seq, numbers) VALUES (?, ?, ?, ?, ?)"
        );
        let numbers = serde_json::to_string(&answer.numbers).map_err(Error::from)?;
        let params = vec![
            self.place(),
            Value::Id(commit),
            Value::Int(day),
            Value::Int(answer.seq.0.cast_signed()),
            numbers.into(),
        ];
        self.run(&sql, params).await?;
        if commit
            .as_bytes()
            .last()
            .is_some_and(|byte| byte % SELDOM == 0)
        {
            let sql = format!("DELETE FROM {table} WHERE workspace = ? AND day < ?");
            self.run(&sql, vec![self.place(), Value::Int(day - 1)])
                .await?;
        }
        Ok(())
    }

    /// Refuses the set if records are not as it saw them.
    async fn check(&mut self, batch: &Batch<'_>) -> Result<()> {
        let server = self.server;
        let mut stale = Vec::new();
        for (kind, of) in &batch.kinds {
            let table = &server.schema().table(*kind)?.name;
            for some in of.seen.chunks(AT_ONCE) {
                let marks = vec!["?"; some.len().next_power_of_two()].join(", ");
                let sql = format!(
                    "SELECT id, version FROM {table} WHERE workspace = ? AND id IN ({marks}) FOR UPDATE"
                );
                let mut params = vec![self.place()];
                // Padded to a power of two, so that there are few statements to prepare.
                let ids = some.iter().chain(some.last().into_iter().cycle());
                let ids = ids.take(some.len().next_power_of_two());
                params.extend(ids.map(|(id, _)| Value::Id(*id)));
                let mut found = BTreeMap::new();
                for row in self.run(&sql, params).await? {
                    found.insert(id::<Mysql>(&row, 0)?, int::<Mysql>(&row, 1)?);
                }
                let differs = some.iter().filter(|(id, version)| {
                    found.get(id).copied() != version.map(|version| version.0.cast_signed())
                });
                stale.extend(differs.map(|(id, _)| self.key(*kind, *id)));
            }
        }
        match stale.is_empty() {
            true => Ok(()),
            false => Err(Error::stale(stale).into()),
        }
    }

    /// Refuses the set if it claims what others hold and keep.
    async fn claims(&mut self, batch: &Batch<'_>) -> Result<()> {
        if let Some(twice) = batch.twice {
            let holder = self.key(kind_named(twice.kind)?, twice.id);
            return Err(Error::taken(twice.name, twice.value, &holder).into());
        }
        let claimed = batch.claimed.iter();
        let unique: Vec<Unique> = claimed.map(|c| Unique::new(c.name, c.value)).collect();
        let asked = unique.iter().map(|unique| (self.workspace, unique));
        let held = holders(&mut self.session, asked.collect()).await?;
        for ((_, unique), holder) in held {
            let goes = batch.released.iter().any(|released| {
                (released.name, released.value) == (&*unique.name, &*unique.value)
                    && (released.kind, released.id) == (holder.kind.name(), holder.id)
            });
            if !goes {
                return Err(Error::taken(&unique.name, &unique.value, &holder).into());
            }
        }
        Ok(())
    }

    async fn records(&mut self, kind: Kind, of: &OfKind<'_>) -> Result<()> {
        let server = self.server;
        let table = server.schema().table(kind)?;
        let gone = of.gone.iter().map(|id| vec![self.place(), Value::Id(*id)]);
        let gone: Vec<_> = gone.collect();
        remove(&mut self.session, &table.name, &["workspace", "id"], gone).await?;
        let mut rows = rows_of(server, table);
        for (id, written) in &of.put {
            let mut row = vec![
                self.place(),
                Value::Id(*id),
                Value::Int(written.version.0.cast_signed()),
            ];
            row.extend(written.row.iter().cloned());
            let body = String::from_utf8(written.json.clone());
            row.push(Value::Text(body.map_err(|error| {
                Error::bug("a record's JSON is not text").with_source(error)
            })?));
            rows.push(row);
        }
        rows.write(&mut self.session).await?;
        let Some(values) = &table.values else {
            return Ok(());
        };
        let place = self.place();
        let row = |(id, field, value): &(Uuid, &str, &Value)| {
            vec![
                place.clone(),
                (*field).into(),
                Value::Int(tag_number(value.holds())),
                held_text(value).into(),
                Value::Id(*id),
            ]
        };
        const COLUMNS: [&str; 5] = ["workspace", "field", "holds", "value", "id"];
        let less: Vec<_> = of.less.iter().map(row).collect();
        remove(&mut self.session, values, &COLUMNS, less).await?;
        let mut more = Rows::new(values, &COLUMNS);
        of.more.iter().map(row).for_each(|row| more.push(row));
        more.write(&mut self.session).await
    }

    async fn unique(&mut self, batch: &Batch<'_>) -> Result<()> {
        const COLUMNS: [&str; 5] = ["workspace", "name", "value", "kind", "id"];
        let (table, place) = (self.named("unique"), self.place());
        let row = |claim: &crate::server::Claim<'_>| {
            vec![
                place.clone(),
                claim.name.into(),
                claim.value.into(),
                claim.kind.into(),
                Value::Id(claim.id),
            ]
        };
        let released: Vec<_> = batch.released.iter().map(row).collect();
        remove(&mut self.session, &table, &COLUMNS, released).await?;
        let mut claimed = Rows::new(&table, &COLUMNS);
        batch
            .claimed
            .iter()
            .map(row)
            .for_each(|row| claimed.push(row));
        claimed.write(&mut self.session).await
    }

    async fn texts(&mut self, batch: &Batch<'_>) -> Result<()> {
        const COLUMNS: [&str; 8] = [
            "workspace",
            "owner_kind",
            "word",
            "owner",
            "kind",
            "id",
            "internal",
            "class",
        ];
        let (table, place) = (self.named("word"), self.place());
        let untold = batch.untold.iter().map(|key| {
            let kind = key.kind.name().into();
            vec![place.clone(), kind, Value::Id(key.id)]
        });
        let untold: Vec<_> = untold.collect();
        remove(
            &mut self.session,
            &table,
            &["workspace", "kind", "id"],
            untold,
        )
        .await?;
        let mut words = Rows::new(&table, &COLUMNS);
        let row = |text: &TextOf<'_>, word: &str| {
            vec![
                place.clone(),
                text.owner.kind.name().into(),
                word.into(),
                Value::Id(text.owner.id),
                text.record.kind.name().into(),
                Value::Id(text.record.id),
                Value::Bool(text.internal),
                Value::Int(text.class),
            ]
        };
        for text in &batch.texts {
            text.words
                .iter()
                .for_each(|word| words.push(row(text, word)));
        }
        words.write(&mut self.session).await
    }

    async fn run(&mut self, sql: &str, params: Vec<Value>) -> Result<Vec<sqlx::mysql::MySqlRow>> {
        let sql = sql.to_owned();
        self.session.rows(&Statement { sql, params }).await
    }

    fn named(&self, what: &str) -> String {
        self.server.schema().named(what)
    }

    fn place(&self) -> Value {
        Value::Id(self.workspace.0)
    }

    fn key(&self, kind: Kind, id: Uuid) -> Key {
        let workspace = self.workspace;
        Key {
            workspace,
            kind,
            id,
        }
    }
}

/// Records of a kind: workspace, id, version, the single-valued fields, body. They replace those that
/// are there.
fn rows_of(server: &Mysql, table: &Table) -> Rows {
    let columns = server.columns(table);
    let updates = columns.iter().skip(2);
    let updates: Vec<String> = updates.map(|c| format!("{c} = VALUES({c})")).collect();
    let all: Vec<&str> = columns.iter().map(String::as_str).collect();
    let replacing = format!(" ON DUPLICATE KEY UPDATE {}", updates.join(", "));
    Rows::new(&table.name, &all).followed_by(replacing)
}
