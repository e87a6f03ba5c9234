//! A store with a guard against the kit: it must behave as the one that it guards, and commit nothing when the guard refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use casekit_core::model::WorkspaceId;
use casekit_core::operations::CreateWorkspace;
use casekit_core::port::{Guarded, Store};
use casekit_core::{Desk, Error};
use casekit_memory::MemoryStore;
use uuid::Uuid;

casekit_testkit::conformance_tests!(|| async {
    let store = Arc::new(MemoryStore::new());
    Ok(Arc::new(Guarded::new(store, || Ok(()))) as Arc<dyn Store>)
});

#[tokio::test]
async fn what_its_guard_refuses_is_not_committed() {
    let refuses = Arc::new(AtomicBool::new(true));
    let guard = {
        let refuses = Arc::clone(&refuses);
        move || match refuses.load(Ordering::Relaxed) {
            true => Err(Error::bug("the clock broke")),
            false => Ok(()),
        }
    };
    let store = Arc::new(MemoryStore::new());
    let desk = Desk::builder(Guarded::new(store, guard)).build();
    let system = desk.system(WorkspaceId(Uuid::from_u128(1)));
    let create = CreateWorkspace {
        name: "Acme".into(),
    };
    let refused = system.run(create.clone()).await.unwrap_err();
    assert_eq!(refused.message(), "the clock broke");
    refuses.store(false, Ordering::Relaxed);
    // Nothing is there that was refused.
    system.run(create).await.unwrap();
}
