//! The desk that is measured: one workspace with its cases, the same in every run.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::model::*;
use casekit_core::port::Ids;
use casekit_core::{Change, ChangeSet};
use casekit_testkit::SeededIds;
use casekit_testkit::generate::Generator;
use chrono::{DateTime, TimeDelta};

use crate::words::Words;

/// How many records one commit of the filling writes at most, more or less.
const AT_ONCE: usize = 3_000;

/// How many records belong to a case.
const RECORDS_OF_A_CASE: usize = 6;

/// How many customers there are for a hundred cases.
const CUSTOMERS_PERCENT: usize = 20;

/// How far apart cases are opened: 100,000 fill about a year.
const BETWEEN_CASES: TimeDelta = TimeDelta::minutes(5);

/// A workspace of agents, customers and cases, made from a seed.
pub(crate) struct World {
    pub(crate) workspace: WorkspaceId,
    pub(crate) agent: Agent,
    pub(crate) customers: Vec<CustomerId>,
    /// The cases; the number of each is its place, counted from 1.
    pub(crate) cases: Vec<CaseId>,
    agents: Vec<AgentId>,
    products: Vec<ProductId>,
    people: Vec<Customer>,
    rng: fastrand::Rng,
    ids: SeededIds,
    pub(crate) words: Words,
}

impl World {
    /// A workspace that holds nothing yet.
    pub(crate) fn new() -> Self {
        let ids = SeededIds::new(1);
        let now = start();
        let agent = Generator::new(1, WorkspaceId(ids.next(now))).agent();
        Self {
            workspace: agent.workspace,
            agent,
            customers: Vec::new(),
            cases: Vec::new(),
            agents: Vec::new(),
            products: Vec::new(),
            people: Vec::new(),
            rng: fastrand::Rng::with_seed(2),
            ids,
            words: Words::new(3),
        }
    }

    /// The commits that fill a store with so many cases.
    pub(crate) fn fill(&mut self, cases: usize) -> impl Iterator<Item = ChangeSet> {
        let staff = self.staff(cases);
        let mut staff = staff.into_iter();
        let mut made = 0;
        std::iter::from_fn(move || {
            if staff.len() > 0 {
                let some: Vec<Entity> = staff.by_ref().take(AT_ONCE).collect();
                return Some(self.set(some, Vec::new()));
            }
            let next = (cases - made).min(AT_ONCE / RECORDS_OF_A_CASE);
            let (mut records, mut events) = (Vec::new(), Vec::new());
            for _ in 0..next {
                self.case(made, &mut records, &mut events);
                made += 1;
            }
            (next > 0).then(|| self.set(records, events))
        })
    }

    fn set(&self, records: Vec<Entity>, events: Vec<Event>) -> ChangeSet {
        ChangeSet {
            id: self.ids.next(start()),
            workspace: self.workspace,
            changes: records.into_iter().map(Change::Create).collect(),
            events,
        }
    }

    /// The workspace, its agents, products and customers.
    fn staff(&mut self, cases: usize) -> Vec<Entity> {
        let mut generator = Generator::new(4, self.workspace);
        let mut all = vec![Entity::Workspace(generator.workspace())];
        let products: Vec<Product> = (0..8).map(|_| generator.product()).collect();
        self.products = products.iter().map(|product| product.id).collect();
        self.agent.active = true;
        self.agent.products = self.products.iter().copied().take(4).collect();
        let mut agents = vec![self.agent.clone()];
        agents.extend((1..20).map(|_| generator.agent()));
        self.agents = agents.iter().map(|agent| agent.id).collect();
        let customers = (cases * CUSTOMERS_PERCENT / 100).max(1);
        self.people = (0..customers).map(|_| generator.customer()).collect();
        self.customers = self.people.iter().map(|customer| customer.id).collect();
        all.extend(products.into_iter().map(Entity::Product));
        all.extend(agents.into_iter().map(Entity::Agent));
        all.extend(self.people.iter().cloned().map(Entity::Customer));
        all
    }

    fn id<T: From<uuid::Uuid>>(&self, at: Time) -> T {
        T::from(self.ids.next(at))
    }

