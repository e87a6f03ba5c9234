//! How operations write records beside cases (the record and the event, nothing if nothing changed) and
//! read them page by page.

use crate::desk::{Context, Found};
use crate::error::Result;
use crate::model::{FieldChange, FromEntity, What};
use crate::query::{Cursor, Direction, Filter, Query};
use crate::rules::given::New;

/// A page of records of one kind: the answer of a list.
macro_rules! page {
    ($(#[$doc:meta])* $page:ident { $(#[$of:meta])* $records:ident: $record:ty }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $page {
            $(#[$of])*
            pub $records: Vec<$record>,
            /// Where the next page begins; null when this was the last.
            pub next: Option<$crate::query::Cursor>,
        }

        impl From<$crate::desk::Found<$record>> for $page {
            fn from(found: $crate::desk::Found<$record>) -> Self {
                Self {
                    $records: found.records,
                    next: found.next,
                }
            }
        }
    };
}
pub(crate) use page;

impl Context {
    /// Stages a new record and its event.
    pub(crate) fn create<T: FromEntity + New>(&mut self, record: &mut T) {
        self.put(record);
        self.event(What::Created, None, record.key(), record.given());
    }

    /// Stages an edited record and what changed; nothing if nothing did.
    pub(crate) fn save<T: FromEntity>(&mut self, record: &mut T, changes: Vec<FieldChange>) {
        if changes.is_empty() {
            return;
        }
        self.put(record);
        self.event(What::Changed, None, record.key(), changes);
    }

    /// The page of the records that `filter` holds for, by name.
    pub(crate) async fn by_name<T: FromEntity, P: From<Found<T>>>(
        &mut self,
        filter: Filter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<P> {
        let query = Query::all(self.workspace_id(), T::KIND)
            .filter(filter)
            .sort("name", Direction::Ascending);
        Ok(self.page(query, after, limit).await?.into())
    }

    /// The page of `query` that begins at `after`.
    pub(crate) async fn page<T: FromEntity>(
        &mut self,
        mut query: Query,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Found<T>> {
        query.after = after.cloned();
        self.find(&query.limit(limit)).await
    }
}
