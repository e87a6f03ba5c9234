//! The order of a page, where it begins, and which index gives it.

use casekit_core::model::{Arity, Value};
use casekit_core::query::{Comparison, Direction, Filter, Query, SortBy};
use casekit_core::{Error, Result};
use uuid::Uuid;

use super::filter::arity;
use super::{Builder, Driver};
use crate::dialect::{Dialect, Pairs};
use crate::schema::{Index, Table};

/// In which order, and after what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'q> {
    /// The single-valued field to sort by before the id; none to sort by the id alone.
    pub(crate) field: Option<&'q str>,
    /// The direction, of the field and of the id.
    pub(crate) direction: Direction,
    /// The field's value and the id of the record before the first; the value counts only with a field.
    pub(crate) after: Option<(&'q Value, Uuid)>,
    /// The same of the record after the last; none to go to the end.
    pub(crate) until: Option<(&'q Value, Uuid)>,
}

impl<'q> Order<'q> {
    /// The order of a query; by id for one that is sorted by relevance.
    pub(crate) fn of(query: &'q Query) -> Result<Self> {
        let field = match &query.sort.by {
            SortBy::Field(name) => Some(name.as_str()),
            SortBy::Id | SortBy::Relevance => None,
        };
        let after = query.after.as_ref();
        let order = Self {
            field,
            direction: query.sort.direction,
            after: after.map(|cursor| (&cursor.value, cursor.id)),
            until: None,
        };
        let holds = field.and_then(|name| query.kind.declaration().field(name));
        match (holds, order.after) {
            // The text of a cursor comes from outside and may have been made up.
            (Some(field), Some((value, _))) if field.holds != value.holds() => {
                Err(Error::invalid("the cursor belongs to another query"))
            }
            _ => Ok(order),
        }
    }

    /// The index to read through: one that gives this order, or one through which the few records
    /// that the filter selects are collected and then sorted. None to leave it to the database.
    ///
    /// A database guesses here, and a wrong guess sorts a hundred thousand rows to show fifty, or
    /// reads as many to find three. We know more: a condition on an id is selective, one on a
    /// status is not.
    pub(super) fn index<'t>(&self, table: &'t Table, conditions: &[&Filter]) -> Option<&'t str> {
        let any_narrowed = conditions.iter().any(|c| narrows(table, c).is_some());
        match any_narrowed && !self.is_narrowed(table, conditions) {
            true => narrow_index(table, conditions),
            false => self.along(table, conditions),
        }
    }

    /// The index that gives this order, whatever the filter selects; none to leave it to the database.
    pub(super) fn along<'t>(&self, table: &'t Table, conditions: &[&Filter]) -> Option<&'t str> {
        let ordered = self.ordered(table, conditions);
        let by_key = || self.field.is_none().then_some(table.key_index.as_str());
        ordered
            .map(|(_, index)| index.name.as_str())
            .or_else(by_key)
    }

    /// Whether the index that gives this order begins with what few records can be expected to hold.
    pub(super) fn is_narrowed(&self, table: &Table, conditions: &[&Filter]) -> bool {
        let narrowed = |field: &&str| conditions.iter().any(|c| narrows(table, c) == Some(*field));
        let ordered = self.ordered(table, conditions);
        ordered.is_some_and(|(led, index)| index.fields.iter().take(led).any(narrowed))
    }

    /// The conditions that say where on the index of this order to begin and to end, and the others.
    pub(super) fn guided<'f>(
        &self,
        table: &Table,
        conditions: Vec<&'f Filter>,
    ) -> (Vec<&'f Filter>, Vec<&'f Filter>) {
        let ordered = self.ordered(table, &conditions);
        let leading = ordered.map_or(&[][..], |(led, index)| {
            index.fields.get(..led).unwrap_or_default()
        });
        let guides = |condition: &&Filter| {
            pin(condition).is_some_and(|field| leading.contains(&field))
                || ranged(condition).is_some_and(|field| Some(field) == self.field)
        };
        conditions.into_iter().partition(guides)
    }

    /// The index that gives this order after most fields that are tied to one value, and how many these are.
    fn ordered<'t>(&self, table: &'t Table, conditions: &[&Filter]) -> Option<(usize, &'t Index)> {
        let ordered = table.indexes.iter().filter_map(|index| {
            let led = self.order_begins(index.fields, conditions)?;
            Some((led, index))
        });
        ordered.max_by_key(|(led, _)| *led)
    }

    /// How many fields of an index stand before what gives this order, if it gives it: they are all
    /// tied to one value.
    fn order_begins(&self, fields: &[&str], conditions: &[&Filter]) -> Option<usize> {
        let pinned = |field: &str| conditions.iter().any(|c| pin(c) == Some(field));
        let led = fields.iter().take_while(|field| pinned(field)).count();
        let gives = fields.get(led).copied() == self.field;
        (gives && !self.field.is_some_and(pinned)).then_some(led)
    }
}

/// Whether the filter of a query can be expected to select few records, and an index finds them.
pub(crate) fn is_selective<D: Dialect>(dialect: &D, query: &Query) -> Result<bool> {
    let table = dialect.schema().table(query.kind)?;
    let is_driven = Driver::of(query).is_some_and(|driver| driver.is_selective());
    Ok(is_driven || narrow_index(table, &conditions(&query.filter)).is_some())
}

/// Whether records come in this order without being sorted.
#[cfg(feature = "sqlite")]
pub(crate) fn gives_order<D: Dialect>(
    dialect: &D,
    query: &Query,
    order: &Order<'_>,
) -> Result<bool> {
    let table = dialect.schema().table(query.kind)?;
    Ok(order.along(table, &conditions(&query.filter)).is_some())
}

