//! The order of a page, where it begins, and which index gives it.

use casekit_core::model::{Arity, Value};
use casekit_core::query::{Comparison, Direction, Filter, Query, SortBy};
use casekit_core::{Error, Result};
use uuid::Uuid;

use super::Builder;
use super::filter::arity;
use crate::dialect::Dialect;
use crate::schema::Table;

/// In which order, and after what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'q> {
    /// The single-valued field to sort by before the id; none to sort by the id alone.
    pub(crate) field: Option<&'q str>,
    /// The direction, of the field and of the id.
    pub(crate) direction: Direction,
    /// The field's value and the id of the record before the first; the value counts only with a field.
    pub(crate) after: Option<(&'q Value, Uuid)>,
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

    /// The index that gives this order, where reading along it is better than collecting what the
    /// filter selects and sorting that.
    ///
    /// A database guesses here, and a wrong guess sorts a hundred thousand rows to show fifty. We
    /// know more: a condition on an id is selective, one on a status is not.
    pub(super) fn index<'t>(&self, table: &'t Table, conditions: &[&Filter]) -> Option<&'t str> {
        let pinned: Vec<(&str, &Value)> = conditions.iter().filter_map(|c| pin(c)).collect();
        let is_pinned = |field: &&str| pinned.iter().any(|(name, _)| name == field);
        let gives_order = |fields: &[&str]| {
            let led = fields.iter().take_while(|field| is_pinned(field)).count();
            let next = fields.get(led).copied();
            (next == self.field && !self.field.is_some_and(|f| is_pinned(&f))).then_some(led)
        };
        let usable = table.indexes.iter();
        let usable = usable.filter_map(|index| Some((gives_order(index.fields)?, index)));
        let best = usable.max_by_key(|(led, _)| *led);
        let selective = |fields: &[&str]| {
            let held = fields.iter().filter_map(|field| {
                let found = pinned.iter().find(|(name, _)| name == field);
                found.map(|(_, value)| (*field, *value))
            });
            held.into_iter()
                .any(|(field, value)| is_selective(table, field, value))
        };
        let all: Vec<&str> = pinned.iter().map(|(name, _)| *name).collect();
        if let Some((led, index)) = best
            && (!selective(&all) || selective(index.fields.get(..led).unwrap_or_default()))
        {
            return Some(&index.name);
        }
        (self.field.is_none() && !selective(&all)).then_some(table.key_index.as_str())
    }
}

impl<D: Dialect> Builder<'_, D> {
    /// Appends the condition that the row comes after the cursor.
    pub(super) fn after(&mut self, order: &Order<'_>) {
        let Some((value, id)) = order.after else {
            return;
        };
        let than = match order.direction {
            Direction::Ascending => " > ",
            Direction::Descending => " < ",
        };
        self.push(" AND ");
        match order.field {
            None => self.column("id").push(than).bind(Value::Id(id)),
            Some(field) => {
                self.push("(").column(field).push(", ").column("id");
                self.push(")").push(than).push("(").bind(value.clone());
                self.push(", ").bind(Value::Id(id)).push(")")
            }
        };
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
fn pin(condition: &Filter) -> Option<(&str, &Value)> {
    match condition {
        Filter::Field {
            field,
            is: Comparison::Equal,
            value,
        } => Some((field, value)),
        Filter::In { field, values } => match values.as_slice() {
            [value] => Some((field, value)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether few records can be expected to hold this value, and an index finds them.
fn is_selective(table: &Table, field: &str, value: &Value) -> bool {
    let single = matches!(arity(table.kind, field), Ok(Arity::One));
    let leads = |index: &&'static [&'static str]| index.first() == Some(&field);
    let indexes = table.kind.declaration().indexes;
    if !single || !indexes.iter().any(leads) {
        return false;
    }
    match value {
        Value::Id(id) => !id.is_nil(),
        Value::Time(time) => *time != Value::NEVER,
        Value::Int(_) => true,
        Value::Bool(yes) => *yes,
        // What is listed by itself, such as a name, is told apart by its value; what only leads
        // other fields, such as a status, divides records into few parts.
        Value::Text(_) => indexes.iter().any(|index| index == &[field]),
        Value::Real(_) => false,
    }
}
