//! What the names of tables begin with.

use std::borrow::Cow;
use std::sync::Arc;

use casekit_core::Result;

use crate::schema::{PREFIX, checked};

/// What the names of tables begin with in a database. Our statements are written for [`PREFIX`], which stands in
/// them for nothing else; another one is put in its place when they are run.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Option<Arc<str>>);

impl Names {
    /// Names that begin with `prefix`, if they can.
    pub(super) fn beginning(prefix: &str) -> Result<Self> {
        let other = (checked(prefix)? != PREFIX).then(|| prefix.into());
        Ok(Self(other))
    }

    /// A statement with these names.
    pub(super) fn put_into<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        match &self.0 {
            None => Cow::Borrowed(sql),
            Some(prefix) => Cow::Owned(sql.replace(PREFIX, prefix)),
        }
    }
}
