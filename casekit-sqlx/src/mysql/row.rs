//! Values of the model as parameters and columns.

use casekit_core::model::{Holds, Value};
use sqlx::error::BoxDynError;
use sqlx::mysql::{MySqlArguments, MySqlRow};
use sqlx::{Arguments, Row};
use uuid::Uuid;

/// Parameters.
pub(super) fn arguments(params: &[Value]) -> sqlx::Result<MySqlArguments> {
    let mut arguments = MySqlArguments::default();
    for param in params {
        let added = match param {
            Value::Bool(yes) => arguments.add(*yes),
            Value::Int(number) | Value::Time(number) => arguments.add(*number),
            Value::Real(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(text.as_str()),
            Value::Id(id) => arguments.add(id.as_bytes().as_slice()),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// The value of a column. What type it has there is not asked: bytes may be text and numbers may be
/// yes or no.
pub(super) fn value(row: &MySqlRow, at: usize, holds: Holds) -> sqlx::Result<Value> {
    Ok(match holds {
        Holds::Bool => Value::Bool(row.try_get_unchecked::<i64, _>(at)? != 0),
        Holds::Int => Value::Int(row.try_get_unchecked(at)?),
        Holds::Time => Value::Time(row.try_get_unchecked(at)?),
        Holds::Real => Value::Real(row.try_get_unchecked(at)?),
        Holds::Text => {
            let text = String::from_utf8(bytes(row, at)?);
            Value::Text(text.map_err(|error| column(at, error.into()))?)
        }
        Holds::Id => {
            let id = Uuid::from_slice(&bytes(row, at)?);
            Value::Id(id.map_err(|error| column(at, error.into()))?)
        }
    })
}

/// The bytes of a column.
pub(super) fn bytes(row: &MySqlRow, at: usize) -> sqlx::Result<Vec<u8>> {
    row.try_get_unchecked(at)
}

fn column(at: usize, source: BoxDynError) -> sqlx::Error {
    let index = at.to_string();
    sqlx::Error::ColumnDecode { index, source }
}
