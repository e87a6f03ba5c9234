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
/// # Behavior
/// - a refusal is an error of kind `Denied` that names the operation.
/// - it decides from the request alone, without I/O.
/// - every operation asks once before it begins, when neither case nor customer is known, and again for
///   each case and each customer that its input names or leads to: an entry, an activity or a relation
///   leads to its case. So a policy must allow what it cannot judge yet.
/// - a case is asked about as it was before the operation; one that is opened, as it is to be.
/// - a refusal that concerns a case looks to a customer as if there were no such case.
/// - lists, searches, counts and figures of cases do not ask about each case: they are narrowed by
///   [`Policy::cases`], those of customers by [`Policy::customers`].
/// - related and linked cases, the cases of a journey, of messages to send and of a customer's news are
///   asked about one by one, and left out if refused.
/// - not narrowed are the events and the audit of the workspace, which need the right to supervise, how
///   many activities there are, and when a customer was first and last in contact.
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
