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
const AT_ONCE: usize = 6_000;

/// How many records and events belong to a case beside its messages.
const RECORDS_OF_A_CASE: usize = 5;

/// How many customers there are for a hundred cases.
const CUSTOMERS_PERCENT: usize = 20;

/// How far apart cases are opened: 100,000 fill about a year.
const BETWEEN_CASES: TimeDelta = TimeDelta::minutes(5);

/// How far apart the messages of a case are.
const BETWEEN_MESSAGES: TimeDelta = TimeDelta::minutes(17);

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
    /// How many messages a case has.
    messages: usize,
    /// How many the first case has.
    messages_of_first: usize,
}

impl World {
    /// A workspace that holds nothing yet, and whose cases have one message each.
    pub(crate) fn new() -> Self {
        Self::with_threads(1, 1, 1)
    }

    /// A workspace that holds nothing yet, of a number of its own, whose cases have so many messages
    /// each, and the first one so many.
    pub(crate) fn with_threads(number: u64, messages: usize, messages_of_first: usize) -> Self {
        let ids = SeededIds::new(number);
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
            messages,
            messages_of_first,
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
            let next = (cases - made).min(AT_ONCE / (RECORDS_OF_A_CASE + self.messages));
            let (mut records, mut events) = (Vec::new(), Vec::new());
            for _ in 0..next {
                self.case(made, &mut records, &mut events);
                made += 1;
            }
            (next > 0).then(|| self.set(records, events))
        })
    }

    /// When the case at this place was opened.
    pub(crate) fn opened_at(&self, place: usize) -> Time {
        start() + BETWEEN_CASES * i32::try_from(place).unwrap_or(i32::MAX)
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
        let mut all = vec![Entity::from(generator.workspace())];
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
        all.extend(products.into_iter().map(Entity::from));
        all.extend(agents.into_iter().map(Entity::from));
        all.extend(self.people.iter().cloned().map(Entity::from));
        all
    }

    fn id<T: From<uuid::Uuid>>(&self, at: Time) -> T {
        T::from(self.ids.next(at))
    }

    /// A case with the mail that it began with: about one in seven is active, half of these are
    /// taken, and most of them wait for a reply.
    fn case(&mut self, place: usize, records: &mut Vec<Entity>, events: &mut Vec<Event>) {
        let at = self.opened_at(place);
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
        let messages = if place == 0 {
            self.messages_of_first
        } else {
            self.messages
        };
        let mut entries = vec![opened];
        for number in 0..messages {
            entries.push(self.written(&case, &activity, &customer, (place, number)));
        }
        events.push(self.event(&case, What::Opened, case.key()));
        let last = entries.iter().skip(1).last();
        events.extend(last.map(|entry| self.event(&case, What::EntryAdded, entry.key())));
        self.cases.push(case.id);
        records.push(Entity::from(case));
        records.push(Entity::from(activity));
        records.extend(entries.into_iter().map(Entity::from));
    }

    /// A message of the thread: by the customer first, then by one and the other in turn.
    fn written(
        &mut self,
        case: &Case,
        activity: &Activity,
        customer: &Customer,
        (place, number): (usize, usize),
    ) -> Entry {
        let author = if number.is_multiple_of(2) {
            Author::Customer {
                id: customer.id,
                name: case.customer_name.clone(),
            }
        } else {
            Author::Agent {
                id: self.agent.id,
                name: self.agent.name.clone(),
            }
        };
        let message = self.message(customer, place);
        let mut entry = self.entry(case, Some(activity.id), author, Body::Message(message));
        entry.at += BETWEEN_MESSAGES * i32::try_from(number).unwrap_or(i32::MAX);
        entry
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
                messages: u32::try_from(self.messages).unwrap_or(u32::MAX),
            },
            exchanges: BTreeMap::new(),
            merged_into: None,
            absorbed: BTreeSet::new(),
            gained: Gained::default(),
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
            was_in: Vec::new(),
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
