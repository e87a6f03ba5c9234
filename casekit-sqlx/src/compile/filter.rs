//! Filters as conditions.

use casekit_core::model::{Arity, Holds, Kind, Value};
use casekit_core::query::{Comparison, Filter};
use casekit_core::{Error, Result};

use super::Builder;
use crate::dialect::Dialect;
use crate::schema::Table;

/// The most conditions that stand side by side: filters that nest as deep as they may stay far below what
/// SQLite takes.
const SIDE_BY_SIDE: usize = 16;

/// What of a field is compared, and how.
enum Test<'f> {
    Compare(Comparison, &'f Value),
    In(&'f [Value]),
}

impl<D: Dialect> Builder<'_, D> {
    /// Appends the condition that `filter` holds for the row `t` of `table`.
    pub(super) fn filter(&mut self, table: &Table, filter: &Filter) -> Result<&mut Self> {
        match filter {
            Filter::All(parts) => self.parts(table, parts, " AND ", "TRUE"),
            Filter::Any(parts) => self.parts(table, parts, " OR ", "FALSE"),
            Filter::Not(part) => Ok(self.push("NOT ").filter(table, part)?),
            Filter::Field { field, is, value } => {
                self.test(table, field, &Test::Compare(*is, value))
            }
            Filter::In { field, values } => self.test(table, field, &Test::In(values)),
        }
    }

    fn parts(
        &mut self,
        table: &Table,
        parts: &[Filter],
        between: &str,
        none: &str,
    ) -> Result<&mut Self> {
        if parts.is_empty() {
            return Ok(self.push(none));
        }
        let parts: Vec<&Filter> = parts.iter().collect();
        Ok(self.push("(").joined(table, &parts, between)?.push(")"))
    }

    /// Appends conditions with a word between. Many are put into brackets, half and half: SQLite takes each
    /// of those that stand side by side as one step deeper than the next, and refuses a thousand.
    pub(super) fn joined(
        &mut self,
        table: &Table,
        parts: &[&Filter],
        between: &str,
    ) -> Result<&mut Self> {
        if parts.len() > SIDE_BY_SIDE {
            let (first, second) = parts.split_at(parts.len() / 2);
            self.push("(").joined(table, first, between)?.push(")");
            self.push(between).push("(");
            return Ok(self.joined(table, second, between)?.push(")"));
        }
        for (at, part) in parts.iter().enumerate() {
            self.push(if at == 0 { "" } else { between })
                .filter(table, part)?;
        }
        Ok(self)
    }

    fn test(&mut self, table: &Table, field: &str, test: &Test<'_>) -> Result<&mut Self> {
        if matches!(test, Test::In([])) {
            return Ok(self.push("FALSE"));
        }
        match arity(table.kind, field)? {
            Arity::One => {
                let mut column = String::from("t.");
                self.dialect.name(field, &mut column);
                self.condition(&column, test);
            }
            Arity::Many | Arity::Named => self.exists(table, field, test)?,
        }
        Ok(self)
    }

    /// That one of the values of a multi-valued field passes.
    fn exists(&mut self, table: &Table, field: &str, test: &Test<'_>) -> Result<()> {
        self.push("EXISTS (SELECT 1 FROM ").name(table.values()?);
        let dialect = self.dialect;
        self.push(" AS v WHERE ").push(dialect.value_of_record());
        self.push(" AND v.field = ");
        self.bind(field.into()).push(" AND ");
        match test {
            Test::Compare(_, value) => self.typed(value.holds(), test),
            Test::In(values) => self.typed_lists(values),
        }
        self.push(")");
        Ok(())
    }

    /// Values by name may be of several types; only those of the same type compare.
    fn typed_lists(&mut self, values: &[Value]) {
        let mut types: Vec<Holds> = Vec::new();
        for value in values {
            if !types.contains(&value.holds()) {
                types.push(value.holds());
            }
        }
        self.push("(");
        for (at, holds) in types.into_iter().enumerate() {
            let same = values.iter().filter(|value| value.holds() == holds);
            let same: Vec<Value> = same.cloned().collect();
            self.push(if at == 0 { "" } else { " OR " });
            self.typed(holds, &Test::In(&same));
        }
        self.push(")");
    }

    fn typed(&mut self, holds: Holds, test: &Test<'_>) {
        self.push("v.holds = ").bind(tag(holds)).push(" AND ");
        match test {
            Test::Compare(is, value) => {
                let held = self.dialect.held(value);
                self.condition("v.value", &Test::Compare(*is, &held));
            }
            Test::In(values) => {
                let held: Vec<Value> = values.iter().map(|v| self.dialect.held(v)).collect();
                self.condition("v.value", &Test::In(&held));
            }
        }
    }

    fn condition(&mut self, column: &str, test: &Test<'_>) {
        match test {
            Test::In([value]) => {
                self.push(column).push(" = ").bind(value.clone());
            }
            Test::In(values) => {
                self.push(column).push(" IN (").bind_list(values).push(")");
            }
            Test::Compare(Comparison::StartsWith, Value::Text(start)) => {
                self.starts_with(column, start);
            }
            Test::Compare(is, value) => {
                self.push(column).push(operator(*is)).bind((*value).clone());
            }
        }
    }

    /// A range, so that an index can serve it: from `start` up to the first text that sorts after
    /// all that begin with it.
    fn starts_with(&mut self, column: &str, start: &str) {
        self.push("(").push(column).push(" >= ").bind(start.into());
        if let Some(end) = after_all_that_begin_with(start) {
            self.push(" AND ").push(column).push(" < ").bind(end.into());
        }
        self.push(")");
    }
}

/// Whether `field` of `kind` has one value or several.
pub(super) fn arity(kind: Kind, field: &str) -> Result<Arity> {
    let noun = kind.declaration().noun;
    let found = kind.declaration().field(field).map(|field| field.arity);
    found.ok_or_else(|| Error::invalid(format!("a {noun} has no field `{field}`")))
}

/// How the type of a value is stored beside it. Never renumber.
pub(crate) fn tag(holds: Holds) -> Value {
    Value::Int(tag_number(holds))
}

/// The same as a number.
pub(crate) fn tag_number(holds: Holds) -> i64 {
    match holds {
        Holds::Bool => 0,
        Holds::Int => 1,
        Holds::Real => 2,
        Holds::Text => 3,
        Holds::Time => 4,
        Holds::Id => 5,
    }
}

fn operator(is: Comparison) -> &'static str {
    match is {
        Comparison::Equal | Comparison::StartsWith => " = ",
        Comparison::Less => " < ",
        Comparison::AtMost => " <= ",
        Comparison::Greater => " > ",
        Comparison::AtLeast => " >= ",
    }
}

/// The smallest text that sorts after every text that begins with `start`; none if there is none.
pub(crate) fn after_all_that_begin_with(start: &str) -> Option<String> {
    let mut chars: Vec<char> = start.chars().collect();
    while let Some(last) = chars.pop() {
        // The code points that are no characters are stepped over; after the last there is none.
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_sorts_after_all_that_begin_with_it() {
        let end = |start| after_all_that_begin_with(start);
        assert_eq!(end("ab").as_deref(), Some("ac"));
        assert_eq!(end("a\u{D7FF}").as_deref(), Some("a\u{E000}"));
        assert_eq!(end("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(end("\u{10FFFF}"), None);
        assert_eq!(end(""), None);
    }
}
