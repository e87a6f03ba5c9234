//! Workspaces, agents, products, organisations, customers and their journey, through the public API.

#[cfg(test)]
mod agents;
#[cfg(test)]
mod customer_merge;
#[cfg(test)]
mod customers;
#[cfg(test)]
#[path = "../desk/mod.rs"]
mod desk;
#[cfg(test)]
mod journey;
mod limits;
#[cfg(test)]
mod move_activity;
#[cfg(test)]
mod one_person;
#[cfg(test)]
mod organisations;
#[cfg(test)]
mod products;
#[cfg(test)]
mod race;
#[cfg(test)]
mod statistics;
#[cfg(test)]
mod workspaces;
