//! Custom fields: definitions and values are checked here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::length;
use crate::error::{Error, Result};
use crate::model::{
    CustomValues, FieldDefinition, FieldTarget, FieldType, FieldValue, INDEXED_CHARACTERS,
};

/// The most custom fields of a workspace.
const MAX_FIELDS: usize = 200;

/// Refuses a definition that cannot work.
pub(crate) fn check_definition(definition: &FieldDefinition, others: usize) -> Result<()> {
    check_key("field", &definition.key)?;
    length::name("label", &definition.label)?;
    if others >= MAX_FIELDS {
        return Err(Error::new(
            crate::ErrorKind::Limit,
            format!("a workspace has at most {MAX_FIELDS} custom fields"),
        ));
    }
    if let FieldType::Choice { choices } | FieldType::Choices { choices } = &definition.holds {
        check_choices(&definition.key, choices)?;
    }
    match &definition.default {
        Some(default) => check_value(definition, default),
        None => Ok(()),
    }
}

/// Refuses a permanent name that is not plain.
pub(crate) fn check_key(noun: &str, key: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if key.is_empty() || key.len() > 64 || !key.chars().all(plain) {
        return Err(Error::invalid(format!(
            "`{key}` is not a {noun} key: 1 to 64 of a-z, 0-9 and _ are expected"
        )));
    }
    Ok(())
}

fn check_choices(key: &str, choices: &[String]) -> Result<()> {
    length::list("choices", choices, INDEXED_CHARACTERS)?;
    if choices.is_empty() {
        return Err(Error::invalid(format!("`{key}` needs at least one choice")));
    }
    let mut seen = BTreeSet::new();
    for choice in choices {
        if choice.trim().is_empty() || choice.trim() != choice {
            return Err(Error::invalid(format!(
                "`{choice}` is no choice for `{key}`: it is empty or has blanks around"
            )));
        }
        if !seen.insert(choice) {
            return Err(Error::invalid(format!(
                "`{key}` has the choice `{choice}` twice"
            )));
        }
    }
    Ok(())
}

/// The definition of a field that was defined as `before` and is now `after`. Another type is refused: the
/// values that the field has would no longer fit.
///
/// Choices may be added, reordered and taken away. One that is taken away is like a retired field:
/// the values that hold it stay, and no new one can.
pub(crate) fn redefined(
    before: &FieldDefinition,
    mut after: FieldDefinition,
) -> Result<FieldDefinition> {
    use std::mem::discriminant;
    if discriminant(&before.holds) != discriminant(&after.holds) {
        return Err(Error::invalid(format!(
            "`{}` exists with another type: the type of a field is kept, define one under another key",
            before.key
        )));
    }
    let once = before.retired_choices.iter().chain(before.holds.choices());
    let retired = once.filter(|choice| !after.holds.choices().contains(choice));
    after.retired_choices = retired.cloned().collect();
    length::list(
        "retired_choices",
        &after.retired_choices,
        INDEXED_CHARACTERS,
    )?;
    Ok(after)
}

/// The values of a new record: what is given, checked, with defaults for the rest.
pub(crate) fn new_values(
    definitions: &[FieldDefinition],
    target: FieldTarget,
    given: &CustomValues,
) -> Result<CustomValues> {
    let mut values = CustomValues::new();
    for (key, value) in given {
        let definition = open_definition(definitions, target, key)?;
        check_value(definition, value)?;
        values.insert(key.clone(), value.clone());
    }
    let missing = definitions
        .iter()
        .filter(|definition| definition.target == target && !definition.retired)
        .filter(|definition| !given.contains_key(&definition.key));
    for definition in missing {
        match &definition.default {
            Some(default) => {
                values.insert(definition.key.clone(), default.clone());
            }
            None if definition.required => {
                return Err(Error::invalid(format!(
                    "`{}` must be given",
                    definition.key
                )));
            }
            None => {}
        }
    }
    Ok(values)
}

