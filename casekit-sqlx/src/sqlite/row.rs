//! Values of the model as parameters and columns.

use casekit_core::model::{Holds, Value};
use rusqlite::ToSql;
use rusqlite::types::{FromSqlError, ToSqlOutput, ValueRef};
use uuid::Uuid;

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Param<'a> {
    Value(&'a Value),
    Id(&'a Uuid),
    Int(i64),
    Text(&'a str),
    /// Text that is known to be UTF-8 because it is JSON that we wrote.
    Json(&'a [u8]),
    Null,
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Id(id) => ValueRef::Blob(id.as_bytes()),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Json(json) => ValueRef::Text(json),
            Self::Null => ValueRef::Null,
            Self::Value(value) => match value {
                Value::Bool(yes) => ValueRef::Integer(i64::from(*yes)),
                Value::Int(number) | Value::Time(number) => ValueRef::Integer(*number),
                Value::Real(number) => ValueRef::Real(*number),
                Value::Text(text) => ValueRef::Text(text.as_bytes()),
                Value::Id(id) => ValueRef::Blob(id.as_bytes()),
            },
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

/// The value of a column that holds values of one type.
pub(crate) fn value(column: ValueRef<'_>, holds: Holds) -> Result<Value, FromSqlError> {
    Ok(match holds {
        Holds::Bool => Value::Bool(column.as_i64()? != 0),
        Holds::Int => Value::Int(column.as_i64()?),
        Holds::Time => Value::Time(column.as_i64()?),
        Holds::Real => Value::Real(column.as_f64()?),
        Holds::Text => Value::Text(column.as_str()?.to_owned()),
        Holds::Id => Value::Id(id(column)?),
    })
}

/// The id in a column.
pub(crate) fn id(column: ValueRef<'_>) -> Result<Uuid, FromSqlError> {
    Uuid::from_slice(column.as_blob()?).map_err(|error| FromSqlError::Other(error.into()))
}
