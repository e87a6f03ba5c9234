//! Values of the model as parameters and columns.

use casekit_core::model::{Holds, Value};
use chrono::{DateTime, SecondsFormat};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, PgValueFormat};
use sqlx::{Arguments, Decode, Encode, Postgres, Row, Type, ValueRef};
use uuid::Uuid;

/// Milliseconds from 1970, from which we count, to 2000, from which PostgreSQL counts.
const EPOCH_MS: i64 = 946_684_800_000;

/// The number of the type `timestamptz`.
const TIMESTAMPTZ: u32 = 1184;

/// The first millisecond of the year 1, before which all times are one to the database.
const FIRST_MS: i64 = -62_135_596_800_000;

/// A time in milliseconds as PostgreSQL has it, in microseconds.
struct Moment(i64);

impl Type<Postgres> for Moment {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(TIMESTAMPTZ))
    }
}

impl Encode<'_, Postgres> for Moment {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let micros = match self.0 {
            ..FIRST_MS => i64::MIN,
            FIRST_MS..=Value::NEVER => (self.0 - EPOCH_MS).saturating_mul(1_000),
            _ => i64::MAX,
        };
        buffer.extend_from_slice(&micros.to_be_bytes());
        Ok(IsNull::No)
    }
}

/// A time in milliseconds, to be written in JSON.
pub(super) fn moment(time: i64) -> String {
    let known = DateTime::from_timestamp_millis(time);
    match known.filter(|_| (FIRST_MS..=Value::NEVER).contains(&time)) {
        Some(known) => known.to_rfc3339_opts(SecondsFormat::Millis, true),
        None if time < 0 => "-infinity".to_owned(),
        None => "infinity".to_owned(),
    }
}

/// Parameters.
pub(super) fn arguments(params: &[Value]) -> sqlx::Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for param in params {
        let added = match param {
            Value::Bool(yes) => arguments.add(*yes),
            Value::Int(number) => arguments.add(*number),
            Value::Real(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(text.as_str()),
            Value::Time(time) => arguments.add(Moment(*time)),
            Value::Id(id) => arguments.add(*id),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// The value of a column.
pub(super) fn value(row: &PgRow, at: usize, holds: Holds) -> sqlx::Result<Value> {
    Ok(match holds {
        Holds::Bool => Value::Bool(row.try_get(at)?),
        Holds::Int => Value::Int(row.try_get(at)?),
        Holds::Real => Value::Real(row.try_get(at)?),
        Holds::Text => Value::Text(row.try_get(at)?),
        Holds::Id => Value::Id(row.try_get::<Uuid, _>(at)?),
        Holds::Time => {
            let raw = row.try_get_raw(at)?;
            let micros = <i64 as Decode<Postgres>>::decode(raw);
            let micros = micros.map_err(|source| column(at, source))?;
            Value::Time(micros.div_euclid(1_000).saturating_add(EPOCH_MS))
        }
    })
}

/// JSON in a column.
pub(super) fn json(row: &PgRow, at: usize) -> sqlx::Result<Vec<u8>> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Err(column(at, sqlx::error::UnexpectedNullError.into()));
    }
    let format = raw.format();
    let bytes = raw.as_bytes().map_err(|source| column(at, source))?;
    Ok(match format {
        // The first byte is the version of the form.
        PgValueFormat::Binary => bytes.get(1..).unwrap_or_default().to_vec(),
        PgValueFormat::Text => bytes.to_vec(),
    })
}

/// How many rows a plan expects.
pub(super) fn expected(row: &PgRow) -> sqlx::Result<u64> {
    let raw = row.try_get_raw(0)?;
    let bytes = raw.as_bytes().map_err(|source| column(0, source))?;
    let plan: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|source| column(0, source.into()))?;
    let rows = plan
        .pointer("/0/Plan/Plan Rows")
        .and_then(serde_json::Value::as_u64);
    rows.ok_or_else(|| column(0, "a plan does not say how many rows it expects".into()))
}

fn column(at: usize, source: BoxDynError) -> sqlx::Error {
    let index = at.to_string();
    sqlx::Error::ColumnDecode { index, source }
}
