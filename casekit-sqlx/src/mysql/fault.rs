//! What the numbers of MySQL and MariaDB mean.

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::server::Trouble;

/// What is the matter.
pub(super) fn trouble(error: &dyn DatabaseError) -> Trouble {
    let error = error.try_downcast_ref::<MySqlDatabaseError>();
    match error.map_or(0, MySqlDatabaseError::number) {
        // Deadlock; a record that has changed since it was read.
        1213 | 1020 => Trouble::Collision,
        // A key that somebody else wrote at the same moment: the next attempt sees it.
        1062 => Trouble::Collision,
        // Somebody held a lock for too long.
        1205 => Trouble::Blocked,
        // Somebody ended the statement; `max_execution_time` of MySQL, `max_statement_time` of MariaDB.
        1317 | 3024 | 1969 => Trouble::TooLong,
        // The server ends, is no member of its cluster at the moment, has too many connections, or has ended this one.
        1040 | 1047 | 1053 | 1077 | 1079 | 1152..=1161 | 1184 | 1203 | 1226 | 1927 | 4031 => {
            Trouble::Lost
        }
        // No such column or table.
        1054 | 1146 => Trouble::Unprepared,
        1290 | 1792 | 1836 => Trouble::ReadOnly,
        _ => Trouble::Other,
    }
}