/// Whether an index begins with what one of the conditions ties to values or bounds.
pub(super) fn any_indexed(table: &Table, conditions: &[&Filter]) -> bool {
    let leads = |field: &str| {
        table
            .indexes
            .iter()
            .any(|index| index.fields.first() == Some(&field))
    };
    conditions
        .iter()
        .any(|condition| tied(condition).or(ranged(condition)).is_some_and(leads))
}

/// The index through which the few records that conditions select are collected; none if no condition
/// is selective.
pub(super) fn narrow_index<'t>(table: &'t Table, conditions: &[&Filter]) -> Option<&'t str> {
    let narrowed = |field: &str| conditions.iter().any(|c| narrows(table, c) == Some(field));
    let narrow = table.indexes.iter().filter_map(|index| {
        let tied = |field: &&&str| conditions.iter().any(|c| tied(c) == Some(field));
        let led = index.fields.iter().take_while(tied).count();
        let mut leading = index.fields.iter().take(led.max(1));
        leading.any(|field| narrowed(field)).then_some((led, index))
    });
    let narrow = narrow.max_by_key(|(led, _)| *led);
    narrow.map(|(_, index)| index.name.as_str())
}

impl<D: Dialect> Builder<'_, D> {
    /// Appends the condition that the row comes after the cursor, and before the end.
    pub(super) fn after(&mut self, order: &Order<'_>) {
        let (after, before) = match order.direction {
            Direction::Ascending => (" > ", " < "),
            Direction::Descending => (" < ", " > "),
        };
        self.beyond(order, after, order.after);
        self.beyond(order, before, order.until);
    }

    fn beyond(&mut self, order: &Order<'_>, than: &str, place: Option<(&Value, Uuid)>) {
        let Some((value, id)) = place else {
            return;
        };
        self.push(" AND ");
        let Some(field) = order.field else {
            self.column("id").push(than).bind(Value::Id(id));
            return;
        };
        let mut column = String::from("t.");
        self.dialect.name(field, &mut column);
        self.pair_after(&column, than, value, id);
    }

    /// Appends the condition that a column and the id come after a pair.
    pub(super) fn pair_after(&mut self, column: &str, than: &str, value: &Value, id: Uuid) {
        match self.dialect.pairs() {
            Pairs::Whole => {
                self.push("(").push(column).push(", ").column("id");
                self.push(")").push(than).push("(").bind(value.clone());
                self.push(", ").bind(Value::Id(id)).push(")");
            }
            Pairs::Spelled => {
                self.push("(").push(column).push(than.trim_end()).push("= ");
                self.bind(value.clone()).push(" AND (").push(column);
                self.push(than).bind(value.clone()).push(" OR ");
                self.column("id").push(than).bind(Value::Id(id)).push("))");
            }
        }
    }

    /// Appends the order.
    pub(super) fn order_by(&mut self, order: &Order<'_>) {
        let direction = match order.direction {
            Direction::Ascending => "",
            Direction::Descending => " DESC",
        };
        self.push(" ORDER BY ");
        if let Some(field) = order.field {
            self.column(field).push(direction).push(", ");
        }
        self.column("id").push(direction);
    }
}

/// The parts of a filter that must all hold.
pub(super) fn conditions(filter: &Filter) -> Vec<&Filter> {
    match filter {
        Filter::All(parts) => parts.iter().flat_map(conditions).collect(),
        other => vec![other],
    }
}

/// The field that a condition ties to one value.
fn pin(condition: &Filter) -> Option<&str> {
    match condition {
        Filter::Field {
            field,
            is: Comparison::Equal,
            ..
        } => Some(field),
        Filter::In { field, values } if values.len() == 1 => Some(field),
        _ => None,
    }
}

/// The field that a condition bounds.
pub(super) fn ranged(condition: &Filter) -> Option<&str> {
    use Comparison::{AtLeast, AtMost, Greater, Less};
    match condition {
        Filter::Field {
            field,
            is: Less | AtMost | Greater | AtLeast,
            ..
        } => Some(field),
        _ => None,
    }
}

/// The field that a condition ties to one or several values.
pub(super) fn tied(condition: &Filter) -> Option<&str> {
    match condition {
        Filter::In { field, .. } => Some(field),
        other => pin(other),
    }
}

/// The field of a condition that few records can be expected to meet, and that an index finds.
pub(super) fn narrows<'f>(table: &Table, condition: &'f Filter) -> Option<&'f str> {
    let (field, values) = match condition {
        Filter::In { field, values } => (field, values.as_slice()),
        Filter::Field {
            field,
            is: Comparison::Equal | Comparison::StartsWith,
            value,
        } => (field, std::slice::from_ref(value)),
        _ => return None,
    };
    let selective = |value| selects_few(table, field, value);
    values.iter().all(selective).then_some(field)
}

/// Whether few records can be expected to hold this value, and an index finds them.
fn selects_few(table: &Table, field: &str, value: &Value) -> bool {
    let single = matches!(arity(table.kind, field), Ok(Arity::One));
    let indexes = table.kind.declaration().indexes;
    if !single || !indexes.iter().any(|index| index.first() == Some(&field)) {
        return false;
    }
    match value {
        Value::Id(id) => !id.is_nil(),
        Value::Time(time) => *time != Value::NEVER,
        Value::Int(_) => true,
        Value::Bool(yes) => *yes,
        // What is listed by itself, such as a name, is told apart by its value; what only leads
        // other fields, such as a status, divides records into few parts.
        Value::Text(text) => !text.is_empty() && indexes.iter().any(|index| index == &[field]),
        Value::Real(_) => false,
    }
}
