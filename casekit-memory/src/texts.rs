//! An inverted index: for each word, in which texts of which owner it is.

use std::collections::BTreeMap;
use std::ops::Bound;

use casekit_core::model::{Key, SearchText};
use casekit_core::query::words;
use uuid::Uuid;

use crate::slots::Slots;

/// How often a word is in a text, or how many words a text has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) public: u32,
    pub(crate) internal: u32,
}

/// The texts in which a word is, by owner and text.
pub(crate) type Postings = BTreeMap<(u32, u32), Counts>;

/// The words of the texts by which the records of one kind are found.
#[derive(Debug, Default)]
pub(crate) struct TextIndex {
    /// All words in order, to find those that begin alike.
    pub(crate) names: BTreeMap<Box<str>, u32>,
    /// The same words, to find one of them fast.
    words: Slots<String>,
    pub(crate) postings: Vec<Postings>,
    pub(crate) owners: Slots<Uuid>,
    pub(crate) texts: Slots<Key>,
    /// The length of each text.
    pub(crate) lengths: Vec<Counts>,
}

impl TextIndex {
    /// Indexes the words of the record at `part`.
    pub(crate) fn add(&mut self, part: Key, text: &SearchText) {
        let (counted, length) = count(text);
        let owner = self.owners.take(&text.owner.id);
        let number = self.texts.take(&part);
        grow(&mut self.lengths, number);
        if let Some(slot) = self.lengths.get_mut(number as usize) {
            *slot = length;
        }
        for (word, counts) in counted {
            let id = self.words.take(word.as_str());
            grow(&mut self.postings, id);
            if let Some(postings) = self.postings.get_mut(id as usize) {
                if postings.is_empty() {
                    self.names.insert(word.into_boxed_str(), id);
                }
                postings.insert((owner, number), counts);
            }
        }
    }

    /// Forgets the words of the record at `part`, which were `text`.
    pub(crate) fn remove(&mut self, part: Key, text: &SearchText) {
        let owner = self.owners.number(&text.owner.id);
        let number = self.texts.number(&part);
        let (Some(owner), Some(number)) = (owner, number) else {
            return;
        };
        for (word, _) in count(text).0 {
            let postings = self.words.number(word.as_str());
            let postings = postings.and_then(|id| self.postings.get_mut(id as usize));
            if let Some(postings) = postings {
                postings.remove(&(owner, number));
            }
            if self.words.release(word.as_str()) {
                self.names.remove(word.as_str());
            }
        }
        self.owners.release(&text.owner.id);
        self.texts.release(&part);
    }

    /// The postings of every word that begins with `start`.
    pub(crate) fn beginning<'i>(
        &'i self,
        start: &str,
    ) -> impl Iterator<Item = (u32, &'i Postings)> {
        let from = (Bound::Included(start), Bound::Unbounded);
        self.names
            .range::<str, _>(from)
            .take_while(move |(word, _)| word.starts_with(start))
            .filter_map(|(_, id)| Some((*id, self.postings.get(*id as usize)?)))
    }
}

fn grow<T: Default + Clone>(list: &mut Vec<T>, number: u32) {
    let length = number as usize + 1;
    if list.len() < length {
        list.resize(length, T::default());
    }
}

/// The words of a text, each once with how often it is in it, and how many there are.
fn count(text: &SearchText) -> (Vec<(String, Counts)>, Counts) {
    let one = |public, internal| move |word| (word, Counts { public, internal });
    let public = words(&text.public).into_iter().map(one(1, 0));
    let internal = words(&text.internal).into_iter().map(one(0, 1));
    let mut counted: Vec<(String, Counts)> = public.chain(internal).collect();
    let mut length = Counts::default();
    counted.iter().for_each(|(_, counts)| length.add(*counts));
    counted.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    counted.dedup_by(|(word, more), (first, counts)| {
        let same = word == first;
        if same {
            counts.add(*more);
        }
        same
    });
    (counted, length)
}

impl Counts {
    fn add(&mut self, more: Self) {
        self.public += more.public;
        self.internal += more.internal;
    }
}
