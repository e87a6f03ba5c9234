//! Edits by field: two people's edits of different fields both survive; of the same field, a stale
//! one is refused with the current value.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::{Case, Edited, FieldChange, Version};

/// Under which name a case remembers the version that came with the last word of its customer, or with a
/// question from another case: who acts on an earlier one has not read it.
pub(crate) const UNREAD: &str = "attention";

/// An edit of one record's fields by somebody who saw a version of it.
#[derive(Debug)]
pub(crate) struct Edit<'a> {
    seen: Version,
    next: Version,
    edited: &'a mut Edited,
    changes: Vec<FieldChange>,
}

impl<'a> Edit<'a> {
    /// An edit by somebody who saw `seen` of a record that now has `current`.
    pub(crate) fn new(seen: Version, current: Version, edited: &'a mut Edited) -> Result<Self> {
        refuse_future(seen, current)?;
        Ok(Self {
            seen,
            next: current.next(),
            edited,
            changes: Vec::new(),
        })
    }

    /// Sets `field` to `new`, if the edit names it.
    pub(crate) fn set<T>(&mut self, field: &str, held: &mut T, new: Option<&T>) -> Result<()>
    where
        T: Clone + PartialEq + Serialize,
    {
        let Some(new) = new.filter(|new| *new != held) else {
            return Ok(());
        };
        if self.edited.since(field, self.seen) {
            return Err(stale(field, held, new));
        }
        self.changes.push(FieldChange::new(field, &*held, new));
        self.edited.0.insert(field.to_owned(), self.next);
        *held = new.clone();
        Ok(())
    }

    /// Sets the named values that differ, each a field of its own: `field.name`.
    pub(crate) fn set_each<T>(
        &mut self,
        field: &str,
        held: &mut BTreeMap<String, T>,
        new: &BTreeMap<String, T>,
    ) -> Result<()>
    where
        T: Clone + PartialEq + Serialize,
    {
        let names: BTreeSet<String> = held.keys().chain(new.keys()).cloned().collect();
        for name in names {
            let mut value = held.get(&name).cloned();
            self.set(
                &format!("{field}.{name}"),
                &mut value,
                Some(&new.get(&name).cloned()),
            )?;
            match value {
                Some(value) => held.insert(name, value),
                None => held.remove(&name),
            };
        }
        Ok(())
    }

    /// What changed; empty if every field had its new value already.
    pub(crate) fn finish(self) -> Vec<FieldChange> {
        self.changes
    }
}

/// Refuses what somebody wants to do to `field` of `case`, if it was changed after the version that they
/// saw, where they say which.
pub(crate) fn refuse_stale(
    case: &Case,
    field: &str,
    current: impl Serialize,
    seen: Option<Version>,
) -> Result<()> {
    let Some(seen) = seen else {
        return Ok(());
    };
    refuse_future(seen, case.version)?;
    if !case.edited.since(field, seen) {
        return Ok(());
    }
    Err(Error::conflict(format!(
        "`{field}` was changed by somebody else since you loaded it"
    ))
    .with_details(serde_json::json!({ "field": field, "current": current })))
}

/// Refuses what would end the customer's waiting in `case`, if they wrote or called after the version that
/// somebody saw, where they say which. What staff did since is no hindrance.
pub(crate) fn refuse_unread(case: &Case, seen: Option<Version>) -> Result<()> {
    let Some(seen) = seen else {
        return Ok(());
    };
    refuse_future(seen, case.version)?;
    if !case.edited.since(UNREAD, seen) {
        return Ok(());
    }
    let name = case.name();
    let current = case.attention.customer_last_at;
    Err(Error::conflict(format!(
        "the customer of {name} wrote or called since you loaded it: read that first"
    ))
    .with_details(serde_json::json!({ "field": UNREAD, "current": current })))
}

/// Those of `changes` that change something.
pub(crate) fn differing(changes: impl IntoIterator<Item = FieldChange>) -> Vec<FieldChange> {
    let changes = changes.into_iter();
    changes
        .filter(|change| change.before != change.after)
        .collect()
}

/// Refuses a version that a record does not have yet.
pub(crate) fn refuse_future(seen: Version, current: Version) -> Result<()> {
    if seen <= current {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "version {seen} was not written yet: the record has version {current}"
    )))
}

fn stale<T: Serialize>(field: &str, current: &T, refused: &T) -> Error {
    Error::conflict(format!(
        "`{field}` was changed by somebody else since you loaded it"
    ))
    .with_details(serde_json::json!({ "field": field, "current": current, "refused": refused }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn set(edited: &mut Edited, at: u64, seen: u64, held: &mut String, new: &str) -> Result<usize> {
        let mut edit = Edit::new(Version(seen), Version(at), edited)?;
        edit.set("subject", held, Some(&new.to_owned()))?;
        Ok(edit.finish().len())
    }

    #[test]
    fn the_later_edit_that_saw_the_earlier_wins_and_a_stale_one_is_refused() {
        let (mut edited, mut subject) = (Edited::default(), "a".to_owned());
        assert_eq!(set(&mut edited, 1, 1, &mut subject, "b").unwrap(), 1);
        assert_eq!(set(&mut edited, 2, 2, &mut subject, "c").unwrap(), 1);
        let refused = set(&mut edited, 3, 2, &mut subject, "d").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert_eq!(refused.details().unwrap()["current"], "c");
        assert_eq!(subject, "c");
    }

    #[test]
    fn setting_the_value_that_is_there_is_no_change_and_no_conflict() {
        let (mut edited, mut subject) = (Edited::default(), "a".to_owned());
        set(&mut edited, 1, 1, &mut subject, "b").unwrap();
        assert_eq!(set(&mut edited, 2, 1, &mut subject, "b").unwrap(), 0);
    }

    #[test]
    fn a_version_from_the_future_is_refused() {
        let (mut edited, mut subject) = (Edited::default(), "a".to_owned());
        let refused = set(&mut edited, 1, 9, &mut subject, "b").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Invalid);
    }
}
