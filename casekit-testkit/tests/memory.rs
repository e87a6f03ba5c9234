//! The memory store against the kit.

use std::sync::Arc;

use casekit_core::port::Store;
use casekit_memory::MemoryStore;

casekit_testkit::conformance_tests!(|| async {
    Ok(Arc::new(MemoryStore::new()) as Arc<dyn Store>)
});
