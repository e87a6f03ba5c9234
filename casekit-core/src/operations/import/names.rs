//! The customers, agents and products behind the names of a log.

use std::collections::{BTreeMap, BTreeSet};

use super::{Held, ImportLog, Imported, LogLine, LoggedCase};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Agent, AgentId, Customer, CustomerId, Edited, FieldTarget, FromEntity, Product, ProductId,
    Role, Unique, Version,
};
use crate::query::{fold, words};

/// The records behind the names of a log, each by the unique value that its name comes to.
#[derive(Debug)]
pub(super) struct Names {
    /// By the id in the log's system.
    customers: BTreeMap<String, Customer>,
    /// By address.
    agents: BTreeMap<String, Agent>,
    /// By folded name.
    products: BTreeMap<String, Product>,
}

impl Names {
    pub(super) fn held(&self) -> Held {
        let customers = self.customers.values();
        Held {
            customers: customers.map(|customer| customer.id).collect(),
            agents: self.agents.values().map(|agent| agent.id).collect(),
            products: self.products.values().map(|product| product.id).collect(),
            ..Held::default()
        }
    }

    pub(super) fn product(&self, case: &LoggedCase) -> Option<&Product> {
        self.products.get(fold(product_name(case)?).as_ref())
    }
}

impl ImportLog {
    /// Loads what the log names, and stages what is missing.
    pub(super) async fn names(&self, cx: &mut Context, new: &mut Imported) -> Result<Names> {
        let cases = || self.cases.iter();
        let lines = || cases().flat_map(|case| &case.lines);
        let customers = cases().map(customer_name);
        let customers = customers
            .chain(lines().filter_map(|line| given(line.customer.as_ref())))
            .map(|name| (self.customer_key(name), name));
        let agents = lines().filter_map(agent_name);
        let agents = agents.map(|name| (self.address(name), name));
        let products = cases().filter_map(product_name);
        let products = products.map(|name| (fold(name).into_owned(), name));
        let mut names = Names {
            customers: known_or_new(cx, &mut new.customers, customers.collect(), |cx, name| {
                self.new_customer(cx, name)
            })
            .await?,
            agents: known_or_new(cx, &mut new.agents, agents.collect(), |cx, name| {
                Ok(self.new_agent(cx, name))
            })
            .await?,
            products: known_or_new(cx, &mut new.products, products.collect(), |cx, name| {
                Ok(new_product(cx, name))
            })
            .await?,
        };
        for customer in names.customers.values_mut() {
            *customer = cx.follow_customer(customer.clone()).await?;
        }
        Ok(names)
    }

    /// The customer whom a log calls `name`.
    pub(super) fn customer<'a>(&self, names: &'a Names, name: &str) -> Result<&'a Customer> {
        let customer = names.customers.get(&self.customer_key(name));
        customer.ok_or_else(|| Error::bug("a customer of the log was not loaded"))
    }

    /// The agent of a line, if it names one.
    pub(super) fn agent<'a>(&self, names: &'a Names, line: &LogLine) -> Option<&'a Agent> {
        names.agents.get(&self.address(agent_name(line)?))
    }

    fn customer_key(&self, name: &str) -> String {
        self.external(name).joined()
    }

    /// An address under which an agent of the log is known. `.invalid` never exists (RFC 2606).
    fn address(&self, name: &str) -> String {
        let plain = |text: &str| words(text).join("-");
        format!("{}@{}.invalid", plain(name), plain(&self.system))
    }

    fn new_customer(&self, cx: &mut Context, name: &str) -> Result<Customer> {
        let mut customer = Customer {
            id: cx.new_id::<CustomerId>(),
            workspace: cx.workspace_id(),
            version: Version(0),
            name: name.to_owned(),
            emails: Vec::new(),
            phones: Vec::new(),
            organisation: None,
            language: None,
            external_ids: BTreeMap::from([(self.system.clone(), name.to_owned())]),
            notes: String::new(),
            custom: cx.default_values(FieldTarget::Customer)?,
            merged_into: None,
            created_at: cx.now(),
            updated_at: cx.now(),
            edited: Edited::default(),
        };
        cx.create(&mut customer);
        Ok(customer)
    }

    fn new_agent(&self, cx: &mut Context, name: &str) -> Agent {
        let mut agent = Agent {
            id: cx.new_id::<AgentId>(),
            workspace: cx.workspace_id(),
            version: Version(0),
            name: name.to_owned(),
            email: self.address(name),
            role: Role::Agent,
            locale: None,
            time_zone: None,
            signature: None,
            products: BTreeSet::new(),
            active: true,
            created_at: cx.now(),
            edited: Edited::default(),
        };
        cx.create(&mut agent);
        agent
    }
}

fn agent_name(line: &LogLine) -> Option<&str> {
    // A name without any word has no address, so it is no agent's.
    given(line.agent.as_ref()).filter(|name| !words(name).is_empty())
}

fn product_name(case: &LoggedCase) -> Option<&str> {
    given(case.product.as_ref())
}

/// A name without blanks around, if it is one.
pub(super) fn given(name: Option<&String>) -> Option<&str> {
    let name = name.map(|name| name.trim());
    name.filter(|name| !name.is_empty())
}

fn new_product(cx: &mut Context, name: &str) -> Product {
    let mut product = Product {
        id: cx.new_id::<ProductId>(),
        workspace: cx.workspace_id(),
        version: Version(0),
        name: name.to_owned(),
        description: String::new(),
        active: true,
        created_at: cx.now(),
        edited: Edited::default(),
    };
    cx.create(&mut product);
    product
}

pub(super) fn customer_name(case: &LoggedCase) -> &str {
    given(case.customer.as_ref()).unwrap_or("Unknown")
}

/// A kind of record that a log names, with the unique value by which it is known.
trait Named: FromEntity {
    const KNOWN_BY: &'static str;
}

impl Named for Customer {
    const KNOWN_BY: &'static str = "customer_external_id";
}

impl Named for Agent {
    const KNOWN_BY: &'static str = "agent_email";
}

impl Named for Product {
    const KNOWN_BY: &'static str = "product_name";
}

/// The records of `names`, which are given by unique value: names that come to the same one are one record's.
/// Those that are missing are made and counted.
async fn known_or_new<T: Named>(
    cx: &mut Context,
    count: &mut u64,
    names: BTreeMap<String, &str>,
    make: impl Fn(&mut Context, &str) -> Result<T>,
) -> Result<BTreeMap<String, T>> {
    let keys = names.keys();
    let keys = keys.map(|value| Unique::new(T::KNOWN_BY, value.clone()));
    let found = cx.by_uniques::<T>(keys.collect()).await?;
    let mut records = BTreeMap::new();
    for ((value, name), found) in names.into_iter().zip(found) {
        let record = match found {
            Some(record) => record,
            None => {
                *count += 1;
                make(cx, name)?
            }
        };
        records.insert(value, record);
    }
    Ok(records)
}
