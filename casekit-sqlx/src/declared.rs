//! What the kinds of record declare, as it is kept in a database: what was declared when it was last
//! migrated is compared with what is declared today.

use std::collections::BTreeMap;

use casekit_core::model::{Arity, Holds};
use casekit_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::schema::{Index, Schema, Table};

/// What the kinds declare, by name.
pub(crate) type Declared = BTreeMap<String, DeclaredKind>;

/// What a kind declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredKind {
    pub(crate) fields: BTreeMap<String, DeclaredField>,
    pub(crate) indexes: BTreeMap<String, Vec<String>>,
}

/// What a field declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeclaredField {
    pub(crate) holds: Holds,
    pub(crate) several: bool,
}

/// What we declare.
pub(crate) fn declared(schema: &Schema) -> Declared {
    let of = |table: &Table| {
        let fields = table.kind.declaration().fields.iter().map(|field| {
            let several = field.arity != Arity::One;
            let holds = field.holds;
            (field.name.to_owned(), DeclaredField { holds, several })
        });
        let fields_of = |index: &Index| index.fields.iter().map(|&f| f.to_owned()).collect();
        let indexes = table.indexes.iter();
        DeclaredKind {
            fields: fields.collect(),
            indexes: indexes
                .map(|index| (index.name.clone(), fields_of(index)))
                .collect(),
        }
    };
    let kinds = schema.tables().iter();
    kinds
        .map(|table| (table.kind.name().to_owned(), of(table)))
        .collect()
}

/// The error for a database that has what we do not know.
pub(crate) fn newer(what: &str) -> Error {
    Error::new(
        ErrorKind::Storage,
        format!("the database was written by a newer version of casekit: {what} is unknown here"),
    )
}

/// The error for a database whose tables are not those of today.
pub(crate) fn older() -> Error {
    Error::new(
        ErrorKind::Storage,
        "the database was written by an earlier version of casekit: migrate it first",
    )
}

/// Refuses a database with kinds or fields that we do not know: what we wrote would be missing there.
pub(crate) fn refuse_newer(stored: &Declared, ours: &Declared) -> Result<()> {
    for (name, kind) in stored {
        let Some(known) = ours.get(name) else {
            return Err(newer(&format!("the kind `{name}`")));
        };
        for field in kind.fields.keys() {
            if !known.fields.contains_key(field) {
                return Err(newer(&format!("the field `{field}` of `{name}`")));
            }
        }
    }
    Ok(())
}
