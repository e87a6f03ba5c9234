//! What a customer's cases add up to, and the cases themselves.

use serde::{Deserialize, Serialize};

use super::figures::Figures;
use super::finding::fifty;
use super::{CasePage, CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{CustomerId, Kind, Time, Value};
use crate::port::Access;
use crate::query::{Aggregate, Comparison, Cursor, Direction, Filter, Measure, Query};

/// Shows what a customer's cases add up to, and the cases, newest first.
///
/// Of a customer who was merged, those of the one they went into. Cases that were merged into others
/// do not count: those they went into do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomerStatistics {
    /// The customer.
    pub customer: CustomerId,
    /// The case that is looked at: it is counted, but not listed.
    #[serde(default)]
    pub leave_out: Option<CaseRef>,
    /// Where the page of cases begins: `next` of the one before.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many cases, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

impl CustomerStatistics {
    /// The statistics of a customer, with the first page of all their cases.
    pub fn of(customer: CustomerId) -> Self {
        Self {
            customer,
            leave_out: None,
            after: None,
            limit: fifty(),
        }
    }
}

/// What a customer's cases add up to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomerHistory {
    /// The numbers.
    pub figures: CustomerFigures,
    /// The cases, newest first, without the one that is looked at.
    pub cases: CasePage,
}

/// The numbers of a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomerFigures {
    /// Active cases.
    pub open: u64,
    /// Closed cases.
    pub closed: u64,
    /// How often cases were reopened, all together.
    pub reopened: u64,
    /// Public messages and calls, in both directions.
    pub messages: u64,
    /// When the first of their activities began, or they first wrote or called if that was before; none
    /// if there was none.
    pub first_contact: Option<Time>,
    /// When they last wrote or called, or their last activity began; none if there was none.
    pub last_contact: Option<Time>,
    /// The mean time from opening to the first public reply, in milliseconds; none without a reply.
    pub mean_first_response_ms: Option<u64>,
    /// The mean time from opening to closing of the closed cases, in milliseconds; none without one.
    pub mean_resolution_ms: Option<u64>,
}

impl Operation for CustomerStatistics {
    const NAME: &'static str = "customer_statistics";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = CustomerHistory;

    async fn run(&self, cx: &mut Context) -> Result<CustomerHistory> {
        let customer = cx.known_customer(self.customer).await?.id;
        let theirs = Filter::equal("customer", customer).and(Filter::equal("merged", false));
        let figures = cx.figures(customer, &cx.listed(theirs.clone())).await?;
        let mut listed = theirs;
        if let Some(case) = self.leave_out {
            let number = cx.case(case).await?.number;
            let looked_at = Filter::equal("number", Value::Int(number.cast_signed()));
            listed = listed.and(looked_at.negate());
        }
        let query = Query::all(cx.workspace_id(), Kind::Case)
            .filter(cx.listed(listed))
            .sort("opened_at", Direction::Descending);
        let cases = cx.page(query, self.after.as_ref(), self.limit).await?;
        Ok(CustomerHistory {
            figures,
            cases: cases.into(),
        })
    }
}

impl Context {
    async fn figures(&self, customer: CustomerId, theirs: &Filter) -> Result<CustomerFigures> {
        let cases = Figures::of(&self.case_rows(theirs, &[]).await?);
        let mut figures = CustomerFigures {
            open: cases.open,
            closed: cases.closed,
            reopened: cases.reopened,
            messages: cases.messages,
            mean_first_response_ms: cases.mean_first_response_ms,
            mean_resolution_ms: cases.mean_resolution_ms,
            ..CustomerFigures::default()
        };
        // Cases in which they never wrote have a stand-in here, which would be the first.
        let wrote = Filter::compare("customer_last_at", Comparison::Greater, Value::long_ago());
        let wrote = self.span(Kind::Case, theirs.clone().and(wrote), "customer_last_at");
        let began = Filter::equal("customer", customer);
        let began = self.span(Kind::Activity, began, "started_at");
        let (wrote, began) = (wrote.await?, began.await?);
        let times = [wrote, began].into_iter().flatten();
        figures.first_contact = times.clone().map(|(first, _)| first).min();
        figures.last_contact = times.map(|(_, last)| last).max();
        Ok(figures)
    }

    /// The first and the last `field` of the records that `filter` holds for.
    async fn span(&self, kind: Kind, filter: Filter, field: &str) -> Result<Option<(Time, Time)>> {
        let query = Aggregate::count(self.workspace_id(), kind, filter).measures(vec![
            Measure::Min(field.to_owned()),
            Measure::Max(field.to_owned()),
        ]);
        let rows = self.aggregate(&query).await?;
        Ok(rows.first().and_then(|row| match row.values.as_slice() {
            [Value::Time(first), Value::Time(last)] => {
                let time = Time::from_timestamp_millis;
                Some((time(*first)?, time(*last)?))
            }
            _ => None,
        }))
    }
}
