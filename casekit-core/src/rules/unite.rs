//! What becomes of the fields of two customers who are one person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::contact::each_once;
use super::edit::Edit;
use super::length;
use crate::error::Result;
use crate::model::{
    CustomValues, Customer, CustomerId, FieldChange, FieldValue, normal_email, normal_phone,
};

/// A value that stays with a duplicate because the customer it went into has one of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Apart {
    /// The field: `name`, `language`, `organisation`, `external_ids.crm`, `custom.colour`.
    pub field: String,
    /// The value that holds.
    pub kept: Json,
    /// The value of the duplicate.
    pub other: Json,
}

/// What changed when two records became one.
#[derive(Debug)]
pub(crate) struct United {
    /// In the one that is kept.
    pub(crate) gained: Vec<FieldChange>,
    /// In the duplicate.
    pub(crate) given_up: Vec<FieldChange>,
    /// What could not go over.
    pub(crate) apart: Vec<Apart>,
}

/// Gives `into` all that it can take of `duplicate`, which becomes a stub that points to it.
///
/// The stub gives up the addresses, numbers and external ids that went over, since each belongs to one
/// record. It keeps the rest, so that nothing is lost.
pub(crate) fn unite(into: &mut Customer, duplicate: &mut Customer) -> Result<United> {
    let mut apart = Vec::new();
    let emails = each_once(into.emails.iter().chain(&duplicate.emails), normal_email);
    let phones = each_once(into.phones.iter().chain(&duplicate.phones), normal_phone);
    length::list("emails", &emails, length::EMAIL)?;
    length::list("phones", &phones, length::PHONE)?;
    let notes = join_notes(&into.notes, &duplicate.notes);
    length::long("notes", &notes)?;
    let name = text(&into.name, &duplicate.name, &mut apart);
    let organisation = into.organisation;
    let organisation = either(
        "organisation",
        organisation,
        duplicate.organisation,
        &mut apart,
    );
    let (mine, theirs) = (into.language.clone(), duplicate.language.clone());
    let language = either("language", mine, theirs, &mut apart);
    let mut external_ids = into.external_ids.clone();
    let theirs = &duplicate.external_ids;
    let left = add("external_ids", &mut external_ids, theirs, &mut apart);
    let mut custom = into.custom.clone();
    unite_choices(&mut custom, &duplicate.custom);
    add(
        "custom",
        &mut custom,
        &single(&duplicate.custom),
        &mut apart,
    );

    let mut edit = Edit::new(into.version, into.version, &mut into.edited)?;
    edit.set("name", &mut into.name, Some(&name))?;
    edit.set("emails", &mut into.emails, Some(&emails))?;
    edit.set("phones", &mut into.phones, Some(&phones))?;
    edit.set("organisation", &mut into.organisation, Some(&organisation))?;
    edit.set("language", &mut into.language, Some(&language))?;
    edit.set_each("external_ids", &mut into.external_ids, &external_ids)?;
    edit.set("notes", &mut into.notes, Some(&notes))?;
    edit.set_each("custom", &mut into.custom, &custom)?;
    let gained = edit.finish();

    let given_up = give_up(duplicate, &left, into.id)?;
    Ok(United {
        gained,
        given_up,
        apart,
    })
}

/// Makes `duplicate` a stub that holds no more than the external ids that are `left`.
fn give_up(
    duplicate: &mut Customer,
    left: &BTreeMap<String, String>,
    into: CustomerId,
) -> Result<Vec<FieldChange>> {
    let (seen, edited) = (duplicate.version, &mut duplicate.edited);
    let mut edit = Edit::new(seen, seen, edited)?;
    edit.set("emails", &mut duplicate.emails, Some(&Vec::new()))?;
    edit.set("phones", &mut duplicate.phones, Some(&Vec::new()))?;
    edit.set_each("external_ids", &mut duplicate.external_ids, left)?;
    edit.set("merged_into", &mut duplicate.merged_into, Some(&Some(into)))?;
    Ok(edit.finish())
}

/// The name that is kept: the duplicate's only if there is no other.
fn text(mine: &str, theirs: &str, apart: &mut Vec<Apart>) -> String {
    let given = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
    either("name", given(mine), given(theirs), apart).unwrap_or_default()
}

/// The value that is kept: the duplicate's only if there is no other.
fn either<T>(field: &str, mine: Option<T>, theirs: Option<T>, apart: &mut Vec<Apart>) -> Option<T>
where
    T: PartialEq + Serialize,
{
    if let (Some(kept), Some(other)) = (&mine, &theirs)
        && kept != other
    {
        apart.push(Apart::new(field, kept, other));
    }
    mine.or(theirs)
}

/// Adds the named values of a duplicate that `mine` has none for; gives back those that differ.
fn add<T>(
    field: &str,
    mine: &mut BTreeMap<String, T>,
    theirs: &BTreeMap<String, T>,
    apart: &mut Vec<Apart>,
) -> BTreeMap<String, T>
where
    T: Clone + PartialEq + Serialize,
{
    let mut left = BTreeMap::new();
    for (name, other) in theirs {
        let kept = mine.entry(name.clone()).or_insert_with(|| other.clone());
        if kept != other {
            apart.push(Apart::new(&format!("{field}.{name}"), kept, other));
            left.insert(name.clone(), other.clone());
        }
    }
    left
}

/// Of fields that hold several choices, both records' choices are kept.
fn unite_choices(mine: &mut CustomValues, theirs: &CustomValues) {
    for (key, value) in theirs {
        let FieldValue::Choices(more) = value else {
            continue;
        };
        let held = mine
            .entry(key.clone())
            .or_insert_with(|| FieldValue::Choices(Vec::new()));
        if let FieldValue::Choices(held) = held {
            for choice in more {
                if !held.contains(choice) {
                    held.push(choice.clone());
                }
            }
        }
    }
}

/// The values that are not lists of choices.
fn single(values: &CustomValues) -> CustomValues {
    let mut values = values.clone();
    values.retain(|_, value| !matches!(value, FieldValue::Choices(_)));
    values
}

/// Both notes, the duplicate's after the other's; once if they are the same.
fn join_notes(mine: &str, theirs: &str) -> String {
    match (mine.trim(), theirs.trim()) {
        (_, "") => mine.to_owned(),
        ("", _) => theirs.to_owned(),
        (one, other) if one == other => mine.to_owned(),
        _ => format!("{mine}\n\n{theirs}"),
    }
}

impl Apart {
    fn new(field: &str, kept: impl Serialize, other: impl Serialize) -> Self {
        Self {
            field: field.to_owned(),
            kept: serde_json::to_value(kept).unwrap_or_default(),
            other: serde_json::to_value(other).unwrap_or_default(),
        }
    }
}
