//! What PostgreSQL's codes mean.

use sqlx::error::DatabaseError;

use crate::server::Trouble;

/// What is the matter.
pub(super) fn trouble(error: &dyn DatabaseError) -> Trouble {
    let code = error.code();
    match code.as_deref().unwrap_or_default() {
        // Serialisation failure, deadlock.
        "40001" | "40P01" => Trouble::Collision,
        // A lock was not to be had in time.
        "55P03" => Trouble::Blocked,
        // `statement_timeout`, or somebody who cancelled it.
        "57014" => Trouble::TooLong,
        // A key that somebody else wrote at the same moment: the next attempt sees it.
        "23505" => Trouble::Collision,
        // The server ends or begins, has too many connections, or has ended one that was idle.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "53300" => Trouble::Lost,
        code if code.starts_with("08") => Trouble::Lost,
        // No such table, column, function or schema.
        "42P01" | "42703" | "42883" | "3F000" => Trouble::Unprepared,
        "25006" => Trouble::ReadOnly,
        _ => Trouble::Other,
    }
}
