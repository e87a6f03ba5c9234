//! Reading rows.

use casekit_core::model::{Entity, Holds, Key, Kind, Value, WorkspaceId};
use casekit_core::{Error, ErrorKind};
use uuid::Uuid;

use super::{Result, RowOf, Server};
use crate::schema::kind_named;

/// The record in a column.
pub(super) fn record<S: Server>(kind: Kind, row: &RowOf<S>, at: usize) -> Result<Entity> {
    let json = S::json(row, at)?;
    let record = kind.from_json(&json).map_err(|error| {
        let noun = kind.declaration().noun;
        let message = format!("a {noun} in the database cannot be read");
        Error::new(ErrorKind::Storage, message).with_source(error)
    });
    Ok(record?)
}

/// The id in a column.
pub(crate) fn id<S: Server>(row: &RowOf<S>, at: usize) -> Result<Uuid> {
    match S::value(row, at, Holds::Id)? {
        Value::Id(id) => Ok(id),
        _ => Err(mistyped()),
    }
}

/// The whole number in a column.
pub(crate) fn int<S: Server>(row: &RowOf<S>, at: usize) -> Result<i64> {
    match S::value(row, at, Holds::Int)? {
        Value::Int(number) => Ok(number),
        _ => Err(mistyped()),
    }
}

/// The text in a column.
pub(crate) fn text<S: Server>(row: &RowOf<S>, at: usize) -> Result<String> {
    match S::value(row, at, Holds::Text)? {
        Value::Text(text) => Ok(text),
        _ => Err(mistyped()),
    }
}

/// The key whose kind and id stand in a column, with a blank between.
pub(super) fn key<S: Server>(workspace: WorkspaceId, row: &RowOf<S>, at: usize) -> Result<Key> {
    let told = text::<S>(row, at)?;
    let parts = told.split_once(' ');
    let (kind, id) = parts.ok_or_else(mistyped)?;
    let id = Uuid::try_parse(id).map_err(|_| mistyped())?;
    let kind = kind_named(kind)?;
    Ok(Key {
        workspace,
        kind,
        id,
    })
}

fn mistyped() -> super::Fault {
    Error::bug("a column does not hold what was asked for").into()
}
