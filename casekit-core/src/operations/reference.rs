//! How inputs refer to cases and customers, and how these are loaded.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value as Json;

use crate::desk::Context;
use crate::error::unreadable::{shown, told};
use crate::error::{Error, Result};
use crate::json::Node;
use crate::model::{
    Activity, ActivityId, Case, CaseId, CustomValues, Customer, CustomerId, Entry, EntryId,
    FieldTarget, FromEntity, Kind, Relation, RelationId, Tombstone, Unique, Value, Version,
    normal_email, normal_phone,
};
use crate::query::{Filter, Query};
use crate::rules::{contact, length, locale};

/// How many merged cases are followed to the one they went into.
const REDIRECTS: usize = 32;

/// A case by its id or by its number: in JSON a UUID or a number.
///
/// A case that was merged stands for the one it went into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum CaseRef {
    /// By its number.
    Number(u64),
    /// By its id.
    Id(CaseId),
}

impl<'de> Deserialize<'de> for CaseRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        let id = json.as_str().and_then(|text| text.parse().ok());
        let number = json.as_u64().map(Self::Number);
        number.or(id.map(Self::Id)).ok_or_else(|| {
            let given = shown(&json);
            de::Error::custom(format!(
                "a case is named by its number or its id, not {given}"
            ))
        })
    }
}

impl From<CaseId> for CaseRef {
    fn from(id: CaseId) -> Self {
        Self::Id(id)
    }
}

impl From<&Case> for CaseRef {
    fn from(case: &Case) -> Self {
        Self::Id(case.id)
    }
}

impl From<u64> for CaseRef {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl std::fmt::Display for CaseRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "case `{number}`"),
            Self::Id(id) => write!(f, "case `{id}`"),
        }
    }
}

/// A customer by id, or by an address or number under which they are found or else created: in JSON
/// a UUID or an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum CustomerRef {
    /// By id.
    Id(CustomerId),
    /// By what they gave.
    Contact(Contact),
}

impl<'de> Deserialize<'de> for CustomerRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::deserialize(deserializer)?;
        if matches!(node, Node::Object(_)) {
            let contact = Contact::deserialize(&node).map_err(|error| told(&error));
            return contact.map(Self::Contact).map_err(de::Error::custom);
        }
        let json = Json::deserialize(&node).map_err(de::Error::custom)?;
        let id = json.as_str().and_then(|text| text.parse().ok());
        id.map(Self::Id).ok_or_else(|| {
            let given = shown(&json);
            de::Error::custom(format!(
                "a customer is named by their id, or by an object with `email` or `phone`, not {given}"
            ))
        })
    }
}

impl From<CustomerId> for CustomerRef {
    fn from(id: CustomerId) -> Self {
        Self::Id(id)
    }
}

impl From<Contact> for CustomerRef {
    fn from(contact: Contact) -> Self {
        Self::Contact(contact)
    }
}

/// What somebody gave when they got in touch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The phone number.
    pub phone: Option<String>,
    /// The language, a BCP 47 tag.
    pub language: Option<String>,
}

impl Contact {
    /// Somebody known by an e-mail address.
    pub fn email(name: &str, address: &str) -> Self {
        Self {
            name: name.to_owned(),
            email: Some(address.to_owned()),
            ..Self::default()
        }
    }

    /// Somebody known by a phone number.
    pub fn phone(name: &str, number: &str) -> Self {
        Self {
            name: name.to_owned(),
            phone: Some(number.to_owned()),
            ..Self::default()
        }
    }

    fn keys(&self) -> Result<Vec<Unique>> {
        let mut keys = Vec::new();
        if let Some(address) = &self.email {
            contact::email(address)?;
            keys.push(Unique::new("customer_email", normal_email(address)));
        }
        if let Some(number) = &self.phone {
            contact::phone(number)?;
            keys.push(Unique::new("customer_phone", normal_phone(number)));
        }
        Ok(keys)
    }
}

impl Context {
    /// The case; the one it was merged into, if it was: that is the one the policy is asked about.
    pub(crate) async fn case(&mut self, case: CaseRef) -> Result<Case> {
        let found = self.found_case(case).await?;
        let survivor = self.follow_case(found).await?;
        self.allow_case(&survivor).map(|()| survivor)
    }

