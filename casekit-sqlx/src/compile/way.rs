//! Which way to find what a query asks for: along an index that has its order, or by collecting the few
//! records that a condition selects, to sort them.

use casekit_core::Result;
use casekit_core::model::Value;
use casekit_core::query::{Filter, Query};

use super::order::{Order, conditions, narrow_index, narrows, ranged, tied};
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

/// How many records are looked at along an order before what a condition selects is collected instead: what
/// it selects may all lie at the other end.
pub(crate) const MOST_TRIED: u32 = 16_384;

/// Where to look for what a query asks, as far as it can be said without counting.
#[derive(Debug)]
pub(crate) enum Way<'q> {
    /// What is asked for says it.
    Known(Source<'q>),
    /// Those that meet one of these have to be counted. The first that are few are collected; where none
    /// are, the records are looked at along the order. There is at least one.
    Counted(Vec<Counted<'q>>),
}

/// Records that could be collected.
#[derive(Debug)]
pub(crate) struct Counted<'q> {
    /// How to collect them.
    pub(crate) source: Source<'q>,
    /// Counts them, as far as all are counted.
    pub(crate) statement: Statement,
    few: u32,
}

/// Where to look for what a query asks, after counting.
#[derive(Debug)]
pub(crate) enum Chosen<'q> {
    /// There.
    Source(Source<'q>),
    /// Along the order first: where that meets too few, what a condition selects is collected after all.
    Along {
        /// How to collect it.
        else_through: Source<'q>,
    },
}

impl<'q> Chosen<'q> {
    /// The way where all that was counted is too many to collect.
    pub(crate) fn along(mut counted: Vec<(i64, Source<'q>)>) -> Self {
        // Where all go on beyond what was counted, a range, which comes last, is at least read at one place.
        counted.reverse();
        let fewest = counted.into_iter().min_by_key(|(held, _)| *held);
        match fewest {
            Some((_, else_through)) => Self::Along { else_through },
            None => Self::Source(Source::Table),
        }
    }
}

impl Counted<'_> {
    /// Whether so many are few.
    pub(crate) fn is_few(&self, held: i64) -> bool {
        held < i64::from(self.few)
    }
}

/// How to find what a query asks for.
pub(crate) fn way<'q, D: Dialect>(dialect: &'q D, query: &'q Query) -> Result<Way<'q>> {
    let drivers = Driver::all(query);
    if let Some(driver) = drivers.first().filter(|driver| driver.is_selective()) {
        return Ok(Way::Known(Source::Driven(*driver)));
    }
    let table = dialect.schema().table(query.kind)?;
    let conditions = conditions(&query.filter);
    if Order::of(query)?.along(table, &conditions).is_none() {
        // All that the filter selects has to be sorted anyway.
        let driver = drivers
            .first()
            .filter(|_| narrow_index(table, &conditions).is_none());
        return Ok(Way::Known(
            driver.map_or(Source::Table, |d| Source::Driven(*d)),
        ));
    }
    let mut all: Vec<Collecting<'_>> = drivers.into_iter().map(Collecting::Held).collect();
    if dialect.can_be_told_indexes() {
        all.extend(Collecting::through_indexes(table, query)?);
    }
    // The widest last, and all as far as the widest, so that the counts can be compared.
    all.sort_by_key(Collecting::few);
    let at_least = query.limit.saturating_mul(16);
    let Some(bound) = all.last().map(|widest| at_least.max(widest.few())) else {
        return Ok(Way::Known(Source::Table));
    };
    let counted = all.into_iter().map(|collecting| {
        Ok(Counted {
            source: collecting.source(),
            statement: collecting.count(dialect, query, bound)?,
            few: at_least.max(collecting.few()),
        })
    });
    Ok(Way::Counted(counted.collect::<Result<_>>()?))
}

/// What some records can be collected by.
enum Collecting<'q> {
    /// A value of a multi-valued field.
    Held(Driver<'q>),
    /// An index, which serves some conditions.
    Through {
        index: &'q Index,
        served: Vec<&'q Filter>,
        few: u32,
    },
}

