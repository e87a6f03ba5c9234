//! An embeddable help desk: cases with one thread for mail, calls and chats, a case load of what needs
//! attention, and a view for the customer into which nothing internal has a way.
//!
//! ```
//! use casekit_core::{Desk, model::*, operations::*};
//! # use casekit_memory::MemoryStore;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> casekit_core::Result<()> {
//! let desk = Desk::new(MemoryStore::new()); // or casekit_sqlx::SqliteStore::connect("sqlite://desk.db")
//! desk.migrate().await?;
//! let workspace = WorkspaceId(desk.new_id());
//! let system = desk.system(workspace);
//! system.run(CreateWorkspace { name: "Acme".into() }).await?;
//! let anna = system.run(CreateAgent::new("Anna", "anna@acme.example", Role::Agent)).await?;
//! let carla = Contact::email("Carla", "carla@example.com");
//! let case = system.run(OpenCase::new(carla, "My printer").customer_says("It is on fire.")).await?;
//!
//! let agent = desk.agent(workspace, anna.id);
//! let load = agent.run(GetCaseLoad::default()).await?;
//! assert_eq!(load.needs_attention.cases[0].id, case.id);
//! agent.run(TakeCase { case: case.number.into() }).await?;
//! agent.run(Reply::new(&case, "Pull the plug!")).await?;
//!
//! let customer = desk.customer(workspace, case.customer); // sees the public part, and only that
//! assert_eq!(customer.run(MyThread::of(case.id)).await?.entries.len(), 4);
//! # Ok(())
//! # }
//! ```
//!
//! # The tour
//! - **Everything anyone can do is an operation**: a value of a type in [`operations`], run by a session
//!   of a [`Desk`]. The same operations are reached by name with JSON through [`desk::AnySession`], which is what
//!   the Python and JavaScript packages do.
//! - **Everything is done by someone.** [`Desk::agent`], [`Desk::customer`] and [`Desk::system`] give sessions.
//!   The host authenticates; casekit decides what they may do ([`port::Policy`]). Operations of customers
//!   answer with types of their own.
//! - **What is recorded** is in [`model`]: [`model::Case`], its thread of [`model::Entry`]s, its
//!   [`model::Activity`]s, [`model::Customer`]s, [`model::Agent`]s, and the [`model::Event`]s that are the audit.
//! - **Where it is kept** is a [`port::Store`]: `casekit-memory`, `casekit-sqlx`, or one of your own, proven with
//!   `casekit-testkit`.
//! - **Time** is UTC in milliseconds; time and randomness come in through [`port::Clock`] and [`port::Ids`].
//! - **Errors** have a [`ErrorKind`] for programs and a message for people.
//!
//! # Features
//! | feature | default | what it adds |
//! |---|---|---|
//! | `schema` | no | the JSON Schema of every operation's input and output, through `schemars` |
#![forbid(unsafe_code)]

#[macro_use]
pub mod json;

mod change;
pub mod desk;
mod error;
pub mod model;
pub mod operations;
pub mod port;
pub mod query;
mod rules;
mod send;

pub use change::{Change, ChangeSet, Committed, Difference, TextChange};
pub use desk::Desk;
pub use error::{Error, ErrorKind, Result, WireError};
pub use send::{BoxFuture, MaybeSend, MaybeSync};
