//! Workspaces, agents, products, organisations, customers and their journey, through the public API.

#[cfg(test)]
#[path = "../desk/mod.rs"]
mod desk;
