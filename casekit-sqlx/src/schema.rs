//! The tables, columns and indexes that follow from what each kind of record declares.
//!
//! A kind has a table `casekit_<kind>`: the key, the version, a column for each single-valued field,
//! and the record itself as JSON. A kind with multi-valued fields has `casekit_<kind>_value` beside
//! it, a row for each value.

use std::sync::LazyLock;

use casekit_core::model::{Arity, FieldInfo, Kind};
use casekit_core::{Error, Result};

/// What the names of all our tables and indexes begin with, unless somebody says otherwise.
pub(crate) const PREFIX: &str = "casekit_";

/// The longest such beginning, so that the names of all indexes fit.
const LONGEST_PREFIX: usize = 16;

/// With what databases begin the names of their own tables. SQLite refuses others.
const RESERVED: [&str; 2] = ["sqlite_", "pg_"];

/// What the names of tables shall begin with, if they can.
pub(crate) fn checked(prefix: &str) -> Result<&str> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let begins = prefix.starts_with(|c: char| c.is_ascii_lowercase());
    let is_theirs = RESERVED.iter().any(|theirs| prefix.starts_with(theirs));
    if begins && prefix.chars().all(fits) && prefix.len() <= LONGEST_PREFIX && !is_theirs {
        return Ok(prefix);
    }
    Err(Error::invalid(format!(
        "names of tables cannot begin with `{prefix}`: up to {LONGEST_PREFIX} characters of a-z, 0-9 \
         and _ are possible, of which the first is a letter, and not with `sqlite_` or `pg_`"
    )))
}

/// All our tables.
#[derive(Debug)]
pub struct Schema {
    prefix: String,
    tables: Vec<Table>,
}

/// The table of one kind.
#[derive(Debug)]
pub struct Table {
    /// The kind.
    pub(crate) kind: Kind,
    /// The name.
    pub(crate) name: String,
    /// The index of the key, workspace and id.
    pub(crate) key_index: String,
    /// The table of the values of multi-valued fields, if there are such fields.
    pub(crate) values: Option<String>,
    /// The single-valued fields, in the order of [`casekit_core::model::Row::one`].
    pub(crate) columns: Vec<&'static FieldInfo>,
    /// The orders in which the kind is listed.
    pub(crate) indexes: Vec<Index>,
}

/// An index over workspace, fields and id.
#[derive(Debug)]
pub struct Index {
    /// The name.
    pub(crate) name: String,
    /// The fields.
    pub(crate) fields: &'static [&'static str],
}

impl Table {
    /// The table of the values of multi-valued fields, where a query asks for such a field.
    pub(crate) fn values(&self) -> Result<&str> {
        let values = self.values.as_deref();
        values.ok_or_else(|| Error::bug(format!("`{}` has no table of values", self.name)))
    }

    fn of(prefix: &str, kind: Kind) -> Self {
        let declaration = kind.declaration();
        let name = format!("{prefix}{}", kind.name());
        let of_arity = |one: bool| {
            let fields = declaration.fields.iter();
            fields.filter(move |field| (field.arity == Arity::One) == one)
        };
        let index = |fields: &&'static [&'static str]| Index {
            name: format!("{name}_by_{}", fields.join("_")),
            fields,
        };
        Self {
            kind,
            key_index: format!("{name}_key"),
            values: of_arity(false).next().map(|_| format!("{name}_value")),
            columns: of_arity(true).collect(),
            indexes: declaration.indexes.iter().map(index).collect(),
            name,
        }
    }
}

impl Schema {
    /// The tables whose names begin with `prefix`.
    pub(crate) fn new(prefix: &str) -> Self {
        let tables = Kind::ALL.iter().map(|&kind| Table::of(prefix, kind));
        Self {
            tables: tables.collect(),
            prefix: prefix.to_owned(),
        }
    }

    /// The name of what no kind declares.
    pub(crate) fn named(&self, what: &str) -> String {
        format!("{}{what}", self.prefix)
    }

    /// All tables of records, in the order of [`Kind::ALL`].
    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table of a kind.
    pub(crate) fn table(&self, kind: Kind) -> Result<&Table> {
        let found = self.tables.get(kind as usize);
        found
            .filter(|table| table.kind == kind)
            .ok_or_else(|| Error::bug(format!("the kind `{}` has no table", kind.name())))
    }
}

/// The tables with the usual names.
pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::new(PREFIX));
    &SCHEMA
}

/// The kind whose name is stored in a row.
pub(crate) fn kind_named(name: &str) -> Result<Kind> {
    let found = Kind::ALL.iter().find(|kind| kind.name() == name);
    found.copied().ok_or_else(|| {
        Error::new(
            casekit_core::ErrorKind::Storage,
            format!("the database has records of an unknown kind `{name}`"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns that every kind's table has, beside one for each single-valued field.
    const COLUMNS: [&str; 5] = ["handle", "workspace", "id", "version", "body"];

    #[test]
    fn no_field_is_called_like_a_column_that_every_table_has() {
        for table in schema().tables() {
            for column in &table.columns {
                assert!(!COLUMNS.contains(&column.name), "{}", column.name);
            }
        }
    }

    #[test]
    fn every_kind_finds_its_table() {
        for &kind in Kind::ALL {
            assert_eq!(schema().table(kind).unwrap().kind, kind);
            assert_eq!(kind_named(kind.name()).unwrap(), kind);
        }
        assert!(kind_named("nothing").is_err());
    }

    #[test]
    fn every_index_is_over_single_valued_fields() {
        for table in schema().tables() {
            for field in table.indexes.iter().flat_map(|index| index.fields) {
                assert!(table.columns.iter().any(|c| c.name == *field), "{field}");
            }
        }
    }
}
