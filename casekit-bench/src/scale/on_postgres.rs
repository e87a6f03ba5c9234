//! Hand-written SQL on PostgreSQL: what somebody would write who needs exactly these operations on
//! exactly these tables, each write in a transaction of its own, with prepared statements.

use anyhow::{Context, Result, ensure};
use casekit_core::model::*;
use casekit_core::query::{sort_key, words};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::{Connection, PgConnection, Postgres, Row, Transaction};
use uuid::Uuid;

use crate::task::Job;
use crate::theirs::records::{self, Opened};
use crate::world::World;

/// A connection to PostgreSQL, and who works on it.
pub(crate) struct OnPostgres {
    connection: PgConnection,
    workspace: Uuid,
    agent: Agent,
    products: Vec<Uuid>,
}

impl OnPostgres {
    pub(crate) async fn open(url: &str, world: &World) -> Result<Self> {
        let products = world.agent.products.iter();
        let products = products.map(|ProductId(id)| *id);
        Ok(Self {
            connection: PgConnection::connect(url).await?,
            workspace: world.workspace.0,
            agent: world.agent.clone(),
            products: products.chain([Uuid::nil()]).collect(),
        })
    }

    /// Does a job.
    pub(crate) async fn run(&mut self, job: Job) -> Result<()> {
        match job {
            Job::Open {
                customer,
                subject,
                text,
            } => self.open_case(customer, &subject, &text).await,
            Job::Reply { case, text } => self.reply(case, &text).await,
            Job::Patch { case } => self.patch(case).await,
            Job::Newest => self.newest().await,
            Job::Load => self.case_load().await,
            Job::Number(_) | Job::Search(_) => anyhow::bail!("nobody wrote that"),
        }
    }

    async fn open_case(&mut self, customer: CustomerId, subject: &str, text: &str) -> Result<()> {
        let mut tx = Writing::begin(&mut self.connection, self.workspace).await?;
        let customer: Customer = tx.read("customer", customer.0).await?;
        let counted = tx.count(3, 1).await?;
        let Opened {
            case,
            activity,
            entries,
            events,
        } = records::opened(&self.agent, &customer, (subject, text), counted);
        tx.insert_case(&case).await?;
        tx.insert_activity(&activity).await?;
        for entry in &entries {
            tx.insert_entry(entry).await?;
        }
        let [public, internal] = records::words_of(&case);
        tx.insert_text(&case, ("case", case.id.0), (&public, false))
            .await?;
        tx.insert_text(&case, ("case", case.id.0), (&internal, true))
            .await?;
        tx.insert_text(&case, ("entry", entries[1].id.0), (text, false))
            .await?;
        for event in &events {
            tx.insert_event(event).await?;
        }
        tx.end(counted.0).await
    }

    async fn reply(&mut self, case: CaseId, text: &str) -> Result<()> {
        let mut tx = Writing::begin(&mut self.connection, self.workspace).await?;
        let mut case: Case = tx.lock("case", case.0).await?;
        let customer: Customer = tx.read("customer", case.customer.0).await?;
        let activity = match case.exchanges.get(&Medium::Email) {
            Some(activity) => Some(tx.lock("activity", activity.0).await?),
            None => None,
        };
        let mut replied = records::replied(&self.agent, &customer, &mut case, activity, text);
        let (seq, _) = tx.count(replied.events.len().try_into()?, 0).await?;
        replied.number(seq);
        if let Some(activity) = &replied.joined {
            tx.update_activity(activity).await?;
        }
        let entry = &replied.entry;
        tx.insert_entry(entry).await?;
        tx.update_case(&case).await?;
        tx.insert_text(&case, ("entry", entry.id.0), (text, false))
            .await?;
        for event in &replied.events {
            tx.insert_event(event).await?;
        }
        tx.end(seq).await
    }

