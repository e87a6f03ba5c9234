//! Counts, sums and extremes as `SELECT … GROUP BY`.

use casekit_core::Result;
use casekit_core::model::{Holds, Value};
use casekit_core::query::{Aggregate, Measure};

use super::order::{conditions, narrow_index};
use super::{Builder, Statement};
use crate::dialect::{Dialect, Function};

/// An aggregate as a statement. Each row begins with its number of records, then come the values of
/// the group, then the measures.
pub(crate) fn aggregate<D: Dialect>(dialect: &D, aggregate: &Aggregate) -> Result<Statement> {
    let table = dialect.schema().table(aggregate.kind)?;
    let mut builder = Builder::new(dialect);
    builder.push("SELECT count(*)");
    for field in &aggregate.group_by {
        builder.push(", ").column(field);
    }
    for measure in &aggregate.measures {
        let (function, field) = match measure {
            Measure::Count => {
                builder.push(", count(*)");
                continue;
            }
            Measure::Sum(field) => (Function::Sum, field),
            Measure::Min(field) => (Function::Min, field),
            Measure::Max(field) => (Function::Max, field),
        };
        let declared = aggregate.kind.declaration().field(field);
        let holds = declared.map_or(Holds::Int, |field| field.holds);
        let mut column = String::from("t.");
        dialect.name(field, &mut column);
        builder.push(", ");
        dialect.function(function, holds, &column, &mut builder.sql);
    }
    builder.push(" FROM ").name(&table.name);
    builder.push(" AS t");
    // Else a database may read a whole workspace in the order of the groups to count a few records.
    if let Some(index) = narrow_index(table, &conditions(&aggregate.filter)) {
        dialect.through_index(index, &mut builder.sql);
    }
    builder.push(" WHERE ").column("workspace").push(" = ");
    builder.bind(Value::Id(aggregate.workspace.0)).push(" AND ");
    builder.filter(table, &aggregate.filter)?;
    let group = |builder: &mut Builder<'_, D>| {
        for (at, field) in aggregate.group_by.iter().enumerate() {
            builder.push(if at == 0 { "" } else { ", " }).column(field);
        }
    };
    if aggregate.group_by.is_empty() {
        // Without groups a database gives a row even when there is no record.
        builder.push(" HAVING count(*) > 0");
    } else {
        builder.push(" GROUP BY ");
        group(&mut builder);
        builder.push(" ORDER BY ");
        group(&mut builder);
    }
    Ok(builder.finish())
}
