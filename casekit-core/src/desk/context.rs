//! What an operation has at hand: records to load, changes to stage.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::engine::{Call, Facts};
use crate::change::{Change, ChangeSet};
use crate::error::{Error, Result};
use crate::model::{
    Actor, Agent, AgentName, Author, Case, Customer, CustomerId, Entity, Event, EventId,
    FieldChange, FromEntity, Key, Kind, Time, Unique, Version, What, Workspace, WorkspaceId,
};
use crate::port::{Access, Lookup, Request};
use crate::query::{Aggregate, AggregateRow, Filter, Page, Query};

/// How many redirects of merged records are followed.
const REDIRECTS: usize = 32;

/// What an operation has at hand. It remembers the version of every record it gave out, and stages
/// changes against exactly those.
#[derive(Debug)]
pub struct Context {
    call: Call,
    operation: &'static str,
    access: Access,
    now: Time,
    workspace: Option<Arc<Workspace>>,
    who: Who,
    seen: BTreeMap<Key, Option<Entity>>,
    free: BTreeSet<Unique>,
    staged: Vec<Staged>,
    positions: BTreeMap<Key, usize>,
    events: Vec<Event>,
}

#[derive(Debug)]
enum Who {
    Agent(Arc<Agent>),
    Customer(Arc<Customer>),
    System,
}

#[derive(Debug)]
enum Staged {
    Put(Entity),
    Delete(Key),
    Check(Key, Version),
}

impl Context {
    /// Loads the workspace and who acts, and asks the policy.
    pub(super) async fn begin(call: &Call, facts: &Facts) -> Result<Self> {
        let mut context = Self {
            call: call.clone(),
            operation: facts.name,
            access: facts.access,
            now: call.now(),
            workspace: None,
            who: Who::System,
            seen: BTreeMap::new(),
            free: BTreeSet::new(),
            staged: Vec::new(),
            positions: BTreeMap::new(),
            events: Vec::new(),
        };
        context.load_who().await?;
        if context.workspace.is_none() && !facts.without_workspace {
            return Err(Error::not_found(format_args!(
                "workspace `{}`",
                call.workspace()
            )));
        }
        context.require(facts.access)?;
        Ok(context)
    }

    async fn load_who(&mut self) -> Result<()> {
        let workspace = self.key(Kind::Workspace, self.call.workspace().0);
        let actor = match self.call.actor() {
            Actor::Agent(id) => Some(self.key(Kind::Agent, id.0)),
            Actor::Customer(id) => Some(self.key(Kind::Customer, id.0)),
            Actor::System => None,
        };
        let keys: Vec<Key> = std::iter::once(workspace).chain(actor).collect();
        let mut loaded = self.load(&keys).await?.into_iter();
        self.workspace = loaded.next().flatten().and_then(Workspace::shared);
        match (self.call.actor(), loaded.next().flatten()) {
            (Actor::System, _) => {}
            (Actor::Agent(id), entity) => {
                let agent = entity.and_then(Agent::shared).filter(|agent| agent.active);
                let agent = agent.ok_or_else(|| {
                    Error::denied(
                        self.operation,
                        format_args!("agent `{id}` is unknown or not active"),
                    )
                })?;
                self.who = Who::Agent(agent);
            }
            (Actor::Customer(id), entity) => {
                let customer = entity.and_then(Customer::from_entity);
                let customer = match customer {
                    Some(customer) => Some(self.follow_customer(customer).await?),
                    None => None,
                };
                let customer = customer.ok_or_else(|| {
                    Error::denied(self.operation, format_args!("customer `{id}` is unknown"))
                })?;
                self.who = Who::Customer(Arc::new(customer));
            }
        }
        Ok(())
    }

    /// Asks the policy for more than the operation as such needs.
    pub(crate) fn require(&self, access: Access) -> Result<()> {
        let request = self.request(access);
        self.call.ports().policy.decide(&request)
    }

    /// Asks the policy whether the operation may deal with `case`.
    pub(crate) fn allow_case(&self, case: &Case) -> Result<()> {
        let case = Some(case);
        let request = self.request(self.access);
        let request = Request { case, ..request };
        self.call.ports().policy.decide(&request)
    }

