//! Queries as `SELECT`.

use casekit_core::Result;
use casekit_core::model::{Arity, Value};
use casekit_core::query::{Comparison, Filter, Query};

use super::filter::{arity, tag};
use super::order::{Order, any_indexed, conditions, narrow_index};
use super::{Builder, Statement};
use crate::dialect::Dialect;

/// What to give of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Columns {
    /// What other tables refer to it by, `body`.
    Record,
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
    /// Such conditions of a query, those that few records meet first.
    pub(crate) fn all(query: &'q Query) -> Vec<Self> {
        let several = |field: &str| arity(query.kind, field).is_ok_and(|a| a != Arity::One);
        let all = conditions(&query.filter)
            .into_iter()
            .filter_map(|condition| {
                let (field, value) = match condition {
                    Filter::Field {
                        field,
                        is: Comparison::Equal,
                        value,
                    } => (field, value),
                    Filter::In { field, values } => match values.as_slice() {
                        [value] => (field, value),
                        _ => return None,
                    },
                    _ => return None,
                };
                several(field).then_some(Self {
                    condition,
                    field,
                    value,
                })
            });
        let mut all: Vec<Self> = all.collect();
        all.sort_by_key(|driver| !driver.is_selective());
        all
    }

    /// The best of them.
    pub(crate) fn of(query: &'q Query) -> Option<Self> {
        Self::all(query).into_iter().next()
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
        Columns::Record => builder.push(", t.body"),
        Columns::Tried => {
            let (guides, tried) = order.guided(table, conditions);
            conditions = guides;
            builder.push(", CASE WHEN TRUE");
            for condition in tried {
                builder.push(" AND ").filter(table, condition)?;
            }
            builder.push(" THEN t.body END")
        }
    };
    let index = match source {
        Source::Table => order.index(table, &conditions),
        Source::Along => order.along(table, &conditions),
        Source::Through(index) => Some(index),
        Source::Driven(_) | Source::Among { .. } => None,
    };
    builder.from(query, source, index, conditions)?;
    builder.after(order);
    builder.order_by(order);
    if let Some(limit) = limit {
        builder.push(" LIMIT ").bind(Value::Int(limit.into()));
    }
    Ok(builder.finish())
}

/// What other tables refer to the records by that a filter selects: up to `limit`, in no order.
#[cfg(feature = "sqlite")]
pub(crate) fn references<D: Dialect>(dialect: &D, query: &Query, limit: u32) -> Result<Statement> {
    let mut builder = Builder::new(dialect);
    builder.push("SELECT t.").push(dialect.reference());
    builder.selected(query)?;
    builder.push(" LIMIT ").bind(Value::Int(limit.into()));
    Ok(builder.finish())
}

impl<D: Dialect> Builder<'_, D> {
    /// Appends from where, and the condition that the filter of a query selects a record, for whoever wants all that
    /// it selects, in whatever order.
    ///
    /// Left to itself a database may read a whole workspace to find a few records.
    pub(super) fn selected(&mut self, query: &Query) -> Result<()> {
        let table = self.dialect.schema().table(query.kind)?;
        let conditions = conditions(&query.filter);
        let index = narrow_index(table, &conditions);
        // Which is less, what holds a value or what another index has, only counting would tell.
        let is_best =
            |driver: &Driver<'_>| driver.is_selective() || !any_indexed(table, &conditions);
        let driver = Driver::of(query).filter(is_best);
        let source = driver.map_or(Source::Table, Source::Driven);
        self.from(query, source, index, conditions)
    }

    /// Appends where to look, through an index if one is given, and the conditions: that of the workspace, and of
    /// the others those that the source does not meet by itself.
    pub(super) fn from(
        &mut self,
        query: &Query,
        source: Source<'_>,
        index: Option<&str>,
        mut conditions: Vec<&Filter>,
    ) -> Result<()> {
        let dialect = self.dialect;
        let table = dialect.schema().table(query.kind)?;
        self.push(" FROM ");
        match source {
            Source::Table | Source::Along | Source::Through(_) => {
                self.name(&table.name).push(" AS t");
                if let Some(index) = index {
                    dialect.through_index(index, &mut self.sql);
                }
                self.push(" WHERE ");
            }
            Source::Driven(driver) => {
                self.name(table.values()?).push(" AS v ");
                self.push(dialect.ordered_join()).push(" ");
                self.name(&table.name).push(" AS t");
                self.push(" ON ").push(dialect.value_of_record());
                self.push(" WHERE ").held(query, driver).push(" AND ");
                conditions.retain(|condition| !std::ptr::eq(*condition, driver.condition));
            }
            Source::Among { function, argument } => {
                self.push(function).push("(").bind(argument.into());
                self.push(") AS g ").push(dialect.ordered_join());
                self.push(" ").name(&table.name).push(" AS t ON t.");
                self.push(dialect.reference()).push(" = g.value WHERE ");
            }
        }
        self.column("workspace").push(" = ");
        self.bind(Value::Id(query.workspace.0));
        if !conditions.is_empty() {
            self.push(" AND ").joined(table, &conditions, " AND ")?;
        }
        Ok(())
    }

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
