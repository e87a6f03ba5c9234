//! Writing the table of a kind anew, from its records, when the kind declares other fields.

use casekit_core::Error;
use casekit_core::model::Value;

use super::answers::{id, int, record};
use super::migrate::exists;
use super::{Result, Rows, Server, Session};
use crate::compile::{Statement, tag_number};
use crate::declared::DeclaredKind;
use crate::dialect::held_text;
use crate::schema::Table;

/// How many records are written at a time.
const AT_ONCE: usize = 500;

/// Writes the table of a kind anew.
pub(super) async fn rewrite<S: Server>(
    session: &mut Session<'_, S>,
    table: &Table,
    old: &DeclaredKind,
) -> Result<()> {
    let server = &session.core.server;
    let aside = format!("{}_old", table.name);
    let name = &table.name;
    // Somebody may have begun and not finished: what is aside is whole, what is not may lack rows.
    let ready = match exists(session, &aside).await? {
        true => format!("DROP TABLE IF EXISTS {name}, {name}_value"),
        false => server.put_aside(table, &aside, old),
    };
    session.script(&ready).await?;
    session.script(&server.create(table)).await?;
    let mut after = None;
    loop {
        let rows = session.rows(&page(server, &aside, after)).await?;
        after = copy::<S>(session, table, &rows).await?;
        if rows.len() < AT_ONCE {
            break;
        }
    }
    session.script(&format!("DROP TABLE {aside}")).await
}

/// Records of the old table: workspace, id, version, body.
fn page<S: Server>(server: &S, aside: &str, after: Option<(Value, Value)>) -> Statement {
    let mut sql = format!("SELECT workspace, id, version, body FROM {aside}");
    let mut params = Vec::new();
    if let Some((workspace, id)) = after {
        // Spelled out: not every database has an index serve a comparison of pairs.
        sql.push_str(" WHERE workspace >= ");
        server.placeholder(1, &mut sql);
        sql.push_str(" AND (workspace > ");
        server.placeholder(2, &mut sql);
        sql.push_str(" OR id > ");
        server.placeholder(3, &mut sql);
        sql.push(')');
        params = vec![workspace.clone(), workspace, id];
    }
    sql.push_str(&format!(" ORDER BY workspace, id LIMIT {AT_ONCE}"));
    Statement { sql, params }
}

/// Writes records into the new table; gives the key of the last.
async fn copy<S: Server>(
    session: &mut Session<'_, S>,
    table: &Table,
    rows: &[super::RowOf<S>],
) -> Result<Option<(Value, Value)>> {
    let columns = session.core.server.columns(table);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut records = Rows::new(&table.name, &columns).last_cast(S::RECORD);
    let beside = table.values.as_deref().unwrap_or_default();
    let mut values = Rows::new(beside, &["workspace", "id", "field", "holds", "value"]);
    let mut last = None;
    for row in rows {
        let key = [Value::Id(id::<S>(row, 0)?), Value::Id(id::<S>(row, 1)?)];
        let fields = record::<S>(table.kind, row, 3)?.row();
        let body = String::from_utf8(S::json(row, 3)?);
        let body = body.map_err(|error| Error::bug("a record is not text").with_source(error))?;
        let mut written = key.to_vec();
        written.push(Value::Int(int::<S>(row, 2)?));
        written.extend(fields.one.iter().cloned());
        written.push(body.into());
        records.push(written);
        for (field, value) in &fields.many {
            let mut held = key.to_vec();
            let tag = Value::Int(tag_number(value.holds()));
            held.extend([field.as_str().into(), tag, held_text(value).into()]);
            values.push(held);
        }
        let [workspace, id] = key;
        last = Some((workspace, id));
    }
    records.write(session).await?;
    values.write(session).await?;
    Ok(last)
}