    async fn patch(&mut self, case: CaseId) -> Result<()> {
        let mut tx = Writing::begin(&mut self.connection, self.workspace).await?;
        let mut case: Case = tx.lock("case", case.0).await?;
        let (seq, _) = tx.count(1, 0).await?;
        let event = records::patched(&self.agent, &mut case, seq);
        tx.update_case(&case).await?;
        tx.insert_event(&event).await?;
        tx.end(seq).await
    }

    async fn newest(&mut self) -> Result<()> {
        let sql = "SELECT body::text FROM casekit_case WHERE workspace = $1 AND NOT merged \
             ORDER BY updated_at DESC, id DESC LIMIT 51";
        let list = sqlx::query(sql).bind(self.workspace);
        decoded(&list.fetch_all(&mut self.connection).await?)
    }

    /// What waits for a reply, what is one's own, what nobody has, that of others on which one works.
    async fn case_load(&mut self) -> Result<()> {
        let waiting = sqlx::query(
            "SELECT body::text FROM casekit_case WHERE workspace = $1 AND status = 'active' \
             AND awaiting_since < '9999-01-01' AND product = ANY ($2) \
             ORDER BY awaiting_since, id LIMIT 51",
        );
        let waiting = waiting.bind(self.workspace).bind(&self.products);
        decoded(&waiting.fetch_all(&mut self.connection).await?)?;
        for (agent, order) in [(self.agent.id.0, "DESC"), (Uuid::nil(), "ASC")] {
            let list = format!(
                "SELECT body::text FROM casekit_case WHERE workspace = $1 AND status = 'active' \
                 AND assignee = $2 ORDER BY updated_at {order}, id {order} LIMIT 51"
            );
            let list = sqlx::query(sqlx::AssertSqlSafe(list));
            let list = list.bind(self.workspace).bind(agent);
            decoded(&list.fetch_all(&mut self.connection).await?)?;
        }
        let operating = sqlx::query(
            "SELECT c.body::text FROM casekit_case_value AS v JOIN casekit_case AS c \
             ON c.workspace = v.workspace AND c.id = v.id WHERE v.workspace = $1 \
             AND v.field = 'operators' AND v.holds = 5 AND v.value = $2 \
             AND c.status = 'active' AND c.assignee <> $3 \
             ORDER BY c.updated_at DESC, c.id DESC LIMIT 51",
        );
        let operating = operating.bind(self.workspace);
        let operating = operating.bind(self.agent.id.0.simple().to_string());
        let operating = operating.bind(self.agent.id.0);
        decoded(&operating.fetch_all(&mut self.connection).await?)?;
        Ok(())
    }
}

/// An operation that writes.
struct Writing<'c> {
    tx: Transaction<'c, Postgres>,
    workspace: Uuid,
}

impl<'c> Writing<'c> {
    async fn begin(connection: &'c mut PgConnection, workspace: Uuid) -> Result<Self> {
        let tx = connection.begin().await?;
        Ok(Self { tx, workspace })
    }

    async fn read<T: DeserializeOwned>(&mut self, kind: &str, id: Uuid) -> Result<T> {
        let sql = format!("SELECT body::text FROM casekit_{kind} WHERE workspace = $1 AND id = $2");
        self.one(sql, id).await
    }

    /// A record to be changed, which nobody else changes meanwhile.
    async fn lock<T: DeserializeOwned>(&mut self, kind: &str, id: Uuid) -> Result<T> {
        let sql = "SELECT body::text FROM casekit_";
        let sql = format!("{sql}{kind} WHERE workspace = $1 AND id = $2 FOR UPDATE");
        self.one(sql, id).await
    }