    /// The case that `found` was merged into, or itself.
    async fn follow_case(&mut self, mut found: Case) -> Result<Case> {
        for _ in 0..REDIRECTS {
            match found.merged_into {
                None => return Ok(found),
                Some(next) => found = self.get(next).await?,
            }
        }
        Err(Error::bug("merged cases point to each other in a circle"))
    }

    /// The case, refused if it was merged into another: for what was meant for the one that was seen.
    pub(crate) async fn unmerged_case(&mut self, case: CaseRef) -> Result<Case> {
        let found = self.found_case(case).await?;
        let target = self.follow_case(found.clone()).await?;
        self.allow_case(&target)?;
        if found.id == target.id {
            return Ok(found);
        }
        let conflict = format!("{} was merged into {}", found.name(), target.name());
        Err(Error::conflict(conflict).with_details(serde_json::json!({ "merged_into": target.id })))
    }

    /// The case; the one it was merged into, if it was and nobody says that they saw a version of it.
    pub(crate) async fn case_as_seen(
        &mut self,
        case: CaseRef,
        seen: Option<Version>,
    ) -> Result<Case> {
        match seen {
            Some(_) => self.unmerged_case(case).await,
            None => self.case(case).await,
        }
    }

    /// The case itself, even if it was merged into another.
    pub(crate) async fn exact_case(&mut self, case: CaseRef) -> Result<Case> {
        let found = self.found_case(case).await?;
        self.allow_case(&found).map(|()| found)
    }

    async fn found_case(&mut self, case: CaseRef) -> Result<Case> {
        let found = match case {
            CaseRef::Id(id) => self.find_one::<Case>(id).await?,
            CaseRef::Number(number) => self.case_by_number(number).await?,
        };
        match found {
            Some(case) => Ok(case),
            None => Err(self.absent(case).await?),
        }
    }

    /// The cases with these ids, in order, in one round trip; none in the place of one that is not there,
    /// and of one that the operation may not deal with.
    pub(crate) async fn allowed_cases(
        &mut self,
        ids: impl Iterator<Item = CaseId>,
    ) -> Result<Vec<Option<Arc<Case>>>> {
        let keys: Vec<_> = ids.map(|id| self.key(Kind::Case, id.0)).collect();
        let cases = self.load(&keys).await?.into_iter();
        let cases = cases.map(|case| Case::shared(case?));
        Ok(cases
            .map(|case| case.filter(|case| self.allow_case(case).is_ok()))
            .collect())
    }

    /// The cases with these ids, each as the one that it was merged into if it was; without those that are
    /// not there, and those that the operation may not deal with.
    pub(crate) async fn surviving_cases(&mut self, ids: Vec<CaseId>) -> Result<Vec<Arc<Case>>> {
        let keys: Vec<_> = ids.iter().map(|id| self.key(Kind::Case, id.0)).collect();
        let found = self.load(&keys).await?.into_iter();
        let found: Vec<_> = found.filter_map(|case| Case::shared(case?)).collect();
        // Only stubs lead to a second round trip.
        let ids = found.iter().map(|case| case.merged_into.unwrap_or(case.id));
        let survivors = self.allowed_cases(ids).await?;
        Ok(survivors.into_iter().flatten().collect())
    }

    /// The entry, if the operation may deal with its case.
    pub(crate) async fn entry(&mut self, id: EntryId) -> Result<Entry> {
        let entry: Entry = self.get(id).await?;
        self.exact_case(entry.case.into()).await?;
        Ok(entry)
    }

    /// The activity, if the operation may deal with its case.
    pub(crate) async fn known_activity(&mut self, id: ActivityId) -> Result<Activity> {
        let activity: Activity = self.get(id).await?;
        self.exact_case(activity.case.into()).await?;
        Ok(activity)
    }

    /// The relation with the cases at its ends, if the operation may deal with both.
    pub(crate) async fn known_relation(
        &mut self,
        id: RelationId,
    ) -> Result<(Relation, Case, Case)> {
        let relation: Relation = self.get(id).await?;
        let case = self.exact_case(relation.case.into()).await?;
        let to = self.exact_case(relation.to.into()).await?;
        Ok((relation, case, to))
    }

    async fn case_by_number(&mut self, number: u64) -> Result<Option<Case>> {
        let found = self.cases_by_number(&[number]).await?;
        Ok(found.into_values().next())
    }

