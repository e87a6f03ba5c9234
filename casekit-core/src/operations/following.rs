//! What the cases of a customer repeat of them, and how it follows the customer's record.

use crate::desk::Context;
use crate::error::Result;
use crate::model::{Case, Customer, CustomerId, FieldChange, Kind, OrganisationId, Stored, What};
use crate::query::{Filter, Query};

/// The most cases, and the most activities, that one edit or merge of a customer can affect.
pub(crate) const MAX_AFFECTED: usize = 10_000;

/// What the cases of a customer repeat of them, so that lists of cases need only cases.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repeated {
    name: String,
    organisation: Option<OrganisationId>,
}

impl Repeated {
    pub(crate) fn of(customer: &Customer) -> Self {
        Self {
            name: customer.display_name().to_owned(),
            organisation: customer.organisation,
        }
    }
}

impl Context {
    /// Makes the cases of `customer` repeat who they are now.
    pub(crate) async fn cases_follow(&mut self, customer: &Customer) -> Result<()> {
        for mut case in self.cases_of(customer.id).await? {
            self.case_follows(&mut case, customer);
        }
        Ok(())
    }

    /// All cases of a customer, merged ones too.
    pub(crate) async fn cases_of(&mut self, customer: CustomerId) -> Result<Vec<Case>> {
        let query =
            Query::all(self.workspace_id(), Kind::Case).filter(Filter::equal("customer", customer));
        self.find_all(query, MAX_AFFECTED).await
    }

    /// Makes `case` one of `customer`, as they are now. It is no update of the case: its place in
    /// lists and its waiting stay.
    pub(crate) fn case_follows(&mut self, case: &mut Case, customer: &Customer) {
        let Repeated { name, organisation } = Repeated::of(customer);
        let mut changes = Vec::new();
        if case.customer != customer.id {
            changes.push(FieldChange::new("customer", case.customer, customer.id));
            case.customer = customer.id;
        }
        if case.customer_name != name {
            changes.push(FieldChange::new(
                "customer_name",
                &case.customer_name,
                &name,
            ));
            case.customer_name = name;
        }
        if case.organisation != organisation {
            changes.push(FieldChange::new(
                "organisation",
                case.organisation,
                organisation,
            ));
            case.organisation = organisation;
        }
        if !changes.is_empty() {
            self.put(case);
            self.event(What::Changed, Some(case.id), case.key(), changes);
        }
    }
}
