//! What a host can put in place of casekit's own: the clock, the ids, the policy, the store.
//!
//! The Python half (`casekit._plugins`) runs what the host wrote in threads that Python knows, or in an event
//! loop, and answers when it is done. So a plugin that blocks holds up nobody else, one that never answers
//! is given up after a time, and the interpreter can end while one runs.

mod bridge;
mod broken;
mod clock;
mod policy;
mod store;

pub(crate) use bridge::Plugin;
pub(crate) use broken::{unbroken, watched};
pub(crate) use clock::{PluginClock, PluginIds};
pub(crate) use policy::PluginPolicy;
pub(crate) use store::PluginStore;
