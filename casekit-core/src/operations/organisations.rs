//! Organisations: created, edited, listed. Their customers are found with
//! [`FindCustomers`](super::FindCustomers).

use serde::{Deserialize, Serialize};

use super::finding::fifty;
use super::saving::page;
use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Edited, Organisation, OrganisationId, Version};
use crate::port::Access;
use crate::query::{Comparison, Cursor, Filter, sort_key};
use crate::rules::edit::Edit;
use crate::rules::length;

/// Creates an organisation. A second one with the same name, without regard to case and accents, is
/// refused as taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateOrganisation {
    /// The name.
    pub name: String,
    /// For staff only.
    #[serde(default)]
    pub notes: String,
}

impl CreateOrganisation {
    /// An organisation without notes.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            notes: String::new(),
        }
    }
}

impl Operation for CreateOrganisation {
    const NAME: &'static str = "create_organisation";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Organisation;

    async fn run(&self, cx: &mut Context) -> Result<Organisation> {
        length::name("name", &self.name)?;
        length::long("notes", &self.notes)?;
        let mut organisation = Organisation {
            id: cx.new_id(),
            workspace: cx.workspace_id(),
            version: Version(0),
            name: self.name.trim().to_owned(),
            notes: self.notes.clone(),
            created_at: cx.now(),
            edited: Edited::default(),
        };
        cx.create(&mut organisation);
        Ok(organisation)
    }
}

/// Edits an organisation. What it does not name stays; a field that somebody else changed since
/// `seen` is refused as a conflict, with its current value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchOrganisation {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The version of the organisation that the editor saw.
    pub seen: Version,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

impl PatchOrganisation {
    /// An edit of `organisation`, as it was loaded, that names no field yet.
    pub fn of(organisation: &Organisation) -> Self {
        Self {
            organisation: organisation.id,
            seen: organisation.version,
            name: None,
            notes: None,
        }
    }
}

impl Operation for PatchOrganisation {
    const NAME: &'static str = "patch_organisation";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Organisation;

    async fn run(&self, cx: &mut Context) -> Result<Organisation> {
        let name = length::given_name("name", self.name.as_deref())?;
        if let Some(text) = &self.notes {
            length::long("notes", text)?;
        }
        let mut organisation: Organisation = cx.get(self.organisation).await?;
        let mut edit = Edit::new(self.seen, organisation.version, &mut organisation.edited)?;
        edit.set("name", &mut organisation.name, name.as_ref())?;
        edit.set("notes", &mut organisation.notes, self.notes.as_ref())?;
        let changes = edit.finish();
        cx.save(&mut organisation, changes);
        Ok(organisation)
    }
}

/// Shows an organisation.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetOrganisation {
    /// The organisation.
    pub organisation: OrganisationId,
}

impl Operation for GetOrganisation {
    const NAME: &'static str = "get_organisation";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Organisation;

    async fn run(&self, cx: &mut Context) -> Result<Organisation> {
        cx.get(self.organisation).await
    }
}

/// Lists organisations by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ListOrganisations {
    /// Only those whose name begins so, without regard to case and accents.
    pub name: Option<String>,
    /// Where the page begins: `next` of the one before.
    pub after: Option<Cursor>,
    /// At most so many, up to 1,000.
    pub limit: u32,
}

impl Default for ListOrganisations {
    fn default() -> Self {
        Self {
            name: None,
            after: None,
            limit: fifty(),
        }
    }
}

page! {
    /// A page of organisations.
    OrganisationPage {
        /// The organisations.
        organisations: Organisation
    }
}

impl Operation for ListOrganisations {
    const NAME: &'static str = "list_organisations";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = OrganisationPage;

    async fn run(&self, cx: &mut Context) -> Result<OrganisationPage> {
        let filter = match &self.name {
            Some(name) => Filter::compare("name", Comparison::StartsWith, sort_key(name)),
            None => Filter::all(),
        };
        cx.by_name(filter, self.after.as_ref(), self.limit).await
    }
}
