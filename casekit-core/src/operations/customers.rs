//! Customers: created, found, edited.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::fifty;
use super::patch::given;
use super::filters::CustomFilter;
use super::{Contact, Operation, Staff};
use crate::desk::{Context, Found};
use crate::error::{Error, Result};
use crate::model::{
    Case, CustomValues, Customer, CustomerId, Edited, ExternalId, FieldChange, FieldTarget,
    FieldValue, Kind, Organisation, OrganisationId, Stored, Unique, Version, What, normal_email,
    normal_phone,
};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, Query, Scope, TextQuery};
use crate::rules::edit::Edit;
use crate::rules::{contact, fields, length, locale};

/// The most cases, and the most activities, that one edit or merge of a customer can affect.
pub(crate) const MAX_AFFECTED: usize = 10_000;

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
            language: self.language.clone(),
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

/// Refuses a customer whose record is not acceptable. Addresses, numbers and custom values were
/// checked when they were given.
fn check(customer: &Customer) -> Result<()> {
    length::at_most("name", &customer.name, length::NAME)?;
    length::long("notes", &customer.notes)?;
    if let Some(tag) = &customer.language {
        locale::language("language", tag)?;
    }
    length::list("external_ids", customer.external_ids.keys(), length::SYSTEM)?;
    length::list("external_ids", customer.external_ids.values(), length::EXTERNAL_ID)?;
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

/// Finds the customer with an e-mail address or a phone number, or else creates one.
///
/// Two at once for one address find one customer. What is given beside the address changes nothing
/// about a customer who is found.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FindOrCreateCustomer {
    /// What they gave: at least an e-mail address or a phone number.
    pub contact: Contact,
}

/// A customer who was found or created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FoundCustomer {
    /// The customer.
    pub customer: Customer,
    /// Which of the two.
    pub outcome: FindOutcome,
}

/// Whether something was found or had to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FindOutcome {
    /// It was there.
    Found,
    /// It was not, and is now.
    Created,
}

impl Operation for FindOrCreateCustomer {
    const NAME: &'static str = "find_or_create_customer";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = FoundCustomer;

    async fn run(&self, cx: &mut Context) -> Result<FoundCustomer> {
        let (customer, outcome) = match cx.customer_with(&self.contact).await? {
            Some(customer) => (customer, FindOutcome::Found),
            None => (
                cx.create_customer_from(&self.contact)?,
                FindOutcome::Created,
            ),
        };
        Ok(FoundCustomer { customer, outcome })
    }
}

/// Shows a customer; the one they were merged into, if they were.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetCustomer {
    /// The customer.
    pub customer: CustomerId,
}

impl Operation for GetCustomer {
    const NAME: &'static str = "get_customer";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Customer;

    async fn run(&self, cx: &mut Context) -> Result<Customer> {
        cx.known_customer(self.customer).await
    }
}

/// Finds the one customer with an e-mail address, a phone number or an id in another system.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LookUpCustomer {
    /// What is known of them.
    pub by: CustomerKey,
}

/// What belongs to one customer only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CustomerKey {
    /// An e-mail address, without regard to case.
    Email(String),
    /// A phone number, without regard to how it is written.
    Phone(String),
    /// An id in another system.
    ExternalId(ExternalId),
}

impl Operation for LookUpCustomer {
    const NAME: &'static str = "look_up_customer";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Customer;

    async fn run(&self, cx: &mut Context) -> Result<Customer> {
        let (unique, given) = match &self.by {
            CustomerKey::Email(address) => (
                Unique::new("customer_email", normal_email(address)),
                address.clone(),
            ),
            CustomerKey::Phone(number) => (
                Unique::new("customer_phone", normal_phone(number)),
                number.clone(),
            ),
            CustomerKey::ExternalId(id) => (
                Unique::new("customer_external_id", id.joined()),
                id.joined(),
            ),
        };
        match cx.by_unique::<Customer>(unique).await? {
            Some(customer) => cx.survivor(customer).await,
            None => Err(Error::not_found(format_args!("a customer with `{given}`"))),
        }
    }
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
        edit.set("language", &mut customer.language, self.language.as_ref())?;
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

/// What the cases of a customer repeat of them, so that lists of cases need only cases.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repeated {
    name: String,
    organisation: Option<OrganisationId>,
}

