//! Who may do what.

use crate::error::{Error, Result};
use crate::model::{Actor, Agent, Case, Customer, Role};
use crate::query::Filter;
use crate::send::{MaybeSend, MaybeSync};

/// What an operation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// To see cases and customers.
    Read,
    /// To work cases.
    Work,
    /// To merge, and to see what others keep for themselves.
    Supervise,
    /// To change settings, and to delete for good.
    Administer,
}

/// Who asks to do what.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub actor: Actor,
    /// The agent's record, when an agent asks.
    pub agent: Option<&'a Agent>,
    /// The name of the operation.
    pub operation: &'a str,
    /// What it asks for.
    pub access: Access,
    /// The case that it is about, once it is known.
    pub case: Option<&'a Case>,
    /// The customer that it is about, once they are known.
    pub customer: Option<&'a Customer>,
}

/// Decides who may do what. What customers may see is not decided here but by the types of their
/// operations; a policy can only forbid them more.
///
/// It decides from the request alone, without I/O. Not asked about are the events and the audit of the
/// workspace, which need the right to supervise, how many activities there are, and when a customer was first
/// and last in contact.
///
/// # Behavior
/// - `a_case_that_is_refused_cannot_be_reached_in_any_way`: every operation asks once before it begins, when
///   neither case nor customer is known, and again for each case and each customer that its input names or
///   leads to: an entry, an activity or a relation leads to its case. So a policy must allow what it cannot
///   judge yet. A case is asked about as it was before the operation; one that is opened, as it is to be.
///   A refusal is an error of kind `Denied` that names the operation.
/// - `a_case_that_was_merged_is_asked_about_as_the_one_it_went_into`: for there its contents are.
/// - `a_customer_can_be_refused`: as a case can.
/// - `what_is_refused_to_a_customer_looks_as_if_it_did_not_exist`: if it concerns a case.
/// - `of_many_cases_those_that_are_refused_have_an_error`: the others are worked on.
/// - `lists_and_searches_are_narrowed`: they do not ask about each case, but give those that
///   [`Policy::cases`] lets through.
/// - `counts_and_figures_are_narrowed`: in the same way.
/// - `lists_of_customers_are_narrowed`: by [`Policy::customers`].
/// - `a_related_case_that_is_refused_is_not_shown`: related and linked cases, the cases of messages to send
///   and of a customer's news are asked about one by one, and left out if refused.
/// - `a_journey_names_no_case_that_is_refused`: in the same way.
pub trait Policy: std::fmt::Debug + MaybeSend + MaybeSync {
    /// Allows the request, or says why not.
    fn decide(&self, request: &Request<'_>) -> Result<()>;

    /// Which cases lists and searches may give to who asks, by the fields that [`Case`] declares; by
    /// default all.
    fn cases(&self, request: &Request<'_>) -> Filter {
        let _ = request;
        Filter::all()
    }

    /// Which customers lists may give to who asks, by the fields that [`Customer`] declares; by default
    /// all.
    fn customers(&self, request: &Request<'_>) -> Filter {
        let _ = request;
        Filter::all()
    }
}

/// The default: by role. The host's own programs may do everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct RolePolicy;

impl Policy for RolePolicy {
    fn decide(&self, request: &Request<'_>) -> Result<()> {
        let Some(agent) = request.agent else {
            return Ok(());
        };
        let needed = match request.access {
            Access::Read | Access::Work => Role::Agent,
            Access::Supervise => Role::Supervisor,
            Access::Administer => Role::Admin,
        };
        if agent.role >= needed {
            return Ok(());
        }
        let role = match needed {
            Role::Agent => "an agent",
            Role::Supervisor => "a supervisor",
            Role::Admin => "an admin",
        };
        Err(Error::denied(
            request.operation,
            format_args!("it needs {role}"),
        ))
    }
}
