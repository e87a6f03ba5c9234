//! How many statements each operation of a desk runs: what makes it fast or slow, on any machine.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;

use casekit_core::desk::{AgentSession, CustomerSession};
use casekit_core::model::{Case, CustomerId, Medium, Priority, RelationKind, Role, WorkspaceId};
use casekit_core::operations::{
    BulkAction, BulkCases, CaseRef, Contact, CreateAgent, CreateWorkspace, DeleteCase, FindCases,
    FindOrCreateCustomer, GetCase, GetCaseLoad, LinkCases, MergeCases, MergeCustomers, MyThread,
    OpenCase, PatchCase, PortalAuthor, ReadThread, Reply, SearchCases, TakeCase,
};
use casekit_core::{Desk, ErrorKind};
use casekit_sqlx::SqliteStore;
use casekit_testkit::{Fault, FaultyStore};
use tempfile::TempDir;

/// A desk with an agent and a customer, whose statements are counted.
struct Counted {
    store: SqliteStore,
    system: AgentSession,
    agent: AgentSession,
    customer: CustomerId,
    portal: CustomerSession,
    _folder: TempDir,
}

impl Counted {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("desk.db"));
        let store = store.await.unwrap();
        let desk = Desk::builder_on(Arc::new(store.clone())).build();
        desk.migrate().await.unwrap();
        let workspace = WorkspaceId(desk.new_id());
        let system = desk.system(workspace);
        let name = "Acme".to_owned();
        system.run(CreateWorkspace { name }).await.unwrap();
        let agent = CreateAgent::new("Anna", "anna@acme.example", Role::Agent);
        let agent = system.run(agent).await.unwrap();
        let contact = Contact::email("Carla", "carla@example.com");
        let found = system.run(FindOrCreateCustomer { contact }).await.unwrap();
        Self {
            agent: desk.agent(workspace, agent.id),
            store,
            system,
            customer: found.customer.id,
            portal: desk.customer(workspace, found.customer.id),
            _folder: folder,
        }
    }

    fn opening(&self) -> OpenCase {
        let mut open = OpenCase::new(self.customer, "A broken lamp");
        open.origin = Medium::Email;
        open.customer_says("It flickers.")
    }

    /// A case that nobody has.
    async fn open(&self) -> Case {
        self.system.run(self.opening()).await.unwrap()
    }

    /// A case with so many related cases, and so many that were merged into it.
    async fn entangled(&self, relations: usize, stubs: usize) -> Case {
        let case = self.open().await;
        for _ in 0..relations {
            let link = LinkCases {
                case: (&case).into(),
                to: (&self.open().await).into(),
                relation: RelationKind::Linked,
                shown: [].into(),
            };
            self.system.run(link).await.unwrap();
        }
        for _ in 0..stubs {
            let merge = MergeCases {
                duplicate: (&self.open().await).into(),
                into: (&case).into(),
            };
            self.system.run(merge).await.unwrap();
        }
        case
    }

    /// How many statements `work` runs.
    async fn count<T>(&self, work: impl Future<Output = casekit_core::Result<T>>) -> (u64, T) {
        let before = self.store.statement_count();
        let done = work.await.unwrap();
        (self.store.statement_count() - before, done)
    }
}

/// What each operation begins with: workspace and agent, in one statement.
const WHO: u64 = 1;

/// What every commit takes beside what it writes: begin, the answer to an earlier commit with the
/// same id, the counter before and after, the answer to this one, commit.
const COMMIT: u64 = 6;

#[tokio::test]
async fn open_a_case_with_its_first_message() {
    let desk = Counted::new().await;
    let (count, _) = desk.count(desk.agent.run(desk.opening())).await;
    let customer = 1;
    let checked = 1;
    let records = 4; // case, activity, two entries
    let texts = 2;
    let events = 3;
    assert_eq!(
        count,
        WHO + customer + COMMIT + checked + records + texts + events
    );
}

#[tokio::test]
async fn reply() {
    let desk = Counted::new().await;
    let case = desk.open().await;
    let (count, _) = desk.count(desk.agent.run(Reply::new(&case, "Yes."))).await;
    let loaded = 3; // case, customer, activity
    let written = 3; // case, activity, entry
    let (text, event) = (1, 1);
    // The agent begins to take part in the activity, which the audit tells.
    let told = 1;
    assert_eq!(count, WHO + loaded + COMMIT + written + text + event + told);
    let (count, _) = desk.count(desk.agent.run(Reply::new(&case, "No."))).await;
    assert_eq!(count, WHO + loaded + COMMIT + written - 1 + text + event);
}

#[tokio::test]
async fn patch_a_case() {
    let desk = Counted::new().await;
    let case = desk.open().await;
    let mut patch = PatchCase::of(&case);
    patch.priority = Some(Priority::High);
    let (count, _) = desk.count(desk.agent.run(patch)).await;
    let (loaded, written, event) = (1, 1, 1);
    assert_eq!(count, WHO + loaded + COMMIT + written + event);
}

#[tokio::test]
async fn take_a_case() {
    let desk = Counted::new().await;
    let case = desk.open().await.id.into();
    let (count, _) = desk.count(desk.agent.run(TakeCase { case })).await;
    let (loaded, written, event) = (1, 2, 1); // the case, and a line in its thread
    assert_eq!(count, WHO + loaded + COMMIT + written + event);
}

