//! What a filter demands of every record that it lets through, as far as an index can use it.

use casekit_core::model::Value;
use casekit_core::query::{Comparison, Filter};

/// The parts that must all hold. The filter itself still decides; these only say where to look.
#[derive(Debug, Default)]
pub(crate) struct Conjuncts<'q> {
    /// Fields that must have a value.
    pub(crate) fixed: Vec<(&'q str, &'q Value)>,
    /// Fields that must have one of several values.
    pub(crate) among: Vec<(&'q str, &'q [Value])>,
    /// Fields that must lie somewhere.
    pub(crate) ranges: Vec<(&'q str, Comparison, &'q Value)>,
    /// How many parts there are, with those that no index can use.
    pub(crate) count: usize,
}

impl<'q> Conjuncts<'q> {
    pub(crate) fn of(filter: &'q Filter) -> Self {
        let mut conjuncts = Self::default();
        conjuncts.add(filter);
        conjuncts
    }

    fn add(&mut self, filter: &'q Filter) {
        if let Filter::All(parts) = filter {
            parts.iter().for_each(|part| self.add(part));
            return;
        }
        self.count += 1;
        match filter {
            Filter::Field { field, is, value } => match is {
                Comparison::Equal => self.fixed.push((field, value)),
                is => self.ranges.push((field, *is, value)),
            },
            Filter::In { field, values } => match values.as_slice() {
                [value] => self.fixed.push((field, value)),
                values => self.among.push((field, values)),
            },
            Filter::All(_) | Filter::Any(_) | Filter::Not(_) => {}
        }
    }

    pub(crate) fn fixed(&self, field: &str) -> Option<&'q Value> {
        let found = self.fixed.iter().find(|(name, _)| *name == field);
        found.map(|(_, value)| *value)
    }

    pub(crate) fn among(&self, field: &str) -> Option<&'q [Value]> {
        let found = self.among.iter().find(|(name, _)| *name == field);
        found.map(|(_, values)| *values)
    }

    pub(crate) fn ranges(&self, field: &str) -> impl Iterator<Item = (Comparison, &'q Value)> {
        let of_field = self.ranges.iter().filter(move |(name, ..)| *name == field);
        of_field.map(|(_, is, value)| (*is, *value))
    }
}
