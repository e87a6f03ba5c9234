//! A change set made ready to be written: all that can be worked out before the numbers are known,
//! so that it is done before anybody waits for the database.

use casekit_core::model::{Arity, Entity, Event, Key, SearchText, Unique, Value, Version};
use casekit_core::query::words;
use casekit_core::{Change, ChangeSet, Difference, Error, Result, TextChange};
use uuid::Uuid;

/// The numbers that new records were given.
pub(crate) type Numbers = Vec<(Key, u64)>;

/// A change set ready to be written.
#[derive(Debug)]
pub struct Plan {
    pub(crate) id: Uuid,
    pub(crate) workspace: casekit_core::model::WorkspaceId,
    pub(crate) steps: Vec<Step>,
    pub(crate) events: Vec<Event>,
}

/// One change.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "plans are short-lived, and most steps are writes"
)]
pub(crate) enum Step {
    /// A record that waits for its number, at most one per new case.
    Number(Entity),
    /// A change that is worked out.
    Write(Write),
}

/// A change that is worked out.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) key: Key,
    pub(crate) what: What,
    /// The number of a record that was created with one.
    pub(crate) number: Option<u64>,
    pub(crate) released: Vec<Unique>,
    pub(crate) claimed: Vec<Unique>,
    pub(crate) values_removed: Vec<(String, Value)>,
    pub(crate) values_added: Vec<(String, Value)>,
    pub(crate) text: Text,
}

/// What happens to the record itself.
#[derive(Debug)]
pub(crate) enum What {
    Create(Written),
    /// `changed` are the positions of the single-valued fields that differ.
    Replace {
        expect: Version,
        written: Written,
        changed: Vec<usize>,
    },
    Delete {
        expect: Version,
    },
    Check {
        expect: Version,
    },
}

/// A record as it is written.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) version: Version,
    pub(crate) row: Vec<Value>,
    pub(crate) json: Vec<u8>,
}

/// What happens to the words by which the record is found.
#[derive(Debug)]
pub(crate) enum Text {
    Same,
    Gone,
    Now(Words),
}

/// Folded words with blanks between.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) owner: Key,
    pub(crate) public: String,
    pub(crate) internal: String,
}

impl Plan {
    /// Works out a change set.
    pub(crate) fn of(set: ChangeSet) -> Result<Self> {
        set.validate()?;
        let ChangeSet {
            id,
            workspace,
            changes,
            events,
        } = set;
        let steps = changes.into_iter().map(Step::of);
        Ok(Self {
            id,
            workspace,
            steps: steps.collect::<Result<_>>()?,
            events,
        })
    }

    /// The records that wait for a number, each worked out with the next after `last`, and those
    /// numbers; a number that was given counts too.
    pub(crate) fn number(&self, last: &mut u64) -> Result<(Vec<Write>, Numbers)> {
        let (mut writes, mut numbers) = (Vec::new(), Vec::new());
        for step in &self.steps {
            match step {
                Step::Number(entity) => {
                    *last += 1;
                    numbers.push((entity.key(), *last));
                    writes.push(Write::numbered(entity, *last)?);
                }
                Step::Write(write) => *last = write.number.unwrap_or(0).max(*last),
            }
        }
        Ok((writes, numbers))
    }

    /// All changes in order, of which these wait for a number.
    pub(crate) fn writes<'p>(&'p self, numbered: &'p [Write]) -> Vec<&'p Write> {
        let mut numbered = numbered.iter();
        let writes = self.steps.iter().filter_map(|step| match step {
            Step::Number(_) => numbered.next(),
            Step::Write(write) => Some(write),
        });
        writes.collect()
    }

    /// How many events and records it writes.
    pub(crate) fn weight(&self) -> usize {
        self.steps.len() + self.events.len()
    }
}

impl Step {
    fn of(change: Change) -> Result<Self> {
        Ok(match change {
            Change::Create(entity) => match entity.number() {
                Some(0) => Self::Number(entity),
                number => Self::Write(Write::create(entity, number)?),
            },
            other => Self::Write(Write::of(other)?),
        })
    }
}

impl Write {
    /// A new record, which has its number if it is numbered.
    fn create(entity: Entity, number: Option<u64>) -> Result<Self> {
        let mut write = Self::of(Change::Create(entity))?;
        write.number = number;
        Ok(write)
    }

    fn of(mut change: Change) -> Result<Self> {
        let key = change.key();
        let Difference {
            released,
            claimed,
            many_removed,
            many_added,
            text,
        } = change.difference();
        let what = match &mut change {
            Change::Create(entity) => What::Create(Written::of(entity, Version(1))?),
            Change::Replace { before, after } => {
                let written = Written::of(after, before.version().next())?;
                let old = before.row().one;
                let pairs = old.iter().zip(&written.row).enumerate();
                let changed = pairs.filter(|(_, (old, new))| old != new);
                What::Replace {
                    expect: before.version(),
                    changed: changed.map(|(at, _)| at).collect(),
                    written,
                }
            }
            Change::Delete { before } => What::Delete {
                expect: before.version(),
            },
            Change::Check { version, .. } => What::Check { expect: *version },
        };
        Ok(Self {
            key,
            what,
            number: None,
            released,
            claimed,
            values_removed: many_removed,
            values_added: many_added,
            text: Text::of(text),
        })
    }

    /// A new record with the number that it was given.
    pub(crate) fn numbered(entity: &Entity, number: u64) -> Result<Self> {
        let mut entity = entity.clone();
        entity.set_number(number);
        Self::create(entity, None)
    }

    /// A new event with its place in the order of commits.
    pub(crate) fn event(event: Event) -> Result<Self> {
        Self::of(Change::Create(event.into()))
    }
}

impl Written {
    fn of(entity: &mut Entity, version: Version) -> Result<Self> {
        entity.set_version(version);
        let row = entity.row().one;
        let columns = entity.kind().declaration().fields.iter();
        debug_assert_eq!(row.len(), columns.filter(|f| f.arity == Arity::One).count());
        let json = entity.to_json().map_err(|error| {
            let noun = entity.kind().declaration().noun;
            Error::bug(format!("a {noun} cannot be written as JSON")).with_source(error)
        })?;
        Ok(Self { version, row, json })
    }
}

impl Text {
    fn of(change: TextChange) -> Self {
        match change {
            TextChange::Same => Self::Same,
            TextChange::Now { after: None, .. } => Self::Gone,
            TextChange::Now {
                after: Some(text), ..
            } => Self::Now(Words::of(&text)),
        }
    }
}

impl Words {
    /// The words of a text.
    pub(crate) fn of(text: &SearchText) -> Self {
        Self {
            owner: text.owner,
            public: words(&text.public).join(" "),
            internal: words(&text.internal).join(" "),
        }
    }
}
