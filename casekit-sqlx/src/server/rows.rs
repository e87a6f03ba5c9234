//! Statements that write or remove many rows.

use casekit_core::model::Value;

use super::{Result, Server, Session};
use crate::compile::Statement;

/// The most rows of one statement, a power of two.
const ROWS: usize = 64;

/// The most bytes of text in one statement, unless one row has more: a server takes 16 mebibytes.
const BYTES: usize = 4 * 1024 * 1024;

/// Rows to be written.
pub(crate) struct Rows {
    /// Up to the rows.
    before: String,
    /// After the last placeholder of each.
    cast: &'static str,
    /// After them.
    after: String,
    width: usize,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Rows of a table that are not there yet.
    pub(crate) fn new(table: &str, columns: &[&str]) -> Self {
        Self {
            before: format!("INSERT INTO {table} ({}) VALUES ", columns.join(", ")),
            cast: "",
            after: String::new(),
            width: columns.len(),
            rows: Vec::new(),
        }
    }

    /// With this after the rows.
    #[cfg(feature = "mysql")]
    pub(crate) fn followed_by(mut self, after: String) -> Self {
        self.after = after;
        self
    }

    /// With this after the last placeholder of each row.
    pub(crate) fn last_cast(mut self, cast: &'static str) -> Self {
        self.cast = cast;
        self
    }

    pub(crate) fn push(&mut self, row: Vec<Value>) {
        self.rows.push(row);
    }

    /// Writes them all.
    pub(crate) async fn write<S: Server>(self, session: &mut Session<'_, S>) -> Result<()> {
        for some in portions(self.rows) {
            let mut sql = self.before.clone();
            for place in 0..some.len() {
                sql.push_str(if place == 0 { "(" } else { "), (" });
                for column in 1..=self.width {
                    sql.push_str(if column == 1 { "" } else { ", " });
                    let server = &session.core.server;
                    server.placeholder(place * self.width + column, &mut sql);
                }
                sql.push_str(self.cast);
            }
            sql.push(')');
            sql.push_str(&self.after);
            let params = some.into_iter().flatten().collect();
            session.rows(&Statement { sql, params }).await?;
        }
        Ok(())
    }
}

/// Removes the rows that have these values in these columns.
#[cfg(feature = "mysql")]
pub(crate) async fn remove<S: Server>(
    session: &mut Session<'_, S>,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<()> {
    for some in portions(rows) {
        let mut sql = format!("DELETE FROM {table} WHERE ");
        let tests = (0..some.len()).flat_map(|_| columns.iter().enumerate());
        for (place, (at, column)) in tests.enumerate() {
            sql.push_str(match (place, at) {
                (0, _) => "(",
                (_, 0) => ") OR (",
                _ => " AND ",
            });
            sql.push_str(column);
            sql.push_str(" = ");
            session.core.server.placeholder(place + 1, &mut sql);
        }
        sql.push(')');
        let params = some.into_iter().flatten().collect();
        session.rows(&Statement { sql, params }).await?;
    }
    Ok(())
}

/// Rows in portions of powers of two, so that there are few statements to prepare, and none too large.
fn portions(rows: Vec<Vec<Value>>) -> Vec<Vec<Vec<Value>>> {
    let mut portions: Vec<Vec<Vec<Value>>> = Vec::new();
    let mut left = rows.len();
    let (mut room, mut bytes) = (0, 0);
    for row in rows {
        let size = row.iter().map(size).sum::<usize>();
        if room == 0 || bytes + size > BYTES {
            // The largest power of two that is not larger.
            room = (left.next_power_of_two() >> usize::from(!left.is_power_of_two())).min(ROWS);
            bytes = 0;
            portions.push(Vec::with_capacity(room));
        }
        if let Some(portion) = portions.last_mut() {
            portion.push(row);
        }
        room -= 1;
        left -= 1;
        bytes += size;
    }
    portions
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        _ => 16,
    }
}
