//! Customers: the people served.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Kind;
use super::edited::Edited;
use super::fields::{CustomValues, indexed_values};
use super::ids::{CustomerId, OrganisationId, WorkspaceId};
use super::record::{Field, SearchText, Stored, Taken, Unique, Version};
use super::time::Time;
use super::value::{Holds, Value};
use crate::query::sort_key;

/// A person served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Customer {
    /// The id.
    pub id: CustomerId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The name.
    pub name: String,
    /// E-mail addresses, the preferred one first; each belongs to one customer.
    pub emails: Vec<String>,
    /// Phone numbers, the preferred one first; each belongs to one customer.
    pub phones: Vec<String>,
    /// The organisation they belong to.
    pub organisation: Option<OrganisationId>,
    /// The default language, a BCP 47 tag.
    pub language: Option<String>,
    /// Ids in other systems, by the name of the system; each belongs to one customer.
    pub external_ids: BTreeMap<String, String>,
    /// For staff only.
    pub notes: String,
    /// The workspace's own fields.
    pub custom: CustomValues,
    /// The customer that this one was merged into: this record is then a stub that resolves there.
    pub merged_into: Option<CustomerId>,
    /// When the record was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// The version at which each field was last changed.
    #[serde(default)]
    pub edited: Edited,
}

impl Customer {
    /// The name to show: the name, else an address or number.
    pub fn display_name(&self) -> &str {
        let name = Some(self.name.as_str()).filter(|name| !name.is_empty());
        name.or(self.emails.first().map(String::as_str))
            .or(self.phones.first().map(String::as_str))
            .unwrap_or("unknown")
    }
}

/// The form in which e-mail addresses are compared: without blanks around, in lower case.
pub fn normal_email(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The form in which phone numbers are compared: digits, with a leading + if there is one; 00 is +.
pub fn normal_phone(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None if number.trim_start().starts_with('+') => format!("+{digits}"),
        None => digits,
    }
}

impl Stored for Customer {
    type Id = CustomerId;
    const KIND: Kind = Kind::Customer;
    const NOUN: &'static str = "customer";
    const FIELDS: &'static [Field<Self>] = &[
        Field::one("name", Holds::Text, |c| {
            Value::Text(sort_key(c.display_name()))
        }),
        Field::one("organisation", Holds::Id, |c| c.organisation.into()),
        Field::one("created_at", Holds::Time, |c| c.created_at.into()),
        Field::one("updated_at", Holds::Time, |c| c.updated_at.into()),
        Field::one("merged", Holds::Bool, |c| c.merged_into.is_some().into()),
        Field::one("merged_into", Holds::Id, |c| c.merged_into.into()),
        Field::named("custom", |c| indexed_values(&c.custom)),
    ];
    const INDEXES: &'static [&'static [&'static str]] = &[
        &["merged", "name"],
        &["organisation", "name"],
        &["merged_into"],
    ];
    const TAKEN: &'static [Taken] = &[
        Taken {
            name: "customer_email",
            told: "the e-mail address {} already belongs to another customer",
        },
        Taken {
            name: "customer_phone",
            told: "the phone number {} already belongs to another customer",
        },
        Taken {
            name: "customer_external_id",
            told: "the id {} already belongs to another customer",
        },
    ];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> CustomerId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        let emails = self
            .emails
            .iter()
            .map(|e| Unique::new("customer_email", normal_email(e)));
        let phones = self
            .phones
            .iter()
            .map(|p| Unique::new("customer_phone", normal_phone(p)));
        let external = self.external_ids.iter();
        let external = external
            .map(|(system, id)| Unique::new("customer_external_id", format!("{system}:{id}")));
        emails.chain(phones).chain(external).collect()
    }

    fn search_text(&self) -> Option<SearchText> {
        // A number is found as it is written and as it is dialled.
        let dialled = self.phones.iter().map(|phone| normal_phone(phone));
        let words: Vec<String> = std::iter::once(self.name.clone())
            .chain(self.emails.iter().cloned())
            .chain(self.phones.iter().cloned())
            .chain(dialled)
            .collect();
        self.merged_into.is_none().then(|| SearchText {
            owner: self.key(),
            public: String::new(),
            internal: words.join(" "),
        })
    }
}
