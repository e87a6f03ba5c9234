//! What is wrong with a log, told on standard error: the first lines of it, then how many more.

use std::fmt::Display;
use std::io::Write;

use crate::text::{INTERNAL, count, plain, styled};

/// How many complaints are told one by one.
const TOLD: usize = 20;

#[derive(Debug, Default)]
pub(super) struct Complaints {
    complaints: usize,
    skipped: usize,
}

impl Complaints {
    /// `rows` rows of the log, beginning at `line`, are left out for a reason.
    pub(super) fn skip(&mut self, line: u64, rows: usize, reason: impl Display) {
        self.complaints += 1;
        self.skipped += rows;
        if self.complaints <= TOLD {
            let rows = match rows {
                1 => String::new(),
                rows => format!(" and the {} of its case", count(rows - 1, "other row")),
            };
            say(&format!("line {line}{rows} skipped: {reason}"));
        }
    }

    /// Something that leaves nothing out.
    pub(super) fn warn(&self, message: &str) {
        say(message);
    }

    /// How many rows were left out.
    pub(super) fn skipped(&self) -> usize {
        self.skipped
    }

    /// Tells how many there were, if they were not all told.
    pub(super) fn conclude(&self) {
        if self.complaints > TOLD {
            say(&format!(
                "… and {} more; {} skipped in all",
                self.complaints - TOLD,
                count(self.skipped, "row")
            ));
        }
    }
}

fn say(message: &str) {
    let message = plain(message);
    // If nobody reads it, the count in the answer still tells.
    let _ = writeln!(
        anstream::stderr(),
        "{} {message}",
        styled(INTERNAL, "warning:")
    );
}
