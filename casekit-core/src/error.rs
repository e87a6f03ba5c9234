//! What can go wrong, for people and for programs.

pub(crate) mod unreadable;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::model::{Key, Unique};

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it is: match on this, never on the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such record, or the one who asks may not know that there is.
    NotFound,
    /// The input is not acceptable; the message says what would be.
    Invalid,
    /// Somebody else changed the same thing first.
    Conflict,
    /// A value that must be unique is already held by another record.
    Taken,
    /// The actor may not do this.
    Denied,
    /// A bound was reached: too many items, too large, too many attempts.
    Limit,
    /// The store or another port could not be reached; trying again can help.
    Unavailable,
    /// The store's data cannot be used: a newer version, not a casekit database, damaged.
    Storage,
    /// This port does not offer what was asked for.
    Unsupported,
    /// A broken promise inside casekit or an adapter: please report it.
    Bug,
}

/// An error with a kind for programs and a message for people.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: Cow<'static, str>,
    details: Option<Box<Json>>,
    stale: Vec<Key>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind`. Messages are lower case, without a full stop, user input in backticks.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            details: None,
            stale: Vec::new(),
            source: None,
        }
    }

    /// Input that is not acceptable.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// `what` (as in "case `42`") does not exist, or the actor may not know that it does.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(ErrorKind::NotFound, format!("{what} was not found"))
    }

    /// A change that came too late, to be told to the caller (never retried by the engine).
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// A commit that saw records which have changed since: the engine runs the operation again.
    pub fn stale(keys: Vec<Key>) -> Self {
        let mut error = Self::new(
            ErrorKind::Conflict,
            "the records were changed by somebody else at the same moment",
        );
        error.stale = keys;
        error
    }

    /// The unique value `value` of `name` is already held by `holder`.
    pub fn taken(name: &str, value: &str, holder: &Key) -> Self {
        let declared = holder.kind.declaration().taken.iter();
        let message = match declared.copied().find(|taken| taken.name == name) {
            Some(taken) => taken.told.replace("{}", &format!("`{value}`")),
            None => format!("{name} `{value}` already belongs to another record"),
        };
        Self::new(ErrorKind::Taken, message)
            .with_details(serde_json::json!({ "name": name, "value": value, "holder": holder.id }))
    }

    /// The actor may not do `action`.
    pub fn denied(action: &str, why: impl std::fmt::Display) -> Self {
        Self::new(
            ErrorKind::Denied,
            format!("`{action}` is not allowed: {why}"),
        )
        .with_details(serde_json::json!({ "action": action }))
    }

    /// A broken promise inside casekit or an adapter.
    pub fn bug(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Bug, message)
    }

    /// The store cannot be reached at the moment.
    pub fn unavailable(
        message: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::new(ErrorKind::Unavailable, message).with_source(source)
    }

    /// Attaches facts for programs, a JSON object.
    #[must_use]
    pub fn with_details(mut self, details: Json) -> Self {
        self.details = Some(Box::new(details));
        self
    }

    /// Attaches the error that caused this one.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind, to match on.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Facts for programs: for a conflict the field and its current value, for a taken value its holder.
    pub fn details(&self) -> Option<&Json> {
        self.details.as_deref()
    }

    /// Whether it says that `unique` is held by another record.
    pub(crate) fn is_taken(&self, unique: &Unique) -> bool {
        let says = |fact: &str, value: &str| {
            let details = self.details().and_then(|details| details.get(fact));
            details.and_then(Json::as_str) == Some(value)
        };
        self.kind == ErrorKind::Taken && says("name", &unique.name) && says("value", &unique.value)
    }

    /// The records that had changed, when a commit was refused for that; empty otherwise.
    pub fn stale_keys(&self) -> &[Key] {
        &self.stale
    }

    /// Whether the store, or another port, could not be reached.
    pub(crate) fn is_away(&self) -> bool {
        self.kind == ErrorKind::Unavailable && self.stale.is_empty()
    }

    /// Says which records others kept changing.
    #[must_use]
    pub(crate) fn with_stale(mut self, keys: Vec<Key>) -> Self {
        self.stale = keys;
        self
    }

    /// Whether the same call can succeed later without a change by the caller.
    pub fn is_retryable(&self) -> bool {
        self.kind == ErrorKind::Unavailable || !self.stale.is_empty()
    }

    /// What hosts in other languages receive: `{"kind", "message", "details", "retryable"}`.
    pub fn to_wire(&self) -> WireError {
        WireError {
            kind: self.kind,
            message: self.message.clone().into_owned(),
            details: self.details.as_deref().cloned(),
            retryable: self.is_retryable(),
        }
    }
}

/// An [`Error`] as it travels to another language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WireError {
    /// The kind, to match on.
    pub kind: ErrorKind,
    /// The message for people.
    pub message: String,
    /// Facts for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Json>,
    /// Whether the same call can succeed later.
    pub retryable: bool,
}

impl From<WireError> for Error {
    fn from(wire: WireError) -> Self {
        let error = Self::new(wire.kind, wire.message);
        match wire.details {
            Some(details) => error.with_details(details),
            None => error,
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::invalid(format!(
            "the input does not have the expected form: {}",
            unreadable::told(&error)
        ))
    }
}
