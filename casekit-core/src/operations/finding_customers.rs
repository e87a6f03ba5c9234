//! Customers: found, shown, looked up, listed.

use serde::{Deserialize, Serialize};

use super::filters::CustomFilter;
use super::finding::fifty;
use super::saving::page;
use super::{Contact, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Customer, CustomerId, ExternalId, FieldTarget, Kind, OrganisationId, Unique, normal_email,
    normal_phone,
};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, Query, Scope, TextQuery};
use crate::rules::{contact, length};

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

page! {
    /// A page of customers.
    CustomerPage {
        /// The customers.
        customers: Customer
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
            filter = Filter::all()
                .and(filter)
                .and(custom.compile(definitions, FieldTarget::Customer)?);
        }
        let mut query = Query::all(cx.workspace_id(), Kind::Customer)
            .filter(cx.listed_customers(filter))
            .sort("name", Direction::Ascending);
        if let Some(text) = &self.text {
            let words = contact::searched(text);
            length::search("text", &words)?;
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
