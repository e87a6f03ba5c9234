//! The sockets: what casekit needs from outside, each a trait with a contract.

mod clock;
mod guarded;
mod policy;
mod route;
mod store;

pub use clock::{Clock, Ids, SystemClock, SystemIds};
pub use guarded::Guarded;
pub use policy::{Access, Policy, Request, RolePolicy};
pub use route::{Placement, RouteByWorkspace};
pub use store::{Lookup, Store};