    /// A case with the mail that it began with: about one in seven is active, half of these are
    /// taken, and most of them wait for a reply.
    fn case(&mut self, place: usize, records: &mut Vec<Entity>, events: &mut Vec<Event>) {
        let at = start() + BETWEEN_CASES * i32::try_from(place).unwrap_or(i32::MAX);
        let Some(customer) = self.rng.choice(&self.people).cloned() else {
            return;
        };
        let mut case = self.opened(&customer, at);
        let activity = self.activity(&case);
        case.exchanges.insert(Medium::Email, activity.id);
        let opened = self.entry(
            &case,
            None,
            Author::System,
            Body::Happening(Happening::Opened {
                origin: Medium::Email,
                turn: Turn::Unchanged,
                stage: case.stage.clone(),
            }),
        );
        let author = Author::Customer {
            id: customer.id,
            name: case.customer_name.clone(),
        };
        let message = self.message(&customer, place);
        let message = self.entry(&case, Some(activity.id), author, Body::Message(message));
        events.push(self.event(&case, What::Opened, case.key()));
        events.push(self.event(&case, What::EntryAdded, message.key()));
        self.cases.push(case.id);
        records.push(Entity::Case(case));
        records.push(Entity::Activity(activity));
        records.push(Entity::Entry(opened));
        records.push(Entity::Entry(message));
    }

    fn opened(&mut self, customer: &Customer, at: Time) -> Case {
        let is_active = self.rng.u8(..100) < 15;
        let is_taken = !is_active || self.rng.bool();
        let waits = is_active && self.rng.u8(..100) < 60;
        let last = at + TimeDelta::minutes(self.rng.i64(0..10_000));
        let assignee = self.rng.choice(&self.agents).copied().filter(|_| is_taken);
        let closing = Closing {
            at: last,
            by: Actor::System,
            reason: String::new(),
        };
        Case {
            id: self.id(at),
            workspace: self.workspace,
            version: Version(0),
            number: 0,
            subject: self.words.text(5),
            description: String::new(),
            product: self.rng.choice(&self.products).copied(),
            priority: Priority::Normal,
            tags: BTreeSet::new(),
            language: customer.language.clone(),
            flagged: self.rng.u8(..100) < 2,
            custom: CustomValues::new(),
            notes: String::new(),
            origin: Medium::Email,
            status: if is_active {
                Status::Active
            } else {
                Status::Closed
            },
            stage: if is_active { "new" } else { "closed" }.to_owned(),
            closing: (!is_active).then_some(closing),
            reopened: 0,
            customer: customer.id,
            customer_name: customer.display_name().to_owned(),
            organisation: None,
            owner: assignee,
            assignee,
            operators: BTreeSet::new(),
            opened_at: at,
            updated_at: last,
            attention: Attention {
                awaiting_since: waits.then_some(at),
                first_reply_at: (!waits).then_some(last),
                customer_last_at: Some(at),
                staff_last_at: (!waits).then_some(last),
                messages: 1,
            },
            exchanges: BTreeMap::new(),
            merged_into: None,
            absorbed: BTreeSet::new(),
            external_id: None,
            edited: Edited::default(),
        }
    }

    fn activity(&self, case: &Case) -> Activity {
        Activity {
            id: self.id(case.opened_at),
            workspace: self.workspace,
            version: Version(0),
            case: case.id,
            customer: case.customer,
            medium: Medium::Email,
            subject: case.subject.clone(),
            started_at: case.opened_at,
            ended_at: None,
            tags: BTreeSet::new(),
            agents: BTreeSet::new(),
            others: BTreeSet::new(),
            external_id: None,
            edited: Edited::default(),
        }
    }

    fn message(&mut self, customer: &Customer, place: usize) -> Message {
        let words = self.rng.usize(15..45);
        let mut text = self.words.text(words);
        if Words::is_rare_in(place) {
            text.push(' ');
            text.push_str(Words::RARE);
        }
        Message {
            sender: customer.emails.first().cloned(),
            to: vec!["help@example.com".to_owned()],
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: String::new(),
            text,
            html: None,
            attachments: Vec::new(),
            automatic: false,
            delivery: Delivery::Done,
        }
    }

    fn entry(
        &self,
        case: &Case,
        activity: Option<ActivityId>,
        author: Author,
        body: Body,
    ) -> Entry {
        Entry {
            id: self.id(case.opened_at),
            workspace: self.workspace,
            version: Version(0),
            case: case.id,
            activity,
            at: case.opened_at,
            author,
            visibility: Visibility::Public,
            body,
            ended_wait: None,
            edited: Edited::default(),
            correction: None,
        }
    }

    fn event(&self, case: &Case, what: What, about: Key) -> Event {
        Event {
            id: self.id(case.opened_at),
            workspace: self.workspace,
            version: Version(0),
            seq: Seq(0),
            at: case.opened_at,
            actor: Actor::System,
            operation: "open_case".to_owned(),
            what,
            case: Some(case.id),
            about,
            told: None,
            changes: Vec::new(),
        }
    }
}

/// When the first case was opened: 2025-09-01, so that the last of 100,000 lies before today.
fn start() -> Time {
    DateTime::from_timestamp(1_756_684_800, 0).unwrap_or_default()
}
