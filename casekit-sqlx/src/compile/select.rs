//! Queries as `SELECT`.

use casekit_core::model::{Arity, Value};
use casekit_core::query::{Comparison, Filter, Query};
use casekit_core::{Error, Result};

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
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'q> {
    /// In the whole table.
    Table,
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

/// Whether to go along an index of the order or to collect what holds a value of a multi-valued field: the
/// fewer records hold it, the better.
#[derive(Debug)]
pub(crate) enum Way<'q> {
    /// What is asked for says it.
    Known(Source<'q>),
    /// Those that hold it have to be counted.
    Counted(Counted<'q>),
}

/// What says, once it is counted, where to look.
#[derive(Debug)]
pub(crate) struct Counted<'q> {
    driver: Driver<'q>,
    most: u32,
    /// Counts the records that hold it, up to a bound.
    pub(crate) statement: Statement,
}

impl<'q> Counted<'q> {
    /// Where to look when so many hold it.
    pub(crate) fn source(&self, held: i64) -> Source<'q> {
        match held < i64::from(self.most) {
            true => Source::Driven(self.driver),
            false => Source::Table,
        }
    }
}

/// How to find what a query asks for.
pub(crate) fn way<'q, D: Dialect>(dialect: &D, query: &'q Query) -> Result<Way<'q>> {
    let Some(driver) = Driver::of(query) else {
        return Ok(Way::Known(Source::Table));
    };
    if driver.is_selective() {
        return Ok(Way::Known(Source::Driven(driver)));
    }
    let most = query.limit.saturating_mul(16).max(512);
    Ok(Way::Counted(Counted {
        driver,
        most,
        statement: count_driver(dialect, query, driver, most)?,
    }))
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
    builder.push(match columns {
        Columns::Record => ", t.body FROM ",
        Columns::Handle => ", t.id FROM ",
    });
    match source {
        Source::Table => {
            builder.name(&table.name).push(" AS t");
            if let Some(index) = order.index(table, &conditions) {
                dialect.through_index(index, &mut builder.sql);
            }
            builder.push(" WHERE ");
        }
        Source::Driven(driver) => {
            let values = table.values.as_deref();
            let values = values.ok_or_else(|| Error::bug("a driver without values"))?;
            builder.name(values).push(" AS v ");
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

/// How many records, up to `bound`, hold what drives a query.
fn count_driver<D: Dialect>(
    dialect: &D,
    query: &Query,
    driver: Driver<'_>,
    bound: u32,
) -> Result<Statement> {
    let table = dialect.schema().table(query.kind)?;
    let values = table.values.as_deref();
    let values = values.ok_or_else(|| Error::bug("a driver without values"))?;
    let mut builder = Builder::new(dialect);
    builder.push("SELECT count(*) FROM (SELECT 1 FROM ");
    builder.name(values).push(" AS v WHERE ");
    builder.held(query, driver).push(" LIMIT ");
    builder.bind(Value::Int(bound.into())).push(") AS bounded");
    Ok(builder.finish())
}

impl<D: Dialect> Builder<'_, D> {
    fn held(&mut self, query: &Query, driver: Driver<'_>) -> &mut Self {
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
