//! How operations write records beside cases (the record and the event, nothing if nothing changed) and
//! read them page by page.

use crate::desk::{Context, Found};
use crate::error::Result;
use crate::model::{FieldChange, FromEntity, What};
use crate::query::{Cursor, Query};
use crate::rules::given::New;

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
