//! Valid queries at random: every field, every comparison, nested filters, texts, sorts.

use casekit_core::model::{Arity, Entity, FieldInfo, Holds, Kind, Value};
use casekit_core::query::{
    Aggregate, Comparison, Direction, Filter, Measure, Query, Scope, SortBy, TextQuery, words,
};

use super::{Generator, words as pools};

/// Every comparison.
pub(crate) const COMPARISONS: &[Comparison] = &[
    Comparison::Equal,
    Comparison::Less,
    Comparison::AtMost,
    Comparison::Greater,
    Comparison::AtLeast,
    Comparison::StartsWith,
];

impl Generator {
    /// A query for records of `kind`, with values that some of `records` have.
    pub fn query(&mut self, kind: Kind, records: &[Entity]) -> Query {
        let mut query = Query::all(self.workspace, kind);
        if !self.once_in(4) {
            query.filter = self.filter(kind, records, 3);
        }
        if self.once_in(3) {
            query.text = self.text_query();
        }
        query.sort.direction = self.direction();
        query.sort.by = self.sort_by(kind, query.text.is_some());
        query.limit = if self.once_in(3) {
            self.rng.u32(1..4)
        } else {
            self.rng.u32(4..60)
        };
        query
    }

    /// A filter for records of `kind` that nests at most `depth` deep.
    pub fn filter(&mut self, kind: Kind, records: &[Entity], depth: u8) -> Filter {
        let parts = self.rng.u8(..4);
        match self.rng.u8(..8) {
            0 if depth > 0 => Filter::Any(
                (0..parts)
                    .map(|_| self.filter(kind, records, depth - 1))
                    .collect(),
            ),
            1 | 2 if depth > 0 => Filter::All(
                (0..parts)
                    .map(|_| self.filter(kind, records, depth - 1))
                    .collect(),
            ),
            3 if depth > 0 => self.filter(kind, records, depth - 1).negate(),
            _ => self.condition(kind, records).unwrap_or(Filter::all()),
        }
    }

    /// Counts and measures of records of `kind`, in groups.
    pub fn aggregate(&mut self, kind: Kind, records: &[Entity]) -> Aggregate {
        let single = |field: &&FieldInfo| field.arity == Arity::One;
        let fields: Vec<FieldInfo> = kind
            .declaration()
            .fields
            .iter()
            .filter(single)
            .copied()
            .collect();
        let mut aggregate = Aggregate::count(self.workspace, kind, Filter::all());
        if self.once_in(2) {
            aggregate.filter = self.filter(kind, records, 2);
        }
        for _ in 0..self.rng.u8(..3) {
            aggregate
                .group_by
                .extend(self.one_of(&fields).map(|field| field.name.to_owned()));
        }
        for _ in 0..self.rng.u8(..3) {
            let Some(field) = self.one_of(&fields) else {
                continue;
            };
            let name = field.name.to_owned();
            aggregate.measures.push(match self.rng.u8(..3) {
                0 if field.holds == Holds::Int => Measure::Sum(name),
                1 => Measure::Min(name),
                _ => Measure::Max(name),
            });
        }
        aggregate
    }

    /// Words to search for, now and then only the beginning of one.
    pub fn text_query(&mut self) -> Option<TextQuery> {
        let pool = if self.once_in(2) {
            pools::SENTENCES
        } else {
            pools::SUBJECTS
        };
        let mut found = Vec::new();
        for _ in 0..self.rng.u8(1..3) {
            let drawn = words(self.pick(pool));
            let Some(word) = self.rng.choice(drawn.iter()) else {
                continue;
            };
            let length = word.chars().count();
            let kept = if self.once_in(2) {
                length
            } else {
                self.rng.usize(..=length).max(1)
            };
            found.push(word.chars().take(kept).collect::<String>());
        }
        let scope = if self.once_in(3) {
            Scope::Public
        } else {
            Scope::All
        };
        TextQuery::new(&found.join(" "), scope)
    }

    fn direction(&mut self) -> Direction {
        if self.once_in(2) {
            Direction::Ascending
        } else {
            Direction::Descending
        }
    }

