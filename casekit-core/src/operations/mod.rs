//! The verbs: everything that anyone can do, one value each, in one registry.
//!
//! To add one: write it in the file of its capability, name it in `operations!` below, and a new file
//! among the `mod`s. Rust, Python, JavaScript and HTTP all reach it through the registry.

mod agents;
mod audit;
mod bulk;
mod by_name;
mod calls;
mod case_merge;
mod case_patch;
mod case_split;
mod case_status;
mod case_unmerge;
mod case_work;
mod cases;
mod correcting;
mod customer_merge;
mod customer_statistics;
mod customers;
mod deletion;
mod drafts;
mod figures;
mod filters;
mod finding;
mod finding_customers;
mod following;
mod import;
mod journey;
mod merged_relations;
mod messages;
mod move_activity;
mod moving;
mod notes;
mod organisations;
mod patch;
mod portal;
mod portal_news;
mod portal_view;
mod products;
mod reading;
mod receiving;
mod recording;
mod reference;
mod relations;
mod saved_views;
mod saving;
#[cfg(feature = "schema")]
mod schema;
mod statistics;
mod to_do;
mod workspaces;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::change::Committed;
use crate::desk::{Call, Context, Run};
use crate::error::Result;
use crate::port::Access;
use crate::send::{BoxFuture, MaybeSend, MaybeSync};

pub use crate::rules::unite::Apart;
pub use by_name::{OperationInfo, find};
pub use filters::{CaseFilter, CaseSort, Compare, CustomFilter, Period};
pub use portal_view::*;
pub use reference::{CaseRef, Contact, CustomerRef};
#[cfg(feature = "schema")]
pub use schema::describe;

/// Something that can be done.
pub trait Operation:
    Serialize + DeserializeOwned + Described + MaybeSend + MaybeSync + 'static
{
    /// The name by which other languages call it.
    const NAME: &'static str;
    /// What one must be allowed to do to run it.
    const ACCESS: Access;
    /// Whether it runs where there is no workspace yet.
    const WITHOUT_WORKSPACE: bool = false;
    /// Who can run it.
    type For: Audience;
    /// The answer.
    type Output: Serialize + DeserializeOwned + Described + MaybeSend;

    /// Loads, decides, and stages changes. It may be run several times until they are committed.
    fn run(&self, cx: &mut Context) -> impl Future<Output = Result<Self::Output>> + MaybeSend;

    /// Puts what only the commit knows (numbers) into the answer.
    fn finish(_output: &mut Self::Output, _committed: &Committed) {}

    /// Does it: in one atomic step, unless the operation is made of several.
    fn perform<'a>(run: &'a mut Run<Self>, call: &'a Call) -> BoxFuture<'a, Result<()>> {
        call.atomically(run)
    }
}

/// Who can run an operation.
pub trait Audience: MaybeSend + MaybeSync + 'static {
    /// What they are called, for messages.
    const NAME: &'static str;
}

/// Agents, and the host's own programs.
#[derive(Debug)]
pub enum Staff {}

/// Customers.
#[derive(Debug)]
pub enum Portal {}

impl Audience for Staff {
    const NAME: &'static str = "staff";
}

impl Audience for Portal {
    const NAME: &'static str = "customers";
}

/// Has a JSON Schema, where the feature `schema` is on.
#[cfg(feature = "schema")]
pub trait Described: schemars::JsonSchema {}
#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> Described for T {}

/// Has a JSON Schema, where the feature `schema` is on.
#[cfg(not(feature = "schema"))]
pub trait Described {}
#[cfg(not(feature = "schema"))]
impl<T> Described for T {}

/// The list of all operations.
macro_rules! operations {
    ($($file:ident { $($operation:ident),* $(,)? })*) => {
        $(pub use $file::*;)*

        /// Every operation, in the order of the documentation.
        pub fn registry() -> &'static [OperationInfo] {
            const { &[$($(OperationInfo::of::<$operation>(),)*)*] }
        }
    };
}

operations! {
    workspaces {
        CreateWorkspace, GetWorkspace, PatchWorkspace, DefineStage, RetireStage, DefineField,
        RetireField,
    }
    agents { CreateAgent, PatchAgent, GetAgent, ListAgents }
    products { CreateProduct, PatchProduct, GetProduct, ListProducts }
    organisations { CreateOrganisation, PatchOrganisation, GetOrganisation, ListOrganisations }
    customers { CreateCustomer, PatchCustomer }
    finding_customers { FindOrCreateCustomer, GetCustomer, LookUpCustomer, FindCustomers }
    customer_statistics { CustomerStatistics }
    customer_merge { MergeCustomers, ListMergedCustomers }
    journey { Journey, GetActivity, RecordActivity, PatchActivity }
    move_activity { MoveActivity }
    cases { OpenCase, GetCase }
    case_patch { PatchCase }
    case_status { SetStage, CloseCase, ReopenCase }
    case_work { TakeCase, AssignCase, TransferCase, AddOperator, RemoveOperator, TagCase }
    messages { Reply }
    receiving { ReceiveMessage, AcceptMessage }
    calls { LogCall }
    notes { AddNote, AddComment }
    reading { ReadThread, GetEntry }
    correcting { EditEntry, RedactEntry, EraseEntry }
    to_do { ListUndelivered, ListStrangers, SetDelivery }
    drafts { SaveDraft, GetDraft, ListDrafts, DiscardDraft }
    finding { FindCases, CountCases, SearchCases, GetCaseLoad }
    relations { LinkCases, ShowLinked, UnlinkCases, RelatedCases }
    case_merge { MergeCases }
    case_unmerge { UndoMerge }
    case_split { SplitCase }
    bulk { BulkCases }
    deletion { DeleteCase }
    saved_views { SaveView, ListViews, DeleteView }
    audit { ReadAudit, ReadEvents }
    import { ImportLog }
    statistics { WorkspaceStatistics }
    portal {
        MyCases, MyCase, MyLinkedCases, MyThread, OpenMyCase, SendMyMessage, CloseMyCase, ReopenMyCase,
    }
    portal_news { MyUpdates }
}