impl Repeated {
    pub(crate) fn of(customer: &Customer) -> Self {
        Self {
            name: customer.display_name().to_owned(),
            organisation: customer.organisation,
        }
    }
}

impl Context {
    /// Makes the cases of `customer` repeat who they are now.
    pub(crate) async fn cases_follow(&mut self, customer: &Customer) -> Result<()> {
        for mut case in self.cases_of(customer.id).await? {
            self.case_follows(&mut case, customer);
        }
        Ok(())
    }

    /// All cases of a customer, merged ones too.
    pub(crate) async fn cases_of(&mut self, customer: CustomerId) -> Result<Vec<Case>> {
        let query =
            Query::all(self.workspace_id(), Kind::Case).filter(Filter::equal("customer", customer));
        self.find_all(query, MAX_AFFECTED).await
    }

    /// Makes `case` one of `customer`, as they are now. It is no update of the case: its place in
    /// lists and its waiting stay.
    pub(crate) fn case_follows(&mut self, case: &mut Case, customer: &Customer) {
        let Repeated { name, organisation } = Repeated::of(customer);
        let mut changes = Vec::new();
        if case.customer != customer.id {
            changes.push(FieldChange::new("customer", case.customer, customer.id));
            case.customer = customer.id;
        }
        if case.customer_name != name {
            changes.push(FieldChange::new("customer_name", &case.customer_name, &name));
            case.customer_name = name;
        }
        if case.organisation != organisation {
            changes.push(FieldChange::new(
                "organisation",
                case.organisation,
                organisation,
            ));
            case.organisation = organisation;
        }
        if !changes.is_empty() {
            self.put(case);
            self.event(What::Changed, Some(case.id), case.key(), changes);
        }
    }
}

/// Lists customers by name, without those who were merged into others.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FindCustomers {
    /// Only those whose name, addresses and numbers have words that begin with all of these.
    pub text: Option<String>,
    /// Only those of this organisation.
    pub organisation: Option<OrganisationId>,
    /// Only those of whose custom fields all of this holds.
    pub custom: Vec<CustomFilter>,
    /// Where the page begins: `next` of the one before.
    pub after: Option<Cursor>,
    /// At most so many, up to 1,000.
    pub limit: u32,
}

impl Default for FindCustomers {
    fn default() -> Self {
        Self {
            text: None,
            organisation: None,
            custom: Vec::new(),
            after: None,
            limit: fifty(),
        }
    }
}

impl FindCustomers {
    /// Customers found by `text`.
    pub fn text(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::default()
        }
    }
}

/// A page of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomerPage {
    /// The customers.
    pub customers: Vec<Customer>,
    /// Where the next page begins; null when this was the last.
    pub next: Option<Cursor>,
}

impl From<Found<Customer>> for CustomerPage {
    fn from(found: Found<Customer>) -> Self {
        Self {
            customers: found.records,
            next: found.next,
        }
    }
}

impl Operation for FindCustomers {
    const NAME: &'static str = "find_customers";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = CustomerPage;

    async fn run(&self, cx: &mut Context) -> Result<CustomerPage> {
        let mut filter = Filter::equal("merged", false);
        if let Some(organisation) = self.organisation {
            filter = filter.and(Filter::equal("organisation", organisation));
        }
        for custom in &self.custom {
            let definitions = &cx.workspace()?.fields;
            filter = Filter::all().and(filter).and(custom.compile(definitions, FieldTarget::Customer)?);
        }
        let mut query = Query::all(cx.workspace_id(), Kind::Customer)
            .filter(filter)
            .sort("name", Direction::Ascending);
        if let Some(text) = &self.text {
            let words = contact::searched(text);
            query.text = TextQuery::new(&words, Scope::All);
            if query.text.is_none() {
                // There are no words in it, so none that anybody could have.
                return Ok(CustomerPage {
                    customers: Vec::new(),
                    next: None,
                });
            }
        }
        Ok(cx
            .page(query, self.after.as_ref(), self.limit)
            .await?
            .into())
    }
}
