//! Counts the tests that test runners report.

/// How many tests passed, failed, and were left out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Passed.
    pub(crate) passed: u64,
    /// Failed.
    pub(crate) failed: u64,
    /// Left out.
    pub(crate) skipped: u64,
}

impl Tally {
    /// How many ran.
    pub(crate) fn ran(&self) -> u64 {
        self.passed + self.failed
    }

    /// Reads a line of a runner's output: the closing line of `cargo test`, of pytest, or of Node's runner.
    pub(crate) fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some(result) = line.strip_prefix("test result:") {
            self.add(result, "passed", "failed", "ignored");
        } else if line.starts_with('=') || is_of_pytest(line) {
            self.add(line.trim_matches('='), "passed", "failed", "skipped");
        } else if let Some(count) = line.strip_prefix("# pass ") {
            self.passed += count.parse().unwrap_or(0);
        } else if let Some(count) = line.strip_prefix("# fail ") {
            self.failed += count.parse().unwrap_or(0);
        }
    }

    fn add(&mut self, line: &str, passed: &str, failed: &str, skipped: &str) {
        let mut previous = "";
        for word in line.split([' ', ';', ',']).filter(|word| !word.is_empty()) {
            let count = || previous.parse().unwrap_or(0);
            if word == passed {
                self.passed += count();
            } else if word == failed {
                self.failed += count();
            } else if word == skipped {
                self.skipped += count();
            }
            previous = word;
        }
    }
}

/// Whether it ends as `5 passed in 1.20s`, or after a minute as `5 passed in 61.20s (0:01:01)`.
fn is_of_pytest(line: &str) -> bool {
    let Some((_, took)) = line.rsplit_once(" in ") else {
        return false;
    };
    let seconds = took.split(' ').next().unwrap_or_default();
    seconds
        .strip_suffix('s')
        .is_some_and(|number| number.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn read(lines: &str) -> Tally {
        let mut tally = Tally::default();
        lines.lines().for_each(|line| tally.read(line));
        tally
    }

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn cargo_test_is_read() {
        let lines = "test a ... ok\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.01s";
        assert_eq!(read(lines), tally(15, 2, 1));
    }

    #[test]
    fn pytest_is_read() {
        let lines = "tests/test_desk.py ....\n===== 1 failed, 4 passed, 2 skipped in 0.12s =====";
        assert_eq!(read(lines), tally(4, 1, 2));
        assert_eq!(read("5 passed in 1.20s"), tally(5, 0, 0));
        assert_eq!(read("241 passed in 142.12s (0:02:22)"), tally(241, 0, 0));
        assert_eq!(read("4 passed in theirs"), tally(0, 0, 0));
    }

    #[test]
    fn node_is_read() {
        assert_eq!(read("# tests 4\n# pass 3\n# fail 1"), tally(3, 1, 0));
    }
}
