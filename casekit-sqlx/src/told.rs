//! What is told of statements: the same on every database.

use tracing::Span;

/// The span of a statement, which lasts as long as it runs.
pub(crate) fn statement(sql: &str) -> Span {
    let rows = tracing::field::Empty;
    tracing::trace_span!(target: "casekit_sqlx", "casekit.statement", sql, rows)
}

/// Tells how many rows a statement gave, or wrote where it gives none.
pub(crate) fn rows(span: &Span, rows: usize) {
    span.record("rows", rows);
}
