//! Queries as `SELECT`.

use casekit_core::Result;
use casekit_core::model::{Arity, Value};
use casekit_core::query::{Comparison, Filter, Query};

use super::filter::{arity, tag};
use super::order::{Order, conditions};
use super::{Builder, Statement};
use crate::dialect::Dialect;

/// What to give of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Columns {
    /// What other tables refer to it by, `body`.
    Record,
    /// `handle`, `id`.
    Handle,
    /// As for a record, but `body` is null where the filter does not hold.
    Tried,
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'q> {
    /// In the whole table, through the index that suits best.
    Table,
    /// At the records along an index that has the order.
    Along,
    /// At the records that this index gives.
    Through(&'q str),
    /// At the rows that hold a value of a multi-valued field.
    Driven(Driver<'q>),
    /// At the rows that a function of the database gives references to, from an argument.
    Among {
        function: &'static str,
        argument: &'q str,
    },
}

/// A condition on a multi-valued field that every record must meet, through whose index the records
/// can be found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Driver<'q> {
    condition: &'q Filter,
    field: &'q str,
    value: &'q Value,
}

impl<'q> Driver<'q> {
    /// The first such condition of a query.
    pub(crate) fn of(query: &'q Query) -> Option<Self> {
        let several = |field: &str| arity(query.kind, field).is_ok_and(|a| a != Arity::One);
        let all = conditions(&query.filter);
        all.into_iter().find_map(|condition| match condition {
            Filter::Field {
                field,
                is: Comparison::Equal,
                value,
            } if several(field) => Some(Self {
                condition,
                field,
                value,
            }),
            _ => None,
        })
    }

    /// Whether so few records hold it that nobody has to count.
    pub(crate) fn is_selective(&self) -> bool {
        matches!(self.value, Value::Id(_))
    }
}

/// A query as a statement. `order` may differ from the query's own: a search by relevance asks for
/// parts of it.
pub(crate) fn select<D: Dialect>(
    dialect: &D,
    query: &Query,
    columns: Columns,
    source: Source<'_>,
    order: &Order<'_>,
    limit: Option<u32>,
) -> Result<Statement> {
    let table = dialect.schema().table(query.kind)?;
    let mut conditions = conditions(&query.filter);
    let mut builder = Builder::new(dialect);
    builder.push("SELECT t.").push(dialect.reference());
    match columns {
        Columns::Record => builder.push(", t.body FROM "),
        Columns::Handle => builder.push(", t.id FROM "),
        Columns::Tried => {
            let (guides, tried) = order.guided(table, conditions);
            conditions = guides;
            builder.push(", CASE WHEN TRUE");
            for condition in tried {
                builder.push(" AND ").filter(table, condition)?;
            }
            builder.push(" THEN t.body END FROM ")
        }
    };
    match source {
        Source::Table | Source::Along | Source::Through(_) => {
            builder.name(&table.name).push(" AS t");
            let index = match source {
                Source::Through(index) => Some(index),
                Source::Along => order.along(table, &conditions),
                _ => order.index(table, &conditions),
            };
            if let Some(index) = index {
                dialect.through_index(index, &mut builder.sql);
            }
            builder.push(" WHERE ");
        }
        Source::Driven(driver) => {
            builder.name(table.values()?).push(" AS v ");
            builder.push(dialect.ordered_join()).push(" ");
            builder.name(&table.name).push(" AS t");
            builder.push(" ON ").push(dialect.value_of_record());
            builder.push(" WHERE ");
            builder.held(query, driver).push(" AND ");
            conditions.retain(|condition| !std::ptr::eq(*condition, driver.condition));
        }
        Source::Among { function, argument } => {
            builder.push(function).push("(").bind(argument.into());
            builder.push(") AS g ").push(dialect.ordered_join());
            builder.push(" ").name(&table.name).push(" AS t ON t.");
            builder.push(dialect.reference()).push(" = g.value WHERE ");
        }
    }
    builder.column("workspace").push(" = ");
    builder.bind(Value::Id(query.workspace.0));
    if !conditions.is_empty() {
        builder.push(" AND ").joined(table, &conditions, " AND ")?;
    }
    builder.after(order);
    builder.order_by(order);
    if let Some(limit) = limit {
        builder.push(" LIMIT ").bind(Value::Int(limit.into()));
    }
    Ok(builder.finish())
}

impl<D: Dialect> Builder<'_, D> {
    /// The condition that a row of values holds what drives a query.
    pub(super) fn held(&mut self, query: &Query, driver: Driver<'_>) -> &mut Self {
        let held = self.dialect.held(driver.value);
        self.push("v.workspace = ");
        self.bind(Value::Id(query.workspace.0));
        self.push(" AND v.field = ").bind(driver.field.into());
        self.push(" AND v.holds = ")
            .bind(tag(driver.value.holds()))
            .push(" AND v.value = ")
            .bind(held)
    }
}