    async fn one<T: DeserializeOwned>(&mut self, sql: String, id: Uuid) -> Result<T> {
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.workspace)
            .bind(id);
        let row = row.fetch_one(&mut *self.tx).await?;
        Ok(serde_json::from_str(row.try_get(0)?)?)
    }

    /// Counts events and cases; gives the last number of each.
    async fn count(&mut self, events: i64, cases: i64) -> Result<(u64, u64)> {
        let sql = "UPDATE casekit_counter SET seq = seq + $2, number = number + $3 \
             WHERE workspace = $1 RETURNING seq, number";
        let counted = sqlx::query(sql).bind(self.workspace).bind(events);
        let counted = counted.bind(cases).fetch_one(&mut *self.tx).await?;
        let number = |at| Ok::<_, anyhow::Error>(u64::try_from(counted.try_get::<i64, _>(at)?)?);
        Ok((number(0)?, number(1)?))
    }

    async fn insert_case(&mut self, case: &Case) -> Result<()> {
        let sql = "INSERT INTO casekit_case (workspace, id, version, number, status, stage, \
             assignee, owner, customer, organisation, product, origin, priority, flagged, language, \
             subject, customer_name, opened_at, updated_at, closed_at, awaiting_since, \
             customer_last_at, merged, messages, reopened, first_reply_ms, resolution_ms, replied, \
             body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, \
             $17, to_timestamp($18), to_timestamp($19), '9999-12-31 23:59:59.999Z', to_timestamp($20), \
             to_timestamp($21), false, $22, 0, 0, 0, false, $23::text::jsonb)";
        let nil = Uuid::nil();
        let query = sqlx::query(sql)
            .bind(self.workspace)
            .bind(case.id.0)
            .bind(signed(case.version.0)?)
            .bind(signed(case.number)?)
            .bind(case.status.name())
            .bind(&case.stage)
            .bind(case.assignee.map_or(nil, |id| id.0))
            .bind(case.owner.map_or(nil, |id| id.0))
            .bind(case.customer.0)
            .bind(case.organisation.map_or(nil, |id| id.0))
            .bind(case.product.map_or(nil, |id| id.0))
            .bind(case.origin.name())
            .bind(case.priority.level())
            .bind(case.flagged)
            .bind(case.language.as_deref().unwrap_or_default())
            .bind(sort_key(&case.subject))
            .bind(sort_key(&case.customer_name))
            .bind(seconds(case.opened_at))
            .bind(seconds(case.updated_at))
            .bind(seconds(
                case.attention.awaiting_since.context("nobody waits")?,
            ))
            .bind(seconds(
                case.attention.customer_last_at.context("nobody wrote")?,
            ))
            .bind(i64::from(case.attention.messages))
            .bind(json(case)?);
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Writes what a reply or an edit of the priority changes of a case.
    async fn update_case(&mut self, case: &Case) -> Result<()> {
        let sql = "UPDATE casekit_case SET version = $1, updated_at = to_timestamp($2), \
             awaiting_since = coalesce(to_timestamp($3), '9999-12-31 23:59:59.999Z'), messages = $4, \
             first_reply_ms = $5, replied = $6, priority = $7, body = $8::text::jsonb \
             WHERE workspace = $9 AND id = $10 AND version = $1 - 1";
        let query = sqlx::query(sql)
            .bind(signed(case.version.0)?)
            .bind(seconds(case.updated_at))
            .bind(case.attention.awaiting_since.map(seconds))
            .bind(i64::from(case.attention.messages))
            .bind(case.first_reply_ms().unwrap_or(0))
            .bind(case.attention.first_reply_at.is_some())
            .bind(case.priority.level())
            .bind(json(case)?)
            .bind(self.workspace)
            .bind(case.id.0);
        let written = query.execute(&mut *self.tx).await?.rows_affected();
        ensure!(written == 1, "the case has changed");
        Ok(())
    }

    async fn insert_activity(&mut self, activity: &Activity) -> Result<()> {
        let sql = "INSERT INTO casekit_activity \
             (workspace, id, version, \"case\", customer, medium, started_at, body) \
             VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7), $8::text::jsonb)";
        let query = sqlx::query(sql)
            .bind(self.workspace)
            .bind(activity.id.0)
            .bind(signed(activity.version.0)?)
            .bind(activity.case.0)
            .bind(activity.customer.0)
            .bind(activity.medium.name())
            .bind(seconds(activity.started_at))
            .bind(json(activity)?);
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn update_activity(&mut self, activity: &Activity) -> Result<()> {
        let sql = "UPDATE casekit_activity SET version = $1, body = $2::text::jsonb \
             WHERE workspace = $3 AND id = $4 AND version = $1 - 1";
        let query = sqlx::query(sql)
            .bind(signed(activity.version.0)?)
            .bind(json(activity)?)
            .bind(self.workspace)
            .bind(activity.id.0);
        let written = query.execute(&mut *self.tx).await?.rows_affected();
        ensure!(written == 1, "the activity has changed");
        Ok(())
    }

    async fn insert_entry(&mut self, entry: &Entry) -> Result<()> {
        let sql = "INSERT INTO casekit_entry \
             (workspace, id, version, \"case\", activity, at, public, to_do, body) \
             VALUES ($1, $2, $3, $4, $5, to_timestamp($6), $7, $8, $9::text::jsonb)";
        let query = sqlx::query(sql)
            .bind(self.workspace)
            .bind(entry.id.0)
            .bind(signed(entry.version.0)?)
            .bind(entry.case.0)
            .bind(entry.activity.map_or(Uuid::nil(), |id| id.0))
            .bind(seconds(entry.at))
            .bind(entry.visibility == Visibility::Public)
            .bind(entry.to_do().name())
            .bind(json(entry)?);
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn insert_event(&mut self, event: &Event) -> Result<()> {
        let sql = "INSERT INTO casekit_event \
             (workspace, id, version, seq, \"case\", about, told, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb)";
        let query = sqlx::query(sql)
            .bind(self.workspace)
            .bind(event.id.0)
            .bind(signed(event.version.0)?)
            .bind(signed(event.seq.0)?)
            .bind(event.case.map_or(Uuid::nil(), |id| id.0))
            .bind(event.about.id)
            .bind(event.told.map_or(Uuid::nil(), |id| id.0))
            .bind(json(event)?);
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// The words of a record of a case, to be found.
    async fn insert_text(
        &mut self,
        case: &Case,
        (kind, id): (&str, Uuid),
        (text, internal): (&str, bool),
    ) -> Result<()> {
        let sql = "INSERT INTO casekit_text \
             (workspace, kind, id, internal, part, owner_kind, owner, class, words) \
             VALUES ($1, $2, $3, $4, 0, 'case', $5, 0, array_to_tsvector($6))";
        let query = sqlx::query(sql)
            .bind(self.workspace)
            .bind(kind)
            .bind(id)
            .bind(internal)
            .bind(case.id.0)
            .bind(words(text));
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Keeps the answer, so that an operation that is sent again is not done again.
    async fn end(mut self, seq: u64) -> Result<()> {
        let sql = "INSERT INTO casekit_commit (workspace, id, day, seq, numbers) \
             VALUES ($1, $2, extract(epoch FROM now())::bigint / 86400, $3, '[]')";
        let query = sqlx::query(sql).bind(self.workspace).bind(Uuid::now_v7());
        query.bind(signed(seq)?).execute(&mut *self.tx).await?;
        Ok(self.tx.commit().await?)
    }
}

fn signed(number: u64) -> Result<i64> {
    Ok(i64::try_from(number)?)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of this century are exact"
)]
fn seconds(time: Time) -> f64 {
    time.timestamp_millis() as f64 / 1_000.0
}

fn json(record: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string(record)?)
}

/// Reads the cases, as whoever asked for them would.
fn decoded(rows: &[PgRow]) -> Result<()> {
    for row in rows {
        let _: Case = serde_json::from_str(row.try_get(0)?)?;
    }
    Ok(())
}
