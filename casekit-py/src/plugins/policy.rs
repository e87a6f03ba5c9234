//! The host's policy.

use casekit_core::Result;
use casekit_core::model::{Actor, Agent, Case, Customer};
use casekit_core::port::{Access, Policy, Request};
use casekit_core::query::Filter;
use serde::Serialize;

use super::bridge::Plugin;
use super::broken::broke;

/// A policy of the host.
#[derive(Debug)]
pub(crate) struct PluginPolicy(pub(crate) Plugin);

/// A request as it travels to the host.
#[derive(Serialize)]
struct Asked<'a> {
    actor: Actor,
    agent: Option<&'a Agent>,
    operation: &'a str,
    access: &'static str,
    case: Option<&'a Case>,
    customer: Option<&'a Customer>,
}

impl<'a> From<&Request<'a>> for Asked<'a> {
    fn from(request: &Request<'a>) -> Self {
        let Request {
            actor,
            agent,
            operation,
            access,
            case,
            customer,
        } = *request;
        let access = match access {
            Access::Read => "read",
            Access::Work => "work",
            Access::Supervise => "supervise",
            Access::Administer => "administer",
        };
        Self {
            actor,
            agent,
            operation,
            access,
            case,
            customer,
        }
    }
}

impl PluginPolicy {
    fn filter(&self, method: &'static str, request: &Request<'_>) -> Filter {
        let filter = self.0.ask_now(method, &Asked::from(request));
        filter.unwrap_or_else(|error| {
            broke(error);
            // Nothing: what cannot be asked about is not shown.
            Filter::Any(Vec::new())
        })
    }
}

impl Policy for PluginPolicy {
    fn decide(&self, request: &Request<'_>) -> Result<()> {
        self.0.ask_now("decide", &Asked::from(request))
    }

    fn cases(&self, request: &Request<'_>) -> Filter {
        self.filter("cases", request)
    }

    fn customers(&self, request: &Request<'_>) -> Filter {
        self.filter("customers", request)
    }
}
