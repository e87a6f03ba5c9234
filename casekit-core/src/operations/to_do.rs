//! Messages with which something has to be done: to be sent, to be sent again, to be accepted.

use serde::{Deserialize, Serialize};

use super::ThreadPage;
use super::reading::hundred;
use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{Body, Delivery, Entry, EntryId, FieldChange, Kind, Stored, ToDo, What};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, Query};

/// Lists the messages of all cases that have to be sent, the oldest first: for the host's mailer, which tells
/// what became of them by `set_delivery`. Or those that could not be delivered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListUndelivered {
    /// Which.
    #[serde(default)]
    pub which: Undelivered,
    /// Continues after an earlier page.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many entries, up to 1,000.
    #[serde(default = "hundred")]
    pub limit: u32,
}

/// Which messages that were not delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Undelivered {
    /// Those that have to be sent.
    #[default]
    Pending,
    /// Those that could not be delivered.
    Failed,
}

impl Default for ListUndelivered {
    fn default() -> Self {
        Self {
            which: Undelivered::Pending,
            after: None,
            limit: hundred(),
        }
    }
}

impl Operation for ListUndelivered {
    const NAME: &'static str = "list_undelivered";
    const ACCESS: Access = Access::Supervise;
    type For = Staff;
    type Output = ThreadPage;

    async fn run(&self, cx: &mut Context) -> Result<ThreadPage> {
        let to_do = match self.which {
            Undelivered::Pending => ToDo::Send,
            Undelivered::Failed => ToDo::Failed,
        };
        let page = cx.messages(to_do, self.after.as_ref(), self.limit);
        page.await
    }
}

/// Lists the messages of people who are not the customer of their case, which the customer does not see until
/// somebody accepts them, the oldest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListStrangers {
    /// Continues after an earlier page.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many entries, up to 1,000.
    #[serde(default = "hundred")]
    pub limit: u32,
}

impl Default for ListStrangers {
    fn default() -> Self {
        Self {
            after: None,
            limit: hundred(),
        }
    }
}

impl Operation for ListStrangers {
    const NAME: &'static str = "list_strangers";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = ThreadPage;

    async fn run(&self, cx: &mut Context) -> Result<ThreadPage> {
        let page = cx.messages(ToDo::Accept, self.after.as_ref(), self.limit);
        page.await
    }
}

impl Context {
    /// The messages of all cases with which something has to be done, the oldest first, without those of cases
    /// that the policy keeps away.
    async fn messages(
        &mut self,
        to_do: ToDo,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<ThreadPage> {
        let query = Query::all(self.workspace_id(), Kind::Entry)
            .filter(Filter::equal("to_do", to_do.name()))
            .sort("at", Direction::Ascending);
        let page = self.page::<Entry>(query, after, limit).await?;
        let cases = page.records.iter().map(|entry| entry.case);
        let cases = self.allowed_cases(cases).await?;
        let entries = page.records.into_iter().zip(cases);
        Ok(ThreadPage {
            entries: entries
                .filter(|(_, case)| case.is_some())
                .map(|(entry, _)| entry)
                .collect(),
            next: page.next,
        })
    }
}

/// Records how far the delivery of a message has come: for the host's mailer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetDelivery {
    /// The entry of the message.
    pub entry: EntryId,
    /// How far.
    pub delivery: Delivery,
}

impl Operation for SetDelivery {
    const NAME: &'static str = "set_delivery";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Entry;

    async fn run(&self, cx: &mut Context) -> Result<Entry> {
        let mut entry = cx.entry(self.entry).await?;
        let Body::Message(message) = &mut entry.body else {
            return Err(Error::invalid("only a message is delivered"));
        };
        if message.delivery != self.delivery {
            let change = FieldChange::new("delivery", &message.delivery, &self.delivery);
            message.delivery.clone_from(&self.delivery);
            cx.put(&mut entry);
            cx.event(
                What::DeliveryChanged,
                Some(entry.case),
                entry.key(),
                vec![change],
            );
        }
        Ok(entry)
    }
}
