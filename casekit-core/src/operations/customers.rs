//! Customers: created and edited. They are found in [`finding_customers`](super::finding_customers).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::following::Repeated;
use super::patch::given;
use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    CustomValues, Customer, CustomerId, Edited, FieldChange, FieldTarget, FieldValue, Organisation,
    OrganisationId, Version,
};
use crate::port::Access;
use crate::rules::edit::Edit;
use crate::rules::{contact, fields, length, locale};

/// Creates a customer by hand. An e-mail address, phone number or external id that another customer
/// has is refused as taken.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CreateCustomer {
    /// The name. A customer has a name, an e-mail address or a phone number.
    pub name: String,
    /// E-mail addresses, the preferred one first.
    pub emails: Vec<String>,
    /// Phone numbers, the preferred one first.
    pub phones: Vec<String>,
    /// The organisation they belong to.
    pub organisation: Option<OrganisationId>,
    /// The default language, a BCP 47 tag.
    pub language: Option<String>,
    /// Ids in other systems, by the name of the system.
    pub external_ids: BTreeMap<String, String>,
    /// For staff only.
    pub notes: String,
    /// Values of custom fields.
    pub custom: CustomValues,
}

impl CreateCustomer {
    /// A customer with a name and an e-mail address.
    pub fn new(name: &str, email: &str) -> Self {
        Self {
            name: name.to_owned(),
            emails: vec![email.to_owned()],
            ..Self::default()
        }
    }
}

impl Operation for CreateCustomer {
    const NAME: &'static str = "create_customer";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Customer;

    async fn run(&self, cx: &mut Context) -> Result<Customer> {
        if let Some(organisation) = self.organisation {
            cx.get::<Organisation>(organisation).await?;
        }
        let definitions = &cx.workspace()?.fields;
        let custom = fields::new_values(definitions, FieldTarget::Customer, &self.custom)?;
        let mut customer = Customer {
            id: cx.new_id(),
            workspace: cx.workspace_id(),
            version: Version(0),
            name: self.name.trim().to_owned(),
            emails: contact::emails(&self.emails)?,
            phones: contact::phones(&self.phones)?,
            organisation: self.organisation,
            language: locale::given_language("language", self.language.as_ref())?,
            external_ids: self.external_ids.clone(),
            notes: self.notes.clone(),
            custom,
            merged_into: None,
            created_at: cx.now(),
            updated_at: cx.now(),
            edited: Edited::default(),
        };
        check(&customer)?;
        cx.create(&mut customer);
        Ok(customer)
    }
}

/// Refuses a customer whose record is not acceptable. Addresses, numbers, language and custom values were
/// checked when they were given.
fn check(customer: &Customer) -> Result<()> {
    length::at_most("name", &customer.name, length::NAME)?;
    length::long("notes", &customer.notes)?;
    length::list("external_ids", customer.external_ids.keys(), length::SYSTEM)?;
    length::list(
        "external_ids",
        customer.external_ids.values(),
        length::EXTERNAL_ID,
    )?;
    for (system, id) in &customer.external_ids {
        if system.is_empty() || system.contains(':') || id.is_empty() {
            return Err(Error::invalid(format!(
                "`{system}` with `{id}` is not an external id: both must be given, the first without `:`"
            )));
        }
    }
    let nameless = customer.name.is_empty();
    if nameless && customer.emails.is_empty() && customer.phones.is_empty() {
        return Err(Error::invalid(
            "a customer needs a name, an e-mail address or a phone number",
        ));
    }
    Ok(())
}

/// Edits a customer. What it does not name stays; a field that somebody else changed since `seen` is
/// refused as a conflict, with its current value. Each custom field and each external id is a field of
/// its own.
///
/// The customer's cases follow a new name or organisation in the same step; more than 10,000 are
/// refused.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchCustomer {
    /// The customer. One who was merged into another is refused as a conflict.
    pub customer: CustomerId,
    /// The version of the customer that the editor saw.
    pub seen: Version,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All e-mail addresses, the preferred one first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emails: Option<Vec<String>>,
    /// All phone numbers, the preferred one first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phones: Option<Vec<String>>,
    /// The organisation they belong to; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub organisation: Option<Option<OrganisationId>>,
    /// The default language, a BCP 47 tag; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub language: Option<Option<String>>,
    /// Ids in other systems, by the name of the system; null takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub external_ids: BTreeMap<String, Option<String>>,
    /// For staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Values of custom fields; null takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, Option<FieldValue>>,
}

impl PatchCustomer {
    /// An edit of `customer`, as they were loaded, that names no field yet.
    pub fn of(customer: &Customer) -> Self {
        Self {
            customer: customer.id,
            seen: customer.version,
            name: None,
            emails: None,
            phones: None,
            organisation: None,
            language: None,
            external_ids: BTreeMap::new(),
            notes: None,
            custom: BTreeMap::new(),
        }
    }

    /// Makes the edit: what changed.
    fn apply(&self, customer: &mut Customer, custom: &CustomValues) -> Result<Vec<FieldChange>> {
        let name = self.name.as_deref().map(str::trim).map(str::to_owned);
        let emails = self.emails.as_deref().map(contact::emails).transpose()?;
        let phones = self.phones.as_deref().map(contact::phones).transpose()?;
        let language = locale::patched_language("language", self.language.as_ref())?;
        let mut external_ids = customer.external_ids.clone();
        for (system, id) in &self.external_ids {
            match id {
                Some(id) => external_ids.insert(system.clone(), id.clone()),
                None => external_ids.remove(system),
            };
        }
        let mut edit = Edit::new(self.seen, customer.version, &mut customer.edited)?;
        edit.set("name", &mut customer.name, name.as_ref())?;
        edit.set("emails", &mut customer.emails, emails.as_ref())?;
        edit.set("phones", &mut customer.phones, phones.as_ref())?;
        edit.set(
            "organisation",
            &mut customer.organisation,
            self.organisation.as_ref(),
        )?;
        edit.set("language", &mut customer.language, language.as_ref())?;
        edit.set_each("external_ids", &mut customer.external_ids, &external_ids)?;
        edit.set("notes", &mut customer.notes, self.notes.as_ref())?;
        edit.set_each("custom", &mut customer.custom, custom)?;
        Ok(edit.finish())
    }
}

impl Operation for PatchCustomer {
    const NAME: &'static str = "patch_customer";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Customer;

    async fn run(&self, cx: &mut Context) -> Result<Customer> {
        let mut customer: Customer = cx.get(self.customer).await?;
        cx.allow_customer(&customer)?;
        if let Some(into) = customer.merged_into {
            // The version that was seen is that of another record: nothing can be compared with it.
            return Err(Error::conflict(format!(
                "the customer was merged into another: edit `{into}`"
            ))
            .with_details(serde_json::json!({ "field": "merged_into", "current": into })));
        }
        if let Some(Some(organisation)) = self.organisation {
            cx.get::<Organisation>(organisation).await?;
        }
        let definitions = &cx.workspace()?.fields;
        let custom = fields::edited_values(
            definitions,
            FieldTarget::Customer,
            &customer.custom,
            &self.custom,
        )?;
        let shown = Repeated::of(&customer);
        let changes = self.apply(&mut customer, &custom)?;
        check(&customer)?;
        if !changes.is_empty() {
            customer.updated_at = cx.now();
        }
        if Repeated::of(&customer) != shown {
            cx.cases_follow(&customer).await?;
        }
        cx.save(&mut customer, changes);
        Ok(customer)
    }
}