    /// The cases with these numbers, as far as there are any, in one round trip.
    pub(crate) async fn cases_by_number(&mut self, numbers: &[u64]) -> Result<BTreeMap<u64, Case>> {
        let Some(limit) = u32::try_from(numbers.len()).ok().filter(|limit| *limit > 0) else {
            return Ok(BTreeMap::new());
        };
        let numbers = numbers
            .iter()
            .map(|number| Value::Int(number.cast_signed()));
        let query = Query::all(self.workspace_id(), Kind::Case)
            .filter(Filter::is_in("number", numbers))
            .limit(limit);
        let found = self.find::<Case>(&query).await?.records.into_iter();
        Ok(found.map(|case| (case.number, case)).collect())
    }

    /// Why there is no such case: staff is told when it was deleted.
    async fn absent(&mut self, case: CaseRef) -> Result<Error> {
        if self.customer().is_ok() {
            return Ok(Error::not_found(case));
        }
        let tombstone: Option<Tombstone> = match case {
            CaseRef::Id(id) => self.find_one(id).await?,
            CaseRef::Number(number) => {
                let filter = Filter::equal("number", Value::Int(number.cast_signed()));
                let query = Query::all(self.workspace_id(), Kind::Tombstone);
                self.find(&query.filter(filter).limit(1))
                    .await?
                    .records
                    .pop()
            }
        };
        Ok(match tombstone {
            None => Error::not_found(case),
            Some(stone) => Error::new(
                crate::ErrorKind::NotFound,
                format!(
                    "case {} was deleted on {}",
                    stone.number,
                    stone.at.date_naive()
                ),
            ),
        })
    }

    /// The customer with this id; the one they were merged into, if they were.
    pub(crate) async fn known_customer(&mut self, id: CustomerId) -> Result<Customer> {
        let customer = self.get(id).await?;
        self.survivor(customer).await
    }

    /// The customer that `customer` was merged into, or itself, if the operation may deal with them.
    pub(crate) async fn survivor(&mut self, customer: Customer) -> Result<Customer> {
        let customer = self.follow_customer(customer).await?;
        self.allow_customer(&customer).map(|()| customer)
    }

    /// The customer, found or else created.
    pub(crate) async fn customer_for(&mut self, reference: &CustomerRef) -> Result<Customer> {
        let contact = match reference {
            CustomerRef::Id(id) => return self.known_customer(*id).await,
            CustomerRef::Contact(contact) => contact,
        };
        match self.customer_with(contact).await? {
            Some(customer) => Ok(customer),
            None => self.create_customer_from(contact),
        }
    }

    /// The customer with the address or number of `contact`, if there is one.
    pub(crate) async fn customer_with(&mut self, contact: &Contact) -> Result<Option<Customer>> {
        length::at_most("name", &contact.name, length::NAME)?;
        locale::given_language("language", contact.language.as_ref())?;
        let keys = contact.keys()?;
        if keys.is_empty() {
            return Err(Error::invalid(
                "a customer is found by `email` or `phone`: give one of them",
            ));
        }
        let found = self.by_uniques::<Customer>(keys).await?;
        match found.into_iter().flatten().next() {
            Some(customer) => Ok(Some(self.survivor(customer).await?)),
            None => Ok(None),
        }
    }

    /// The defaults of custom fields, where nobody can be asked for those that are required.
    pub(crate) fn default_values(&self, target: FieldTarget) -> Result<CustomValues> {
        let definitions = self.workspace()?.fields.iter();
        let open = definitions.filter(|field| field.target == target && !field.retired);
        Ok(open
            .filter_map(|field| Some((field.key.clone(), field.default.clone()?)))
            .collect())
    }

    /// Stages a new customer known by `contact`.
    pub(crate) fn create_customer_from(&mut self, contact: &Contact) -> Result<Customer> {
        let custom = self.default_values(FieldTarget::Customer)?;
        let mut customer = Customer {
            id: self.new_id(),
            workspace: self.workspace_id(),
            version: Version(0),
            name: contact.name.trim().to_owned(),
            emails: contact.email.iter().map(|e| e.trim().to_owned()).collect(),
            phones: contact.phone.iter().map(|p| p.trim().to_owned()).collect(),
            organisation: None,
            language: locale::given_language("language", contact.language.as_ref())?,
            external_ids: std::collections::BTreeMap::new(),
            notes: String::new(),
            custom,
            merged_into: None,
            created_at: self.now(),
            updated_at: self.now(),
            edited: crate::model::Edited::default(),
        };
        self.create(&mut customer);
        Ok(customer)
    }
}
