//! One builder for each kind of record.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::model::*;

use super::{Generator, Scene, words};

impl Generator {
    /// The record of the workspace.
    pub fn workspace(&mut self) -> Workspace {
        Workspace {
            id: self.workspace,
            version: Version(0),
            name: "Ærø Büro".to_owned(),
            created_at: self.time(),
            stages: Workspace::default_stages(),
            fields: Vec::new(),
            settings: Settings::default(),
            edited: Edited::default(),
        }
    }

    /// An agent.
    pub fn agent(&mut self) -> Agent {
        let serial = self.serial();
        Agent {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            name: self.name(),
            email: format!("agent{serial}@example.com"),
            role: self
                .one_of(&[Role::Agent, Role::Supervisor, Role::Admin])
                .unwrap_or_default(),
            locale: None,
            time_zone: Some("Europe/Brussels".to_owned()),
            signature: None,
            products: BTreeSet::new(),
            active: !self.once_in(6),
            created_at: self.time(),
            edited: Edited::default(),
        }
    }

    /// An organisation.
    pub fn organisation(&mut self) -> Organisation {
        let name = format!(
            "{} & Söhne {}",
            self.pick(words::FAMILY_NAMES),
            self.serial()
        );
        Organisation {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            name,
            notes: self.prose(1),
            created_at: self.time(),
            edited: Edited::default(),
        }
    }

    /// A product.
    pub fn product(&mut self) -> Product {
        let name = format!("{} {}", self.pick(words::PRODUCTS), self.serial());
        Product {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            name,
            description: self.prose(1),
            active: !self.once_in(5),
            created_at: self.time(),
            edited: Edited::default(),
        }
    }

    /// A customer.
    pub fn customer(&mut self) -> Customer {
        let serial = self.serial();
        let created_at = self.time();
        Customer {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            name: if self.once_in(10) {
                String::new()
            } else {
                self.name()
            },
            emails: vec![format!("Customer{serial}@Example.org")],
            phones: if self.once_in(3) {
                vec![format!("0032 2 {serial:07}")]
            } else {
                Vec::new()
            },
            organisation: None,
            language: self.language(),
            external_ids: BTreeMap::new(),
            notes: String::new(),
            custom: self.custom(),
            merged_into: None,
            created_at,
            updated_at: created_at,
            edited: Edited::default(),
        }
    }

    /// A case of `customer`, which nobody has yet.
    pub fn case(&mut self, customer: &Customer) -> Case {
        let opened_at = self.time();
        Case {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            number: 0,
            subject: self.pick(words::SUBJECTS).to_owned(),
            description: if self.once_in(3) {
                self.prose(1)
            } else {
                String::new()
            },
            product: None,
            priority: self.priority(),
            tags: self.tags(),
            language: self.language(),
            flagged: self.once_in(4),
            custom: self.custom(),
            notes: String::new(),
            origin: self.medium(),
            status: Status::Active,
            stage: "new".to_owned(),
            closing: None,
            reopened: 0,
            customer: customer.id,
            customer_name: customer.display_name().to_owned(),
            organisation: customer.organisation,
            owner: None,
            assignee: None,
            operators: BTreeSet::new(),
            opened_at,
            updated_at: opened_at,
            attention: Attention {
                awaiting_since: Some(opened_at),
                customer_last_at: Some(opened_at),
                ..Attention::default()
            },
            exchanges: BTreeMap::new(),
            merged_into: None,
            absorbed: BTreeSet::new(),
            gained: Gained::default(),
            external_id: None,
            edited: Edited::default(),
        }
    }

    /// An activity of `case`.
    pub fn activity(&mut self, case: &Case) -> Activity {
        Activity {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            case: case.id,
            customer: case.customer,
            medium: self.medium(),
            subject: self.pick(words::SUBJECTS).to_owned(),
            started_at: self.time(),
            ended_at: None,
            tags: self.tags(),
            agents: BTreeSet::new(),
            others: BTreeSet::new(),
            external_id: None,
            edited: Edited::default(),
        }
    }

    /// An entry in the thread of `case`: a message of the customer, a call or a note.
    pub fn entry(&mut self, case: &Case) -> Entry {
        let at = self.time();
        let (visibility, body) = self.body(at);
        Entry {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            case: case.id,
            was_in: Vec::new(),
            activity: None,
            at,
            author: Author::Customer {
                id: case.customer,
                name: case.customer_name.clone(),
            },
            visibility,
            body,
            ended_wait: None,
            edited: Edited::default(),
            correction: None,
        }
    }

