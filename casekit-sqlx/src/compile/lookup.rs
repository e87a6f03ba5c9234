//! Lookups as statements, for databases that are servers.

use casekit_core::Result;
use casekit_core::model::{Key, Unique, Value, WorkspaceId};

use super::{Builder, Statement};
use crate::dialect::Dialect;

/// The columns of what [`records`] gives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lookups;

impl Lookups {
    /// The position of the group.
    pub(crate) const GROUP: usize = 0;
    /// The id.
    pub(crate) const ID: usize = 1;
    /// The record.
    pub(crate) const BODY: usize = 2;
}

/// The records at groups of keys, each of one workspace and kind; the rows are [`Lookups`].
pub(crate) fn records<D: Dialect>(dialect: &D, groups: &[&[Key]]) -> Result<Statement> {
    let mut builder = Builder::new(dialect);
    for (at, keys) in groups.iter().enumerate() {
        let Some(first) = keys.first() else { continue };
        let table = dialect.schema().table(first.kind)?;
        let ids: Vec<Value> = keys.iter().map(|key| Value::Id(key.id)).collect();
        builder.push(if at == 0 {
            "SELECT "
        } else {
            " UNION ALL SELECT "
        });
        builder.bind(position(at)).push(", t.id, t.body FROM ");
        builder.name(&table.name).push(" AS t WHERE t.workspace = ");
        builder
            .bind(Value::Id(first.workspace.0))
            .push(" AND t.id IN (");
        builder.bind_list(&ids).push(")");
    }
    Ok(builder.finish())
}

/// Who holds unique values, in groups of one workspace and name each: rows of the position of the
/// group, value, kind and id.
pub(crate) fn holders<D: Dialect>(dialect: &D, groups: &[&[(WorkspaceId, &Unique)]]) -> Statement {
    let table = dialect.schema().named("unique");
    let mut builder = Builder::new(dialect);
    for (at, group) in groups.iter().enumerate() {
        let Some((workspace, first)) = group.first() else {
            continue;
        };
        let values: Vec<Value> = group.iter().map(|(_, u)| u.value.as_str().into()).collect();
        builder.push(if at == 0 {
            "SELECT "
        } else {
            " UNION ALL SELECT "
        });
        builder
            .bind(position(at))
            .push(", u.value, u.kind, u.id FROM ");
        builder.name(&table).push(" AS u WHERE u.workspace = ");
        builder.bind(Value::Id(workspace.0)).push(" AND u.name = ");
        builder.bind(first.name.as_str().into());
        builder
            .push(" AND u.value IN (")
            .bind_list(&values)
            .push(")");
    }
    builder.finish()
}

fn position(at: usize) -> Value {
    Value::Int(i64::try_from(at).unwrap_or(i64::MAX))
}

/// The number of a workspace's last event.
pub(crate) fn last_seq<D: Dialect>(dialect: &D, workspace: WorkspaceId) -> Statement {
    let mut builder = Builder::new(dialect);
    builder
        .push("SELECT seq FROM ")
        .name(&dialect.schema().named("counter"));
    builder
        .push(" WHERE workspace = ")
        .bind(Value::Id(workspace.0));
    builder.finish()
}