    fn sort_by(&mut self, kind: Kind, has_text: bool) -> SortBy {
        if has_text && self.once_in(3) {
            return SortBy::Relevance;
        }
        let fields = kind.declaration().fields.iter();
        let single: Vec<&'static str> = fields
            .filter(|field| field.arity == Arity::One)
            .map(|field| field.name)
            .collect();
        match self.one_of(&single) {
            Some(field) if !self.once_in(5) => SortBy::Field(field.to_owned()),
            _ => SortBy::Id,
        }
    }

    /// A field; those with several values are few, but most is to be got wrong with them.
    fn one_field(&mut self, kind: Kind) -> Option<FieldInfo> {
        let fields = &kind.declaration().fields;
        let many = |field: &&FieldInfo| field.arity != Arity::One;
        let many: Vec<FieldInfo> = fields.iter().filter(many).copied().collect();
        if self.once_in(3)
            && let Some(field) = self.one_of(&many)
        {
            return Some(field);
        }
        self.one_of(fields)
    }

    fn condition(&mut self, kind: Kind, records: &[Entity]) -> Option<Filter> {
        let field = self.one_field(kind)?;
        let (name, value) = self.value(kind, field, records)?;
        if self.once_in(4) {
            let mut values = vec![value];
            for _ in 0..self.rng.u8(..3) {
                if let Some((other, more)) = self.value(kind, field, records)
                    && other == name
                {
                    values.push(more);
                }
            }
            if self.once_in(8) {
                values.clear();
            }
            return Some(Filter::is_in(&name, values));
        }
        let is = self.one_of(COMPARISONS)?;
        if is != Comparison::StartsWith {
            return Some(Filter::compare(&name, is, value));
        }
        match value {
            Value::Text(text) => {
                let start = self.beginning(&text);
                Some(Filter::compare(&name, is, start))
            }
            other => Some(Filter::equal(&name, other)),
        }
    }

    fn beginning(&mut self, text: &str) -> String {
        let kept = self.rng.usize(..=text.chars().count());
        text.chars().take(kept).collect()
    }

    /// A value of `field`, with the name by which it is found: mostly one that a record has.
    fn value(
        &mut self,
        kind: Kind,
        field: FieldInfo,
        records: &[Entity],
    ) -> Option<(String, Value)> {
        let of_kind: Vec<&Entity> = records.iter().filter(|r| r.kind() == kind).collect();
        let row = self.one_of(&of_kind).map(Entity::row).unwrap_or_default();
        let held = |(name, _): &&(String, Value)| {
            name == field.name || (field.arity == Arity::Named && in_family(name, field.name))
        };
        let found = match field.arity {
            Arity::One => {
                let value = row.values(kind, field.name).next().cloned();
                value.map(|value| (field.name.to_owned(), value))
            }
            Arity::Many | Arity::Named => {
                let held: Vec<_> = row.many.iter().filter(held).cloned().collect();
                self.rng.choice(held.iter()).cloned()
            }
        };
        match found {
            Some((name, value)) if !self.once_in(10) => Some((name, value)),
            Some((name, value)) if field.arity != Arity::Named => {
                Some((name, self.any_value(value.holds())))
            }
            _ if field.arity == Arity::Named => {
                let types = [Holds::Bool, Holds::Real, Holds::Text];
                let holds = self.one_of(&types)?;
                let name = format!("{}.{}", field.name, self.pick(&["colour", "score", "none"]));
                Some((name, self.any_value(holds)))
            }
            _ => Some((field.name.to_owned(), self.any_value(field.holds))),
        }
    }

    fn any_value(&mut self, holds: Holds) -> Value {
        match holds {
            Holds::Bool => Value::Bool(self.once_in(2)),
            Holds::Int => Value::Int(self.rng.i64(-2..20)),
            Holds::Real => Value::Real(f64::from(self.rng.i32(-20..20)) / 4.0),
            Holds::Text => Value::from(self.pick(pools::TAGS)),
            Holds::Time => {
                let times = [Value::never(), self.now.into(), Value::Time(0)];
                self.rng.choice(times).unwrap_or(Value::never())
            }
            Holds::Id => {
                let id = self.id();
                if self.once_in(2) {
                    Value::nil()
                } else {
                    id.into()
                }
            }
        }
    }
}

fn in_family(name: &str, family: &str) -> bool {
    name.strip_prefix(family)
        .is_some_and(|rest| rest.starts_with('.'))
}
