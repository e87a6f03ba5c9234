//! Counts, sums and extremes as `SELECT … GROUP BY`.

use casekit_core::Result;
use casekit_core::model::{Holds, Value};
use casekit_core::query::{Aggregate, Measure, Query};

use super::{Builder, Statement};
use crate::dialect::{Dialect, Function};

/// An aggregate as a statement. Each row begins with its number of records, then come the values of
/// the group, then the measures.
pub(crate) fn aggregate<D: Dialect>(dialect: &D, aggregate: &Aggregate) -> Result<Statement> {
    let counted = Query::all(aggregate.workspace, aggregate.kind).filter(aggregate.filter.clone());
    let mut builder = Builder::new(dialect);
    builder.push("SELECT count(*)");
    if let Some(enough) = aggregate.enough {
        return bounded_count(builder, &counted, aggregate.measures.len(), enough);
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
    builder.selected(&counted)?;
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
    counted: &Query,
    measures: usize,
    enough: u32,
) -> Result<Statement> {
    for _ in 0..measures {
        builder.push(", count(*)");
    }
    builder.push(" FROM (SELECT 1");
    builder.selected(counted)?;
    builder.push(" LIMIT ").bind(Value::Int(enough.into()));
    builder.push(") AS bounded HAVING count(*) > 0");
    Ok(builder.finish())
}
