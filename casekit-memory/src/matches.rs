//! The owners that a search finds, and how well.

use std::collections::BTreeMap;

use casekit_core::model::Key;
use casekit_core::query::{Scope, TextQuery};
use uuid::Uuid;

use crate::texts::{Counts, Postings, TextIndex};

/// The owners whose texts have all the words.
pub(crate) struct Matches<'i> {
    index: &'i TextIndex,
    scope: Scope,
    /// The postings of every word that begins with one of the words asked for, each once.
    asked: Vec<&'i Postings>,
    owners: Bits,
}

/// A text in which words were found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) score: f64,
    pub(crate) text: Key,
}

impl<'i> Matches<'i> {
    pub(crate) fn of(index: &'i TextIndex, query: &TextQuery) -> Self {
        let mut asked = BTreeMap::new();
        let mut owners: Option<Bits> = None;
        for word in &query.words {
            let mut with_word = Bits::new(index.owners.bound());
            for (id, postings) in index.beginning(word) {
                asked.insert(id, postings);
                let found = postings.iter().filter(|(_, n)| seen(query.scope, **n) > 0);
                found.for_each(|((owner, _), _)| with_word.set(*owner));
            }
            owners = Some(match owners {
                None => with_word,
                Some(owners) => owners.and(&with_word),
            });
        }
        Self {
            index,
            scope: query.scope,
            asked: asked.into_values().collect(),
            owners: owners.unwrap_or_default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.owners.len()
    }

    pub(crate) fn contains(&self, owner: Uuid) -> bool {
        let number = self.index.owners.number(&owner);
        number.is_some_and(|number| self.owners.get(number))
    }

    pub(crate) fn owners(&self) -> impl Iterator<Item = Uuid> {
        let numbers = self.owners.numbers();
        numbers.filter_map(|number| self.index.owners.key(number).copied())
    }

    /// The best hit of each owner, by its id.
    pub(crate) fn best(&self) -> impl Iterator<Item = (Uuid, Hit)> {
        let mut found: Vec<((u32, u32), u32)> = Vec::new();
        for postings in &self.asked {
            let of_owners = postings
                .iter()
                .filter(|((owner, _), _)| self.owners.get(*owner));
            found.extend(of_owners.map(|(at, n)| (*at, seen(self.scope, *n))));
        }
        // One run for each word: a sort that merges runs.
        found.sort_by_key(|(at, _)| *at);
        let same_owner = |a: &((u32, u32), u32), b: &((u32, u32), u32)| a.0.0 == b.0.0;
        let best: Vec<_> = found
            .chunk_by(same_owner)
            .filter_map(|of_owner| {
                let owner = of_owner.first()?.0.0;
                let owner = self.index.owners.key(owner)?;
                Some((*owner, self.best_of(of_owner)?))
            })
            .collect();
        best.into_iter()
    }

    /// The best hit of one owner.
    pub(crate) fn best_for(&self, owner: Uuid) -> Option<Hit> {
        let number = self.index.owners.number(&owner)?;
        let mut found = Vec::new();
        for postings in &self.asked {
            let of_owner = postings.range((number, 0)..=(number, u32::MAX));
            found.extend(of_owner.map(|(at, n)| (*at, seen(self.scope, *n))));
        }
        found.sort_by_key(|(at, _)| *at);
        self.best_of(&found)
    }

    /// What is sorted by text: how often words asked for are in which text of one owner.
    fn best_of(&self, found: &[((u32, u32), u32)]) -> Option<Hit> {
        let mut best: Option<Hit> = None;
        for in_text in found.chunk_by(|a, b| a.0 == b.0) {
            let number = in_text.first()?.0.1;
            let hits: u32 = in_text.iter().map(|(_, n)| n).sum();
            let length = *self.index.lengths.get(number as usize)?;
            // The same as in the definition of a query: the share of words that were asked for.
            let score = f64::from(hits) / (f64::from(seen(self.scope, length)) + 10.0);
            if hits > 0 && best.is_none_or(|best| score > best.score) {
                let text = *self.index.texts.key(number)?;
                best = Some(Hit { score, text });
            }
        }
        best
    }

    /// Whether asking for the best hits of `owners` one by one is less work than for all at once.
    pub(crate) fn are_few(&self, owners: usize) -> bool {
        let all: usize = self.asked.iter().map(|postings| postings.len()).sum();
        owners * self.asked.len() * 8 < all + 64
    }
}

fn seen(scope: Scope, counts: Counts) -> u32 {
    match scope {
        Scope::All => counts.public + counts.internal,
        Scope::Public => counts.public,
    }
}

/// A set of small numbers.
#[derive(Debug, Clone, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)])
    }

    fn set(&mut self, number: u32) {
        if let Some(bits) = self.0.get_mut(number as usize / 64) {
            *bits |= 1 << (number % 64);
        }
    }

    fn get(&self, number: u32) -> bool {
        let bits = self.0.get(number as usize / 64);
        bits.is_some_and(|bits| bits >> (number % 64) & 1 == 1)
    }

    fn and(mut self, other: &Self) -> Self {
        for (bits, others) in self.0.iter_mut().zip(&other.0) {
            *bits &= others;
        }
        self
    }

    fn len(&self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }

    fn numbers(&self) -> impl Iterator<Item = u32> {
        (0_u32..)
            .step_by(64)
            .zip(&self.0)
            .flat_map(|(first, bits)| {
                let mut rest = *bits;
                std::iter::from_fn(move || {
                    let at = rest.trailing_zeros();
                    // Without any bit left there are 64 zeros.
                    rest &= rest.checked_sub(1)?;
                    Some(first + at)
                })
            })
    }
}
