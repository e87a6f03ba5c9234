//! Statements that write or remove many rows.

use casekit_core::model::Value;

use crate::compile::Statement;
use crate::dialect::{Dialect, Mysql};
use crate::schema::Table;
use crate::server::{Result, Session};

/// The most rows of one statement, a power of two.
const ROWS: usize = 64;

/// The most bytes of text in one statement, unless one row has more: a server takes 16 mebibytes.
const BYTES: usize = 4 * 1024 * 1024;

/// Rows to be written.
pub(super) struct Rows {
    /// Up to the rows.
    before: String,
    /// After them.
    after: String,
    width: usize,
    rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Rows of a table that are not there yet.
    pub(super) fn new(table: &str, columns: &[&str]) -> Self {
        Self {
            before: format!("INSERT INTO {table} ({}) VALUES ", columns.join(", ")),
            after: String::new(),
            width: columns.len(),
            rows: Vec::new(),
        }
    }

    /// Records of a kind: workspace, id, version, the single-valued fields, body. They replace those
    /// that are there.
    pub(super) fn of_table(server: &Mysql, table: &Table) -> Self {
        let mut columns = vec![
            "workspace".to_owned(),
            "id".to_owned(),
            "version".to_owned(),
        ];
        columns.extend(table.columns.iter().map(|column| {
            let mut name = String::new();
            server.name(column.name, &mut name);
            name
        }));
        columns.push("body".to_owned());
        let all: Vec<&str> = columns.iter().map(String::as_str).collect();
        let mut rows = Self::new(&table.name, &all);
        let updates = columns.iter().skip(2);
        let updates: Vec<String> = updates.map(|c| format!("{c} = VALUES({c})")).collect();
        rows.after = format!(" ON DUPLICATE KEY UPDATE {}", updates.join(", "));
        rows
    }

    pub(super) fn push(&mut self, row: Vec<Value>) {
        self.rows.push(row);
    }

    /// Writes them all.
    pub(super) async fn write(self, session: &mut Session<'_, Mysql>) -> Result<()> {
        let row = format!("({})", vec!["?"; self.width].join(", "));
        for some in portions(self.rows) {
            let rows = vec![row.as_str(); some.len()].join(", ");
            let sql = format!("{}{rows}{}", self.before, self.after);
            let params = some.into_iter().flatten().collect();
            session.rows(&Statement { sql, params }).await?;
        }
        Ok(())
    }
}

/// Removes the rows that have these values in these columns.
pub(super) async fn remove(
    session: &mut Session<'_, Mysql>,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Value>>,
) -> Result<()> {
    let tests: Vec<String> = columns.iter().map(|name| format!("{name} = ?")).collect();
    let row = format!("({})", tests.join(" AND "));
    for some in portions(rows) {
        let rows = vec![row.as_str(); some.len()].join(" OR ");
        let sql = format!("DELETE FROM {table} WHERE {rows}");
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
