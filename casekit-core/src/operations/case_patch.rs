//! Cases are edited by field.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::patch::given;
use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Case, FieldTarget, FieldValue, Priority, ProductId, Version, What};
use crate::port::Access;
use crate::rules::edit::Edit;
use crate::rules::{fields, length, locale, tags};

/// Edits the fields that it names; the others stay as they are.
///
/// # Errors
/// `Conflict` if one of these fields was changed by somebody else after `seen`; the details hold its
/// current value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchCase {
    /// The case.
    pub case: CaseRef,
    /// The version of the case that the editor saw.
    pub seen: Version,
    /// The subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The product; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub product: Option<Option<ProductId>>,
    /// How urgent it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// All tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeSet<String>>,
    /// The language to answer in; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub language: Option<Option<String>>,
    /// Whether it is flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flagged: Option<bool>,
    /// For staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Values of custom fields; null takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, Option<FieldValue>>,
}

impl PatchCase {
    /// An edit of `case`, as it was loaded, that names no field yet.
    pub fn of(case: &Case) -> Self {
        Self {
            case: case.id.into(),
            seen: case.version,
            subject: None,
            description: None,
            product: None,
            priority: None,
            tags: None,
            language: None,
            flagged: None,
            notes: None,
            custom: BTreeMap::new(),
        }
    }

    fn check_lengths(&self) -> Result<()> {
        if let Some(subject) = &self.subject {
            length::short("subject", subject)?;
        }
        for (field, text) in [("description", &self.description), ("notes", &self.notes)] {
            text.iter().try_for_each(|text| length::long(field, text))?;
        }
        Ok(())
    }
}

impl Operation for PatchCase {
    const NAME: &'static str = "patch_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        self.check_lengths()?;
        let mut case = cx.unmerged_case(self.case).await?;
        if let Some(Some(product)) = self.product
            && case.product != Some(product)
        {
            cx.active_product(product).await?;
        }
        let tags = self.tags.as_ref().map(tags::clean).transpose()?;
        let language = locale::patched_language("language", self.language.as_ref())?;
        let definitions = &cx.workspace()?.fields;
        let custom =
            fields::edited_values(definitions, FieldTarget::Case, &case.custom, &self.custom)?;
        let mut edit = Edit::new(self.seen, case.version, &mut case.edited)?;
        edit.set("subject", &mut case.subject, self.subject.as_ref())?;
        edit.set(
            "description",
            &mut case.description,
            self.description.as_ref(),
        )?;
        edit.set("product", &mut case.product, self.product.as_ref())?;
        edit.set("priority", &mut case.priority, self.priority.as_ref())?;
        edit.set("tags", &mut case.tags, tags.as_ref())?;
        edit.set("language", &mut case.language, language.as_ref())?;
        edit.set("flagged", &mut case.flagged, self.flagged.as_ref())?;
        edit.set("notes", &mut case.notes, self.notes.as_ref())?;
        edit.set_each("custom", &mut case.custom, &custom)?;
        let changes = edit.finish();
        if !changes.is_empty() {
            cx.changed(&mut case, What::Changed, changes);
        }
        Ok(case)
    }
}
