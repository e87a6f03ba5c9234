//! How long something took, many times.

use std::time::Duration;

/// How long something took, many times.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    micros: Vec<f64>,
}

impl Samples {
    pub(crate) fn add(&mut self, took: Duration) {
        self.micros.push(took.as_secs_f64() * 1e6);
    }

    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }

    /// The value that so many percent of the times are not above.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.micros.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let at = last * percent / 100;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut samples = Samples::default();
        for millis in [5, 1, 4, 2, 3] {
            samples.add(Duration::from_millis(millis));
        }
        assert_eq!(samples.median().round(), 3_000.0);
        assert_eq!(samples.percentile(100).round(), 5_000.0);
        assert_eq!(samples.percentile(99).round(), 4_000.0);
    }
}
