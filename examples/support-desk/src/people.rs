//! Agents, customers and products by name.

use std::collections::HashMap;

use casekit_core::desk::AgentSession;
use casekit_core::model::{Agent, AgentId, Customer, CustomerId, ProductId};
use casekit_core::operations::{FindCustomers, GetCustomer, ListAgents, ListProducts};
use casekit_core::query::fold;
use casekit_core::{Error, ErrorKind, Result};

use crate::text::line;

/// How many records of a kind are looked through for a name.
const PAGE: u32 = 1_000;
const MOST: usize = 100_000;

/// How many candidates an error lists.
const CANDIDATES: usize = 10;

/// The names behind the ids in a case.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) agents: Vec<Agent>,
    names: HashMap<AgentId, String>,
    products: HashMap<ProductId, String>,
}

impl Directory {
    pub(crate) async fn load(session: &AgentSession) -> Result<Self> {
        let agents = agents(session).await?;
        let names = agents.iter().map(|agent| (agent.id, line(&agent.name)));
        Ok(Self {
            names: names.collect(),
            products: products(session).await?,
            agents,
        })
    }

    pub(crate) fn agent(&self, id: Option<AgentId>) -> String {
        let name = id.and_then(|id| self.names.get(&id));
        name.cloned().unwrap_or_else(|| "-".to_owned())
    }

    pub(crate) fn product(&self, id: Option<ProductId>) -> String {
        let name = id.and_then(|id| self.products.get(&id));
        name.cloned().unwrap_or_else(|| "-".to_owned())
    }

    /// The agent called `name`: by id, by the whole name, or by the beginning of it or of a word in it.
    pub(crate) fn find_agent(&self, name: &str) -> Result<&Agent> {
        if let Ok(id) = name.parse::<AgentId>() {
            let found = self.agents.iter().find(|agent| agent.id == id);
            return found.ok_or_else(|| Error::not_found(format_args!("agent `{id}`")));
        }
        let wanted = fold(name.trim()).into_owned();
        let called: Vec<&Agent> = (self.agents.iter())
            .filter(|agent| fold(agent.name.trim()) == wanted)
            .collect();
        let begin = || {
            let agents = self.agents.iter();
            agents
                .filter(|agent| begins(&agent.name, &wanted))
                .collect()
        };
        let found = if called.is_empty() { begin() } else { called };
        match found.as_slice() {
            [agent] => Ok(agent),
            [] => {
                let everyone: Vec<&Agent> = self.agents.iter().collect();
                Err(unknown("agent", name, &everyone, describe_agent))
            }
            several => Err(ambiguous("agent", name, several, describe_agent)),
        }
    }
}

/// The customer called `name`: by id, by the whole name, address or number, or by words of them.
pub(crate) async fn find_customer(session: &AgentSession, name: &str) -> Result<Customer> {
    if let Ok(customer) = name.parse::<CustomerId>() {
        return session.run(GetCustomer { customer }).await;
    }
    let found = customers(session, name).await?;
    let wanted = fold(name.trim()).into_owned();
    let called: Vec<&Customer> = found
        .iter()
        .filter(|customer| goes_by(customer, &wanted))
        .collect();
    let found: Vec<&Customer> = if called.is_empty() {
        found.iter().collect()
    } else {
        called
    };
    match found.as_slice() {
        [customer] => Ok(Customer::clone(customer)),
        [] => {
            let some = session.run(FindCustomers::default()).await?.customers;
            let some: Vec<&Customer> = some.iter().collect();
            Err(unknown("customer", name, &some, describe_customer))
        }
        several => Err(ambiguous("customer", name, several, describe_customer)),
    }
}

fn goes_by(customer: &Customer, wanted: &str) -> bool {
    let contacts = customer.emails.iter().chain(&customer.phones);
    std::iter::once(&customer.name)
        .chain(contacts)
        .any(|name| fold(name.trim()) == wanted)
}

fn begins(name: &str, wanted: &str) -> bool {
    let name = fold(name);
    let mut words = name.split_whitespace();
    !wanted.is_empty() && (name.starts_with(wanted) || words.any(|word| word.starts_with(wanted)))
}

async fn agents(session: &AgentSession) -> Result<Vec<Agent>> {
    let mut all = Vec::new();
    let mut list = ListAgents {
        limit: PAGE,
        ..ListAgents::default()
    };
    while all.len() < MOST {
        let page = session.run(list.clone()).await?;
        all.extend(page.agents);
        match page.next {
            Some(next) => list.after = Some(next),
            None => break,
        }
    }
    Ok(all)
}

async fn customers(session: &AgentSession, words: &str) -> Result<Vec<Customer>> {
    let mut all = Vec::new();
    let mut find = FindCustomers {
        limit: PAGE,
        ..FindCustomers::text(words)
    };
    while all.len() < MOST {
        let page = session.run(find.clone()).await?;
        all.extend(page.customers);
        match page.next {
            Some(next) => find.after = Some(next),
            None => break,
        }
    }
    Ok(all)
}

async fn products(session: &AgentSession) -> Result<HashMap<ProductId, String>> {
    let mut all = HashMap::new();
    let mut list = ListProducts {
        limit: PAGE,
        ..ListProducts::default()
    };
    while all.len() < MOST {
        let page = session.run(list.clone()).await?;
        let names = page.products.iter();
        all.extend(names.map(|product| (product.id, line(&product.name))));
        match page.next {
            Some(next) => list.after = Some(next),
            None => break,
        }
    }
    Ok(all)
}

fn describe_agent(agent: &Agent) -> String {
    format!("{} <{}> {}", line(&agent.name), agent.email, agent.id)
}

fn describe_customer(customer: &Customer) -> String {
    let contact = customer.emails.first().or(customer.phones.first());
    let contact = contact.map(|contact| format!(" <{}>", line(contact)));
    format!(
        "{}{} {}",
        line(customer.display_name()),
        contact.unwrap_or_default(),
        customer.id
    )
}

fn unknown<T>(noun: &str, name: &str, known: &[&T], describe: fn(&T) -> String) -> Error {
    if known.is_empty() {
        return Error::not_found(format_args!("{noun} `{name}`"));
    }
    let message = format!(
        "there is no {noun} `{name}`; there are:{}",
        list(known, describe)
    );
    Error::new(ErrorKind::NotFound, message)
}

fn ambiguous<T>(noun: &str, name: &str, found: &[&T], describe: fn(&T) -> String) -> Error {
    Error::invalid(format!(
        "`{name}` can mean more than one {noun}; give the whole name or the id:{}",
        list(found, describe)
    ))
}

fn list<T>(people: &[&T], describe: fn(&T) -> String) -> String {
    let shown = people.iter().take(CANDIDATES);
    let mut lines: String = shown
        .map(|person| format!("\n  {}", describe(person)))
        .collect();
    if people.len() > CANDIDATES {
        lines.push_str("\n  …");
    }
    lines
}
