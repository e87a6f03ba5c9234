//! Which way to find what a query asks for: along an index that has its order, or by collecting the few
//! records that a condition selects, to sort them.

use casekit_core::Result;
use casekit_core::model::{Holds, Value};
use casekit_core::query::{Filter, Query};

use super::order::{Order, conditions, narrows, ranged, tied};
use super::select::{Driver, Source};
use super::{Builder, Statement};
use crate::dialect::Dialect;
use crate::schema::{Index, Table};

/// From so many records on that hold a value it is not sure any more that collecting them is less work than
/// going along the order until a page is full: they lie anywhere in it.
const FEW_THAT_HOLD: u32 = 1_024;

/// The same for those in a range: what is of one time lies together in the order of another, too, and is looked for
/// along it in vain.
const FEW_IN_A_RANGE: u32 = 4_096;

/// Where to look for what a query asks.
#[derive(Debug)]
pub(crate) enum Way<'q> {
    /// What is asked for says it.
    Known(Source<'q>),
    /// Those that meet one of these have to be counted. If they are few they are collected, else the
    /// records are looked at along the order. There is at least one.
    Counted(Vec<Counted<'q>>),
}

/// Records that could be collected.
#[derive(Debug)]
pub(crate) struct Counted<'q> {
    /// How to collect them.
    pub(crate) source: Source<'q>,
    /// Counts them, up to [`most`](Self::most).
    pub(crate) statement: Statement,
    most: u32,
}

impl Counted<'_> {
    /// Whether so many are few.
    pub(crate) fn is_few(&self, held: i64) -> bool {
        held < i64::from(self.most)
    }
}

/// How to find what a query asks for.
pub(crate) fn way<'q, D: Dialect>(dialect: &'q D, query: &'q Query) -> Result<Way<'q>> {
    let driver = Driver::of(query);
    if let Some(driver) = driver.filter(Driver::is_selective) {
        return Ok(Way::Known(Source::Driven(driver)));
    }
    let at_least = query.limit.saturating_mul(16);
    let mut all = Vec::new();
    if dialect.can_be_told_indexes() {
        let table = dialect.schema().table(query.kind)?;
        for collecting in Collecting::all(table, query)? {
            let most = at_least.max(collecting.few);
            all.push(Counted {
                source: Source::Through(&collecting.index.name),
                statement: collecting.count(dialect, table, query, most)?,
                most,
            });
        }
    }
    if let Some(driver) = driver {
        let most = at_least.max(FEW_THAT_HOLD);
        all.push(Counted {
            source: Source::Driven(driver),
            statement: count_driver(dialect, query, driver, most)?,
            most,
        });
    }
    Ok(match all.is_empty() {
        true => Way::Known(Source::Table),
        false => Way::Counted(all),
    })
}

/// An index through which the records that some conditions select can be collected.
struct Collecting<'q> {
    index: &'q Index,
    /// The conditions that the index serves.
    conditions: Vec<&'q Filter>,
    /// How many records are too many to collect.
    few: u32,
}

impl<'q> Collecting<'q> {
    /// The best index for a condition on an id and the best for a range, unless the order's own index begins
    /// with such a condition.
    fn all(table: &'q Table, query: &'q Query) -> Result<Vec<Self>> {
        let order = Order::of(query)?;
        let conditions = conditions(&query.filter);
        let on_id = |condition: &&'q Filter| {
            let field =
                narrows(table, condition).and_then(|name| query.kind.declaration().field(name));
            field.is_some_and(|field| field.holds == Holds::Id)
        };
        let ids: Vec<&Filter> = conditions.iter().copied().filter(on_id).collect();
        let of_order = |condition: &&Filter| ranged(condition) == order.field;
        let ranges = conditions.iter().copied().filter(|c| ranged(c).is_some());
        let ranges: Vec<&Filter> = ranges.filter(|c| !of_order(c)).collect();
        // Nobody lists many records in the order of their ids: an operation that does wants all of them.
        if order.field.is_none() || order.is_narrowed(table, &conditions) {
            return Ok(Vec::new());
        }
        let best = |needed: &[&'q Filter], few| {
            let indexes = table.indexes.iter();
            let serving = indexes.map(|index| Self::through(index, &conditions, few));
            let serving = serving.filter(|some| some.conditions.iter().any(|c| same(needed, c)));
            serving.max_by_key(|some| some.conditions.len())
        };
        let by_id = best(&ids, FEW_THAT_HOLD);
        let by_range = best(&ranges, FEW_IN_A_RANGE);
        let mut all: Vec<Self> = by_id.into_iter().chain(by_range).collect();
        all.dedup_by(|a, b| std::ptr::eq(a.index, b.index));
        Ok(all)
    }

    /// What an index serves: conditions that tie its first fields to values, and a range of the next.
    fn through(index: &'q Index, conditions: &[&'q Filter], few: u32) -> Self {
        let mut served = Vec::new();
        for field in index.fields {
            let ties = conditions.iter().find(|c| tied(c) == Some(field));
            if let Some(ties) = ties {
                served.push(*ties);
                continue;
            }
            served.extend(conditions.iter().filter(|c| ranged(c) == Some(field)));
            break;
        }
        Self {
            index,
            conditions: served,
            few,
        }
    }

    /// How many records, up to a bound, the index gives.
    fn count<D: Dialect>(
        &self,
        dialect: &D,
        table: &Table,
        query: &Query,
        bound: u32,
    ) -> Result<Statement> {
        let mut builder = Builder::new(dialect);
        builder.push("SELECT count(*) FROM (SELECT 1 FROM ");
        builder.name(&table.name).push(" AS t");
        dialect.through_index(&self.index.name, &mut builder.sql);
        builder.push(" WHERE ").column("workspace").push(" = ");
        builder.bind(Value::Id(query.workspace.0)).push(" AND ");
        builder.joined(table, &self.conditions, " AND ")?;
        builder.push(" LIMIT ");
        builder.bind(Value::Int(bound.into())).push(") AS bounded");
        Ok(builder.finish())
    }
}

fn same(some: &[&Filter], condition: &&Filter) -> bool {
    some.iter().any(|other| std::ptr::eq(*other, *condition))
}

/// How many records, up to `bound`, hold what drives a query.
fn count_driver<D: Dialect>(
    dialect: &D,
    query: &Query,
    driver: Driver<'_>,
    bound: u32,
) -> Result<Statement> {
    let table = dialect.schema().table(query.kind)?;
    let mut builder = Builder::new(dialect);
    builder.push("SELECT count(*) FROM (SELECT 1 FROM ");
    builder.name(table.values()?).push(" AS v WHERE ");
    builder.held(query, driver).push(" LIMIT ");
    builder.bind(Value::Int(bound.into())).push(") AS bounded");
    Ok(builder.finish())
}
