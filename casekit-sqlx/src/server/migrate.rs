//! Making the tables, and bringing those of an earlier version up to date.
//!
//! What the kinds of record declared when a database was last migrated is kept in it, as for SQLite:
//! see there. Several programs may begin at once: one works, the others wait for it.

use casekit_core::model::Value;
use casekit_core::{Error, Result as CoreResult};

use super::answers::{int, text};
use super::connection::Place;
use super::indexes::change_indexes;
use super::rewrite::rewrite;
use super::{Core, Fault, Result, Server, Session};
use crate::compile::Statement;
use crate::declared::{Declared, DeclaredKind, declared, newer, older, refuse_newer};
use crate::dialect::Dialect;
use crate::lent::no_migration;
use crate::schema::{Index, Table};
use crate::views;

/// The version of the tables that no kind declares, and of what depends on all tables: raise it when that is
/// made otherwise, or an older program that starts again puts its own back.
const LAYOUT: i64 = 2;

/// How tables are made.
pub trait Tables: Dialect {
    /// A question for how many tables and views of some names are where ours are, up to the names.
    const RELATIONS: &'static str;

    /// Waits until nobody else migrates; the end of the connection ends it.
    fn lock<S: Server>(
        &self,
        session: &mut Session<'_, S>,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Ends what [`lock`](Self::lock) began, so that it takes effect.
    fn unlock(&self) -> String;

    /// The statements that make the tables that no kind declares.
    fn common(&self) -> String;

    /// The statements that make the tables of a kind and their indexes.
    fn create(&self, table: &Table) -> String;

    /// The statement that makes an index of a kind.
    fn create_index(&self, table: &Table, index: &Index) -> String {
        let (name, of) = (&index.name, &table.name);
        let mut sql = format!("CREATE INDEX {name} ON {of} (workspace");
        for field in index.fields {
            sql.push_str(", ");
            self.name(field, &mut sql);
        }
        sql.push_str(", id);");
        sql
    }

    /// The statement that removes an index of a kind.
    fn drop_index(&self, table: &Table, name: &str) -> String;

    /// How many indexes with a name a table has: a question, up to the name of the table, and what then
    /// comes before the name of the index.
    const INDEXES: (&'static str, &'static str);

    /// The statements that put the table of a kind aside, under this name, with nothing in the way of a
    /// new one.
    fn put_aside(&self, table: &Table, aside: &str, old: &DeclaredKind) -> String;

    /// What makes a parameter a record in the column for it.
    const RECORD: &'static str;

    /// The statements that make what depends on all tables; made anew with every migration.
    fn depending(&self) -> String;

    /// Whether what depends on all tables is there, and is what [`depending`](Self::depending) makes: it may
    /// be of another version, and a backup of tables alone does not hold it.
    fn has_depending<S: Server>(
        &self,
        session: &mut Session<'_, S>,
    ) -> impl Future<Output = Result<bool>> + Send;
}

/// What a database was last migrated to.
struct Stored {
    layout: i64,
    declared: Declared,
}

/// Makes the tables, or brings them up to date.
pub(super) async fn migrate<S: Server>(core: &Core<S>) -> CoreResult<()> {
    if matches!(core.place, Place::Transaction(_)) {
        return Err(no_migration());
    }
    core.patiently(async || {
        let mut session = core.session().await?;
        // Most often there is nothing to do.
        let stored = stored(&mut session).await?;
        if is_up_to_date(&mut session, stored.as_ref()).await? {
            return Ok(());
        }
        session.close_at_end();
        core.server.lock(&mut session).await?;
        upgrade(&mut session, core.clock.now().timestamp_millis()).await?;
        session.script(&core.server.unlock()).await
    })
    .await
}

/// Whether the tables are those that we would make.
pub(super) async fn health<S: Server>(core: &Core<S>) -> CoreResult<()> {
    core.patiently(async || {
        let mut session = core.session().await?;
        let ours = declared(core.server.schema());
        match last(&mut session).await? {
            Some(stored) if stored.layout == LAYOUT && stored.declared == ours => Ok(()),
            stored => {
                let stored = stored.map(|stored| stored.declared).unwrap_or_default();
                refuse_newer(&stored, &ours)?;
                Err(older().into())
            }
        }
    })
    .await
}

/// Whether there is nothing to do.
async fn is_up_to_date<S: Server>(
    session: &mut Session<'_, S>,
    stored: Option<&Stored>,
) -> Result<bool> {
    let server = &session.core.server;
    let ours = declared(server.schema());
    match stored {
        Some(stored) if stored.layout == LAYOUT && stored.declared == ours => {
            Ok(server.has_depending(session).await? && has_views(session).await?)
        }
        _ => Ok(false),
    }
}

/// Whether the views are there: a backup of tables alone does not hold them.
async fn has_views<S: Server>(session: &mut Session<'_, S>) -> Result<bool> {
    let names = views::names(session.core.server.schema());
    Ok(count(session, &names).await? == names.len())
}

/// What the database was last migrated to; none if it never was.
async fn stored<S: Server>(session: &mut Session<'_, S>) -> Result<Option<Stored>> {
    let name = session.core.server.schema().named("migration");
    match exists(session, &name).await? {
        true => last(session).await,
        false => Ok(None),
    }
}

/// The same, where it was.
async fn last<S: Server>(session: &mut Session<'_, S>) -> Result<Option<Stored>> {
    let name = session.core.server.schema().named("migration");
    let sql = format!("SELECT layout, declared FROM {name} ORDER BY number DESC LIMIT 1");
    let rows = session
        .rows(&Statement {
            sql,
            params: Vec::new(),
        })
        .await?;
    let Some(last) = rows.first() else {
        return Ok(None);
    };
    let layout = int::<S>(last, 0)?;
    if layout > LAYOUT {
        return Err(newer("its layout").into());
    }
    let declared = serde_json::from_str(&text::<S>(last, 1)?);
    let declared = declared.map_err(|error| Fault::Refused(newer("it").with_source(error)))?;
    Ok(Some(Stored { layout, declared }))
}

/// Whether there is a table or a view.
pub(super) async fn exists<S: Server>(session: &mut Session<'_, S>, name: &str) -> Result<bool> {
    Ok(count(session, &[name.to_owned()]).await? == 1)
}

/// How many tables and views there are of these names.
async fn count<S: Server>(session: &mut Session<'_, S>, names: &[String]) -> Result<usize> {
    let mut sql = format!("{} (", S::RELATIONS);
    for number in 1..=names.len() {
        sql.push_str(if number == 1 { "" } else { ", " });
        session.core.server.placeholder(number, &mut sql);
    }
    sql.push(')');
    let params = names.iter().map(|name| name.as_str().into()).collect();
    let found = session.rows(&Statement { sql, params }).await?;
    let found = found.first().map(|row| int::<S>(row, 0)).transpose()?;
    Ok(usize::try_from(found.unwrap_or(0)).unwrap_or(0))
}

async fn upgrade<S: Server>(session: &mut Session<'_, S>, now_ms: i64) -> Result<()> {
    let server = &session.core.server;
    let (ours, stored) = (declared(server.schema()), stored(session).await?);
    // Another program may have migrated while we waited for it.
    if is_up_to_date(session, stored.as_ref()).await? {
        return Ok(());
    }
    match &stored {
        Some(stored) => {
            refuse_newer(&stored.declared, &ours)?;
            session.script(&views::drop(server)).await?;
        }
        None => session.script(&server.common()).await?,
    }
    let stored = stored.map(|stored| stored.declared).unwrap_or_default();
    for table in server.schema().tables() {
        let name = table.kind.name();
        match stored.get(name) {
            None => session.script(&server.create(table)).await?,
            Some(old) if ours.get(name).is_some_and(|new| new.fields == old.fields) => {
                change_indexes(session, table, old).await?;
            }
            Some(old) => rewrite(session, table, old).await?,
        }
    }
    session.script(&server.depending()).await?;
    session.script(&views::create(server)?).await?;
    let declared = serde_json::to_string(&ours).map_err(Error::from)?;
    let mut sql = format!(
        "INSERT INTO {} (layout, declared, at) VALUES (",
        server.schema().named("migration")
    );
    for number in 1..=3 {
        sql.push_str(if number == 1 { "" } else { ", " });
        server.placeholder(number, &mut sql);
    }
    sql.push(')');
    let params = vec![
        Value::Int(LAYOUT),
        Value::Text(declared),
        Value::Time(now_ms),
    ];
    session.rows(&Statement { sql, params }).await?;
    Ok(())
}