    /// A draft of `agent` for `case`.
    pub fn draft(&mut self, case: &Case, agent: AgentId) -> Draft {
        Draft {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            case: case.id,
            agent,
            purpose: self
                .one_of(&[DraftPurpose::Reply, DraftPurpose::Note])
                .unwrap_or(DraftPurpose::Note),
            text: self.prose(1),
            updated_at: self.time(),
        }
    }

    /// A list of cases that `owner` keeps; without one, of all of staff.
    pub fn saved_view(&mut self, owner: Option<AgentId>) -> SavedView {
        SavedView {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            owner,
            name: self.pick(words::SUBJECTS).to_owned(),
            list: serde_json::json!({ "filter": { "priority": self.priority() } }),
            columns: vec!["subject".to_owned()],
            updated_at: self.time(),
        }
    }

    /// A relation of two cases.
    pub fn relation(&mut self, case: CaseId, to: CaseId) -> Relation {
        Relation {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            case,
            to,
            relation: self
                .one_of(&[
                    RelationKind::Linked,
                    RelationKind::ChildOf,
                    RelationKind::FollowUpOf,
                ])
                .unwrap_or(RelationKind::Linked),
            shown: BTreeSet::new(),
            created_at: self.time(),
        }
    }

    /// The record of a merge of `duplicate` into `target`.
    pub fn merge(&mut self, duplicate: Case, target: CaseId) -> Merge {
        Merge {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            duplicate: Box::new(duplicate),
            target,
            at: self.time(),
            by: Actor::System,
            moved: Vec::new(),
            relations: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// What is left of `case`.
    pub fn tombstone(&mut self, case: &Case) -> Tombstone {
        Tombstone {
            id: case.id,
            workspace: self.workspace,
            version: Version(0),
            number: case.number,
            at: self.time(),
            by: Actor::System,
        }
    }

    /// An event about the record at `about`.
    pub fn event(&mut self, about: Key, what: What) -> Event {
        let case = (about.kind == Kind::Case).then_some(CaseId(about.id));
        Event {
            id: self.id().into(),
            workspace: self.workspace,
            version: Version(0),
            seq: Seq(0),
            at: self.time(),
            actor: Actor::System,
            operation: "generate".to_owned(),
            what,
            case,
            about,
            told: None,
            changes: vec![FieldChange::new("subject", "", self.pick(words::SUBJECTS))],
        }
    }

    /// A workspace at work: agents, products, organisations, and `cases` cases with their customers,
    /// activities and threads, one event for each case.
    pub fn scene(&mut self, cases: usize) -> Scene {
        let mut scene = Scene::default();
        let agents: Vec<Agent> = (0..5).map(|_| self.agent()).collect();
        let products: Vec<Product> = (0..4).map(|_| self.product()).collect();
        let organisations: Vec<Organisation> = (0..3).map(|_| self.organisation()).collect();
        let agent_ids: Vec<AgentId> = agents.iter().map(|a| a.id).collect();
        let product_ids: Vec<ProductId> = products.iter().map(|p| p.id).collect();
        let organisation_ids: Vec<OrganisationId> = organisations.iter().map(|o| o.id).collect();
        scene.records.extend(agents.into_iter().map(Entity::from));
        scene.records.extend(products.into_iter().map(Entity::from));
        scene
            .records
            .extend(organisations.into_iter().map(Entity::from));
        let mut customers: Vec<Customer> = Vec::new();
        for _ in 0..cases {
            if customers.is_empty() || self.once_in(3) {
                let mut customer = self.customer();
                customer.organisation = self.one_of(&organisation_ids).filter(|_| self.once_in(2));
                scene.records.push(Entity::from(customer.clone()));
                customers.push(customer);
            }
            let at = self.rng.usize(..customers.len());
            let Some(customer) = customers.get(at).cloned() else {
                continue;
            };
            let mut case = self.case(&customer);
            case.product = self.one_of(&product_ids).filter(|_| !self.once_in(3));
            self.work(&mut case, &agent_ids);
            scene.events.push(self.event(case.key(), What::Opened));
            scene.records.push(Entity::from(self.activity(&case)));
            for _ in 0..self.rng.u8(..4) {
                scene.records.push(Entity::from(self.entry(&case)));
            }
            scene.records.push(Entity::from(case));
        }
        scene
    }

    /// Lets agents work on a case: it may be taken, replied to and closed.
    fn work(&mut self, case: &mut Case, agents: &[AgentId]) {
        if self.once_in(3) {
            return;
        }
        case.assignee = self.one_of(agents);
        case.owner = case.assignee;
        case.operators = self.one_of(agents).into_iter().collect();
        case.stage = self.pick(words::STAGES).to_owned();
        if self.once_in(3) {
            return;
        }
        let replied_at = self.time();
        case.attention.awaiting_since = None;
        case.attention.first_reply_at = Some(replied_at);
        case.attention.staff_last_at = Some(replied_at);
        case.attention.messages = self.rng.u32(1..9);
        case.updated_at = replied_at;
        if self.once_in(2) {
            let at = self.time();
            case.status = Status::Closed;
            case.stage = "closed".to_owned();
            case.updated_at = at;
            case.closing = Some(Closing {
                at,
                by: Actor::System,
                reason: self.prose(1),
            });
        }
    }

    pub(super) fn name(&mut self) -> String {
        let given = self.pick(words::GIVEN_NAMES);
        format!("{given} {}", self.pick(words::FAMILY_NAMES))
    }

    pub(super) fn language(&mut self) -> Option<String> {
        let language = self.pick(words::LANGUAGES);
        (!self.once_in(3)).then(|| language.to_owned())
    }

    pub(super) fn priority(&mut self) -> Priority {
        let all = [
            Priority::Low,
            Priority::Normal,
            Priority::High,
            Priority::Urgent,
        ];
        self.one_of(&all).unwrap_or_default()
    }

    pub(super) fn medium(&mut self) -> Medium {
        let all = [Medium::Email, Medium::Chat, Medium::Phone, Medium::Form];
        self.one_of(&all).unwrap_or_default()
    }

    pub(super) fn tags(&mut self) -> BTreeSet<String> {
        let count = self.rng.u8(..4);
        (0..count)
            .map(|_| self.pick(words::TAGS).to_owned())
            .collect()
    }

    /// Custom values of every type; `colour` and `score` differ in type from record to record.
    pub(super) fn custom(&mut self) -> CustomValues {
        let mut values = CustomValues::new();
        let colour = self.pick(words::COLOURS).to_owned();
        let number = f64::from(self.rng.i32(-20..20)) / 4.0;
        let value = match self.rng.u8(..6) {
            0 => FieldValue::Text(colour),
            1 => FieldValue::Choices(vec![colour, self.pick(words::COLOURS).to_owned()]),
            2 => FieldValue::Number(number),
            3 => FieldValue::YesNo(number > 0.0),
            _ => return values,
        };
        let key = if self.once_in(2) { "colour" } else { "score" };
        values.insert(key.to_owned(), value);
        if self.once_in(2) {
            values.insert(
                "since".to_owned(),
                FieldValue::Text("2026-01-05".to_owned()),
            );
        }
        values
    }

    pub(super) fn body(&mut self, at: Time) -> (Visibility, Body) {
        match self.rng.u8(..6) {
            0 => (
                Visibility::Internal,
                Body::Note(Remark {
                    text: self.prose(1),
                    mentions: BTreeSet::new(),
                }),
            ),
            1 => (
                Visibility::Public,
                Body::Call(CallLog {
                    direction: CallDirection::Inbound,
                    caller: "+3222345678".to_owned(),
                    called: "100".to_owned(),
                    started_at: at,
                    ended_at: at,
                    outcome: CallOutcome::Answered,
                    notes: self.prose(1),
                    recording: None,
                }),
            ),
            2 => (
                Visibility::Public,
                Body::Happening(Happening::Reopened {
                    stage: "new".to_owned(),
                }),
            ),
            _ => {
                let sentences = self.rng.usize(1..4);
                let message = Message {
                    sender: None,
                    to: Vec::new(),
                    cc: Vec::new(),
                    bcc: Vec::new(),
                    subject: self.pick(words::SUBJECTS).to_owned(),
                    text: self.prose(sentences),
                    html: None,
                    attachments: Vec::new(),
                    automatic: false,
                    delivery: Delivery::Done,
                };
                (Visibility::Public, Body::Message(message))
            }
        }
    }
}
