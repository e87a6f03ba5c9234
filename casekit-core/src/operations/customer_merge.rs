//! Two records of one person become one.

use serde::{Deserialize, Serialize};

use super::finding::fifty;
use super::following::{MAX_AFFECTED, Repeated};
use super::{CustomerPage, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{Activity, Customer, CustomerId, FieldChange, Kind, Stored, What};
use crate::port::Access;
use crate::query::{Cursor, Filter, Query};
use crate::rules::unite::{self, Apart};

/// Makes two records of one person one.
///
/// The cases and activities of the duplicate become those of the other; more than 10,000 of either are
/// refused. Addresses, numbers and external ids go over; notes are put together; organisation, language
/// and custom fields go over where the other has none. What cannot go over because the other has a value
/// of its own stays with the duplicate, and is named in the answer.
///
/// The duplicate stays as a stub that stands for the other: its id still resolves, and still logs in.
/// One that was merged already stands for the customer that it went into. Refused as a conflict if both
/// are one already.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MergeCustomers {
    /// The record that is given up.
    pub duplicate: CustomerId,
    /// The record that is kept.
    pub into: CustomerId,
}

/// What became of a merge of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomersMerged {
    /// The customer that both are now.
    pub customer: Customer,
    /// The values of the duplicate that could not go over. They stay with it: see
    /// [`ListMergedCustomers`].
    pub apart: Vec<Apart>,
    /// How many cases went over.
    pub cases: u64,
    /// How many activities went over.
    pub activities: u64,
}

impl Operation for MergeCustomers {
    const NAME: &'static str = "merge_customers";
    const ACCESS: Access = Access::Supervise;
    type For = Staff;
    type Output = CustomersMerged;

    async fn run(&self, cx: &mut Context) -> Result<CustomersMerged> {
        if self.duplicate == self.into {
            return Err(Error::invalid(
                "a customer cannot be merged into themselves",
            ));
        }
        let mut duplicate = cx.known_customer(self.duplicate).await?;
        let mut into = cx.known_customer(self.into).await?;
        if duplicate.id == into.id {
            return Err(Error::conflict("both are one customer already")
                .with_details(serde_json::json!({ "customer": into.id })));
        }
        let shown = Repeated::of(&into);
        let united = unite::unite(&mut into, &mut duplicate)?;
        into.updated_at = cx.now();
        duplicate.updated_at = cx.now();

        let cases = cx.cases_of(duplicate.id).await?;
        let moved = cases.len() as u64;
        for mut case in cases {
            cx.case_follows(&mut case, &into);
        }
        if Repeated::of(&into) != shown {
            cx.cases_follow(&into).await?;
        }
        let activities = cx.activities_follow(duplicate.id, into.id).await?;
        cx.stubs_follow(duplicate.id, into.id).await?;

        cx.put(&mut duplicate);
        cx.event(What::Merged, None, duplicate.key(), united.given_up);
        cx.put(&mut into);
        cx.event(What::Merged, None, into.key(), united.gained);
        Ok(CustomersMerged {
            customer: into,
            apart: united.apart,
            cases: moved,
            activities,
        })
    }
}

impl Context {
    async fn activities_follow(&mut self, from: CustomerId, to: CustomerId) -> Result<u64> {
        let query =
            Query::all(self.workspace_id(), Kind::Activity).filter(Filter::equal("customer", from));
        let activities = self.find_all::<Activity>(query, MAX_AFFECTED).await?;
        let moved = activities.len() as u64;
        for mut activity in activities {
            activity.customer = to;
            self.put(&mut activity);
            let changes = vec![FieldChange::new("customer", from, to)];
            self.event(What::Changed, Some(activity.case), activity.key(), changes);
        }
        Ok(moved)
    }

    /// Makes those who were merged into `from` point to `to`, so that every stub is one step away.
    async fn stubs_follow(&mut self, from: CustomerId, to: CustomerId) -> Result<()> {
        let query = Query::all(self.workspace_id(), Kind::Customer)
            .filter(Filter::equal("merged_into", from));
        for mut stub in self.find_all::<Customer>(query, MAX_AFFECTED).await? {
            stub.merged_into = Some(to);
            let changes = vec![FieldChange::new("merged_into", from, to)];
            self.save(&mut stub, changes);
        }
        Ok(())
    }
}

/// Lists the records that were merged into a customer, with what could not go over, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListMergedCustomers {
    /// The customer.
    pub customer: CustomerId,
    /// Where the page begins: `next` of the one before.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

impl ListMergedCustomers {
    /// The first page of those who were merged into a customer.
    pub fn of(customer: CustomerId) -> Self {
        Self {
            customer,
            after: None,
            limit: fifty(),
        }
    }
}

impl Operation for ListMergedCustomers {
    const NAME: &'static str = "list_merged_customers";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = CustomerPage;

    async fn run(&self, cx: &mut Context) -> Result<CustomerPage> {
        let customer = cx.known_customer(self.customer).await?.id;
        let query = Query::all(cx.workspace_id(), Kind::Customer)
            .filter(Filter::equal("merged_into", customer));
        Ok(cx
            .page(query, self.after.as_ref(), self.limit)
            .await?
            .into())
    }
}
