//! Workspaces, agents, products, organisations, customers and their journey.

mod agents;
mod customer_merge;
mod customers;
mod desk;
mod journey;
mod limits;
mod move_activity;
mod one_person;
mod organisations;
mod products;
mod race;
mod statistics;
mod workspaces;
