//! What a change set writes, table by table, so that a statement can write many rows.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::model::{Key, Kind, Unique, Value, Version};
use serde::Serialize;
use uuid::Uuid;

use crate::compile::class_of;
use crate::plan::{Text, What, Words, Write, Written};

/// What a change set writes.
#[derive(Debug, Default)]
pub(crate) struct Batch<'p> {
    pub(crate) kinds: BTreeMap<Kind, OfKind<'p>>,
    pub(crate) released: Vec<Claim<'p>>,
    pub(crate) claimed: Vec<Claim<'p>>,
    /// A value that two records of the set claim: the one that comes first has it.
    pub(crate) twice: Option<Claim<'p>>,
    /// The records whose texts go, also those that are written anew.
    pub(crate) untold: Vec<Key>,
    pub(crate) texts: Vec<TextOf<'p>>,
}

/// What is written of one kind of record.
#[derive(Debug, Default)]
pub(crate) struct OfKind<'p> {
    /// At which versions records must be; none where there must be no record.
    pub(crate) seen: Vec<(Uuid, Option<Version>)>,
    /// Records that are new or replaced.
    pub(crate) put: Vec<(Uuid, &'p Written)>,
    pub(crate) gone: Vec<Uuid>,
    /// Values of multi-valued fields that go.
    pub(crate) less: Vec<(Uuid, &'p str, &'p Value)>,
    /// Values of multi-valued fields that come.
    pub(crate) more: Vec<(Uuid, &'p str, &'p Value)>,
}

/// A unique value and the record that holds it, or is to.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Claim<'p> {
    pub(crate) name: &'p str,
    pub(crate) value: &'p str,
    pub(crate) kind: &'p str,
    pub(crate) id: Uuid,
}

/// The words of a record that have one visibility.
#[derive(Debug)]
pub(crate) struct TextOf<'p> {
    pub(crate) record: Key,
    pub(crate) owner: Key,
    pub(crate) internal: bool,
    pub(crate) class: i64,
    pub(crate) words: BTreeSet<&'p str>,
}

impl<'p> Batch<'p> {
    /// What these changes write.
    pub(crate) fn of(writes: impl Iterator<Item = &'p Write>) -> Self {
        let mut batch = Self::default();
        let mut claimed = BTreeMap::new();
        for write in writes {
            batch.kinds.entry(write.key.kind).or_default().add(write);
            let claim = |unique: &'p Unique| Claim {
                name: &unique.name,
                value: &unique.value,
                kind: write.key.kind.name(),
                id: write.key.id,
            };
            batch.released.extend(write.released.iter().map(claim));
            for claim in write.claimed.iter().map(claim) {
                match claimed.insert((claim.name, claim.value), claim) {
                    Some(first) => batch.twice = batch.twice.or(Some(first)),
                    None => batch.claimed.push(claim),
                }
            }
            batch.tell(write);
        }
        batch
    }

    fn tell(&mut self, write: &'p Write) {
        if !matches!(
            (&write.what, &write.text),
            (What::Create(_), _) | (_, Text::Same)
        ) {
            self.untold.push(write.key);
        }
        if let Text::Now(words) = &write.text {
            let Words {
                owner,
                public,
                internal,
            } = words;
            for (text, internal) in [(public, false), (internal, true)] {
                let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
                if !words.is_empty() {
                    self.texts.push(TextOf {
                        record: write.key,
                        owner: *owner,
                        internal,
                        class: class_of(words.len()),
                        words: words.into_iter().collect(),
                    });
                }
            }
        }
    }
}

impl<'p> OfKind<'p> {
    fn add(&mut self, write: &'p Write) {
        let id = write.key.id;
        match &write.what {
            What::Create(written) => {
                self.seen.push((id, None));
                self.put.push((id, written));
            }
            What::Replace {
                expect, written, ..
            } => {
                self.seen.push((id, Some(*expect)));
                self.put.push((id, written));
            }
            What::Delete { expect } => {
                self.seen.push((id, Some(*expect)));
                self.gone.push(id);
            }
            What::Check { expect } => self.seen.push((id, Some(*expect))),
        }
        let of = |(field, value): &'p (String, Value)| (id, field.as_str(), value);
        self.less.extend(write.values_removed.iter().map(of));
        self.more.extend(write.values_added.iter().map(of));
    }
}