#[tokio::test]
async fn reads_take_one_statement_for_each_list() {
    let desk = Counted::new().await;
    let mut case = desk.open().await;
    for _ in 0..60 {
        case = desk.open().await;
    }
    let agent = &desk.agent;
    let by_number = GetCase {
        case: case.number.into(),
    };
    assert_eq!(desk.count(agent.run(by_number)).await.0, WHO + 1);
    let by_id = GetCase {
        case: case.id.into(),
    };
    assert_eq!(desk.count(agent.run(by_id)).await.0, WHO + 1);
    let (count, page) = desk.count(agent.run(FindCases::default())).await;
    assert_eq!((count, page.cases.len()), (WHO + 1, 50));
    let (count, load) = desk.count(agent.run(GetCaseLoad::default())).await;
    let lists = 4;
    assert_eq!(count, WHO + lists);
    assert_eq!(load.unclaimed.cases.len(), 50);
    let (count, page) = desk.count(agent.run(ReadThread::of(&case))).await;
    assert_eq!((count, page.entries.len()), (WHO + 2, 2));
}

#[tokio::test]
async fn many_cases_are_looked_up_together_by_number_as_by_id() {
    let desk = Counted::new().await;
    let mut cases = Vec::new();
    for _ in 0..20 {
        cases.push(desk.open().await);
    }
    let flag = |flagged, cases| BulkCases {
        cases,
        action: BulkAction::Flag { flagged },
    };
    let ids: Vec<CaseRef> = cases.iter().map(CaseRef::from).collect();
    let numbers = cases.iter().map(|case| CaseRef::from(case.number));
    let (by_id, _) = desk.count(desk.agent.run(flag(true, ids))).await;
    let by_number = desk.agent.run(flag(false, numbers.collect()));
    let (by_number, results) = desk.count(by_number).await;
    assert!(results.iter().all(|result| result.error.is_none()));
    assert_eq!(by_number, by_id);
}

#[tokio::test]
async fn a_search_takes_as_many_statements_for_many_cases_as_for_few() {
    let desk = Counted::new().await;
    for _ in 0..5 {
        desk.open().await;
    }
    desk.store.tidy().await.unwrap();
    let search = SearchCases::new("flickers");
    let (few, page) = desk.count(desk.agent.run(search.clone())).await;
    assert_eq!(page.found.len(), 5);
    let snapshot = 2;
    let waiting = 2; // texts that wait for the index, and what they make outdated
    let (shelf, words, total, cases, sources, entries) = (1, 1, 1, 1, 1, 1);
    let searched = snapshot + waiting + shelf + words + total + cases + sources;
    assert_eq!(few, WHO + searched + entries);
    for _ in 0..20 {
        desk.open().await;
    }
    desk.store.tidy().await.unwrap();
    let (many, page) = desk.count(desk.agent.run(search)).await;
    assert_eq!(page.found.len(), 25);
    assert_eq!(many, few);
}

#[tokio::test]
async fn ones_own_thread_takes_one_statement_for_all_who_wrote_in_it() {
    let desk = Counted::new().await;
    let case = desk.open().await;
    let system = &desk.system;
    for address in ["c@example.com", "carla@example.org", "cp@example.com"] {
        let contact = Contact::email("Carla", address);
        let found = system.run(FindOrCreateCustomer { contact }).await.unwrap();
        let open = OpenCase::new(found.customer.id, "A lamp").customer_says("It hums, too.");
        let other = system.run(open).await.unwrap();
        let merge = MergeCustomers {
            duplicate: found.customer.id,
            into: desk.customer,
        };
        system.run(merge).await.unwrap();
        let merge = MergeCases {
            duplicate: (&other).into(),
            into: case.id.into(),
        };
        system.run(merge).await.unwrap();
    }
    let (count, page) = desk.count(desk.portal.run(MyThread::of(case.id))).await;
    let own = page
        .entries
        .iter()
        .filter(|entry| entry.author == PortalAuthor::You);
    let (loaded, authors) = (2, 1); // the case, and its entries
    assert_eq!((count, own.count()), (WHO + loaded + authors, 4));
}

#[tokio::test]
async fn deleting_a_case_looks_up_together_what_it_leads_to() {
    let desk = Counted::new().await;
    // Nothing is committed, so that only what is read counts.
    let failing = FaultyStore::seeded(desk.store.clone(), 1, &[Fault::Before]);
    let failing = Desk::builder_on(Arc::new(failing)).build();
    let admin = failing.system(desk.system.workspace());
    for (relations, stubs) in [(1, 1), (50, 20)] {
        let case = (&desk.entangled(relations, stubs).await).into();
        let delete = async {
            let failed = admin.run(DeleteCase { case }).await.unwrap_err();
            assert_eq!(failed.kind(), ErrorKind::Unavailable);
            Ok(())
        };
        let (count, ()) = desk.count(delete).await;
        let merges = 2; // into the case, and into those that were merged into it
        let (case, stubs, relations, related) = (1, 1, 1, 1);
        let (entries, activities, drafts) = (1, 1, 1);
        let events = 2; // of the cases, and about what was in them
        let parts = entries + activities + drafts;
        let read = case + merges + stubs + relations + related + parts + events;
        assert_eq!(count, WHO + read);
    }
}