impl<'q> Collecting<'q> {
    /// The best index for each condition that few records can be expected to meet, and the best for a range; none
    /// where the order's own index begins with such a condition.
    fn through_indexes(table: &'q Table, query: &'q Query) -> Result<Vec<Self>> {
        let order = Order::of(query)?;
        let conditions = conditions(&query.filter);
        // Nobody lists many records in the order of their ids: an operation that does wants all of them.
        if order.field.is_none() || order.is_narrowed(table, &conditions) {
            return Ok(Vec::new());
        }
        let is_narrow = |c: &&Filter| narrows(table, c).is_some();
        let is_range = |c: &&Filter| ranged(c).is_some() && ranged(c) != order.field;
        let narrow = conditions.iter().copied().filter(is_narrow);
        let ranges = conditions.iter().copied().filter(is_range);
        let narrow = narrow.map(|condition| (condition, FEW_THAT_HOLD));
        let ranges = ranges.map(|condition| (condition, FEW_IN_A_RANGE));
        let mut all: Vec<Self> = Vec::new();
        for (condition, few) in narrow.chain(ranges) {
            let through = Self::through(table, condition, &conditions, few);
            all.extend(through.filter(|some| !all.iter().any(|other| other.is_like(some))));
        }
        Ok(all)
    }

    /// The index that serves most conditions, of those that serve one: conditions that tie its first fields to values,
    /// and a range of the next.
    fn through(
        table: &'q Table,
        condition: &Filter,
        conditions: &[&'q Filter],
        few: u32,
    ) -> Option<Self> {
        let all = table
            .indexes
            .iter()
            .map(|index| (index, served(index, conditions)));
        let serving = all.filter(|(_, served)| served.iter().any(|c| std::ptr::eq(*c, condition)));
        let (index, served) = serving.max_by_key(|(_, served)| served.len())?;
        Some(Self::Through { index, served, few })
    }

    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Through { index, .. }, Self::Through { index: other, .. }) => {
                std::ptr::eq(*index, *other)
            }
            _ => false,
        }
    }

    /// How many records are too many to collect.
    fn few(&self) -> u32 {
        match self {
            Self::Held(_) => FEW_THAT_HOLD,
            Self::Through { few, .. } => *few,
        }
    }

    fn source(&self) -> Source<'q> {
        match self {
            Self::Held(driver) => Source::Driven(*driver),
            Self::Through { index, .. } => Source::Through(&index.name),
        }
    }

    /// How many records, up to a bound, would be collected.
    fn count<D: Dialect>(&self, dialect: &D, query: &Query, bound: u32) -> Result<Statement> {
        let mut builder = Builder::new(dialect);
        builder.push("SELECT count(*) FROM (SELECT 1");
        match self {
            Self::Held(driver) => {
                let table = dialect.schema().table(query.kind)?;
                builder.push(" FROM ").name(table.values()?);
                builder.push(" AS v WHERE ").held(query, *driver);
            }
            Self::Through { index, served, .. } => {
                builder.from(query, Source::Table, Some(&index.name), served.clone())?;
            }
        }
        builder.push(" LIMIT ").bind(Value::Int(bound.into()));
        builder.push(") AS bounded");
        Ok(builder.finish())
    }
}

/// The conditions that tie the first fields of an index to values, and those that bound the next.
fn served<'q>(index: &Index, conditions: &[&'q Filter]) -> Vec<&'q Filter> {
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
    served
}

/// The place in the order of a query where looking along it ends at first: the value, if it has a field, and the
/// id of the first record not to be looked at. No row where there are not so many.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn trial_end<D: Dialect>(dialect: &D, query: &Query) -> Result<Statement> {
    let table = dialect.schema().table(query.kind)?;
    let order = Order::of(query)?;
    let conditions = conditions(&query.filter);
    let index = order.along(table, &conditions);
    let (guides, _) = order.guided(table, conditions);
    let mut builder = Builder::new(dialect);
    builder.push("SELECT ").column("id");
    if let Some(field) = order.field {
        builder.push(", ").column(field);
    }
    builder.from(query, Source::Table, index, guides)?;
    builder.after(&order);
    builder.order_by(&order);
    builder.push(" LIMIT 1 OFFSET ");
    builder.bind(Value::Int(MOST_TRIED.into()));
    Ok(builder.finish())
}
