//! How far an import has come: a bar on a terminal, else a line now and then.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// How often a line is written where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    lines: usize,
    done: usize,
    began: Instant,
    told: Instant,
}

impl Progress {
    pub(super) fn new(lines: usize) -> Self {
        Self {
            bar: std::io::stderr().is_terminal().then(|| bar(lines)),
            lines,
            done: 0,
            began: Instant::now(),
            told: Instant::now(),
        }
    }

    /// So many lines more are imported.
    pub(super) fn advance(&mut self, lines: usize) {
        self.done += lines;
        match &self.bar {
            Some(bar) => bar.inc(lines as u64),
            None if self.told.elapsed() >= INTERVAL => {
                self.told = Instant::now();
                let line = self.line(self.began.elapsed());
                // A reader who is gone does not stop the import.
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            None => {}
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, elapsed: Duration) -> String {
        let done = self.done.max(1) as f64;
        let seconds = elapsed.as_secs_f64();
        let rate = done / seconds.max(0.001);
        let left = (self.lines - self.done.min(self.lines)) as f64 / rate;
        format!(
            "imported {} of {} lines, {rate:.0} a second, {left:.0} s left",
            self.done, self.lines
        )
    }
}

fn bar(lines: usize) -> ProgressBar {
    let template = "{bar:36} {human_pos} of {human_len} lines, {rate} a second, {eta} left";
    let bar = ProgressBar::new(lines as u64);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.with_key("rate", rate)),
        Err(_) => bar,
    }
}

fn rate(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    // Writing to the line of the bar does not fail.
    let _ = write!(out, "{:.0}", state.per_sec());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_the_rate_and_the_time_left() {
        let mut progress = Progress::new(300);
        progress.done = 100;
        let line = progress.line(Duration::from_secs(2));
        assert_eq!(line, "imported 100 of 300 lines, 50 a second, 4 s left");
    }
}