/// The values of a record after an edit: null takes a value away.
pub(crate) fn edited_values(
    definitions: &[FieldDefinition],
    target: FieldTarget,
    held: &CustomValues,
    edits: &BTreeMap<String, Option<FieldValue>>,
) -> Result<CustomValues> {
    let mut values = held.clone();
    for (key, edit) in edits {
        let definition = open_definition(definitions, target, key)?;
        match edit {
            Some(value) => {
                check_value(definition, value)?;
                values.insert(key.clone(), value.clone());
            }
            None if definition.required => {
                return Err(Error::invalid(format!(
                    "`{key}` is required: it cannot be taken away"
                )));
            }
            None => {
                values.remove(key);
            }
        }
    }
    Ok(values)
}

/// The definition of a field that takes values.
fn open_definition<'a>(
    definitions: &'a [FieldDefinition],
    target: FieldTarget,
    key: &str,
) -> Result<&'a FieldDefinition> {
    let definition = find(definitions, target, key)
        .ok_or_else(|| Error::invalid(format!("there is no custom field `{key}`")))?;
    if definition.retired {
        return Err(Error::invalid(format!(
            "the custom field `{key}` is retired: it takes no new values"
        )));
    }
    Ok(definition)
}

/// The definition of the field `key` of `target`.
pub(crate) fn find<'a>(
    definitions: &'a [FieldDefinition],
    target: FieldTarget,
    key: &str,
) -> Option<&'a FieldDefinition> {
    definitions
        .iter()
        .find(|definition| definition.target == target && definition.key == key)
}

/// Refuses a value of another type than the field holds.
pub(crate) fn check_value(definition: &FieldDefinition, value: &FieldValue) -> Result<()> {
    let key = &definition.key;
    let wrong = |expected: &str| Error::invalid(format!("`{key}` takes {expected}"));
    match (&definition.holds, value) {
        (FieldType::Text, FieldValue::Text(text)) => length::long(key, text),
        (FieldType::Text, _) => Err(wrong("a text")),
        // JSON has no infinity, but Rust has.
        (FieldType::Number, FieldValue::Number(number)) if number.is_finite() => Ok(()),
        (FieldType::Number, _) => Err(wrong("a number")),
        (FieldType::YesNo, FieldValue::YesNo(_)) => Ok(()),
        (FieldType::YesNo, _) => Err(wrong("true or false")),
        (FieldType::Date, FieldValue::Text(date)) if is_date(date) => Ok(()),
        (FieldType::Date, _) => Err(wrong("a date such as `2026-11-21`")),
        (FieldType::Choice { .. }, FieldValue::Text(choice)) => check_choice(definition, choice),
        (FieldType::Choice { .. }, _) => Err(wrong("one of its choices")),
        (FieldType::Choices { .. }, FieldValue::Choices(chosen)) => chosen
            .iter()
            .try_for_each(|choice| check_choice(definition, choice)),
        (FieldType::Choices { .. }, _) => Err(wrong("a list of its choices")),
    }
}

fn check_choice(definition: &FieldDefinition, choice: &String) -> Result<()> {
    let choices = definition.holds.choices();
    if choices.contains(choice) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "`{choice}` is no choice of `{}`: {}",
        definition.key,
        choices.join(", ")
    )))
}

/// Refuses to compare a field with a value that it never held; one of several choices is compared with one.
pub(crate) fn check_compared(definition: &FieldDefinition, value: &FieldValue) -> Result<()> {
    match (&definition.holds, value) {
        (FieldType::Choice { .. } | FieldType::Choices { .. }, FieldValue::Text(choice))
            if definition.retired_choices.contains(choice) =>
        {
            Ok(())
        }
        (FieldType::Choices { .. }, FieldValue::Text(choice)) => check_choice(definition, choice),
        (FieldType::Choices { .. }, FieldValue::Choices(_)) => {
            let key = &definition.key;
            Err(Error::invalid(format!(
                "compare `{key}` with one choice at a time"
            )))
        }
        _ => check_value(definition, value),
    }
}

/// ISO 8601, as `2026-11-21`: with leading zeros, so that dates sort as texts.
fn is_date(text: &str) -> bool {
    let mut places = text.bytes().enumerate();
    let in_form = places.all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    // Its own form is all that a date is read in: an interpreter of patterns is much code.
    text.len() == 10 && in_form && text.parse::<NaiveDate>().is_ok()
}