    /// Asks the policy whether the operation may deal with `customer`.
    pub(crate) fn allow_customer(&self, customer: &Customer) -> Result<()> {
        let customer = Some(customer);
        let request = self.request(self.access);
        let request = Request {
            customer,
            ..request
        };
        self.call.ports().policy.decide(&request)
    }

    /// Those of `filter` that the policy lets lists of cases give.
    pub(crate) fn listed(&self, filter: Filter) -> Filter {
        let request = self.request(self.access);
        narrowed(filter, self.call.ports().policy.cases(&request))
    }

    /// Those of `filter` that the policy lets lists of customers give.
    pub(crate) fn listed_customers(&self, filter: Filter) -> Filter {
        let request = self.request(self.access);
        narrowed(filter, self.call.ports().policy.customers(&request))
    }

    fn request(&self, access: Access) -> Request<'_> {
        Request {
            actor: self.actor(),
            agent: self.agent(),
            operation: self.operation,
            access,
            case: None,
            customer: None,
        }
    }

    /// The time of this operation, to the millisecond: one value throughout.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.call.actor()
    }

    /// The agent who acts, if an agent does.
    pub fn agent(&self) -> Option<&Agent> {
        match &self.who {
            Who::Agent(agent) => Some(agent),
            Who::Customer(_) | Who::System => None,
        }
    }

    /// The customer who acts; the one they were merged into, if they were.
    pub fn customer(&self) -> Result<&Customer> {
        match &self.who {
            Who::Customer(customer) => Ok(customer),
            Who::Agent(_) | Who::System => Err(Error::bug("a portal operation without a customer")),
        }
    }

    /// The agent who acts, or a refusal: some things only a person on staff can do.
    pub fn acting_agent(&self) -> Result<&Agent> {
        self.agent()
            .ok_or_else(|| Error::denied(self.operation, "only an agent can do this"))
    }

    /// The acting agent with the name, for the history.
    pub fn agent_name(&self) -> Result<AgentName> {
        let agent = self.acting_agent()?;
        Ok(AgentName {
            id: agent.id,
            name: agent.name.clone(),
        })
    }

    /// Who acts, as the author of an entry.
    pub fn author(&self) -> Author {
        match &self.who {
            Who::Agent(agent) => Author::Agent {
                id: agent.id,
                name: agent.name.clone(),
            },
            Who::Customer(customer) => Author::Customer {
                id: customer.id,
                name: customer.display_name().to_owned(),
            },
            Who::System => Author::System,
        }
    }

    /// The workspace's record.
    pub fn workspace(&self) -> Result<&Workspace> {
        self.workspace
            .as_deref()
            .ok_or_else(|| Error::bug("an operation without a workspace asked for it"))
    }

    /// The workspace's id.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.call.workspace()
    }

    /// The name of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// A new id.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        T::from(self.call.ports().ids.next(self.now))
    }

    /// The key of a record of this workspace.
    pub fn key(&self, kind: Kind, id: Uuid) -> Key {
        Key {
            workspace: self.call.workspace(),
            kind,
            id,
        }
    }

    /// Loads records, in the order of `keys`. A record that is staged is given as staged.
    pub async fn load(&mut self, keys: &[Key]) -> Result<Vec<Option<Entity>>> {
        let unknown: Vec<Lookup> = keys
            .iter()
            .filter(|key| !self.seen.contains_key(key) && !self.positions.contains_key(key))
            .map(|key| Lookup::Key(*key))
            .collect();
        if !unknown.is_empty() {
            let found = self.call.ports().store.load(&unknown).await?;
            for (lookup, entity) in unknown.into_iter().zip(found) {
                if let Lookup::Key(key) = lookup {
                    self.seen.insert(key, entity);
                }
            }
        }
        Ok(keys.iter().map(|key| self.current(key)).collect())
    }

    fn current(&self, key: &Key) -> Option<Entity> {
        let staged = self.positions.get(key).and_then(|at| self.staged.get(*at));
        match staged {
            Some(Staged::Put(entity)) => Some(entity.clone()),
            Some(Staged::Delete(_)) => None,
            Some(Staged::Check(..)) | None => self.seen.get(key).cloned().flatten(),
        }
    }

    /// Loads a record, if it exists.
    pub async fn find_one<T: FromEntity>(&mut self, id: T::Id) -> Result<Option<T>> {
        let key = self.key(T::KIND, id.into());
        let mut loaded = self.load(&[key]).await?;
        Ok(loaded.pop().flatten().and_then(T::from_entity))
    }

    /// Loads a record that must exist.
    pub async fn get<T: FromEntity>(&mut self, id: T::Id) -> Result<T> {
        let found = self.find_one(id).await?;
        found.ok_or_else(|| Error::not_found(format_args!("{} `{id}`", T::NOUN)))
    }

    /// The record that holds a unique value, if any does.
    pub async fn by_unique<T: FromEntity>(&mut self, unique: Unique) -> Result<Option<T>> {
        let mut found = self.by_uniques(vec![unique]).await?;
        Ok(found.pop().flatten())
    }

    /// The records that hold unique values, in their order, in one round trip.
    pub async fn by_uniques<T: FromEntity>(
        &mut self,
        unique: Vec<Unique>,
    ) -> Result<Vec<Option<T>>> {
        let workspace = self.workspace_id();
        let lookups: Vec<_> = unique
            .iter()
            .map(|unique| Lookup::Unique(workspace, unique.clone()))
            .collect();
        let found = self.call.ports().store.load(&lookups).await?;
        let free = unique.into_iter().zip(&found);
        let free = free.filter(|(_, holder)| holder.is_none());
        self.free.extend(free.map(|(unique, _)| unique));
        let remembered = found.into_iter().map(|entity| Some(self.remember(entity?)));
        Ok(remembered
            .map(|entity| entity.and_then(T::from_entity))
            .collect())
    }

    /// A page of records of the kind `T`. It does not see what is only staged.
    pub async fn find<T: FromEntity>(&mut self, query: &Query) -> Result<Found<T>> {
        let Page {
            records,
            hits,
            next,
        } = self.call.ports().store.find(query).await?;
        let records = records
            .into_iter()
            .filter_map(|entity| T::from_entity(self.remember(entity)))
            .collect();
        Ok(Found {
            records,
            hits,
            next,
        })
    }

    /// Every record that a query finds, page by page, at most `bound`: more is an error, never a cut.
    pub async fn find_all<T: FromEntity>(&mut self, query: Query, bound: usize) -> Result<Vec<T>> {
        let mut query = query.limit(crate::query::MAX_LIMIT);
        let mut all = Vec::new();
        loop {
            let page = self.find(&query).await?;
            all.extend(page.records);
            if all.len() > bound {
                return Err(Error::new(
                    crate::ErrorKind::Limit,
                    format!("more than {bound} {} records are affected at once", T::NOUN),
                ));
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Counts and sums. It does not see what is only staged.
    pub async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        self.call.ports().store.aggregate(aggregate).await
    }

    /// Events after a sequence number.
    pub async fn feed(&self, after: crate::model::Seq, limit: u32) -> Result<Vec<Event>> {
        let store = &self.call.ports().store;
        store.feed(self.workspace_id(), after, limit).await
    }

    fn remember(&mut self, entity: Entity) -> Entity {
        let key = entity.key();
        if self.seen.contains_key(&key) || self.positions.contains_key(&key) {
            return self.current(&key).unwrap_or(entity);
        }
        self.seen.insert(key, Some(entity.clone()));
        entity
    }

    /// Stages a record to be written: created if it was not there when it was loaded, else replaced.
    /// Its version becomes the one that it will have.
    pub fn put<T: FromEntity>(&mut self, record: &mut T) {
        let key = record.key();
        record.set_version(self.version_to_come(&key));
        self.stage(key, Staged::Put(record.clone().into_entity()));
    }

    /// Stages a record, unless it is as it was.
    pub(crate) fn put_changed<T: FromEntity + PartialEq>(&mut self, record: &mut T) {
        let before = self.current(&record.key()).and_then(T::shared);
        if before.is_none_or(|before| *before != *record) {
            self.put(record);
        }
    }

    /// The version that a record will have when it is written, however often it is staged until then.
    pub(crate) fn version_to_come(&self, key: &Key) -> Version {
        let before = self.seen.get(key).and_then(Option::as_ref);
        before.map_or(Version(0), Entity::version).next()
    }

    /// Stages the deletion of a record that was loaded.
    pub fn delete(&mut self, key: Key) {
        self.stage(key, Staged::Delete(key));
    }

    /// Refuses the commit if a record that was only read has changed since.
    pub fn check<T: FromEntity>(&mut self, record: &T) {
        let key = record.key();
        if !self.positions.contains_key(&key) {
            self.stage(key, Staged::Check(key, record.version()));
        }
    }

    fn stage(&mut self, key: Key, change: Staged) {
        match self
            .positions
            .get(&key)
            .and_then(|at| self.staged.get_mut(*at))
        {
            Some(place) => *place = change,
            None => {
                self.positions.insert(key, self.staged.len());
                self.staged.push(change);
            }
        }
    }

    /// Records what happened.
    pub fn event(
        &mut self,
        what: What,
        case: Option<crate::model::CaseId>,
        about: Key,
        changes: Vec<FieldChange>,
    ) {
        let event = Event {
            id: self.new_id::<EventId>(),
            workspace: self.workspace_id(),
            version: Version(1),
            seq: crate::model::Seq(0),
            at: self.now,
            actor: self.actor(),
            operation: self.operation.to_owned(),
            what,
            case,
            about,
            told: None,
            changes,
        };
        self.events.push(event);
    }

    /// Makes the event that was recorded last news for `customer`.
    pub(crate) fn tell(&mut self, customer: CustomerId) {
        if let Some(event) = self.events.last_mut() {
            event.told = Some(customer);
        }
    }

    /// The customer that `customer` was merged into, or itself.
    pub async fn follow_customer(&mut self, customer: Customer) -> Result<Customer> {
        let mut current = customer;
        for _ in 0..REDIRECTS {
            match current.merged_into {
                None => return Ok(current),
                Some(next) => current = self.get(next).await?,
            }
        }
        Err(Error::bug(
            "merged customers point to each other in a circle",
        ))
    }

    /// The unique values that nobody held when they were looked up.
    pub(super) fn found_free(&mut self) -> BTreeSet<Unique> {
        std::mem::take(&mut self.free)
    }

    /// What was staged, as one change set with this `id`, which gets one if it has none; nothing if nothing was.
    pub(super) fn into_change_set(mut self, id: &mut Option<Uuid>) -> Option<ChangeSet> {
        let staged = std::mem::take(&mut self.staged);
        let changes: Vec<Change> = staged
            .into_iter()
            .filter_map(|staged| self.change(staged))
            .collect();
        if changes.is_empty() && self.events.is_empty() {
            return None;
        }
        Some(ChangeSet {
            id: *id.get_or_insert_with(|| self.new_id()),
            workspace: self.workspace_id(),
            changes,
            events: self.events,
        })
    }

    fn change(&mut self, staged: Staged) -> Option<Change> {
        match staged {
            Staged::Put(after) => Some(match self.seen.remove(&after.key()).flatten() {
                None => Change::Create(after),
                Some(before) => Change::Replace { before, after },
            }),
            // What was created and deleted in the same operation was never there.
            Staged::Delete(key) => {
                let before = self.seen.remove(&key).flatten()?;
                Some(Change::Delete { before })
            }
            Staged::Check(key, version) => Some(Change::Check { key, version }),
        }
    }
}

/// Those of `filter` that `allowed` holds for too.
fn narrowed(filter: Filter, allowed: Filter) -> Filter {
    if allowed == Filter::all() {
        return filter;
    }
    Filter::All(vec![filter, allowed])
}

/// A page of records of one kind.
#[derive(Debug)]
pub struct Found<T> {
    /// The records.
    pub records: Vec<T>,
    /// For a query with a text: for each record, a record in which its words were found.
    pub hits: Vec<Key>,
    /// Where the next page begins.
    pub next: Option<crate::query::Cursor>,
}
