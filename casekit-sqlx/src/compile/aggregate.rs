//! Counts, sums and extremes as `SELECT … GROUP BY`.

use casekit_core::Result;
use casekit_core::model::{Holds, Value};
use casekit_core::query::{Aggregate, Measure};

use super::order::{conditions, narrow_index};
use super::{Builder, Statement};
use crate::dialect::{Dialect, Function};
use crate::schema::Table;

/// An aggregate as a statement. Each row begins with its number of records, then come the values of
/// the group, then the measures.
pub(crate) fn aggregate<D: Dialect>(dialect: &D, aggregate: &Aggregate) -> Result<Statement> {
    let table = dialect.schema().table(aggregate.kind)?;
    let mut builder = Builder::new(dialect);
    builder.push("SELECT count(*)");
    if let Some(enough) = aggregate.enough {
        return bounded_count(builder, table, aggregate, enough);
    }
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
    builder.counted(table, aggregate)?;
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

/// A count that ends when there are enough: of so many, or of all if these are fewer.
fn bounded_count<D: Dialect>(
    mut builder: Builder<'_, D>,
    table: &Table,
    aggregate: &Aggregate,
    enough: u32,
) -> Result<Statement> {
    for _ in &aggregate.measures {
        builder.push(", count(*)");
    }
    builder.push(" FROM (SELECT 1");
    builder.counted(table, aggregate)?;
    builder.push(" LIMIT ").bind(Value::Int(enough.into()));
    builder.push(") AS bounded HAVING count(*) > 0");
    Ok(builder.finish())
}

impl<D: Dialect> Builder<'_, D> {
    /// From where, and the condition that a record counts.
    fn counted(&mut self, table: &Table, aggregate: &Aggregate) -> Result<()> {
        self.push(" FROM ").name(&table.name).push(" AS t");
        // Else a database may read a whole workspace in the order of the groups to count a few records.
        if let Some(index) = narrow_index(table, &conditions(&aggregate.filter)) {
            self.dialect.through_index(index, &mut self.sql);
        }
        self.push(" WHERE ").column("workspace").push(" = ");
        self.bind(Value::Id(aggregate.workspace.0)).push(" AND ");
        self.filter(table, &aggregate.filter)?;
        Ok(())
    }
}
